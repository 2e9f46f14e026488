//! What a target's headers say of the body. The delivery sends the payload as UTF-8, neither recoded nor compressed, so
//! they must not say otherwise.

use taskway_strict::words::shown;

/// The names of UTF-8.
const UTF_8: [&str; 2] = ["utf-8", "utf8"];

/// Refuses a `charset` other than UTF-8.
pub(crate) fn content_type(value: &str) -> Result<(), String> {
    for parameter in parameters(value) {
        let Some((name, charset)) = parameter.split_once('=') else { continue };
        let charset = charset.trim().trim_matches('"');
        // A name with an asterisk says how its value is encoded (RFC 8187).
        let is_charset = name.trim().split('*').next().is_some_and(|name| name.eq_ignore_ascii_case("charset"));
        if is_charset && !UTF_8.iter().any(|known| charset.eq_ignore_ascii_case(known)) {
            let got = shown(charset);
            return Err(format!("must have no charset but utf-8, in which the payload is sent, got {got}"));
        }
    }
    Ok(())
}

/// Refuses a coding of the body.
pub(crate) fn content_encoding(value: &str) -> Result<(), String> {
    match value.trim() {
        coding if coding.eq_ignore_ascii_case("identity") => Ok(()),
        coding => {
            Err(format!("must be identity or left out, because the payload is sent as it is, got {}", shown(coding)))
        }
    }
}

/// The parameters behind the media type. A semicolon within quotes does not end one.
fn parameters(value: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let ends = move |c: char| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        c == ';' && !quoted
    };
    value.split(ends).skip(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_utf_8_is_a_charset() {
        for value in [
            "text/plain",
            "text/plain;",
            "text/plain; charset=utf-8",
            "text/plain;CHARSET=\"UTF-8\" ; format=flowed",
            "application/json; charset=utf8",
            r#"text/plain; title="a;charset=latin1""#,
            r#"text/plain; title="a\";charset=latin1""#,
            "charset=latin1",
        ] {
            assert_eq!(content_type(value), Ok(()), "{value}");
        }
        for (value, got) in [
            ("text/plain; charset=iso-8859-1", "iso-8859-1"),
            ("text/plain;charset=UTF-16LE", "UTF-16LE"),
            ("text/plain; charset = \"windows-1252\"", "windows-1252"),
            ("text/plain; charset=utf-8; charset=latin1", "latin1"),
            ("application/json; charset=us-ascii", "us-ascii"),
            ("text/plain; charset=", ""),
            ("text/plain; charset*=utf-8''latin1", "utf-8''latin1"),
        ] {
            let detail = format!("must have no charset but utf-8, in which the payload is sent, got {got}");
            assert_eq!(content_type(value), Err(detail), "{value}");
        }
    }

    #[test]
    fn no_coding_is_claimed() {
        assert_eq!(content_encoding("Identity"), Ok(()));
        for coding in ["gzip", "br", "identity, gzip", ""] {
            assert!(content_encoding(coding).is_err(), "{coding}");
        }
    }
}
