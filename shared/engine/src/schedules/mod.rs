//! Firing schedules, and withdrawing what they fired. Submit does it at a request, the scheduler at a tick.

mod firer;
mod withdrawal;

pub use firer::{Firer, Visited};
