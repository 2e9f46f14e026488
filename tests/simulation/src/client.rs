//! Clients and persons. They send HTTP requests, stop waiting, lose answers, and send the request again.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use taskway_protocol::{DEFAULT_QUEUE, TaskId, Time};
use taskway_runtime::clock::Clock;
use taskway_submit::{Submit, validate::Limits};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tower::ServiceExt;

use crate::{
    dice::Dice,
    functions::services,
    script::{Question, Submission},
    witness::{Asked, Kind},
    work::Work,
    world::World,
};

/// How long API Gateway waits for the function.
const PATIENCE: Duration = Duration::from_secs(29);

/// The submit function's timeout.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How many times a client sends a request before it gives up.
pub(crate) const TRIES: usize = 4;

/// A status and a body, or `None` if no answer came.
pub(crate) type Answer = Option<(u16, Value)>;

impl World {
    /// Submits a task. With a key the client repeats the request until it gets an answer; without a key it sends it
    /// once.
    pub async fn submit(self: Arc<Self>, submission: Submission, dice: Dice) {
        let number = submission.work.submission;
        let body = self.body_of(&submission);
        self.cloud.witness().submits(&submission);
        let tries = if submission.key.is_some() { TRIES } else { 1 };
        for _ in 0..tries {
            self.cloud.tell(format_args!("client submits {number}, key {:?}", submission.key));
            let (said, answer) = self.request(Method::POST, "/v1/tasks", Some(&body), &dice).await;
            if let Some((200 | 202, task)) = said {
                self.accepted(&task, number);
            }
            let status = answer.as_ref().map(|(status, _)| *status);
            self.cloud.tell(format_args!("client hears {status:?} of {number}"));
            match answer {
                Some((200 | 202, _)) => return,
                Some((400..=428 | 430..=499, problem)) => return self.refused(number, &problem),
                Some(_) | None => tokio::time::sleep(dice.millis(300, 8_000)).await,
            }
        }
    }

    /// Submits several tasks in one request, which the client never repeats.
    pub async fn submit_all(self: Arc<Self>, submissions: Vec<Submission>, dice: Dice) {
        let numbers: Vec<u32> = submissions.iter().map(|submission| submission.work.submission).collect();
        submissions.iter().for_each(|submission| self.cloud.witness().submits(submission));
        let body = json!({"tasks": submissions.iter().map(|one| self.body_of(one)).collect::<Vec<_>>()});
        self.cloud.tell(format_args!("client submits {numbers:?} at once"));
        let (said, answer) = self.request(Method::POST, "/v1/tasks/batch", Some(&body), &dice).await;
        self.cloud.tell(format_args!("client hears {:?} of {numbers:?}", answer.as_ref().map(|(status, _)| *status)));
        let Some((200, answer)) = said else { return };
        let results = answer["results"].as_array().cloned().unwrap_or_default();
        for (number, result) in numbers.into_iter().zip(results) {
            match result["status"].as_u64() {
                Some(200 | 202) => self.accepted(&result["task"], number),
                _ => self.refused(number, &result["problem"]),
            }
        }
    }

    pub(crate) fn accepted(&self, task: &Value, number: u32) {
        let Some(id) = task["id"].as_str().and_then(TaskId::parse) else {
            self.cloud.witness().break_rule(format!("an answer with a 2xx status has no id: {task}"));
            return;
        };
        let name = {
            let mut witness = self.cloud.witness();
            witness.accepted(id, number);
            witness.name(id)
        };
        self.cloud.tell(format_args!("client knows {number} as {name}"));
        self.cloud.look();
    }

