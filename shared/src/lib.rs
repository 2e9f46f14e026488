//! Taskway's domain, its adapters to DynamoDB and SQS, and the API for handlers.
//!
//! [`domain`] is pure and compiles alone (`--no-default-features`); everything else does I/O or knows who does.

pub mod domain;

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "aws")]
pub mod body;
#[cfg(feature = "aws")]
pub mod calendar;
#[cfg(feature = "aws")]
pub mod clock;
#[cfg(feature = "aws")]
pub mod config;
#[cfg(feature = "aws")]
pub mod dynamo;
#[cfg(feature = "aws")]
pub mod faults;
#[cfg(feature = "aws")]
pub mod handler;
#[cfg(feature = "aws")]
pub mod invocation;
#[cfg(feature = "aws")]
pub mod log;
#[cfg(feature = "aws")]
pub mod random;
#[cfg(feature = "aws")]
pub mod sqs;
