//! The adapters to DynamoDB and SQS. Keys, attributes and the SDK's types stay in here.

pub mod aws;
pub mod config;
pub mod dynamo;
pub mod sqs;
