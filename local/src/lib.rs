//! Taskway in one process: the whole service on a laptop, without an AWS account.
//!
//! Two layers:
//!
//! - The emulator serves DynamoDB, SQS and S3 on ports of 127.0.0.1, with the tables, queues and buckets of a SAM template. It
//!   knows nothing of Taskway.
//! - [`stack`] runs Taskway on the emulator: API, poller and ticker. They reach the emulator through the AWS SDK, as they
//!   reach AWS in the cloud. Only the endpoints' URLs differ.

mod emulator;
mod lambda;
pub mod stack;

pub use emulator::{calls, doors, dynamo, sqs, template};
pub use stack::{dev, functions, mapping};
