//! A batch of messages from Lambda's event source mapping.

use std::{fmt, time::Duration};

use aws_lambda_events::event::sqs::SqsMessage;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use taskway_cloud::sqs::{Acked, Arrived, Receipt};
use taskway_engine::FUNCTION_TELLS;
use taskway_protocol::{Priority, Time};
use taskway_runtime::invocation;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::{
    acks,
    attempt::End,
    delivery::{Disposition, Readable},
    executor::Executor,
};

/// The event that the mapping sends. Its records are parsed one by one, so that a bad one fails alone. Debug output only
/// counts them, because they may hold credentials.
#[derive(Deserialize)]
pub struct Event {
    #[serde(rename = "Records", default)]
    records: Vec<Box<RawValue>>,
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an event of {} records", self.records.len())
    }
}

/// The answer to the mapping, as `{"batchItemFailures": [{"itemIdentifier": "…"}]}`. The mapping deletes every message that
/// is not listed.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The messages that must not be deleted.
    pub batch_item_failures: Vec<Failed>,
}

/// A message that must not be deleted.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    /// The id that the queue gave the message.
    pub item_identifier: String,
}

/// The function's timeout in the template, unless a parameter sets another.
pub const TIMEOUT: Duration = Duration::from_secs(900);

/// Attempts are cut this long before the invocation ends, so that their outcomes can be written.
const MARGIN: Duration = Duration::from_secs(10);

/// How long a handler may run on after SIGTERM. Lambda kills a function 300 to 500 ms after that.
const FAREWELL: Duration = Duration::from_millis(100);

/// How long the answer may wait for the announcement of this program's handlers, in real time.
const LAST_ANNOUNCEMENT: Duration = Duration::from_secs(1);

/// While a batch runs, its finished messages are deleted this often. The mapping deletes them only when it ends.
const FLUSH: Duration = Duration::from_secs(2);

struct Record {
    message_id: String,
    lane: Priority,
    readable: Readable,
}

/// Runs all messages of a batch at once, the shortest first. `deadline` is Lambda's, in milliseconds since 1970; one that
/// has passed means the whole [`TIMEOUT`].
pub async fn run(executor: &Executor, event: Event, deadline: u64) -> Answer {
    run_until(executor, event, deadline, &CancellationToken::new()).await
}

/// [`run`] in a process that may be told to stop. Then it gives its attempts back at once, and answers.
pub async fn run_until(executor: &Executor, event: Event, deadline: u64, stop: &CancellationToken) -> Answer {
    let clock = &executor.services.clock;
    let cutoff = invocation::ends(deadline, clock.now(), TIMEOUT).before(MARGIN);
    let end = End { cutoff: Some(cutoff), stop: stop.clone(), farewell: FAREWELL };

    let mut answer = Answer::default();
    let mut records: Vec<Record> =
        event.records.iter().filter_map(|record| read(executor, record.get(), &mut answer)).collect();
    records.sort_by_key(|record| match &record.readable {
        Readable::Task(delivery) => executor.start_order(delivery),
        Readable::Not(..) => Time::default(),
    });
    // Before the deliveries: it would overwrite the visibility of a message that is handed back at once.
    shorten_visibility(executor, &records).await;

    let (failed, acked) = (Mutex::new(answer), Mutex::new(Vec::new()));
    let deliveries = records.iter().map(|record| async {
        let (receipt, disposition) = match &record.readable {
            Readable::Task(delivery) => (&delivery.receipt, executor.deliver_until(delivery, &end).await),
            Readable::Not(receipt, after) => (receipt, Disposition::HandBack(*after)),
        };
        match disposition {
            Disposition::Ack(ack) => acked.lock().await.push((record.lane, Acked { receipt: receipt.clone(), ack })),
            Disposition::HandBack(after) => {
                failed.lock().await.fail(&record.message_id);
                acks::handed_back(&executor.services.lanes, record.lane, &[(receipt.clone(), after)]).await;
            }
            Disposition::Leave => failed.lock().await.fail(&record.message_id),
        }
    });
    let flush = async {
        loop {
            clock.sleep(FLUSH).await;
            let mut done = std::mem::take(&mut *acked.lock().await);
            for &lane in Priority::ALL {
                let of_lane: Vec<Acked> =
                    done.extract_if(.., |(from, _)| *from == lane).map(|(_, acked)| acked).collect();
                if !of_lane.is_empty() {
                    acks::deleted(&executor.services.lanes, lane, &of_lane).await;
                }
            }
        }
    };
    let done = CancellationToken::new();
    let deliveries = async {
        join_all(deliveries).await;
        done.cancel();
    };
    let announcing = async {
        tokio::select! {
            biased;
            () = executor.announce() => {}
            () = async {
                done.cancelled().await;
                tokio::time::sleep(LAST_ANNOUNCEMENT).await;
            } => {}
        }
    };
    let telling = async {
        done.cancelled().await;
        if !stop.is_cancelled() {
            executor.services.tell(FUNCTION_TELLS).await;
        }
    };
    let all = async { tokio::join!(deliveries, Box::pin(announcing), Box::pin(telling)) };
    tokio::select! {
        biased;
        _ = all => {}
        () = flush => {}
    }
    failed.into_inner()
}

