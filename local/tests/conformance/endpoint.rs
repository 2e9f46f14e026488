//! An SQS endpoint, its queues, and its time.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use aws_sdk_sqs::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::{Message, MessageSystemAttributeName, QueueAttributeName},
};
use taskway_cloud::aws;
use taskway_local::{doors::Doors, sqs::Sqs};
use taskway_protocol::Time;
use taskway_runtime::clock::{Clock, ManualClock};
use tokio::net::TcpListener;

use crate::deviations::Deviation;

/// How long to wait, in the endpoint's time, before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// The time between two looks.
const STEP: Duration = Duration::from_millis(100);

/// An endpoint.
pub(crate) struct Endpoint {
    pub(crate) client: Client,
    url: String,
    time: Passing,
    /// The URLs of the queues, to delete them at the end.
    made: std::sync::Mutex<Vec<String>>,
}

/// How time passes at the endpoint.
enum Passing {
    /// The tests move the clock. The clock and its start.
    Moved(ManualClock, Time),
    /// Real time. The start.
    Real(Instant),
}

/// A queue.
pub(crate) struct Queue<'a> {
    pub(crate) at: &'a Endpoint,
    pub(crate) url: String,
}

impl Endpoint {
    pub(crate) async fn start() -> Self {
        let made = std::sync::Mutex::default();
        if let Some(url) = std::env::var("TASKWAY_REFEREE").ok().filter(|url| !url.is_empty()) {
            let time = Passing::Real(Instant::now());
            return Endpoint { client: client(&url), url, time, made };
        }
        let start = Time::from_millis(1_795_420_800_000);
        let clock = ManualClock::starting_at(start);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let sqs = Sqs::new(Arc::new(clock.clone()), url.clone());
        tokio::spawn(sqs.serve(Doors::default(), listener, std::future::pending()));
        Endpoint { client: client(&url), url, time: Passing::Moved(clock, start), made }
    }

    /// Creates a queue for this test.
    pub(crate) async fn queue(&self, attributes: &[(QueueAttributeName, &str)]) -> Queue<'_> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("conformance-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let attributes = attributes.iter().map(|(name, value)| (name.clone(), (*value).to_owned())).collect();
        let made = self.client.create_queue().queue_name(name).set_attributes(Some(attributes)).send().await.unwrap();
        let url = made.queue_url.unwrap();
        self.made.lock().unwrap().push(url.clone());
        Queue { at: self, url }
    }

    /// How much time has passed at the endpoint.
    pub(crate) fn now(&self) -> Duration {
        match &self.time {
            Passing::Moved(clock, start) => clock.now().since(*start),
            Passing::Real(start) => start.elapsed(),
        }
    }

    /// Lets one step of time pass.
    pub(crate) async fn pass(&self) {
        match &self.time {
            Passing::Moved(clock, _) => {
                clock.advance(STEP);
                // Gives a waiting receive real time to answer before the clock moves on.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Passing::Real(_) => tokio::time::sleep(STEP).await,
        }
    }

    /// Lets the time `by` pass.
    pub(crate) async fn lapse(&self, by: Duration) {
        let end = self.now() + by;
        while self.now() < end {
            self.pass().await;
        }
    }

    /// Lets time pass until the future resolves.
    pub(crate) async fn passing<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        loop {
            tokio::select! {
                biased;
                ended = &mut future => return ended,
                () = self.pass() => {}
            }
        }
    }

    /// Looks again and again until `look` returns a value.
    pub(crate) async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let give_up = self.now() + PATIENCE;
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            assert!(self.now() < give_up, "did not see {what} in time");
            self.pass().await;
        }
    }

    /// Asserts that AWS's documentation holds at the embedded endpoint, and does not hold at the referee. If the referee no
    /// longer differs, this fails, and the deviation can be removed.
    pub(crate) fn but(&self, deviation: Deviation, holds: bool) {
        match self.time {
            Passing::Moved(..) => assert!(holds, "{deviation:?}"),
            Passing::Real(_) => assert!(!holds, "the referee behaves like AWS now: remove {deviation:?}"),
        }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        if let Passing::Moved(..) = self.time {
            return;
        }
        let (url, queues) = (self.url.clone(), std::mem::take(self.made.get_mut().unwrap()));
        // The test's own runtime may be shutting down, so this needs another one.
        let deleting = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let client = client(&url);
                for queue in queues {
                    client.delete_queue().queue_url(queue).send().await.unwrap();
                }
            });
        });
        if deleting.join().is_err() {
            eprintln!("cannot delete the test's queues at the referee");
        }
    }
}

