//! Bodies, groups and attributes of a message.

use aws_sdk_sqs::types::MessageSystemAttributeName;

use crate::endpoint::{Endpoint, attribute, code, received, sent};

/// The most bytes of a message, and of all messages of a batch together.
const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_body_arrives_unchanged() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    for body in ["a", " padded\t\r\n", "{\"v\":1,\"b\":\"\\u0001\"}", "é ∀ 🦀", "\u{fffd}", "<&>'\""] {
        let id = queue.send(body).await;
        let message = queue.arrival(30).await;
        assert_eq!((message.body(), message.message_id()), (Some(body), Some(&*id)));
        queue.delete(&message).await.unwrap();
    }
}

#[tokio::test]
async fn a_body_with_forbidden_characters_is_refused() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    for body in ["\u{1}", "a\u{b}", "\u{fffe}"] {
        let send = at.client.send_message().queue_url(&queue.url).message_body(body);
        assert_eq!(send.send().await.map_err(code).unwrap_err(), "InvalidMessageContents", "{body:?}");
    }
    assert_eq!(queue.counts().await, [0, 0, 0]);
}

#[tokio::test]
async fn a_message_may_have_one_mebibyte() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let full = "x".repeat(MIB);
    queue.send(&full).await;
    assert_eq!(queue.arrival(30).await.body(), Some(&*full));
    let send = at.client.send_message().queue_url(&queue.url).message_body(full + "x");
    assert_eq!(send.send().await.map_err(code).unwrap_err(), "InvalidParameterValue");
}

#[tokio::test]
async fn a_standard_queue_accepts_a_group_and_shows_it_to_the_receiver() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let send = at.client.send_message().queue_url(&queue.url).message_body("a").message_group_id("tenant-7");
    send.send().await.unwrap();
    let message = queue.arrival(0).await;
    assert_eq!(attribute(&message, MessageSystemAttributeName::MessageGroupId), Some("tenant-7"));
    // On a standard queue a message in flight does not hold up the other messages of its group.
    let send = at.client.send_message().queue_url(&queue.url).message_body("b").message_group_id("tenant-7");
    send.send().await.unwrap();
    let mut taken = Vec::new();
    at.until("both", async || {
        taken.extend(queue.receive(30).await);
        (taken.len() == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn deliveries_are_counted_and_the_time_of_sending_does_not_change() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let id = queue.send("a").await;
    let first = queue.arrival(0).await;
    for count in 2..5 {
        let again = queue.arrival(1).await;
        assert_eq!((received(&again), again.message_id()), (count, Some(&*id)));
        assert_eq!(sent(&again), sent(&first));
        assert_ne!(again.receipt_handle(), first.receipt_handle());
    }
    assert_eq!(received(&first), 1);
    // The time is in milliseconds, which have 13 digits until the year 2286.
    assert_eq!(sent(&first).to_string().len(), 13);
}

#[tokio::test]
async fn a_receiver_gets_only_the_attributes_that_it_asks_for() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    queue.send("a").await;
    let receive = at.client.receive_message().queue_url(&queue.url).visibility_timeout(0);
    let bare = at.until("a message", async || receive.clone().send().await.unwrap().messages?.pop()).await;
    assert!(bare.attributes().is_none_or(|attributes| attributes.is_empty()), "{bare:?}");
    let receive = receive.message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
    let asked = at.until("a message", async || receive.clone().send().await.unwrap().messages?.pop()).await;
    let names: Vec<_> = asked.attributes().unwrap().keys().collect();
    assert_eq!(names, [&MessageSystemAttributeName::SentTimestamp]);
}

#[tokio::test]
async fn a_call_on_a_missing_queue_is_refused() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let nowhere = format!("{}-none", queue.url);
    let send = at.client.send_message().queue_url(&nowhere).message_body("a").send().await.map_err(code);
    let receive = at.client.receive_message().queue_url(&nowhere).send().await.map_err(code);
    assert_eq!((send.unwrap_err(), receive.unwrap_err()), ("NonExistentQueue".into(), "NonExistentQueue".into()));
}
