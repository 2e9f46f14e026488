//! Visibility, receipts and deletion.

use std::time::Duration;

use crate::{deviations::Deviation, endpoint::Endpoint};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_delivered_message_is_hidden_until_its_visibility_ends() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    queue.send("a").await;
    let began = at.now();
    let first = queue.arrival(2).await;
    let again = queue.arrival(3_600).await;
    assert!(at.now() - began >= 2 * SECOND, "{:?}", at.now() - began);
    assert_eq!((again.message_id(), again.body()), (first.message_id(), Some("a")));
    assert!(queue.receive(30).await.is_empty());
    assert_eq!(queue.counts().await, [0, 1, 0]);
}

#[tokio::test]
async fn a_receive_without_a_visibility_takes_the_queues_own() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[(aws_sdk_sqs::types::QueueAttributeName::VisibilityTimeout, "2")]).await;
    queue.send("a").await;
    let receive = at.client.receive_message().queue_url(&queue.url);
    let began = at.now();
    at.until("a message", async || receive.clone().send().await.unwrap().messages?.pop()).await;
    queue.arrival(30).await;
    assert!(at.now() - began >= 2 * SECOND, "{:?}", at.now() - began);
}

#[tokio::test]
async fn a_new_visibility_counts_from_the_change() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    queue.send("a").await;
    let message = queue.arrival(3_600).await;
    // Hand the message back.
    queue.hide(&message, 0).await.unwrap();
    let message = queue.arrival(5).await;
    // A longer visibility counts from the change, not from the delivery.
    let began = at.now();
    queue.hide(&message, 6).await.unwrap();
    let message = queue.arrival(3_600).await;
    assert!(at.now() - began >= 6 * SECOND, "{:?}", at.now() - began);
    // A shorter visibility counts from the change too.
    let began = at.now();
    queue.hide(&message, 1).await.unwrap();
    let message = queue.arrival(3_600).await;
    assert!(at.now() - began >= SECOND, "{:?}", at.now() - began);
    let refused = queue.hide(&message, 43_201).await;
    at.but(Deviation::VisibilityOver12Hours, refused.is_err_and(|code| code == "InvalidParameterValue"));
}

#[tokio::test]
async fn a_message_may_be_deleted_twice() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    queue.send("a").await;
    let message = queue.arrival(1).await;
    queue.delete(&message).await.unwrap();
    assert_eq!(queue.counts().await, [0, 0, 0]);
    at.but(Deviation::UsedReceiptRefused, queue.delete(&message).await.is_ok());
    let refused = queue.hide(&message, 5).await.unwrap_err();
    at.but(Deviation::CodeOfHidingWhatIsGone, refused == "InvalidParameterValue");
}

#[tokio::test]
async fn a_receipt_still_deletes_after_its_visibility_has_ended() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    queue.send("a").await;
    let late = queue.arrival(1).await;
    at.until("the end of its visibility", async || (queue.counts().await == [1, 0, 0]).then_some(())).await;
    queue.delete(&late).await.unwrap();
    assert_eq!(queue.counts().await, [0, 0, 0]);
}

#[tokio::test]
async fn a_receipt_of_an_earlier_delivery_deletes_nothing_and_is_not_an_error() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    queue.send("a").await;
    let earlier = queue.arrival(0).await;
    let later = queue.arrival(3_600).await;
    assert_ne!(earlier.receipt_handle(), later.receipt_handle());
    at.but(Deviation::UsedReceiptRefused, queue.delete(&earlier).await.is_ok());
    assert_eq!(queue.counts().await, [0, 1, 0]);
    queue.hide(&later, 0).await.unwrap();
    let later = queue.arrival(3_600).await;
    queue.delete(&later).await.unwrap();
    assert_eq!(queue.counts().await, [0, 0, 0]);
}

#[tokio::test]
async fn an_invalid_receipt_is_refused() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let mut message = aws_sdk_sqs::types::Message::builder().receipt_handle("junk").build();
    assert_eq!(queue.delete(&message).await.unwrap_err(), "ReceiptHandleIsInvalid");
    assert_eq!(queue.hide(&message, 5).await.unwrap_err(), "ReceiptHandleIsInvalid");
    message.receipt_handle = Some(String::new());
    assert!(queue.delete(&message).await.is_err());
}
