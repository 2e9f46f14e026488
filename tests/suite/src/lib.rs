//! The harness of the tests of the whole: one embedded stack a test, with its real HTTP and AWS endpoints, under a clock
//! that stands still until the test moves it.
//!
//! A [`World`] does nothing by itself. A test hands messages to an executor ([`World::work`]) and ticks
//! ([`World::tick`]), and moves the time between; so what it sees does not depend on how fast the machine is.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what cannot be had fails the test that wanted it")]

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
