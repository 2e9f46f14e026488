//! An SQS endpoint, its queues, and the time at it.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use aws_config::Region;
use aws_sdk_sqs::{
    Client,
    config::Credentials,
    error::{ProvideErrorMetadata, SdkError},
    types::{Message, MessageSystemAttributeName, QueueAttributeName},
};
use taskway_cloud::aws;
use taskway_local::sqs::Sqs;
use taskway_protocol::Time;
use taskway_runtime::clock::{Clock, ManualClock};
use tokio::net::TcpListener;

use crate::deviations::Deviation;

/// What has not come by then, by the endpoint's own time, does not come.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much time passes between two looks.
const STEP: Duration = Duration::from_millis(100);

/// Where the queues are.
pub(crate) struct Endpoint {
    pub(crate) client: Client,
    url: String,
    time: Passing,
    made: std::sync::Mutex<Vec<String>>,
}

/// How time passes there.
enum Passing {
    /// As tests say.
    Moved(ManualClock, Time),
    /// By itself, from then.
    Real(Instant),
}

/// One queue.
pub(crate) struct Queue<'a> {
    pub(crate) at: &'a Endpoint,
    pub(crate) url: String,
}

impl Endpoint {
    pub(crate) async fn start() -> Self {
        let made = std::sync::Mutex::default();
        if let Some(url) = std::env::var("TASKWAY_REFEREE").ok().filter(|url| !url.is_empty()) {
            let time = Passing::Real(Instant::now());
            return Endpoint { client: client(&url).await, url, time, made };
        }
        let start = Time::from_millis(1_795_420_800_000);
        let clock = ManualClock::starting_at(start);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let sqs = Sqs::new(Arc::new(clock.clone()), url.clone());
        tokio::spawn(sqs.serve(listener, std::future::pending()));
        Endpoint { client: client(&url).await, url, time: Passing::Moved(clock, start), made }
    }

    /// A queue of this test's own.
    pub(crate) async fn queue(&self, attributes: &[(QueueAttributeName, &str)]) -> Queue<'_> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("conformance-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let attributes = attributes.iter().map(|(name, value)| (name.clone(), (*value).to_owned())).collect();
        let made = self.client.create_queue().queue_name(name).set_attributes(Some(attributes)).send().await.unwrap();
        let url = made.queue_url.unwrap();
        self.made.lock().unwrap().push(url.clone());
        Queue { at: self, url }
    }

    /// How much time has passed there.
    pub(crate) fn now(&self) -> Duration {
        match &self.time {
            Passing::Moved(clock, start) => clock.now().since(*start),
            Passing::Real(start) => start.elapsed(),
        }
    }

    /// Lets a little time pass.
    pub(crate) async fn pass(&self) {
        match &self.time {
            Passing::Moved(clock, _) => {
                clock.advance(STEP);
                // A receive that waits is woken, and may answer before more time passes.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Passing::Real(_) => tokio::time::sleep(STEP).await,
        }
    }

    /// Lets so much time pass.
    pub(crate) async fn lapse(&self, by: Duration) {
        let end = self.now() + by;
        while self.now() < end {
            self.pass().await;
        }
    }

    /// Lets time pass until the future ends.
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

    /// Looks until there is something to see.
    pub(crate) async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let give_up = self.now() + PATIENCE;
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            assert!(self.now() < give_up, "waited in vain: {what}");
            self.pass().await;
        }
    }

    /// That what AWS documents holds, but at the referee, which is known to differ. When it no longer does, this fails
    /// too: then the exception can go.
    pub(crate) fn but(&self, deviation: Deviation, holds: bool) {
        match self.time {
            Passing::Moved(..) => assert!(holds, "{deviation:?}"),
            Passing::Real(_) => assert!(!holds, "the referee does as AWS now: remove {deviation:?}"),
        }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        if let Passing::Moved(..) = self.time {
            return;
        }
        let (url, queues) = (self.url.clone(), std::mem::take(self.made.get_mut().unwrap()));
        // The test's own runtime may be unwinding, so this is another.
        let deleting = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let client = client(&url).await;
                for queue in queues {
                    client.delete_queue().queue_url(queue).send().await.unwrap();
                }
            });
        });
        if deleting.join().is_err() {
            eprintln!("queues are left behind at the referee");
        }
    }
}

impl Queue<'_> {
    /// Sends at once, and gives the queue's name for the message.
    pub(crate) async fn send(&self, body: &str) -> String {
        let sent = self.at.client.send_message().queue_url(&self.url).message_body(body).send().await.unwrap();
        sent.message_id.unwrap()
    }

    /// Takes at most ten of what is visible, and hides it for so many seconds.
    pub(crate) async fn receive(&self, visibility: i32) -> Vec<Message> {
        self.receive_waiting(visibility, 0).await
    }

    /// As [`receive`](Queue::receive), but waits for a message.
    pub(crate) async fn receive_waiting(&self, visibility: i32, wait: i32) -> Vec<Message> {
        let receive = self.at.client.receive_message().queue_url(&self.url).max_number_of_messages(10);
        let receive = receive
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId);
        let received = receive.visibility_timeout(visibility).wait_time_seconds(wait).send().await.unwrap();
        received.messages.unwrap_or_default()
    }

    /// The next message to become visible, whenever that is; hidden again for so many seconds.
    pub(crate) async fn arrival(&self, visibility: i32) -> Message {
        self.at.until("a message", async || self.receive(visibility).await.pop()).await
    }

    /// Sets for how long a message stays hidden from now on.
    pub(crate) async fn hide(&self, message: &Message, seconds: i32) -> Result<(), String> {
        let change = self.at.client.change_message_visibility().queue_url(&self.url);
        let change = change.receipt_handle(message.receipt_handle().unwrap()).visibility_timeout(seconds);
        change.send().await.map(drop).map_err(code)
    }

    pub(crate) async fn delete(&self, message: &Message) -> Result<(), String> {
        let delete = self.at.client.delete_message().queue_url(&self.url);
        delete.receipt_handle(message.receipt_handle().unwrap()).send().await.map(drop).map_err(code)
    }

    /// How many messages are visible, in flight and delayed.
    pub(crate) async fn counts(&self) -> [u32; 3] {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let ask = self.at.client.get_queue_attributes().queue_url(&self.url);
        let told: HashMap<QueueAttributeName, String> =
            ask.set_attribute_names(Some(names.to_vec())).send().await.unwrap().attributes.unwrap();
        names.map(|name| told[&name].parse().unwrap())
    }

    pub(crate) async fn arn(&self) -> String {
        let ask = self.at.client.get_queue_attributes().queue_url(&self.url);
        let told = ask.attribute_names(QueueAttributeName::QueueArn).send().await.unwrap();
        told.attributes.unwrap().remove(&QueueAttributeName::QueueArn).unwrap()
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

/// The code of a refusal, without the prefix that only the older protocol has.
pub(crate) fn code<E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(error: SdkError<E, R>) -> String {
    let code = error.code().unwrap_or_else(|| panic!("no refusal: {error:?}"));
    code.rsplit('.').next().unwrap_or_default().to_owned()
}

async fn client(url: &str) -> Client {
    let anybody = Credentials::new("test", "test", None, None, "conformance");
    let config = aws::loader().region(Region::from_static("us-east-1")).credentials_provider(anybody);
    Client::new(&config.endpoint_url(url).load().await)
}
