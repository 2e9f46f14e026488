//! A broker behind a lock, with a clock, receives that wait, and a switch that makes calls fail.

mod bell;
mod interruption;
mod long_poll;
mod sqs;
#[cfg(test)]
mod tests;

pub use interruption::{Interruption, InterruptionRule};
pub use sqs::Sqs;

pub(super) use long_poll::Ask;
