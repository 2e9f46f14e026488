//! DynamoDB and SQS in this process, and a reader of the SAM template that says which tables and queues there are.

pub(crate) mod account;
pub mod calls;
pub mod doors;
pub mod dynamo;
pub mod sqs;
pub mod template;
