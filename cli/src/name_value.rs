//! Options of the form `name=value` and `name: value`, and the JSON objects made of them.

use std::collections::BTreeMap;

/// One `name=value` of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameValue {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl NameValue {
    /// Parses `team=growth`; the value may hold further `=` and may be empty. In the name `\=` stands for `=`, and `\\` for
    /// a backslash, so that every name that a label can have can be written.
    pub(crate) fn label(text: &str) -> Result<Self, &'static str> {
        let mut name = String::new();
        let mut rest = text.chars();
        loop {
            let escaped = rest.as_str().starts_with(r"\=") || rest.as_str().starts_with(r"\\");
            match rest.next() {
                Some('\\') if escaped => name.extend(rest.next()),
                Some('=') if !name.is_empty() => return Ok(Self { name, value: rest.as_str().to_owned() }),
                Some('=') | None => return Err(r"expected NAME=VALUE, with \= for a = in the name"),
                Some(c) => name.push(c),
            }
        }
    }

    /// Parses `accept: text/plain`; the space around the colon is not part of either, as in HTTP.
    pub(crate) fn header(text: &str) -> Result<Self, &'static str> {
        match text.split_once(':') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok(Self { name: name.trim().to_owned(), value: value.trim().to_owned() })
            }
            Some(_) | None => Err("expected NAME:VALUE"),
        }
    }
}

/// Gathers the pairs into one object; the name that was given twice is the error, since one of its values would be lost.
pub(crate) fn object(pairs: Vec<NameValue>) -> Result<BTreeMap<String, String>, String> {
    let mut object = BTreeMap::new();
    for NameValue { name, value } in pairs {
        if object.keys().any(|known: &String| *known == name) {
            return Err(name);
        }
        object.insert(name, value);
    }
    Ok(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_a_label_can_have_can_be_written() {
        for (text, name, value) in [
            ("team=growth", "team", "growth"),
            ("team=", "team", ""),
            ("team=a=b", "team", "a=b"),
            (r"a\=b=c", "a=b", "c"),
            (r"\==\=", "=", r"\="),
            (r"a\\=b", r"a\", "b"),
            (r"a\\\=b=c", r"a\=b", "c"),
            (r"a\b=c", r"a\b", "c"),
            (r"C:\dir=\\", r"C:\dir", r"\\"),
            ("a b,c=d", "a b,c", "d"),
        ] {
            let parsed = NameValue::label(text);
            assert_eq!(parsed, Ok(NameValue { name: name.into(), value: value.into() }), "{text}");
        }
        for wrong in ["", "team", "=growth", r"a\=b", r"\=", r"a\"] {
            assert!(NameValue::label(wrong).is_err(), "{wrong}");
        }
    }
}
