//! A query's parameters: each known, given once, and sound.

use std::collections::{BTreeMap, BTreeSet};

use taskway::domain::StateName;
use url::form_urlencoded;

use super::{
    MOST_LABELS,
    errors::Errors,
    selection::{Given, NO_CURSOR},
    words::{NAME, characters, is_name, shown},
};
use crate::{
    lists::{Ask, Cursor},
    problem::{FieldError, Place},
};

/// What the name of a label's parameter begins with.
const LABEL: &str = "label.";

/// Reads the parameters that a list of tasks takes, and notes what is wrong with them.
pub(super) fn read(query: &str, ask: Ask, errors: &mut Errors) -> Given {
    let mut given = Given::default();
    let mut labels = BTreeMap::new();
    each(query, errors, |name, value| one(name, value, ask, &mut given, &mut labels));
    if labels.len() > MOST_LABELS {
        let detail = format!("must be at most {MOST_LABELS} labels, got {}", labels.len());
        errors.add(FieldError::parameter(format!("{LABEL}*"), detail));
    }
    given.labels = (!labels.is_empty()).then_some(labels);
    given
}

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

/// What is no parameter here.
pub(super) fn unknown() -> Result<(), String> {
    Err("is not a known parameter".into())
}

fn one(
    name: &str,
    value: &str,
    ask: Ask,
    given: &mut Given,
    labels: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    match name {
        "queue" => {
            given.filters = true;
            given.queue = Some(is_name(value).then(|| value.into()).ok_or_else(|| told(NAME, value))?);
        }
        "state" if !ask.states().is_empty() => {
            given.filters = true;
            let known = ask.states().contains(&value).then(|| StateName::parse(value)).flatten();
            let words = || told(&format!("must be one of {}", ask.states().join(", ")), value);
            given.state = Some(known.ok_or_else(words)?);
        }
        "all" if ask.is_bulk() => match value {
            "true" => given.all = Some(Place::Parameter("all".into())),
            "false" => {}
            other => return Err(told("must be true or false", other)),
        },
        "limit" => given.limit = Some(limit(value, Ask::MOST)?),
        "cursor" => {
            let cursor = Cursor::parse(value).ok_or(NO_CURSOR)?;
            given.cursor = Some((cursor, Place::Parameter("cursor".into())));
        }
        other => {
            let Some(label) = other.strip_prefix(LABEL) else { return unknown() };
            given.filters = true;
            characters(1..=64, label).map_err(|detail| format!("has a label's name that {detail}"))?;
            characters(0..=256, value)?;
            labels.insert(label.to_owned(), value.to_owned());
        }
    }
    Ok(())
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

fn told(must: &str, got: &str) -> String {
    format!("{must}, got {:?}", shown(got))
}
