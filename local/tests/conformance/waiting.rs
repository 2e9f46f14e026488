//! Delays, and receives that wait.

use std::time::Duration;

use futures::join;

use crate::{
    deviations::Deviation,
    endpoint::{Endpoint, code},
};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_delayed_message_arrives_after_its_delay() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let began = at.now();
    let send = at.client.send_message().queue_url(&queue.url).message_body("later").delay_seconds(2);
    send.send().await.unwrap();
    assert_eq!(queue.arrival(30).await.body(), Some("later"));
    assert!(at.now() - began >= 2 * SECOND, "{:?}", at.now() - began);
}

#[tokio::test]
async fn the_longest_delay_is_15_minutes() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let send = |seconds| at.client.send_message().queue_url(&queue.url).message_body("a").delay_seconds(seconds).send();
    send(900).await.unwrap();
    assert_eq!(queue.counts().await, [0, 0, 1]);
    let refused = send(901).await.map_err(code);
    at.but(Deviation::DelayOver900Seconds, refused.is_err_and(|code| code == "InvalidParameterValue"));
}

#[tokio::test]
async fn a_receive_without_a_wait_returns_at_once() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    // This returns although the embedded endpoint's clock stands still.
    let received = at.client.receive_message().queue_url(&queue.url).wait_time_seconds(0).send().await.unwrap();
    assert!(received.messages().is_empty());
}

#[tokio::test]
async fn a_receive_without_a_message_returns_empty_after_its_wait() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let began = at.now();
    let received = at.passing(queue.receive_waiting(30, 2)).await;
    assert!(received.is_empty());
    assert!(at.now() - began >= 2 * SECOND, "{:?}", at.now() - began);
}

#[tokio::test]
async fn the_next_message_ends_a_waiting_receive() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let began = at.now();
    let sending = async {
        at.lapse(SECOND).await;
        // From here on the embedded endpoint's clock stands still, so only the message can end the wait.
        queue.send("a").await
    };
    let (received, _) = join!(queue.receive_waiting(30, 20), sending);
    assert_eq!(received[0].body(), Some("a"));
    let took = at.now() - began;
    assert!(took >= SECOND && took < 20 * SECOND, "{took:?}");
}

#[tokio::test]
async fn the_end_of_a_delay_or_of_a_flight_ends_a_waiting_receive() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let began = at.now();
    let send = at.client.send_message().queue_url(&queue.url).message_body("a").delay_seconds(1);
    send.send().await.unwrap();
    // The message is delayed for a second, then hidden for a second.
    for seconds in 1..3 {
        let (received, ()) = join!(queue.receive_waiting(1, 20), at.lapse(SECOND));
        assert_eq!(received[0].body(), Some("a"));
        let took = at.now() - began;
        assert!(took >= seconds * SECOND && took < 20 * SECOND, "{took:?}");
    }
}

#[tokio::test]
async fn values_beyond_the_limits_of_a_receive_are_refused() {
    let at = Endpoint::start().await;
    let queue = at.queue(&[]).await;
    let receive = || at.client.receive_message().queue_url(&queue.url);
    for count in [0, 11] {
        let refused = receive().max_number_of_messages(count).send().await.map_err(code);
        assert_eq!(refused.unwrap_err(), "InvalidParameterValue", "{count}");
    }
    for (deviation, bad) in [
        (Deviation::VisibilityOver12Hours, receive().visibility_timeout(43_201)),
        (Deviation::WaitOver20Seconds, receive().wait_time_seconds(21)),
    ] {
        // An endpoint that accepts 21 s would wait, so it gets a message to receive.
        queue.send("a").await;
        at.but(deviation, bad.send().await.map_err(code).is_err_and(|code| code == "InvalidParameterValue"));
    }
}
