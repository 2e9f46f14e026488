//! The idempotency key, in the body or in the header.

use taskway_strict::{Fields, words::key};

use crate::TaskRequest;

/// The field of the body.
const FIELD: &str = "idempotency_key";

/// The field that needs a key.
const REPLACE: &str = "replace";

/// The header of the IETF's draft.
const HEADER: &str = "Idempotency-Key";

/// The key in the header, if there is one; nothing when it is malformed, which is noted.
///
/// API Gateway joins several headers into one, with commas between. So the header is a list: several equal keys are one,
/// and different keys are a fault.
pub(crate) fn from_header(fields: &mut Fields<'_, '_>, header: Option<&str>) -> Option<Option<Box<str>>> {
    header.map(single).transpose().map_err(|detail| fields.refuse_header(HEADER, detail)).ok()
}

/// The request with its key, wherever that was given; if in both places, they must be the same.
pub(crate) fn one(fields: &mut Fields<'_, '_>, request: TaskRequest, header: Option<Box<str>>) -> Option<TaskRequest> {
    match (&request.idempotency_key, &header) {
        (Some(body), Some(header)) if body != header => {
            fields.refuse(FIELD, "must be the same as the Idempotency-Key header when both are given");
            None
        }
        (None, None) if request.replace => {
            fields.refuse(REPLACE, "must be given together with idempotency_key, which names the task to replace");
            None
        }
        _ => Some(TaskRequest { idempotency_key: header.or(request.idempotency_key), ..request }),
    }
}

/// The one key that a header says, however often.
fn single(header: &str) -> Result<Box<str>, String> {
    let mut rest = header;
    let mut single: Option<Box<str>> = None;
    loop {
        let (found, behind) = next(rest)?;
        if single.as_ref().is_some_and(|single| *single != found) {
            return Err("has different keys, divided by commas; quote a key that has a comma in it".to_owned());
        }
        match behind {
            Some(behind) => rest = behind,
            None => return Ok(found),
        }
        single = Some(found);
    }
}

/// The first key of a list, and what is behind its comma. The draft has a quoted string (RFC 8941), many clients leave
/// the quotes out.
fn next(list: &str) -> Result<(Box<str>, Option<&str>), String> {
    let space = [' ', '\t'];
    let list = list.trim_matches(space);
    let Some(quoted) = list.strip_prefix('"') else {
        let (bare, behind) = list.split_once(',').map_or((list, None), |(bare, behind)| (bare, Some(behind)));
        let bare = bare.trim_matches(space);
        return if bare.ends_with('"') { Err(MALFORMED.to_owned()) } else { Ok((key(bare)?, behind)) };
    };
    let (text, behind) = unquote(quoted).ok_or_else(|| MALFORMED.to_owned())?;
    let behind = behind.trim_matches(space);
    match behind.strip_prefix(',') {
        None if !behind.is_empty() => Err(MALFORMED.to_owned()),
        behind => Ok((key(&text)?, behind)),
    }
}

const MALFORMED: &str = "must be a key, or one quoted string with only \\\" and \\\\ escaped";

/// The text of a quoted string without its first quote, and what is behind its last.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::with_capacity(quoted.len());
    let mut rest = quoted.chars();
    loop {
        match rest.next()? {
            '\\' => text.push(rest.next().filter(|c| matches!(c, '"' | '\\'))?),
            '"' => return Some((text, rest.as_str())),
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_bare_and_quoted() {
        for (header, key) in [
            ("welcome-42", "welcome-42"),
            ("\"welcome-42\"", "welcome-42"),
            (" \"welcome-42\"\t", "welcome-42"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            (r#"a"b"#, r#"a"b"#),
            ("\"a,b;c=d\"", "a,b;c=d"),
            ("a;c=d", "a;c=d"),
        ] {
            assert_eq!(single(header).as_deref(), Ok(key), "{header}");
        }
    }

    #[test]
    fn equal_keys_are_one_and_different_keys_are_refused() {
        for same in ["k,k", "k, k", "k,\"k\"", "\"k\",k,k", "\"k\" , \"k\"", " k ,\tk "] {
            assert_eq!(single(same).as_deref(), Ok("k"), "{same}");
        }
        assert_eq!(single("\"a,b\",\"a,b\"").as_deref(), Ok("a,b"));
        for different in ["k,l", "k,k,l", "l,k,k", "k,K", "\"k\",l", "a,b;c=d", "\"a,b\",a,b"] {
            let told = single(different).unwrap_err();
            assert!(told.contains("quote a key that has a comma"), "{different}: {told}");
        }
        for unsound in ["k,", ",k", ",", "k,,k", "k,\"", "\"k\",\"k", "k,\"k\"x", "k,clé"] {
            assert!(single(unsound).is_err(), "{unsound}");
        }
    }

    #[test]
    fn a_malformed_key_is_refused() {
        let long = "k".repeat(129);
        for header in [
            "",
            " ",
            "\"",
            "\"\"",
            "\"a",
            "a\"",
            "\"a\"b\"",
            "\"a\\\"",
            "\"\\a\"",
            "\"a\";x=1",
            "a b",
            "\"a b\"",
            "clé",
            "a\u{0}",
            &long,
        ] {
            assert!(single(header).is_err(), "{header}");
        }
    }
}
