#![allow(clippy::unwrap_used)]
use std::time::Duration;

use super::*;
use crate::{AttemptError, ErrorKind, Fence, Generation, Nonce, Refusal, Transition};

const NOW: Time = Time::from_millis(1_764_000_000_123);

fn parent(callbacks: Callbacks) -> Task {
    let task = Task::example(NOW.before(Duration::from_secs(60)));
    let state = State::Running { owner: Nonce(1), lease_end: NOW.after(Duration::from_secs(60)), hard_end: None };
    Task { spec: Spec { callbacks, ..task.spec.clone() }, state, fence: Fence(1), attempts: 1, ..task }
}

fn both() -> Callbacks {
    Callbacks { on_success: true, on_failure: true }
}

fn made(task: &Task, step: Step) -> Result<Task, Refusal> {
    Transition { born: task.id.born, step }.apply(task)
}

fn succeeded(task: &Task) -> Task {
    let owes = task.is_followed(End::Succeeded);
    let retained_until = task.retained_until(NOW);
    made(task, Step::Succeed { fence: task.fence, at: NOW, retained_until, result: None, progress: None, owes })
        .unwrap()
}

fn failed(task: &Task) -> Task {
    let error = AttemptError { kind: ErrorKind::Http, message: "503".into(), attempt: 1, at: NOW };
    let (owes, retained_until) = (task.is_followed(End::Failed), task.retained_until(NOW));
    made(task, Step::Fail { fence: task.fence, at: NOW, retained_until, error, owes }).unwrap()
}

fn callback(payload: Option<&str>) -> Callback {
    let payload = payload.map(|text| RawValue::from_string(text.to_owned()).unwrap());
    Callback { target: Target::Handler("told".into()), queue: None, payload, labels: BTreeMap::new() }
}

fn content(payload: &str) -> TaskContent {
    let payload = Some(RawValue::from_string(payload.to_owned()).unwrap());
    TaskContent { payload, ..TaskContent::of(Target::Handler("echo".into())) }
}

fn payload_of(new: &NewTask) -> serde_json::Value {
    let content = TaskContent::from_text(&new.text, &new.task.spec.route).unwrap();
    serde_json::from_str(content.payload_text()).unwrap()
}

#[test]
fn an_end_owes_a_callback_if_it_has_one() {
    let on_success = Callbacks { on_success: true, on_failure: false };
    let on_failure = Callbacks { on_success: false, on_failure: true };
    for (callbacks, success, failure) in
        [(Callbacks::NONE, false, false), (on_success, true, false), (on_failure, false, true), (both(), true, true)]
    {
        let task = parent(callbacks);
        assert_eq!(succeeded(&task).owed_callback().is_some(), success, "{callbacks:?}");
        assert_eq!(failed(&task).owed_callback().is_some(), failure, "{callbacks:?}");
        let cancelled = made(&task, Step::Cancel { at: NOW, retained_until: NOW }).unwrap();
        assert_eq!(cancelled.owed_callback(), None);
    }
}

#[test]
fn a_task_that_owes_a_callback_is_kept_and_cannot_be_retried_until_it_is_made() {
    let owing = failed(&parent(both()));
    let retained = |task: &Task| match task.state {
        State::Ended { retained_until, .. } => retained_until,
        State::Scheduled { .. } | State::Queued { .. } | State::Running { .. } => panic!("{task:?}"),
    };
    assert!(retained(&owing) >= NOW.after(KEPT_WHILE_OWED));
    let revive = Step::Revive { generation: Generation::FIRST, now: NOW, deadline: None };
    assert_eq!(made(&owing, revive.clone()), Err(Refusal::CallbackOwed));

    let (id, _) = owing.owed_callback().unwrap();
    let settled = made(&owing, owing.called_back().unwrap()).unwrap();
    assert_eq!((settled.children.clone(), settled.owed_callback()), (vec![id], None));
    assert_eq!(retained(&settled), settled.retained_until(NOW));
    assert_eq!(settled.state.agenda(), Some(crate::Agenda::Dead(NOW)));
    assert_eq!(settled.called_back(), None);
    assert_eq!(made(&settled, owing.called_back().unwrap()), Err(Refusal::NoCallbackOwed));
    assert!(made(&settled, revive).is_ok());
}

