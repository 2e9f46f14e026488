//! Taskway's own adapter, over the wire.

use std::time::Duration;

use taskway_cloud::sqs::{Acked, Arrived, Lanes, Source, Urls};
use taskway_protocol::{
    Generation, Priority, Route, TaskId, TaskKey, Time,
    message::{Message, Outgoing},
};

use crate::{deviations::Deviation, endpoint::Endpoint};

const NOW: Time = Time::from_millis(1_795_420_800_000);
const NORMAL: Source = Source::Lane(Priority::Normal);

fn outgoing(n: u8, lane: Priority, body: Option<&str>) -> Outgoing {
    Outgoing {
        lane,
        message: Message {
            id: TaskId { key: TaskKey::from_bytes([n; 16]), born: NOW },
            generation: Generation(u32::from(n)),
            due: NOW,
            timeout_seconds: 60,
            route: Route::Handler("echo".into()),
            expected_duration_ms: None,
            queue: Some("emails".into()),
            fairness_key: n.is_multiple_of(2).then(|| "tenant-7".into()),
            fence: None,
            permit: None,
            key_permit: None,
            key_expected_by: None,
            expected_by: None,
            unknown_since: None,
            content: body.map(Into::into),
        },
    }
}

async fn lanes(at: &Endpoint) -> Lanes {
    let urls = Urls {
        high: at.queue(&[]).await.url,
        normal: at.queue(&[]).await.url,
        low: at.queue(&[]).await.url,
        dead_letters: None,
    };
    Lanes::new(at.client.clone(), urls)
}

/// Receives `count` messages of a lane.
async fn take(at: &Endpoint, lanes: &Lanes, source: Source, count: usize, visibility: Duration) -> Vec<Arrived> {
    let mut taken = Vec::new();
    at.until("the messages", async || {
        taken.extend(lanes.receive(source, 10, visibility, Duration::ZERO).await.unwrap());
        (taken.len() >= count).then_some(())
    })
    .await;
    assert_eq!(taken.len(), count);
    taken
}

#[tokio::test]
async fn messages_arrive_in_their_lanes_and_can_be_handed_back_and_deleted() {
    let at = Endpoint::start().await;
    let lanes = lanes(&at).await;
    // More messages and more bytes than one call allows.
    let body = format!("\"{}\"", "é".repeat(150_000));
    let mut all: Vec<Outgoing> = (0..14).map(|n| outgoing(n, Priority::Normal, (n < 5).then_some(&*body))).collect();
    all.push(outgoing(100, Priority::High, None));
    all.push(outgoing(101, Priority::Low, None));
    let sent = lanes.send_all(&all, NOW).await;
    let acks: Vec<_> = sent.into_iter().map(|sent| sent.unwrap().ack()).collect();

    let hour = Duration::from_secs(3_600);
    for (lane, count) in [(Priority::High, 1), (Priority::Normal, 14), (Priority::Low, 1)] {
        let source = Source::Lane(lane);
        let first = take(&at, &lanes, source, count, hour).await;
        let back: Vec<_> = first.iter().map(|arrived| (arrived.receipt.clone(), Duration::ZERO)).collect();
        lanes.set_visibility(source, &back).await.unwrap();
        let mut again = take(&at, &lanes, source, count, hour).await;
        assert!(again.iter().all(|arrived| arrived.receive_count == 2 && arrived.sent > Time::from_millis(1)));

        again.sort_by_key(|arrived| Message::decode(&arrived.body).unwrap().generation);
        let messages: Vec<Message> = again.iter().map(|arrived| Message::decode(&arrived.body).unwrap()).collect();
        let expected = all.iter().filter(|one| one.lane == lane).map(|one| one.message.clone());
        assert_eq!(messages, expected.collect::<Vec<_>>());

        let done: Vec<Acked> =
            again.into_iter().map(|arrived| Acked { receipt: arrived.receipt, ack: acks[0] }).collect();
        lanes.delete(source, &done).await.unwrap();
        at.but(Deviation::UsedReceiptRefused, lanes.delete(source, &done).await.is_ok());
        let gone: Vec<_> = done.iter().map(|acked| (acked.receipt.clone(), Duration::ZERO)).collect();
        lanes.set_visibility(source, &gone).await.unwrap_err();
        assert!(lanes.receive(source, 10, hour, Duration::ZERO).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_bad_receipt_in_a_batch_is_an_error_and_the_other_messages_are_handled() {
    let at = Endpoint::start().await;
    let lanes = lanes(&at).await;
    let sent = lanes.send(&outgoing(1, Priority::Normal, None), NOW).await.unwrap();
    let arrived = take(&at, &lanes, NORMAL, 1, Duration::from_secs(3_600)).await.remove(0);
    let junk = taskway_cloud::sqs::Receipt("junk".to_owned());
    let changes = [(junk.clone(), Duration::ZERO), (arrived.receipt, Duration::ZERO)];
    lanes.set_visibility(NORMAL, &changes).await.unwrap_err();
    let arrived = take(&at, &lanes, NORMAL, 1, Duration::from_secs(1)).await.remove(0);
    assert_eq!(arrived.receive_count, 2);
    let acked = [Acked { receipt: junk, ack: sent.ack() }, Acked { receipt: arrived.receipt, ack: sent.ack() }];
    lanes.delete(NORMAL, &acked).await.unwrap_err();
    // It was hidden for one second, so it would be visible by now.
    let began = at.now();
    while at.now() - began < Duration::from_secs(2) {
        assert!(lanes.receive(NORMAL, 10, Duration::ZERO, Duration::ZERO).await.unwrap().is_empty());
        at.pass().await;
    }
}

#[tokio::test]
async fn a_message_that_is_due_in_hours_is_sent_with_the_longest_delay() {
    let at = Endpoint::start().await;
    let lanes = lanes(&at).await;
    let mut late = outgoing(1, Priority::Normal, None);
    late.message.due = NOW.after(Duration::from_secs(86_400));
    lanes.send(&late, NOW).await.unwrap();
    assert!(lanes.send_all(&[late.clone(), late], NOW).await.iter().all(Result::is_ok));
    assert!(lanes.receive(NORMAL, 10, Duration::ZERO, Duration::ZERO).await.unwrap().is_empty());
}
