//! The idempotency key, in the body or in the header.

use super::{
    fields::Fields,
    words::{key, string},
};

/// The field of the body.
const FIELD: &str = "idempotency_key";

/// The header of the IETF's draft.
const HEADER: &str = "Idempotency-Key";

/// The key, wherever it is given; if in both places, it is the same.
pub(super) fn idempotency(fields: &mut Fields<'_, '_>, header: Option<&str>) -> Option<Option<Box<str>>> {
    let body = fields.optional(FIELD, |value| key(&string(value)?));
    let header = match header.map(unquote).transpose() {
        Ok(header) => Some(header),
        Err(detail) => {
            fields.refuse_header(HEADER, detail);
            None
        }
    };
    match (body?, header?) {
        (Some(body), Some(header)) if body != header => {
            fields.refuse(FIELD, "must be the same as the Idempotency-Key header when both are given");
            None
        }
        (body, header) => Some(body.or(header)),
    }
}

/// The key that a header says: the draft has a quoted string (RFC 8941), many clients leave the quotes out.
fn unquote(header: &str) -> Result<Box<str>, String> {
    let header = header.trim_matches([' ', '\t']);
    if !header.starts_with('"') && !header.ends_with('"') {
        return key(header);
    }
    let malformed = || "must be a key, or one quoted string with only \\\" and \\\\ escaped".to_owned();
    let inner = header.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or_else(malformed)?;
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        text.push(match c {
            '\\' => rest.next().filter(|c| matches!(c, '"' | '\\')).ok_or_else(malformed)?,
            '"' => return Err(malformed()),
            c => c,
        });
    }
    key(&text)
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
            ("a,b;c=d", "a,b;c=d"),
        ] {
            assert_eq!(unquote(header).as_deref(), Ok(key), "{header}");
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
            assert!(unquote(header).is_err(), "{header}");
        }
    }
}
