//! The tests of the whole: one binary, since each links the AWS SDK.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what cannot be had fails the test that wanted it")]

mod job;