impl Queue<'_> {
    /// Sends a message without a delay, and returns its id.
    pub(crate) async fn send(&self, body: &str) -> String {
        let sent = self.at.client.send_message().queue_url(&self.url).message_body(body).send().await.unwrap();
        sent.message_id.unwrap()
    }

    /// Receives up to ten messages, and hides them for `visibility` seconds.
    pub(crate) async fn receive(&self, visibility: i32) -> Vec<Message> {
        self.receive_waiting(visibility, 0).await
    }

    /// Receives like [`receive`](Queue::receive), and waits up to `wait` seconds for a message.
    pub(crate) async fn receive_waiting(&self, visibility: i32, wait: i32) -> Vec<Message> {
        let receive = self.at.client.receive_message().queue_url(&self.url).max_number_of_messages(10);
        let receive = receive
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId);
        let received = receive.visibility_timeout(visibility).wait_time_seconds(wait).send().await.unwrap();
        received.messages.unwrap_or_default()
    }

    /// Waits for the next message, and hides it for `visibility` seconds.
    pub(crate) async fn arrival(&self, visibility: i32) -> Message {
        self.at.until("a message", async || self.receive(visibility).await.pop()).await
    }

    /// Hides a message for `seconds` from now.
    pub(crate) async fn hide(&self, message: &Message, seconds: i32) -> Result<(), String> {
        let change = self.at.client.change_message_visibility().queue_url(&self.url);
        let change = change.receipt_handle(message.receipt_handle().unwrap()).visibility_timeout(seconds);
        change.send().await.map(drop).map_err(code)
    }

    pub(crate) async fn delete(&self, message: &Message) -> Result<(), String> {
        let delete = self.at.client.delete_message().queue_url(&self.url);
        delete.receipt_handle(message.receipt_handle().unwrap()).send().await.map(drop).map_err(code)
    }

    /// The numbers of visible messages, messages in flight, and delayed messages.
    pub(crate) async fn counts(&self) -> [u32; 3] {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let ask = self.at.client.get_queue_attributes().queue_url(&self.url);
        let found: HashMap<QueueAttributeName, String> =
            ask.set_attribute_names(Some(names.to_vec())).send().await.unwrap().attributes.unwrap();
        names.map(|name| found[&name].parse().unwrap())
    }

    pub(crate) async fn arn(&self) -> String {
        let ask = self.at.client.get_queue_attributes().queue_url(&self.url);
        let answer = ask.attribute_names(QueueAttributeName::QueueArn).send().await.unwrap();
        answer.attributes.unwrap().remove(&QueueAttributeName::QueueArn).unwrap()
    }
}

/// A system attribute of a message.
pub(crate) fn attribute(message: &Message, name: MessageSystemAttributeName) -> Option<&str> {
    message.attributes()?.get(&name).map(String::as_str)
}

/// How often the message has been received.
pub(crate) fn received(message: &Message) -> u32 {
    attribute(message, MessageSystemAttributeName::ApproximateReceiveCount).unwrap().parse().unwrap()
}

/// When the message was sent, in milliseconds.
pub(crate) fn sent(message: &Message) -> u64 {
    attribute(message, MessageSystemAttributeName::SentTimestamp).unwrap().parse().unwrap()
}

/// The error code of a refused call, without the prefix of the older protocol.
pub(crate) fn code<E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(error: SdkError<E, R>) -> String {
    let code = error.code().unwrap_or_else(|| panic!("expected a refused call, found {error:?}"));
    code.rsplit('.').next().unwrap_or_default().to_owned()
}

fn client(url: &str) -> Client {
    Client::new(&aws::local("us-east-1", "test").into_builder().endpoint_url(url).build())
}
