//! What an answer of Lambda means for the task.

use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use taskway::attempt::{Outcome, Wait};
use taskway_cloud::aws::{Answered, CallError, Refused};
use taskway_protocol::{ErrorKind, FARTHEST_SECONDS, Invocation};
use taskway_runtime::log::causes;
use taskway_strict::json::Document;

use super::fatal;

/// The longest answer that Lambda gives, in bytes: 6 MiB. Whether the result is stored is not decided here.
pub(super) const LONGEST_ANSWER: usize = 6 * 1024 * 1024;

/// How many bytes of an answer go into the task's error.
const QUOTED: usize = 200;

/// The longest pause that a service may ask for: as long as the longest backoff of a retry policy.
const LONGEST_PAUSE: Duration = Duration::from_secs(86_400);

/// A call that breaks off within this time was probably sent on a kept connection that Lambda had closed meanwhile. That is likely
/// after an executor function was frozen.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Refusals with 409 that pass by themselves. A deployment or a start of the function is under way.
const PASSING: [&str; 3] =
    ["ResourceConflictException", "SnapStartNotReadyException", "CodeArtifactUserPendingException"];

/// An execution of this name is there, and was started with another event. Every delivery of a task has its own attempt and
/// fence in the event, so it was started by an earlier delivery of this task: nobody else uses its id.
const ALREADY_STARTED: &str = "DurableExecutionAlreadyStartedException";

/// What Lambda answers for a function that failed.
#[derive(Deserialize)]
struct FunctionError {
    #[serde(rename = "errorMessage", default)]
    message: Option<String>,
    #[serde(rename = "errorType", default)]
    kind: Option<String>,
}

/// An answer that says what happens next, instead of a result. Any other member makes it a result: a function that returns its
/// event returns the member `taskway` too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said<'a> {
    #[serde(borrow)]
    taskway: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Words {
    RetryAfterSeconds(f64),
    Fatal(String),
}

/// The result of a task that started a durable execution.
#[derive(Serialize)]
struct Execution<'a> {
    durable_execution_arn: &'a str,
}

/// The outcome of an invocation that Lambda accepted.
pub(super) fn outcome(invocation: Invocation, Answered { answer, is_cut }: Answered) -> Outcome {
    let headers = answer.headers();
    let started = |result: Option<String>| Outcome::Done(result.unwrap_or_else(|| "null".to_owned()).into());
    match (invocation, answer.status()) {
        (Invocation::Request, _) if headers.contains_key("x-amz-function-error") => {
            Outcome::Retry { kind: ErrorKind::Lambda, message: function_error(answer.body()), wait: Wait::Policy }
        }
        (Invocation::Request, StatusCode::OK) => answered(answer.body(), is_cut),
        (Invocation::Event, StatusCode::ACCEPTED) => started(None),
        (Invocation::Durable, StatusCode::ACCEPTED) => {
            let arn = headers.get("x-amz-durable-execution-arn").and_then(|arn| arn.to_str().ok());
            // This cannot fail: it is one text.
            started(arn.and_then(|arn| serde_json::to_string(&Execution { durable_execution_arn: arn }).ok()))
        }
        (Invocation::Request | Invocation::Event | Invocation::Durable, other) => {
            let expected = if invocation == Invocation::Request { "200" } else { "202" };
            fatal(format!("expected the answer {expected} to this kind of invocation, got {other}"))
        }
    }
}

/// What the function answered.
fn answered(body: &[u8], is_cut: bool) -> Outcome {
    let too_long = || fatal(format!("the function's answer has more than {LONGEST_ANSWER} bytes, which is the limit"));
    if is_cut {
        return too_long();
    }
    let Ok(text) = std::str::from_utf8(body) else {
        return fatal("the function's answer is neither JSON nor text".to_owned());
    };
    let text = text.trim();
    if text.is_empty() {
        return Outcome::Done("null".into());
    }
    if Document::read(text.as_bytes()).is_err() {
        // A runtime of the function's own may answer with plain text.
        return match serde_json::to_string(text) {
            Ok(quoted) if quoted.len() <= LONGEST_ANSWER => Outcome::Done(quoted.into()),
            Ok(_) | Err(_) => too_long(),
        };
    }
    if text.len() > LONGEST_ANSWER {
        return too_long();
    }
    // serde reads a struct from an array too.
    match serde_json::from_str::<Said<'_>>(text) {
        Ok(said) if text.starts_with('{') => words(said.taskway.get()),
        Ok(_) | Err(_) => Outcome::Done(text.into()),
    }
}

