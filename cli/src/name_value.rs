//! Options of the form `name=value` and `name: value`, and the JSON objects made of them.

use std::collections::BTreeMap;

/// One `name=value` of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameValue {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl NameValue {
    /// Parses `team=growth`; the value may hold further `=` and may be empty.
    pub(crate) fn label(text: &str) -> Result<Self, &'static str> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self { name: name.to_owned(), value: value.to_owned() }),
            Some(_) | None => Err("expected NAME=VALUE"),
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
