//! How an action is run: parameters are read, the fault switch is asked, the answer is written.

use serde::{Serialize, de::DeserializeOwned};

use crate::emulator::sqs::{Interruption, Sqs, SqsError};

/// An action that does not wait.
pub(super) trait Action: DeserializeOwned {
    type Answer: Serialize;

    /// The queue's URL or name, as the client wrote it.
    fn queue(&self) -> Option<&str>;

    /// Makes the call. `queue` is the queue's name.
    fn run(self, sqs: &Sqs, queue: &str) -> Result<Self::Answer, SqsError>;
}

/// The empty answer.
#[derive(Serialize)]
pub(super) struct Nothing {}

pub(super) fn run<A: Action>(sqs: &Sqs, action: &str, body: &[u8]) -> Result<Vec<u8>, SqsError> {
    let parameters: A = parse(body)?;
    let queue = parameters.queue().map(name_in).unwrap_or_default().to_owned();
    let interruption = sqs.interruption(action, &queue);
    if interruption == Interruption::RefuseBefore {
        return Err(SqsError::ServiceUnavailable);
    }
    finish(interruption, parameters.run(sqs, &queue))
}

/// Writes the answer. If the fault switch loses the answer, the client gets a 503 instead of an answer or a refusal.
pub(super) fn finish(
    interruption: Interruption,
    answer: Result<impl Serialize, SqsError>,
) -> Result<Vec<u8>, SqsError> {
    match interruption {
        Interruption::LoseAnswer => Err(SqsError::ServiceUnavailable),
        Interruption::None | Interruption::RefuseBefore => {
            serde_json::to_vec(&answer?).map_err(|error| SqsError::Serialization(error.to_string()))
        }
    }
}

pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, SqsError> {
    serde_json::from_slice(body).map_err(|error| SqsError::Serialization(error.to_string()))
}

/// The queue's name in its URL. Host and account may be anything, because a client may reach this process by any name.
pub(super) fn name_in(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    url.rsplit('/').next().unwrap_or(url)
}

/// Returns the parameter, or the error for a missing one.
pub(super) fn required<T>(parameter: Option<T>, name: &str) -> Result<T, SqsError> {
    parameter.ok_or_else(|| SqsError::MissingParameter(name.to_owned()))
}
