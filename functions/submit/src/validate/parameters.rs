//! A query's parameters: each known, given once, and sound.

use std::collections::BTreeSet;

use url::form_urlencoded;

use taskway_strict::{Errors, FieldError, words::shown};

use super::MOST_ERRORS;

/// Has each parameter read, and notes what is wrong with it.
pub(super) fn each(query: &str, errors: &mut Errors, mut read: impl FnMut(&str, &str) -> Result<(), String>) {
    let mut names = BTreeSet::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let read = if !names.insert(name.clone()) {
            Err("is given more than once".to_owned())
        } else if [&name, &value].iter().any(|text| text.contains(char::REPLACEMENT_CHARACTER)) {
            // What bytes that are no characters were replaced with: they would ask for something else.
            Err("is not in UTF-8".to_owned())
        } else {
            read(&name, &value)
        };
        if let Err(detail) = read {
            errors.add(FieldError::parameter(shown(&name), detail));
        }
    }
}

/// No parameters.
///
/// # Errors
/// Each parameter that there is.
pub fn no_parameters(query: &str) -> Result<(), Vec<FieldError>> {
    let mut errors = Errors::at_most(MOST_ERRORS);
    each(query, &mut errors, |_, _| unknown());
    errors.settle(Some(()))
}

/// What is no parameter here.
pub(super) fn unknown() -> Result<(), String> {
    Err("is not a known parameter".into())
}

/// How many are asked for, at most so many.
pub(super) fn limit(text: &str, most: u32) -> Result<u32, String> {
    let digits = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    if !digits {
        return Err(told("must be a whole number", text));
    }
    let limit = text.parse().ok().filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| told(&format!("must be 1 to {most}"), text))
}

/// A fault with what was given.
pub(super) fn told(must: &str, got: &str) -> String {
    format!("{must}, got {:?}", shown(got))
}
