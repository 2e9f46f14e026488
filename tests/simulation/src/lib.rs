//! Runs the submit, executor and scheduler functions that ship in simulated worlds, and injects every fault that it
//! knows.
//!
//! A world has a table, queues, machines with their own clocks, clients and persons. It runs in one thread, under one
//! virtual time, from one seed. The simulation replaces the HTTP client of the AWS SDK: everything below it (the
//! services and the network) is simulated, and everything above it (the store, the queue adapter, retries, timeouts and
//! codecs) is the shipped code.

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
