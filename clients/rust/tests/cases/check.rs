//! Compares what came of a step with what the table expects.

use std::{collections::BTreeSet, time::Duration};

use http::Method;
use reqwest::Url;
use serde_json::{Value, json};
use taskway_client::{Error, Instant, Submitted, Task};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::{
    fault_proxy::Sent,
    run::Outcome,
    words::{self, Names, text},
};

/// What a step expects.
pub(crate) struct Expected<'a> {
    pub(crate) step: &'a Value,
    pub(crate) names: &'a Names,
}

type Came = Result<Outcome, Error>;

impl Expected<'_> {
    /// Whether a list that grows has as many tasks as it shall have.
    pub(crate) fn has_count(&self, came: &Came) -> bool {
        match (self.step["expect"]["list"]["count"].as_u64(), came) {
            (Some(count), Ok(Outcome::List(tasks))) => tasks.len() as u64 == count,
            _ => false,
        }
    }

    pub(crate) fn check(&self, came: &Came, sent: &[Sent], took: Duration) {
        let nothing = json!({});
        let expect = self.step.get("expect").unwrap_or(&nothing).as_object().unwrap();
        if !expect.contains_key("problem") && !expect.contains_key("error") {
            assert!(came.is_ok(), "{}: {}", self.step, came.as_ref().err().unwrap());
        }
        for (name, wanted) in expect {
            match name.as_str() {
                "answer" => self.answer(wanted, came),
                "downloaded" => {
                    let Ok(Outcome::Answer(found)) = came else { panic!("nothing was downloaded") };
                    assert_eq!(found, &self.names.real(wanted));
                }
                "result_json" => result(text(wanted), came),
                "list" => list(wanted, came),
                "answers" => answers(wanted, came),
                "problem" => problem(wanted, came),
                "error" => error(text(wanted), came),
                // How long it may take at most is a matter of the machine; the tests of `Patience` have the pauses.
                "took_seconds" => {
                    let least = Duration::from_secs_f64(wanted["at_least"].as_f64().unwrap());
                    assert!(took >= least, "{}: took {took:?}", self.step);
                }
                "requests" => assert_eq!(sent.len() as u64, wanted.as_u64().unwrap(), "{}: {sent:?}", self.step),
                "same_body" => {
                    assert_eq!(sent.iter().map(|sent| &sent.body).collect::<BTreeSet<_>>().len(), 1, "{sent:?}");
                }
                "has_key" => have_keys(sent),
                "cursors" => {
                    assert_eq!(&sent.iter().map(cursor).collect::<Vec<_>>(), wanted.as_array().unwrap(), "{sent:?}");
                }
                "next_runs_local" => next_runs(wanted, came),
                other => panic!("this test cannot expect {other}"),
            }
        }
    }

    fn answer(&self, wanted: &Value, came: &Came) {
        let found = match came {
            Ok(Outcome::Task(task)) => serde_json::to_value(task).unwrap(),
            Ok(Outcome::Schedule(schedule)) => serde_json::to_value(schedule).unwrap(),
            Ok(Outcome::Answer(answer)) => answer.clone(),
            Ok(Outcome::List(_) | Outcome::Answers(_) | Outcome::Done) | Err(_) => {
                panic!("{} has no members", self.step)
            }
        };
        let wanted = self.names.real(wanted);
        assert!(has(&found, &wanted), "{}: wanted {wanted}, got {found}", self.step);
    }
}

/// Whether an answer has these members with these values, at least.
fn has(found: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Object(members) if members.contains_key("at") => {
            let Some(at) = found.as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok()) else {
                return false;
            };
            at == words::time(wanted)
        }
        Value::Object(members) => members.iter().all(|(name, wanted)| has(&found[name], wanted)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => found == wanted,
    }
}

/// The text itself, since that says most of integers of any size. White space between tokens does not count.
fn result(wanted: &str, came: &Came) {
    let Ok(Outcome::Task(task)) = came else { panic!("no task with a result") };
    let found = task.result.as_ref().unwrap().get();
    assert_eq!(found.replace(' ', ""), wanted.replace(' ', ""));
}

