//! AWS's JSON protocol. Each call is a POST with the action in `X-Amz-Target` and one JSON object as its body. The answer
//! is one JSON object.

mod action;
mod attributes;
mod batch;
mod error;
mod md5;
mod permission;
mod queues;
mod receipts;
mod receive;
mod router;
mod send;
mod system_attribute;
mod tags;
#[cfg(test)]
mod tests;

pub(super) use router::router;
