//! The submit, executor and scheduler functions as they ship, in worlds where everything goes wrong that can.
//!
//! A world is a table, queues, machines with clocks of their own, clients and persons, in one thread, under one virtual
//! time, from one seed. Its seam is the AWS SDK's own HTTP client: what is simulated is the services and the way to them,
//! and the store, the queue adapter, retries, timeouts and codecs above it are the real ones.

pub mod client;
pub mod clock;
pub mod cloud;
pub mod coverage;
pub mod dice;
pub mod machine;
pub mod observer;
pub mod process;
pub mod report;
pub mod run;
pub mod script;
pub mod shrink;
pub mod story;
pub mod table;
pub mod weather;
pub mod witness;
pub mod work;
pub mod world;

mod draw;
mod functions;
mod lock;
mod queue_faults;
mod rest;
mod schedules;
mod wire;
