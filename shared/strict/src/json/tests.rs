#![allow(clippy::unwrap_used, clippy::panic)]
use proptest::prelude::*;

use super::*;

fn refused(text: impl AsRef<[u8]>) -> Fault {
    Document::read(text.as_ref()).err().unwrap_or_else(|| panic!("taken: {}", text.as_ref().escape_ascii()))
}

fn canonical(text: &str) -> String {
    Document::read(text.as_bytes()).unwrap().root().canonical()
}

#[test]
fn what_is_not_i_json_is_refused_with_reason_byte_and_value() {
    let unfinished = |expected| Reason::Unfinished { expected };
    let unexpected = |expected, found| Reason::Unexpected { expected, found };
    for (text, reason, offset, pointer) in [
        (&b""[..], Reason::Empty, 0, ""),
        (b" \r\n\t", Reason::Empty, 4, ""),
        (b"\xef\xbb\xbf{}", Reason::ByteOrderMark, 0, ""),
        (b"{\"a\":\"\xff\"}", Reason::NotUtf8, 6, "/a"),
        (b"[0,\"\xed\xa0\x80\"]", Reason::NotUtf8, 4, "/1"),
        (b"[1,]\xff", unexpected("a value", ']'), 3, "/1"),
        (b"{}\xff", Reason::NotUtf8, 2, ""),
        (b"{} {}", Reason::Trailing, 3, ""),
        (b"null,", Reason::Trailing, 4, ""),
        (b"{\"a\":1,\"b\":2,\"a\":1}", Reason::DuplicateName, 13, "/a"),
        (br#"{"x":{"a":1,"\u0061":2}}"#, Reason::DuplicateName, 12, "/x/a"),
        (br#"{"a/b~":[0,tru]}"#, unexpected("a value", 't'), 11, "/a~1b~0/1"),
        (br#"["\ud800"]"#, Reason::LoneSurrogate, 2, "/0"),
        (br#"["\udc00\ud800"]"#, Reason::LoneSurrogate, 2, "/0"),
        (br#"["\ud800\u0041"]"#, Reason::LoneSurrogate, 2, "/0"),
        (br#"["ab\u12"]"#, Reason::Escape, 4, "/0"),
        (br#"["\u+123"]"#, Reason::Escape, 2, "/0"),
        (br#"["\x"]"#, Reason::Escape, 2, "/0"),
        ("[\"\\u00e\u{e9}\"]".as_bytes(), Reason::Escape, 2, "/0"),
        (b"[\"a\nb\"]", Reason::Control(b'\n'), 3, "/0"),
        (b"\"\0\"", Reason::Control(0), 1, ""),
        (br#""\uffff""#, Reason::Noncharacter('\u{ffff}'), 1, ""),
        (br#""\ud83f\udffe""#, Reason::Noncharacter('\u{1fffe}'), 1, ""),
        ("\"é\u{fdd0}\"".as_bytes(), Reason::Noncharacter('\u{fdd0}'), 3, ""),
        ("{\"\u{10ffff}\":1}".as_bytes(), Reason::Noncharacter('\u{10ffff}'), 2, ""),
        (b"{\"a\":NaN}", Reason::NotANumber, 5, "/a"),
        (b"[-Infinity]", Reason::NotANumber, 2, "/0"),
        (b"Nope", unexpected("a value", 'N'), 0, ""),
        (b"[007]", Reason::LeadingZero, 1, "/0"),
        (b"-00", Reason::LeadingZero, 1, ""),
        (b"1.", unfinished("a digit"), 2, ""),
        (b"[1.e4]", unexpected("a digit", 'e'), 3, "/0"),
        (b"[+1]", unexpected("a value", '+'), 1, "/0"),
        (b".5", unexpected("a value", '.'), 0, ""),
        (b"0x10", Reason::Trailing, 1, ""),
        (b"{\"a\" 1}", unexpected("':'", '1'), 5, ""),
        (b"{a:1}", unexpected("a name in quotes", 'a'), 1, ""),
        (b"{\"a\":1,}", unexpected("a name in quotes", '}'), 7, ""),
        (b"[1 2]", unexpected("',' or ']'", '2'), 3, ""),
        (b"{\"a\":[", unfinished("a value"), 6, "/a/0"),
        (b"\"abc", unfinished("the end of a string"), 4, ""),
        (b"'a'", unexpected("a value", '\''), 0, ""),
    ] {
        let fault = refused(text);
        assert_eq!(fault, Fault { reason, offset, pointer: pointer.into() }, "{}", text.escape_ascii());
    }
}

#[test]
fn a_fault_says_what_and_where() {
    assert_eq!(
        refused("[\"a\tb\"]").to_string(),
        "a control character in a string must be escaped, found U+0009, at byte 3"
    );
    assert_eq!(refused("[\n\0").to_string(), "expected a value, found '\\0', at byte 2");
}

#[test]
fn nesting_ends_at_its_limit() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Document::read(nested(DEEPEST).as_bytes()).is_ok());
    let fault = refused(nested(DEEPEST + 1));
    assert_eq!((&fault.reason, fault.offset), (&Reason::TooDeep, 64));
    assert!(fault.to_string().contains("64"));
    assert_eq!(refused("{\"a\":".repeat(1_000_000)).reason, Reason::TooDeep);
    let mixed = format!("{}{}", "[{\"a\":".repeat(32), "[]");
    assert_eq!(refused(mixed).pointer, "/0/a".repeat(32));
}

#[test]
fn a_pointer_does_not_repeat_long_names() {
    let name = "n".repeat(1_000_000);
    assert_eq!(refused(format!("{{\"a\":{{\"{name}\":[x]}}}}")).pointer, "/a");
    assert_eq!(refused(format!("{{\"{name}\":1,\"{name}\":1}}")).pointer, "");
}

#[test]
fn values_come_back_as_they_were_sent() {
    let text = " { \"b\" : [ 1e400, 0.10, -0 ,\n 12345678901234567890123456789012345678901 ], \"a\":\"\\u00e9\\/\" } ";
    let document = Document::read(text.as_bytes()).unwrap();
    assert_eq!(document.root().raw(), text.trim());
    let Json::Object(fields) = document.root().read() else { panic!() };
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    assert_eq!(names, ["b", "a"]);
    assert_eq!(values[0].raw(), "[ 1e400, 0.10, -0 ,\n 12345678901234567890123456789012345678901 ]");
    assert_eq!(values[1].raw(), "\"\\u00e9\\/\"");
    let Json::String(text) = values[1].read() else { panic!() };
    assert_eq!(text, "é/");
    let Json::Array(items) = values[0].read() else { panic!() };
    assert_eq!(items.iter().map(|item| item.raw()).collect::<Vec<_>>()[..3], ["1e400", "0.10", "-0"]);
    assert!(matches!(items[0].read(), Json::Number("1e400")));
}

#[test]
fn each_kind_is_what_it_is() {
    let text = "[null,true,false,-1,\"\",[],{}]";
    let document = Document::read(text.as_bytes()).unwrap();
    let Json::Array(items) = document.root().read() else { panic!() };
    let kinds = ["null", "a boolean", "a boolean", "a number", "a string", "an array", "an object"];
    assert_eq!(items.iter().map(|item| item.kind()).collect::<Vec<_>>(), kinds);
    assert!(items[0].is_null() && matches!(items[0].read(), Json::Null));
    assert!(matches!(items[1].read(), Json::Bool(true)) && matches!(items[2].read(), Json::Bool(false)));
    assert!(matches!(items[6].read(), Json::Object(fields) if fields.is_empty()));
}

#[test]
fn one_text_for_all_spellings() {
    let one = canonical(r#"{"b":[1.0,{"y":null,"x":"\u00e9\/\n\u0007\"\\"}],"a":true}"#);
    assert_eq!(one, r#"{"a":true,"b":[1.0,{"x":"é/\u000a\u0007\"\\","y":null}]}"#);
    assert_eq!(
        canonical("\t{ \"a\" : true, \"\\u0062\": [1.0 ,{\"x\":\"é/\\u000a\\u0007\\\"\\\\\",\"y\":null} ] }"),
        one
    );
    assert_ne!(canonical("1.0"), canonical("1"));
    assert_eq!(canonical(&one), one);
}

#[test]
fn hostile_texts_take_linear_time() {
    let distinct: Vec<_> = (0..100_000).map(|i| format!("\"k{i}\":{{}}")).collect();
    let equal = format!("{{{}}}", vec!["\"\\u006b\":0"; 100_000].join(","));
    let began = std::time::Instant::now();
    assert!(Document::read(format!("{{{}}}", distinct.join(",")).as_bytes()).is_ok());
    assert_eq!(refused(equal).reason, Reason::DuplicateName);
    for text in ["[0],", "\"\\u00e9\",", "{\"\":0},", "1,", "\"\\\\\\\\\\\\\","] {
        let items = text.repeat(5_000_000 / text.len());
        let text = format!("[{}]", items.trim_end_matches(','));
        let document = Document::read(text.as_bytes()).unwrap();
        assert!(matches!(document.root().read(), Json::Array(_)));
    }
    assert_eq!(refused(format!("\"{}", "é".repeat(2_500_000))).offset, 5_000_001);
    assert!(canonical(&format!("{}{}", "[".repeat(64), "]".repeat(64))).len() == 128);
    // Many times what it takes unoptimised on a slow machine, and far below what anything quadratic would.
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

fn json() -> impl Strategy<Value = String> {
    let string = prop_oneof!["\"[a-zé\\\\u{1f600}]{0,6}\"", Just("\"\\u00e9\\n\"".into())];
    let string = string.prop_map(|text: String| serde_json::to_string(text.trim_matches('"')).unwrap());
    let number = "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?";
    let leaf = prop_oneof![Just("null".into()), Just("true".into()), number, string.clone()];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        let item = (inner.clone(), "[ \\t\\r\\n]{0,2}").prop_map(|(value, blank)| format!("{blank}{value}{blank}"));
        let field = (string.clone(), item.clone()).prop_map(|(name, value)| (name, value));
        prop_oneof![
            prop::collection::vec(item, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::btree_map(string.clone(), field.prop_map(|(_, value)| value), 0..4).prop_map(|fields| {
                let fields: Vec<_> = fields.into_iter().map(|(name, value)| format!("{name}:{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_json_is_taken_and_kept(text in json()) {
        let document = Document::read(text.as_bytes()).unwrap();
        prop_assert_eq!(document.root().raw(), text.trim());
        // Numbers keep their spelling in the canonical text, so the two agree on values, not on texts.
        let canonical = document.root().canonical();
        let (ours, theirs): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(&canonical).unwrap(), serde_json::from_str(&text).unwrap());
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn a_damaged_text_is_taken_only_if_serde_json_takes_it(
        text in json(), at in any::<prop::sample::Index>(), byte in prop::sample::select(&b"\"\\[]{},:0-.e ntu\x00\xff"[..]), cut: bool,
    ) {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let theirs = serde_json::from_slice::<&serde_json::value::RawValue>(&bytes);
        match Document::read(&bytes) {
            Ok(document) => prop_assert!(theirs.is_ok_and(|raw| raw.get() == document.root().raw())),
            Err(fault) => {
                prop_assert!(fault.offset <= bytes.len());
                prop_assert!(theirs.is_err() || fault.reason == Reason::DuplicateName, "{fault}");
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, text in "[\\[\\]{}\",:\\\\u0-9dD8.eE+ -]{0,64}") {
        for bytes in [&bytes[..], text.as_bytes()] {
            if let Ok(document) = Document::read(bytes) {
                let canonical = document.root().canonical();
                prop_assert_eq!(Document::read(canonical.as_bytes()).unwrap().root().canonical(), canonical);
            }
        }
    }
}
