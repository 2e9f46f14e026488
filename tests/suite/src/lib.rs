//! The harness of the tests of the whole system. Each test has its own embedded stack with real HTTP and AWS endpoints,
//! and a clock that stands still until the test moves it.
//!
//! A [`World`] does nothing by itself. A test hands messages to an executor ([`World::work`]), ticks ([`World::tick`])
//! and moves the clock, so its result does not depend on the speed of the machine.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a missing value fails the test")]

mod api;
mod effects;
mod proxy;
mod queues;
mod receiver;
mod recurring;
mod skewed;
mod wait;
mod work;
mod world;

pub use api::{Answer, Api, text};
pub use effects::{Effect, Effects, Gate};
pub use proxy::{Fate, Proxy, nth};
pub use receiver::{Receiver, Reply, Request};
pub use recurring::{after_start, noting, of, time_of};
pub use skewed::Skewed;
pub use wait::until;
pub use work::{Worker, arrived};
pub use world::{START, World};
