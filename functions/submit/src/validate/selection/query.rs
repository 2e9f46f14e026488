//! A selection by a query's parameters.

use std::collections::BTreeMap;

use taskway_api::{LONGEST_LABEL, LONGEST_LABEL_NAME, MOST_LABELS};
use taskway_protocol::{StateName, TaskId};

use super::given::Given;
use taskway_strict::{
    Errors, FieldError, Place,
    words::{NAME, characters, is_name},
};

use crate::{
    lists::{Ask, Cursor},
    validate::{
        NO_CURSOR,
        parameters::{each, limit, told, unknown},
    },
};

/// What the name of a label's parameter begins with.
const LABEL: &str = "label.";

/// Reads the parameters that a route takes, and notes what is wrong with them.
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

fn one(
    name: &str,
    value: &str,
    ask: Ask,
    given: &mut Given,
    labels: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    match name {
        "queue" if ask.takes_filters() => {
            given.filters = true;
            given.queue = Some(is_name(value).then(|| value.into()).ok_or_else(|| told(NAME, value))?);
        }
        "state" if !ask.states().is_empty() => {
            given.filters = true;
            let known = ask.states().contains(&value).then(|| StateName::parse(value)).flatten();
            let words = || told(&format!("must be one of {}", ask.states().join(", ")), value);
            given.state = Some(known.ok_or_else(words)?);
        }
        "parent_id" if ask == Ask::Tasks => {
            given.filters = true;
            given.parent = Some(TaskId::parse(value).ok_or_else(|| told("must be the id of a task", value))?);
        }
        "all" if ask.is_bulk() && ask.takes_filters() => match value {
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
            let Some(label) = other.strip_prefix(LABEL).filter(|_| ask.takes_filters()) else { return unknown() };
            given.filters = true;
            characters(1..=LONGEST_LABEL_NAME, label).map_err(|detail| format!("has a label's name that {detail}"))?;
            characters(0..=LONGEST_LABEL, value)?;
            labels.insert(label.to_owned(), value.to_owned());
        }
    }
    Ok(())
}
