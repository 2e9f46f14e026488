//! The fault switch: a test makes calls fail that come over HTTP.

/// What the fault switch does to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// The call goes through.
    None,
    /// The endpoint answers 503 without making the call.
    RefuseBefore,
    /// The endpoint makes the call, then answers 503. The caller cannot tell this from a refusal.
    LoseAnswer,
}

/// Decides by the action (`SendMessage`) and the queue's name, which is empty for an action without a queue.
pub type InterruptionRule = Box<dyn Fn(&str, &str) -> Interruption + Send + Sync>;
