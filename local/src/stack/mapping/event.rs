//! The event that Lambda passes to a function for a batch of messages.

use serde_json::{Value, json};
use taskway_cloud::sqs::Arrived;

use crate::emulator::account::{ACCOUNT, REGION};

/// The event of a batch. `queue` is the name of the messages' queue.
pub fn event(batch: &[Arrived], queue: &str) -> Value {
    let records: Vec<Value> = batch.iter().map(|message| record(message, queue)).collect();
    json!({ "Records": records })
}

fn record(message: &Arrived, queue: &str) -> Value {
    json!({
        "messageId": message.message_id,
        "receiptHandle": message.receipt.0,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": message.receive_count.to_string(),
            "SentTimestamp": message.sent.as_millis().to_string(),
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"),
        "awsRegion": REGION,
    })
}
