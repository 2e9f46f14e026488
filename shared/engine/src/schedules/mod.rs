//! Firing schedules and withdrawing firings. Submit does both on request, the scheduler at a tick.

mod firer;
mod place;
mod withdrawal;

pub use firer::{Firer, Visited};
