//! `GET /v1/schedules`.

use std::collections::BTreeSet;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::try_join_all;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use taskway::{domain::Time, dynamo::ScheduleCursor};
use url::form_urlencoded;

use super::view::{Detail, View};
use crate::{
    Submit,
    accept::unavailable,
    problem::{FieldError, Problem},
    tasks::json,
    validate::is_name,
};

/// Schedules that are told of at a time, unless that is said.
const PAGE: usize = 50;

/// And at most.
const MOST: usize = 100;

/// Faults are told of so many parameters.
const MOST_PARAMETERS: usize = 20;

/// The form of cursor that this code writes and reads.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Page<'a> {
    schedules: Vec<View<'a>>,
    next_cursor: Option<String>,
}

/// What a request asks for.
#[derive(Debug, PartialEq)]
struct Asked {
    limit: usize,
    after: Option<ScheduleCursor>,
}

/// The schedules, the one that was put last before the others, without their payloads.
pub(crate) async fn list(State(submit): State<Submit>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let asked = Asked::parse(query.as_deref().unwrap_or_default()).map_err(Problem::validation)?;
    let found = submit.store.schedules(asked.after.as_ref(), asked.limit, &*submit.clock).await;
    let (schedules, next) = found.map_err(|error| unavailable(&error))?;
    let last_runs = try_join_all(schedules.iter().map(|schedule| submit.last_run(schedule))).await?;
    let details: Option<Vec<Detail>> = schedules.iter().map(Detail::of).collect();
    let details = details.ok_or_else(Problem::internal)?;
    let now = submit.clock.now();
    let views = schedules.iter().zip(&details).zip(last_runs);
    let schedules = views.map(|((schedule, detail), last)| View::brief(schedule, detail, last, now)).collect();
    Ok(json(StatusCode::OK, &Page { schedules, next_cursor: next.map(|next| text(&next)) }))
}

impl Asked {
    fn parse(query: &str) -> Result<Self, Vec<FieldError>> {
        let (mut asked, mut errors, mut names) = (Asked { limit: PAGE, after: None }, Vec::new(), BTreeSet::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let read = match &*name {
                _ if !names.insert(name.clone()) => Err("is given more than once".to_owned()),
                _ if names.len() > MOST_PARAMETERS => break,
                "limit" => match value.parse() {
                    Ok(limit) if (1..=MOST).contains(&limit) => {
                        asked.limit = limit;
                        Ok(())
                    }
                    Ok(_) | Err(_) => {
                        Err(format!("must be 1 to {MOST}, got {}", value.chars().take(20).collect::<String>()))
                    }
                },
                "cursor" => match cursor(&value) {
                    Some(after) => {
                        asked.after = Some(after);
                        Ok(())
                    }
                    None => Err("must be a next_cursor as it was answered".to_owned()),
                },
                _ => Err("is not a known parameter".to_owned()),
            };
            if let Err(detail) = read {
                errors.push(FieldError::parameter(name.chars().take(64).collect::<String>(), detail));
            }
        }
        if errors.is_empty() { Ok(asked) } else { Err(errors) }
    }
}

/// What a cursor says.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    v: u32,
    schedule: String,
    t: u64,
}

fn text(cursor: &ScheduleCursor) -> String {
    let written = Written { v: VERSION, schedule: cursor.name.to_string(), t: cursor.born.as_millis() };
    // Text and numbers: there is nothing that serde_json could refuse.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default())
}

fn cursor(text: &str) -> Option<ScheduleCursor> {
    let written: Written = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let fits = written.v == VERSION && is_name(&written.schedule);
    fits.then(|| ScheduleCursor { born: Time::from_millis(written.t), name: written.schedule.into() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_cursor_is_read_back_as_it_was_written() {
        let at = ScheduleCursor { born: Time::from_millis(u64::MAX), name: "nightly".into() };
        assert_eq!(cursor(&text(&at)), Some(at));
    }

    #[test]
    fn each_parameter_is_judged() {
        let good = text(&ScheduleCursor { born: Time::from_millis(5), name: "a".into() });
        assert_eq!(Asked::parse("").unwrap(), Asked { limit: 50, after: None });
        assert!(Asked::parse(&format!("limit=100&cursor={good}")).unwrap().after.is_some());
        for (query, parameter) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=x", "limit"),
            ("limit=1&limit=1", "limit"),
            ("cursor=", "cursor"),
            ("cursor=AAAA", "cursor"),
            (&format!("cursor={good}A"), "cursor"),
            ("state=queued", "state"),
        ] {
            let errors = Asked::parse(query).unwrap_err();
            assert_eq!(errors[0].place, crate::problem::Place::Parameter(parameter.into()), "{query}");
        }
        assert_eq!(Asked::parse("limit=0&cursor=x&y=1").unwrap_err().len(), 3, "all at once");
    }
}
