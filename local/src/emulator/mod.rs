//! DynamoDB, SQS and S3 in this process, and a reader of the SAM template that says which tables, queues and buckets there are.

pub(crate) mod account;
pub mod calls;
pub mod doors;
pub mod dynamo;
pub(crate) mod s3;
pub mod sqs;
pub mod template;