    /// The simulation sends only well-formed requests, so a refusal must have a cause in the world.
    fn refused(&self, number: u32, problem: &Value) {
        let kind = problem["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/")).unwrap_or_default();
        self.cloud.tell(format_args!("client is refused {number}: {kind}"));
        let expected = match kind {
            "idempotency-key-reused" | "unavailable" | "throttled" => true,
            "validation" => problem["errors"].to_string().contains("deadline"),
            _ => false,
        };
        self.cloud.witness().must(expected, || format!("submission {number} was refused: {problem}"));
    }

    /// A person sends a request about a task.
    pub async fn ask(self: Arc<Self>, id: TaskId, what: Question, dice: Dice) {
        let asked = Asked {
            cancel: what == Question::Cancel,
            retry: what == Question::Retry,
            change: matches!(what, Question::Run | Question::Move(_) | Question::Deadline(_)),
        };
        let name = {
            let mut witness = self.cloud.witness();
            witness.asked(id, asked);
            witness.name(id)
        };
        for _ in 0..2 {
            self.cloud.tell(format_args!("person asks of {name}: {what:?}"));
            let now = self.cloud.now();
            let at = |ms: u64| rfc3339(now.after(Duration::from_millis(ms)));
            let (method, verb, body) = match what {
                Question::Get => (Method::GET, "", None),
                Question::Cancel => (Method::POST, "/cancel", None),
                Question::Run => (Method::POST, "/run", None),
                Question::Retry => (Method::POST, "/retry", None),
                Question::Move(ms) => (Method::PATCH, "", Some(json!({"run_at": at(ms)}))),
                Question::Deadline(ms) => (Method::PATCH, "", Some(json!({"deadline": at(ms)}))),
            };
            let (said, answer) = self.request(method, &format!("/v1/tasks/{id}{verb}"), body.as_ref(), &dice).await;
            if what == Question::Cancel && said.is_some_and(|(status, _)| status == 200) {
                self.cloud.witness().told_cancelled(id);
            }
            let status = answer.as_ref().map(|(status, _)| *status);
            self.cloud.tell(format_args!("person hears {status:?} of {name}"));
            match status {
                Some(200..=499) => return,
                Some(_) | None => tokio::time::sleep(dice.millis(300, 5_000)).await,
            }
        }
    }

    /// A person pauses the queue of all tasks, or lets it go on, and repeats the request until an answer comes.
    pub async fn steer(self: Arc<Self>, paused: bool, dice: Dice) {
        let verb = if paused { "pause" } else { "resume" };
        for _ in 0..TRIES {
            self.cloud.tell(format_args!("person asks to {verb} the queue"));
            let path = format!("/v1/queues/{DEFAULT_QUEUE}/{verb}");
            let (_, answer) = self.request(Method::POST, &path, None, &dice).await;
            let status = answer.as_ref().map(|(status, _)| *status);
            self.cloud.tell(format_args!("person hears {status:?} of the queue"));
            match status {
                Some(200..=428 | 430..=499) => return,
                Some(_) | None => tokio::time::sleep(dice.millis(300, 5_000)).await,
            }
        }
    }

    /// A person changes the settings of the queue of all tasks. Repeats the request until it is answered.
    pub async fn set(self: Arc<Self>, body: Value, dice: Dice) {
        for _ in 0..TRIES {
            self.cloud.tell(format_args!("person asks for {body}"));
            let path = format!("/v1/queues/{DEFAULT_QUEUE}");
            let (_, answer) = self.request(Method::PATCH, &path, Some(&body), &dice).await;
            let status = answer.as_ref().map(|(status, _)| *status);
            self.cloud.tell(format_args!("person hears {status:?} of {body}"));
            match status {
                Some(200..=428 | 430..=499) => return,
                Some(_) | None => tokio::time::sleep(dice.millis(300, 5_000)).await,
            }
        }
    }

    /// Reads a task now and then and retries it as soon as it has ended. With `meddles`, it also cancels or changes it.
    pub async fn watch(self: Arc<Self>, id: TaskId, looks: usize, meddles: bool, dice: Dice) {
        for _ in 0..looks {
            tokio::time::sleep(dice.millis(5, 400)).await;
            let (_, answer) = self.request(Method::GET, &format!("/v1/tasks/{id}"), None, &dice).await;
            let ended = |task: &Value| !task["finished_at"].is_null() || task["state"] == "expired";
            let Some((200, task)) = answer else { continue };
            if ended(&task) {
                Arc::clone(&self).ask(id, Question::Retry, Dice::new(dice.seed())).await;
            } else if meddles && dice.chance(300) {
                let what = dice.pick(&[Question::Cancel, Question::Cancel, Question::Run, Question::Deadline(1_000)]);
                Arc::clone(&self).ask(id, what, Dice::new(dice.seed())).await;
            }
        }
    }

    /// Sends one request to the API, which runs in its own process. Returns the function's answer and the answer that
    /// the client got, because an answer may be lost on the way.
    pub(crate) async fn request(
        self: &Arc<Self>,
        method: Method,
        path: &str,
        body: Option<&Value>,
        dice: &Dice,
    ) -> (Answer, Answer) {
        let (born, machine) = self.boot(Kind::Submit, dice);
        let limits = Limits { longest_timeout_seconds: 43_200, ..Limits::default() };
        let submit = Submit::new(services(&born, &machine, dice), limits);
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let text = body.map(Value::to_string).unwrap_or_default();
        let Ok(request) = request.body(Body::from(text)) else { return (None, None) };
        let serve = async move {
            let Ok(answer) = taskway_submit::router(submit).oneshot(request).await;
            let status = answer.status().as_u16();
            let bytes = answer.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            (status, serde_json::from_slice(&bytes).unwrap_or_default())
        };
        let answering = self.start(born, TIMEOUT, serve);
        let answer = tokio::time::timeout(PATIENCE, answering).await.ok().and_then(Result::ok).flatten();
        if answer.is_some() && dice.chance(self.lost_answers()) {
            self.cloud.fault("answer lost to the client");
            return (answer, None);
        }
        (answer.clone(), answer)
    }

    fn lost_answers(&self) -> u32 {
        self.cloud.weather().mishaps / 2
    }

    pub(crate) fn body_of(&self, submission: &Submission) -> Value {
        let mut body = json!({
            "target": {"handler": submission.handler},
            "payload": submission.work,
            "priority": submission.priority.as_str(),
            "delay_seconds": submission.delay_seconds,
            "timeout_seconds": submission.timeout_seconds,
            "retain_seconds": submission.retain_seconds,
            "retry": {
                "max_attempts": submission.max_attempts,
                "min_backoff_seconds": submission.backoff.0,
                "max_backoff_seconds": submission.backoff.1,
            },
        });
        let work =
            Work { submission: submission.work.submission, not_before: 0, attempts: vec![], padding: String::new() };
        let callback = json!({"target": {"handler": submission.handler}, "payload": work});
        let (on_success, on_failure) = submission.followed;
        for (name, follows) in [("on_success", on_success), ("on_failure", on_failure)] {
            if follows {
                body[name] = callback.clone();
            }
        }
        if let Some(key) = &submission.key {
            body["idempotency_key"] = json!(key);
            // The witness sees by this which of the key's submissions a record is.
            body["expected_duration_ms"] = json!(submission.work.submission);
            body["replace"] = json!(submission.replaces);
        }
        if let Some(tenant) = submission.tenant {
            body["fairness_key"] = json!(tenant);
        }
        if let Some(deadline) = submission.deadline {
            // Every request with the same key must have the same deadline.
            let from = if submission.key.is_some() { crate::clock::START } else { self.cloud.clock.now() };
            body["deadline"] = json!(rfc3339(from.after(Duration::from_millis(deadline))));
        }
        body
    }
}

pub(crate) fn rfc3339(at: Time) -> String {
    let nanos = i128::from(at.as_millis()) * 1_000_000;
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.format(&Rfc3339).unwrap_or_default()
}
