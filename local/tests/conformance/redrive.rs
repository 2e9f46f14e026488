//! Messages that are received too often.

use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};

use crate::endpoint::{Endpoint, attribute, received, sent};

#[tokio::test]
async fn a_message_that_is_received_too_often_becomes_a_dead_letter_unchanged() {
    let at = Endpoint::start().await;
    let dead = at.queue(&[]).await;
    let policy = serde_json::json!({"deadLetterTargetArn": dead.arn().await, "maxReceiveCount": 2}).to_string();
    let source = at.queue(&[(QueueAttributeName::RedrivePolicy, &policy)]).await;
    let send = at.client.send_message().queue_url(&source.url).message_body("poison").message_group_id("tenant-7");
    send.send().await.unwrap();
    let first = source.arrival(0).await;
    // Let time pass, so that a new time of sending would differ from the first.
    at.pass().await;
    assert_eq!(received(&source.arrival(0).await), 2);
    let letter = at
        .until("the dead letter", async || {
            // The receive after the last allowed one moves the message.
            assert!(source.receive(0).await.is_empty(), "the message was received too often");
            dead.receive(0).await.pop()
        })
        .await;
    assert_eq!(source.counts().await, [0, 0, 0]);
    assert_eq!((letter.body(), letter.message_id()), (Some("poison"), first.message_id()));
    assert_eq!(sent(&letter), sent(&first), "the time of sending does not change");
    assert_eq!(attribute(&letter, MessageSystemAttributeName::MessageGroupId), Some("tenant-7"));
    let letter = dead.arrival(30).await;
    dead.delete(&letter).await.unwrap();
    assert_eq!(dead.counts().await, [0, 0, 0]);
}

#[tokio::test]
async fn a_message_that_is_deleted_in_time_is_no_dead_letter() {
    let at = Endpoint::start().await;
    let dead = at.queue(&[]).await;
    let policy = serde_json::json!({"deadLetterTargetArn": dead.arn().await, "maxReceiveCount": 2}).to_string();
    let source = at.queue(&[(QueueAttributeName::RedrivePolicy, &policy)]).await;
    source.send("good").await;
    source.arrival(0).await;
    let last = source.arrival(1).await;
    source.delete(&last).await.unwrap();
    assert!(source.receive(0).await.is_empty());
    assert_eq!((source.counts().await, dead.counts().await), ([0, 0, 0], [0, 0, 0]));
}