impl Answer {
    fn fail(&mut self, message_id: &str) {
        self.batch_item_failures.push(Failed { item_identifier: message_id.to_owned() });
    }
}

/// Parses one record of the event. One without a receipt or from a queue that is not a lane is listed as failed.
fn read(executor: &Executor, record: &str, answer: &mut Answer) -> Option<Record> {
    let message: SqsMessage = match serde_json::from_str(record) {
        Ok(message) => message,
        Err(error) => {
            tracing::error!(error = %error, "cannot read a record of the event");
            #[derive(Deserialize)]
            struct Named {
                #[serde(rename = "messageId")]
                message_id: String,
            }
            // A record without an id cannot be listed. An empty id makes the mapping keep the whole batch.
            answer.fail(&serde_json::from_str::<Named>(record).map(|named| named.message_id).unwrap_or_default());
            return None;
        }
    };
    let message_id = message.message_id.unwrap_or_default();
    let queue = message.event_source_arn.as_deref().and_then(|arn| arn.rsplit(':').next()).unwrap_or_default();
    let (Some(lane), Some(receipt)) = (executor.services.lanes.lane_named(queue), message.receipt_handle) else {
        tracing::error!(
            message.id = message_id,
            queue,
            "message {message_id} comes from {queue:?}, which is not a lane"
        );
        answer.fail(&message_id);
        return None;
    };
    let number = |name: &str| message.attributes.get(name).and_then(|text| text.parse::<u64>().ok());
    let arrived = Arrived {
        message_id: message_id.clone(),
        receipt: Receipt(receipt),
        body: message.body.unwrap_or_default(),
        receive_count: number("ApproximateReceiveCount").unwrap_or(1) as u32,
        sent: Time::from_millis(number("SentTimestamp").unwrap_or(0)),
    };
    Some(Record { message_id, lane, readable: Readable::of(arrived, lane) })
}

/// Makes the messages come again soon after their leases would end. Their lane's own visibility timeout is as long as the
/// function may run.
async fn shorten_visibility(executor: &Executor, records: &[Record]) {
    let changes = |lane| {
        let tasks = records.iter().filter(move |record| record.lane == lane);
        tasks.filter_map(|record| match &record.readable {
            Readable::Task(delivery) => Some((delivery.receipt.clone(), delivery.visibility())),
            Readable::Not(..) => None,
        })
    };
    let lanes = &executor.services.lanes;
    let calls = Priority::ALL.iter().map(|&lane| {
        let changes: Vec<_> = changes(lane).collect();
        async move {
            if !changes.is_empty() {
                acks::handed_back(lanes, lane, &changes).await;
            }
        }
    });
    join_all(calls).await;
}