fn words(text: &str) -> Outcome {
    match serde_json::from_str::<Words>(text) {
        Ok(Words::Fatal(why)) => fatal(why),
        Ok(Words::RetryAfterSeconds(seconds)) if (0.0..=f64::from(FARTHEST_SECONDS)).contains(&seconds) => {
            let message = format!("the function asked for another attempt after {seconds} s");
            // In whole milliseconds, rounded up: the function wants no earlier attempt.
            let wait = Duration::from_millis((seconds * 1000.0).ceil() as u64);
            Outcome::Retry { kind: ErrorKind::Lambda, message, wait: Wait::Exactly(wait) }
        }
        Ok(Words::RetryAfterSeconds(_)) | Err(_) => fatal(format!(
            "the function answered {{\"taskway\":{}}}, and expected is {{\"taskway\":{{\"retry_after_seconds\":N}}}} with N from 0 to \
             {FARTHEST_SECONDS}, or {{\"taskway\":{{\"fatal\":\"why\"}}}}",
            quoted(text.as_bytes())
        )),
    }
}

/// The message of a failed function.
fn function_error(body: &[u8]) -> String {
    let FunctionError { message, kind } =
        serde_json::from_slice(body).unwrap_or(FunctionError { message: None, kind: None });
    match (kind, message) {
        (Some(kind), Some(message)) if !message.is_empty() => format!("{kind}: {message}"),
        (Some(text), _) | (None, Some(text)) => text,
        (None, None) => format!("the function failed: {}", quoted(body)),
    }
}

/// The outcome of an invocation that Lambda refused, or that did not reach it. `after` is how long the call took.
pub(super) fn refusal(invocation: Invocation, error: CallError, after: Duration) -> Outcome {
    let kind = ErrorKind::Lambda;
    match error {
        CallError::NoRegion { .. } => fatal(error.to_string()),
        // The function may have run, so the attempt counts: one whose connection breaks each time must not go on for days.
        CallError::Unanswered { .. } if after > AT_ONCE => {
            Outcome::Retry { kind, message: causes(&error).to_string(), wait: Wait::Policy }
        }
        CallError::Unreached { .. } | CallError::Unanswered { .. } => {
            Outcome::NotStarted { kind, message: causes(&error).to_string(), at_least: Duration::ZERO }
        }
        CallError::Refused(refused) if is_already_started(invocation, &refused) => Outcome::Done("null".into()),
        CallError::Refused(refused) => {
            let message = told(&refused);
            let at_least = refused.retry_after.unwrap_or_default().min(LONGEST_PAUSE);
            if passes(&refused) { Outcome::NotStarted { kind, message, at_least } } else { fatal(message) }
        }
    }
}

fn is_already_started(invocation: Invocation, refused: &Refused) -> bool {
    let told = refused.kind.as_deref() == Some(ALREADY_STARTED) || refused.excerpt.contains(ALREADY_STARTED);
    invocation == Invocation::Durable && refused.status == 409 && told
}

/// Whether Lambda may accept the same request later: it has too much to do (402 for durable executions, 429), the function
/// gets ready (408, 409, 410), or Lambda has a fault of its own.
fn passes(refused: &Refused) -> bool {
    match refused.status {
        402 | 408 | 410 | 429 => true,
        409 => refused.kind.as_deref().is_some_and(|kind| PASSING.contains(&kind)),
        status => status >= 500,
    }
}

/// What Lambda answered, for a person.
fn told(Refused { status, kind, excerpt, .. }: &Refused) -> String {
    #[derive(Deserialize)]
    struct Explained {
        // Of Lambda, of some of its refusals, and of `cargo lambda watch`.
        #[serde(alias = "Message", alias = "detail")]
        message: Option<String>,
    }
    let explained = serde_json::from_str::<Explained>(excerpt).ok().and_then(|explained| explained.message);
    let why = explained.unwrap_or_else(|| quoted(excerpt.as_bytes()));
    let kind = kind.as_ref().map(|kind| format!(" {kind}")).unwrap_or_default();
    if why.is_empty() {
        format!("Lambda answered {status}{kind}")
    } else {
        format!("Lambda answered {status}{kind}: {why}")
    }
}

/// The beginning of a text.
fn quoted(text: &[u8]) -> String {
    String::from_utf8_lossy(&text[..text.len().min(QUOTED)]).trim().to_owned()
}

#[cfg(test)]
mod tests;