fn list(wanted: &Value, came: &Came) {
    let Ok(Outcome::List(tasks)) = came else { panic!("no list") };
    assert_eq!(tasks.len() as u64, wanted["count"].as_u64().unwrap());
    if let Some(ids) = wanted["ids"].as_array() {
        assert_eq!(tasks.iter().map(|task| &task.id).collect::<Vec<_>>(), ids.iter().map(text).collect::<Vec<_>>());
    }
    if wanted["newest_first"] == true {
        assert!(tasks.is_sorted_by_key(|task: &Task| std::cmp::Reverse(task.created_at)));
    }
}

fn answers(wanted: &Value, came: &Came) {
    let Ok(Outcome::Answers(answers)) = came else { panic!("no answers") };
    let accepted = answers.iter().filter(|answer| answer.task.is_ok()).count();
    let counts = [accepted, answers.len() - accepted].map(|count| json!(count));
    assert_eq!(counts, [wanted["accepted"].clone(), wanted["refused"].clone()]);
    let keys: BTreeSet<_> = answers.iter().map(|answer| &answer.idempotency_key).collect();
    assert_eq!(keys.len(), answers.len());
    if let Some(statuses) = wanted["statuses"].as_array() {
        let status = |answer: &Submitted| match &answer.task {
            Ok(_) => json!(202),
            Err(error) => json!(error.refusal().unwrap().status.as_u16()),
        };
        assert_eq!(&answers.iter().map(status).collect::<Vec<_>>(), statuses);
    }
}

fn problem(wanted: &Value, came: &Came) {
    let Err(error) = came else { panic!("it was not refused") };
    let refusal = error.refusal().unwrap_or_else(|| panic!("it was not refused: {error}"));
    for (name, wanted) in wanted.as_object().unwrap() {
        match name.as_str() {
            "status" => assert_eq!(u64::from(refusal.status.as_u16()), wanted.as_u64().unwrap(), "{error}"),
            "type" => assert_eq!(refusal.kind(), wanted.as_str(), "{error}"),
            "errors" => {
                let found: Vec<Value> = refusal.errors().iter().map(|fault| json!(fault)).collect();
                for fault in wanted.as_array().unwrap() {
                    assert!(found.contains(fault), "{fault} is not among {found:?}");
                    assert!(error.to_string().contains(text(&fault["detail"])), "{error}");
                }
            }
            member => assert_eq!(refusal.member(member), Some(wanted), "{error}"),
        }
    }
}

fn error(kind: &str, came: &Came) {
    let Err(error) = came else { panic!("it did not fail") };
    let is_meant = match kind {
        "not_answered" => matches!(error, Error::NotAnswered(_)),
        "wait_timeout" => matches!(error, Error::WaitTimeout(_)),
        "usage" => matches!(error, Error::Misuse(_)),
        other => panic!("this client has no error {other}"),
    };
    assert!(is_meant, "{error:?}");
}

fn have_keys(sent: &[Sent]) {
    for sent in sent.iter().filter(|sent| sent.method == Method::POST) {
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        let tasks = body["tasks"].as_array().cloned().unwrap_or_else(|| vec![body]);
        assert!(tasks.iter().all(|task| task["idempotency_key"].is_string()));
    }
}

fn cursor(sent: &Sent) -> Value {
    let url = Url::parse(&format!("http://localhost{}", sent.path)).unwrap();
    url.query_pairs().find(|(name, _)| name == "cursor").map_or(Value::Null, |(_, cursor)| json!(cursor))
}

fn next_runs(wanted: &Value, came: &Came) {
    let Ok(Outcome::Schedule(schedule)) = came else { panic!("no schedule") };
    let local = |text: &String| OffsetDateTime::parse(text, &Rfc3339).unwrap();
    let times: Vec<_> = schedule.next_runs_local.iter().map(local).collect();
    assert_eq!(times.len() as u64, wanted["count"].as_u64().unwrap());
    assert_eq!(times, schedule.next_runs.iter().map(|at: &Instant| OffsetDateTime::from(*at)).collect::<Vec<_>>());
    let offset = UtcOffset::from_whole_seconds(wanted["offset_seconds"].as_i64().unwrap() as i32).unwrap();
    for at in times {
        let (hour, minute, second) = at.to_hms();
        assert_eq!(format!("{hour:02}:{minute:02}:{second:02}"), text(&wanted["clock"]));
        assert_eq!(at.offset(), offset);
    }
}
