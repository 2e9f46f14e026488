//! The event that a function gets.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;
use taskway::{Context, attempt::Input};
use taskway_api::Instant;
use taskway_protocol::Invocation;

#[derive(Serialize)]
struct Event<'a> {
    taskway: Attempt<'a>,
    payload: Option<&'a RawValue>,
}

/// What the function is told of its attempt.
#[derive(Serialize)]
struct Attempt<'a> {
    id: String,
    queue: &'a str,
    attempt: u32,
    fence: u32,
    /// When the executor stops waiting for the answer. Nobody waits for the end of a function that is only started.
    deadline: Option<Instant>,
    labels: &'a BTreeMap<String, String>,
    traceparent: Option<&'a str>,
}

/// The event's JSON. The payload is in it as it was submitted.
///
/// # Errors
/// None: every part is text or a number.
pub(super) fn text(invocation: Invocation, input: &Input, cx: &Context) -> serde_json::Result<Vec<u8>> {
    let content = &input.content;
    serde_json::to_vec(&Event {
        taskway: Attempt {
            id: cx.id().to_string(),
            queue: &input.queue,
            attempt: cx.attempt(),
            fence: cx.fence(),
            deadline: (invocation == Invocation::Request).then(|| Instant(cx.deadline())),
            labels: &content.labels,
            traceparent: content.traceparent.as_deref(),
        },
        payload: content.payload.as_deref(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use taskway_protocol::{Fence, LambdaTarget, Target, TaskId, TaskKey, Time, content::TaskContent};
    use taskway_runtime::clock::SystemClock;

    use super::*;

    fn of(invocation: Invocation, content: TaskContent) -> String {
        let id = TaskId { key: TaskKey::from_bytes([7; 16]), born: Time::from_millis(77) };
        let deadline = Time::from_millis(1_795_420_860_000);
        let cx = Context::new(id, 2, Fence(5), deadline, None, Arc::new(SystemClock));
        String::from_utf8(text(invocation, &Input { id, queue: "emails".into(), content, large: None }, &cx).unwrap())
            .unwrap()
    }

    fn content() -> TaskContent {
        let invocation = Invocation::Request;
        TaskContent::of(Target::Lambda(LambdaTarget { function: "report".into(), invocation, tenant_id: None }))
    }

    #[test]
    fn an_event_has_the_attempt_and_the_payload_as_it_was_sent() {
        let id = TaskId { key: TaskKey::from_bytes([7; 16]), born: Time::from_millis(77) };
        let full = TaskContent {
            payload: Some(RawValue::from_string(r#"{"n": 1e400}"#.to_owned()).unwrap()),
            labels: [("team".to_owned(), "growth".to_owned())].into(),
            traceparent: Some("00-1-2-01".to_owned()),
            ..content()
        };
        let event = of(Invocation::Request, full);
        let expected = format!(
            r#"{{"taskway":{{"id":"{id}","queue":"emails","attempt":2,"fence":5,"deadline":"2026-11-23T08:01:00.000Z","labels":{{"team":"growth"}},"traceparent":"00-1-2-01"}},"payload":{{"n": 1e400}}}}"#
        );
        assert_eq!(event, expected);
        for started in [Invocation::Event, Invocation::Durable] {
            let event = of(started, content());
            assert!(event.contains(r#""deadline":null,"labels":{},"traceparent":null},"payload":null}"#), "{event}");
        }
    }

    /// Lambda takes 1 MB for an event and 6 MB for a request. The API takes payloads of 256 KiB, so no task that it accepts is
    /// too large for Lambda.
    #[test]
    fn the_largest_event_is_one_that_lambda_takes() {
        let payload = Some(RawValue::from_string(format!("\"{}\"", "x".repeat(256 * 1024 - 2))).unwrap());
        // Sixteen labels of characters that take the most bytes.
        let label = |n: u8| (format!("{n:02}{}", "\u{1}".repeat(62)), "\u{1}".repeat(256));
        let event = of(Invocation::Event, TaskContent { payload, labels: (0..16).map(label).collect(), ..content() });
        assert!(event.len() > 290_000 && event.len() < 1_000_000, "{}", event.len());
    }
}