#[test]
fn each_end_of_a_life_has_a_callback_of_its_own() {
    let first = failed(&parent(both()));
    let second = Task { generation: first.generation.next(), ..first.clone() };
    let other = Task { id: TaskId { born: Time::from_millis(1), ..first.id }, ..first.clone() };
    let id = |task: &Task| task.owed_callback().unwrap().0;
    assert_eq!(id(&first), id(&first.clone()));
    assert!(id(&first) != id(&second) && id(&first).key != id(&other).key);
}

#[test]
fn a_record_lists_its_latest_callbacks() {
    let mut task = failed(&parent(both()));
    for number in 0..150u32 {
        task.generation = Generation(number + 1);
        task.state = State::Ended { end: End::Failed, at: NOW, retained_until: NOW, owes: true };
        let (id, _) = task.owed_callback().unwrap();
        task = made(&task, task.called_back().unwrap()).unwrap();
        assert_eq!(task.children.last(), Some(&id));
        assert_eq!(task.children.len(), MOST_LISTED.min(number as usize + 1));
    }
}

#[test]
fn a_callback_takes_after_its_parent() {
    let mut task = parent(both());
    task.spec.options.queue = "reports".into();
    task.spec.options.fairness_key = Some("tenant-7".into());
    let ended = succeeded(&task);
    let content = TaskContent { labels: BTreeMap::from([("a".into(), "b".into())]), ..content("[1]") };
    let new = callback(None).task(&ended, &content, Some(r#"{"n": 1e400}"#)).unwrap();
    assert_eq!(
        (&*new.task.spec.options.queue, new.task.spec.options.fairness_key.as_deref()),
        ("reports", Some("tenant-7"))
    );
    assert_eq!(new.task.state, State::Queued { due: NOW });
    let own = TaskContent::from_text(&new.text, &new.task.spec.route).unwrap();
    assert_eq!(own.parent, Some(task.id));
    let expected = format!(
        r#"{{"task":{{"id":"{}","queue":"reports","state":"succeeded","attempt":1,"labels":{{"a":"b"}},"payload":[1],"result":{{"n": 1e400}}}}}}"#,
        task.id
    );
    assert_eq!(own.payload_text(), expected);
    let elsewhere = Callback { queue: Some("calls".into()), ..callback(Some("7")) };
    let new = elsewhere.task(&ended, &content, None).unwrap();
    assert_eq!((&*new.task.spec.options.queue, payload_of(&new)), ("calls", serde_json::json!(7)));
}

#[test]
fn a_callback_is_told_of_a_failure_and_what_is_too_long_is_left_out() {
    let ended = failed(&parent(both()));
    let told = payload_of(&callback(None).task(&ended, &content("[1]"), Some("2")).unwrap());
    assert_eq!(told["task"]["error"]["kind"], "http");
    assert_eq!(told["task"]["payload"], serde_json::json!([1]));
    assert_eq!(told["task"].get("result"), None);

    let long = format!("\"{}\"", "x".repeat(200_000));
    let told = payload_of(&callback(None).task(&succeeded(&parent(both())), &content(&long), Some(&long)).unwrap());
    assert!(told["task"].get("payload").is_none() && told["task"]["result"].is_string());
}

#[test]
fn callbacks_are_read_back_with_the_content() {
    let http = crate::HttpTarget::post("https://example.com/");
    let on_failure = Callback { target: Target::Http(http), queue: Some("calls".into()), ..callback(Some("{}")) };
    let written = TaskContent {
        on_success: Some(Box::new(callback(None))),
        on_failure: Some(Box::new(on_failure)),
        parent: Some(parent(both()).id),
        ..content("1")
    };
    let read = TaskContent::from_text(&written.to_text(), &written.target.route()).unwrap();
    assert_eq!(read.to_text(), written.to_text());
    assert_eq!(Callbacks::of(&read), both());
    assert_eq!(read.on_success.unwrap().target, Target::Handler("told".into()));
    assert_eq!(read.parent, Some(parent(both()).id));
}
