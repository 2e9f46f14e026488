//! Batch calls, which have a result for each entry.

use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry as Hide, DeleteMessageBatchRequestEntry as Delete,
    SendMessageBatchRequestEntry as Send,
};

use crate::{
    deviations::Deviation,
    endpoint::{Endpoint, Queue, code},
};

fn send(id: &str, body: &str) -> Send {
    Send::builder().id(id).message_body(body).build().unwrap()
}

/// Returns id and error code of each entry. Asserts that each is the sender's fault.
fn failed(entries: &[BatchResultErrorEntry]) -> Vec<(&str, &str)> {
    assert!(entries.iter().all(|entry| entry.sender_fault()), "{entries:?}");
    entries.iter().map(|entry| (entry.id(), entry.code().rsplit('.').next().unwrap())).collect()
}

/// Sends a batch and returns its error code.
async fn refused(queue: &Queue<'_>, entries: Vec<Send>) -> String {
    let batch = queue.at.client.send_message_batch().queue_url(&queue.url).set_entries(Some(entries));
    batch.send().await.map_err(code).unwrap_err()
}

#[tokio::test]
async fn a_bad_entry_of_a_send_fails_alone() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let entries = vec![send("good", "a"), send("bad", "\u{1}"), send("fine", "b")];
    let batch = at.client.send_message_batch().queue_url(&queue.url).set_entries(Some(entries));
    let answer = batch.send().await.unwrap();
    let mut sent: Vec<&str> = answer.successful().iter().map(|entry| entry.id()).collect();
    sent.sort_unstable();
    assert_eq!(sent, ["fine", "good"]);
    assert_eq!(failed(answer.failed()), [("bad", "InvalidMessageContents")]);
    assert_eq!(queue.counts().await, [2, 0, 0]);

    let late = Send::builder().id("late").message_body("c").delay_seconds(901).build().unwrap();
    let batch = at.client.send_message_batch().queue_url(&queue.url).entries(late).entries(send("good", "d"));
    let answer = batch.send().await.unwrap();
    at.but(Deviation::DelayOver900Seconds, failed(answer.failed()) == [("late", "InvalidParameterValue")]);
}

#[tokio::test]
async fn a_bad_entry_of_a_delete_or_a_change_fails_alone() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    queue.send("a").await;
    let message = queue.arrival(3_600).await;
    let receipt = message.receipt_handle().unwrap();
    let hide = |id: &str, receipt: &str, seconds| {
        Hide::builder().id(id).receipt_handle(receipt).visibility_timeout(seconds).build().unwrap()
    };
    let entries = vec![hide("junk", "junk", 5), hide("long", receipt, 43_201), hide("good", receipt, 60)];
    let batch = at.client.change_message_visibility_batch().queue_url(&queue.url).set_entries(Some(entries));
    let answer = batch.send().await.unwrap();
    assert!(answer.successful().iter().any(|entry| entry.id() == "good"));
    assert_eq!(failed(answer.failed())[0], ("junk", "ReceiptHandleIsInvalid"));
    let long = failed(answer.failed()).get(1) == Some(&("long", "InvalidParameterValue"));
    at.but(Deviation::VisibilityOver12Hours, long);

    let delete = |id: &str, receipt: &str| Delete::builder().id(id).receipt_handle(receipt).build().unwrap();
    let entries = vec![delete("junk", "junk"), delete("good", receipt)];
    let batch = at.client.delete_message_batch().queue_url(&queue.url).set_entries(Some(entries));
    let answer = batch.send().await.unwrap();
    assert_eq!(answer.successful().iter().map(|entry| entry.id()).collect::<Vec<_>>(), ["good"]);
    assert_eq!(failed(answer.failed()), [("junk", "ReceiptHandleIsInvalid")]);
    assert_eq!(queue.counts().await, [0, 0, 0]);

    let batch = at.client.delete_message_batch().queue_url(&queue.url).entries(delete("again", receipt));
    at.but(Deviation::UsedReceiptRefused, batch.send().await.unwrap().failed().is_empty());
    let batch = at.client.change_message_visibility_batch().queue_url(&queue.url).entries(hide("gone", receipt, 5));
    let answer = batch.send().await.unwrap();
    assert!(answer.successful().is_empty());
    at.but(Deviation::CodeOfHidingWhatIsGone, failed(answer.failed()) == [("gone", "InvalidParameterValue")]);
}

#[tokio::test]
async fn a_bad_batch_fails_as_a_whole() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let eleven = (0..11).map(|n| send(&n.to_string(), "a")).collect();
    assert_eq!(refused(&queue, vec![]).await, "EmptyBatchRequest");
    assert_eq!(refused(&queue, eleven).await, "TooManyEntriesInBatchRequest");
    assert_eq!(refused(&queue, vec![send("a", "a"), send("a", "b")]).await, "BatchEntryIdsNotDistinct");
    let half = "x".repeat(512 * 1024);
    let long = vec![send("a", &half), send("b", &half), send("c", "x")];
    assert_eq!(refused(&queue, long).await, "BatchRequestTooLong");
    assert_eq!(queue.counts().await, [0, 0, 0]);
}

#[tokio::test]
async fn a_batch_may_have_ten_entries_and_one_mebibyte() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let part = "x".repeat(104_857);
    let entries = (0..10).map(|n| send(&n.to_string(), &part)).collect();
    let batch = at.client.send_message_batch().queue_url(&queue.url).set_entries(Some(entries));
    let answer = batch.send().await.unwrap();
    assert_eq!((answer.successful().len(), answer.failed().len()), (10, 0));
    let mut taken = 0;
    at.until("all ten", async || {
        taken += queue.receive(3_600).await.len();
        (taken == 10).then_some(())
    })
    .await;
}
