//! Time as the model has it: relative to now, in steps of five seconds, and short.
//!
//! Every constant of the protocol that a comparison of two clocks depends on is a multiple of five seconds, so nothing
//! falls between two steps. What is far ahead has no exact time: it comes when [far pass](crate::Action::PassFar) says.

use taskway_protocol::Time;

/// Steps of five seconds from now; from [`NEAR`] on, from some time beyond what a message can be delayed by.
pub(crate) type Tick = i8;

/// What is further than this is far.
pub(crate) const NEAR: Tick = 60;

/// A time that no message's delay reaches.
pub(crate) const FAR: Tick = 100;

/// By how much a far time comes closer when the far wait is over.
pub(crate) const FAR_PASS: Tick = FAR - 2;

/// What [`FAR`] is for the domain: 1,000 s ahead.
const FAR_STEPS: i64 = 200;

const STEP_MS: i64 = 5_000;

/// Now, for the domain.
const BASE_MS: i64 = 1_764_000_000_000;

/// The same time `by` later, and equally past from `past` on. What is far stays so until the far wait is over.
pub(crate) fn later(at: Tick, by: Tick, past: Tick) -> Tick {
    if at > NEAR && by < FAR_PASS { at } else { at.saturating_sub(by).max(past) }
}

/// The domain's time of a relative one.
pub(crate) fn time(at: Tick) -> Time {
    let far = if at > NEAR { FAR_STEPS - i64::from(FAR) } else { 0 };
    Time::from_millis((BASE_MS + (i64::from(at) + far) * STEP_MS).unsigned_abs())
}

/// The relative time of the domain's.
///
/// # Panics
/// When it is between two steps: then a constant of the protocol is no multiple of five seconds any more, and the
/// model's step must become smaller.
pub(crate) fn tick(time: Time) -> Tick {
    let ms = time.as_millis().cast_signed() - BASE_MS;
    assert!(ms % STEP_MS == 0, "{ms} ms from now is between two of the model's steps");
    let steps = ms / STEP_MS;
    let far = if steps > i64::from(NEAR) { FAR_STEPS - i64::from(FAR) } else { 0 };
    Tick::try_from(steps - far).expect("a time of the model is short or far")
}
