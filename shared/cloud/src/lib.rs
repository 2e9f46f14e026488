//! The adapters to DynamoDB, SQS and S3. Keys, attributes and types of the SDK stay inside this crate, except for clients
//! and their configuration.

#![cfg_attr(not(test), warn(clippy::large_futures))]

pub mod aws;
pub mod config;
pub mod dynamo;
mod gather;
pub mod meter;
pub mod objects;
pub mod sqs;
