//! The embedded stack: the whole of Taskway in one process, on a laptop, without an account.
//!
//! DynamoDB and SQS answer on ports of 127.0.0.1 and everything else reaches them there through the AWS SDK, as it does
//! in the cloud: what differs is the endpoint alone. Tables and queues are those of `template.yaml`.

pub mod calls;
pub mod dev;
pub mod dynamo;
pub mod functions;
pub mod mapping;
pub mod sqs;
pub mod stack;
pub mod template;

mod gateway;
mod lambda;
mod resend;
mod ticker;
