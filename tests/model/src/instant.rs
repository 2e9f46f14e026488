//! Time in the model: relative to now, in steps of five seconds.
//!
//! All constants that a comparison of two clocks depends on are multiples of five seconds, so no time falls between two
//! steps. A time far ahead is not exact: it comes near when [`Action::PassFar`](crate::machine::Action::PassFar) happens.

use taskway_protocol::Time;

/// Steps of five seconds from now. Beyond [`NEAR`] it counts from a time that no message can be delayed by.
pub(crate) type Tick = i8;

/// A time beyond this is far.
pub(crate) const NEAR: Tick = 60;

/// A time that no delay of a message reaches.
pub(crate) const FAR: Tick = 100;

/// How much nearer a far time comes at once.
pub(crate) const FAR_PASS: Tick = FAR - 2;

/// [`FAR`] for the protocol: 1,000 s ahead.
const FAR_STEPS: i64 = 200;

const STEP_MS: i64 = 5_000;

/// Now, for the protocol.
const BASE_MS: i64 = 1_764_000_000_000;

/// A time after `by` has passed, but not less than `past`. A far time stays as it is until it comes near at once.
pub(crate) fn later(at: Tick, by: Tick, past: Tick) -> Tick {
    if at > NEAR && by < FAR_PASS { at } else { at.saturating_sub(by).max(past) }
}

/// A relative time as the protocol's time.
pub(crate) fn time(at: Tick) -> Time {
    let far = if at > NEAR { FAR_STEPS - i64::from(FAR) } else { 0 };
    Time::from_millis((BASE_MS + (i64::from(at) + far) * STEP_MS).unsigned_abs())
}

/// The protocol's time as a relative one.
///
/// # Panics
/// If it falls between two steps. Then a constant of the protocol is no longer a multiple of five seconds, and the steps of
/// the model must become smaller.
pub(crate) fn tick(time: Time) -> Tick {
    let ms = time.as_millis().cast_signed() - BASE_MS;
    assert!(ms % STEP_MS == 0, "{ms} ms from now is between two of the model's steps");
    let steps = ms / STEP_MS;
    let far = if steps > i64::from(NEAR) { FAR_STEPS - i64::from(FAR) } else { 0 };
    Tick::try_from(steps - far).expect("a time of the model is short or far")
}
