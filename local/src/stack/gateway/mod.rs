//! The API in front of a submit function in a process of its own, in place of API Gateway.

mod answer;
mod event;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::Request,
    response::{IntoResponse, Response},
};
use taskway_runtime::{
    clock::Clock,
    random::{Random, SystemRandom},
};
use taskway_submit::problem::{Kind, Problem};

use super::functions::{Functions, InvokeError};

/// The longest request body that API Gateway accepts, in bytes.
const LONGEST_REQUEST: usize = 10 * 1024 * 1024;

/// The longest event that Lambda accepts, in bytes. A body is longer in the event, because it is a JSON string there.
const LONGEST_EVENT: usize = 6 * 1024 * 1024;

/// How long the first request waits for its answer. The function and its dependencies may have to be compiled first.
const FIRST_ANSWERED_WITHIN: Duration = Duration::from_secs(15 * 60);

/// How long the other requests wait: API Gateway's 30 s, and 30 s more in case a changed function is compiled again. There
/// must be a limit, because `cargo lambda watch` may stop a function before it answers.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);

#[derive(Clone)]
struct Gateway {
    functions: Functions,
    function: String,
    clock: Arc<dyn Clock>,
    has_answered: Arc<AtomicBool>,
}

/// An API that passes every request to the function.
pub(super) fn router(functions: Functions, function: String, clock: Arc<dyn Clock>) -> Router {
    let gateway = Gateway { functions, function, clock, has_answered: Arc::default() };
    Router::new().fallback(move |request: Request| {
        let gateway = gateway.clone();
        async move { gateway.answer(request).await.unwrap_or_else(IntoResponse::into_response) }
    })
}

impl Gateway {
    async fn answer(&self, request: Request) -> Result<Response, Problem> {
        let (head, body) = request.into_parts();
        let body: Bytes =
            to_bytes(body, LONGEST_REQUEST).await.map_err(|_| Problem::too_large("the request", LONGEST_REQUEST))?;
        let id = format!("{:016x}", SystemRandom.bits());
        let event = event::of(&head, &body, &id, self.clock.now());
        if event.len() > LONGEST_EVENT {
            return Err(Problem::too_large("the event of this request", LONGEST_EVENT));
        }
        let within = match self.has_answered.load(Ordering::Relaxed) {
            true => ANSWERED_WITHIN,
            false => FIRST_ANSWERED_WITHIN,
        };
        let answer = self.functions.invoke(&self.function, event, within).await.map_err(|error| {
            tracing::warn!(function = self.function, error = %taskway_runtime::log::causes(&error), "cannot answer a request");
            refusal(&error)
        })?;
        self.has_answered.store(true, Ordering::Relaxed);
        answer::read(&answer).ok_or_else(|| {
            let detail =
                format!("expected the answer of an HTTP API from function {}, found another form", self.function);
            Problem::new(Kind::Internal, detail)
        })
    }
}

/// The statuses are API Gateway's. The details are ours, because API Gateway gives none.
fn refusal(error: &InvokeError) -> Problem {
    let kind = match error {
        InvokeError::Unreachable { .. } | InvokeError::Late { .. } => Kind::Unavailable,
        InvokeError::Failed { .. } | InvokeError::Broken { .. } => Kind::Internal,
    };
    Problem::new(kind, error.to_string())
}

#[cfg(test)]
mod tests;
