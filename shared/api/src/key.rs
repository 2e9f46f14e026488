//! The idempotency key, in the body or in the header.

use taskway_strict::{Fields, words::key};

use crate::TaskRequest;

/// The field of the body.
const FIELD: &str = "idempotency_key";

/// The header of the IETF's draft.
const HEADER: &str = "Idempotency-Key";

/// The key in the header, if there is one; nothing when it is malformed, which is noted.
pub(crate) fn from_header(fields: &mut Fields<'_, '_>, header: Option<&str>) -> Option<Option<Box<str>>> {
    header.map(unquote).transpose().map_err(|detail| fields.refuse_header(HEADER, detail)).ok()
}

/// The request with its key, wherever that was given; if in both places, they must be the same.
pub(crate) fn one(fields: &mut Fields<'_, '_>, request: TaskRequest, header: Option<Box<str>>) -> Option<TaskRequest> {
    match (&request.idempotency_key, &header) {
        (Some(body), Some(header)) if body != header => {
            fields.refuse(FIELD, "must be the same as the Idempotency-Key header when both are given");
            None
        }
        _ => Some(TaskRequest { idempotency_key: header.or(request.idempotency_key), ..request }),
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
