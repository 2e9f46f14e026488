//! Handing events to functions that run as real Lambda processes, under `cargo lambda watch` say: what the event source
//! mapping and EventBridge do in the cloud.

use std::{collections::HashSet, time::Duration};

use crate::mapping::MappedLanes;
use anyhow::{Context, bail, ensure};
use aws_sdk_sqs::types::QueueAttributeName;
use reqwest::{Client, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use taskway_cloud::sqs::{Arrived, Receipt, Source};
use taskway_protocol::Priority;
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::{
    stack::{Caller, Stack},
    template::{self, ACCOUNT, REGION},
};

/// A batch that a function did not take comes again so soon.
const AGAIN: Duration = Duration::from_secs(5);

/// Batches of a lane that are handed to a function at once, as far as the template allows: one machine is no cloud.
const BATCHES_AT_ONCE: u32 = 4;

/// SQS waits at most this long for a message.
const LONG_POLL: Duration = Duration::from_secs(20);

/// A tick waits so long for its function, which is compiled before its first.
pub(crate) const TICKED_WITHIN: Duration = Duration::from_secs(15 * 60);

/// Functions behind one URL.
#[derive(Clone, Debug)]
pub struct Functions {
    client: Client,
    url: String,
}

/// Why a function gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvokeError {
    /// Nothing listens there.
    #[error("no function answers at {url}: start `cargo lambda watch` there, with what `taskway dev` exports")]
    Unreachable { url: String, source: reqwest::Error },
    /// It did not answer in time; it may do so yet.
    #[error("function {function} did not answer within {} s", within.as_secs())]
    Late { function: String, within: Duration },
    /// It said that it failed, or what runs it did.
    #[error("function {function} failed ({status}): {said}")]
    Failed { function: String, status: StatusCode, said: String },
    /// Its answer broke off.
    #[error("the answer of function {function} broke off")]
    Broken { function: String, source: reqwest::Error },
}

/// A lane and the function that it feeds.
#[derive(Clone, Debug)]
pub struct Mapping {
    lane: Priority,
    queue: String,
    function: String,
    batch_size: usize,
    visibility: Duration,
    /// Whether its answer says which messages failed; else all are done when it answers at all.
    reports_failures: bool,
    /// How many batches may be under way at once.
    pub(crate) at_once: u32,
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "Records")]
    records: Vec<Record<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    message_id: &'a str,
    receipt_handle: &'a str,
    body: &'a str,
    attributes: serde_json::Value,
    message_attributes: serde_json::Value,
    event_source: &'a str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: String,
    aws_region: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Answer {
    batch_item_failures: Vec<Failed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failed {
    item_identifier: String,
}

impl Functions {
    /// Those at this URL, as `cargo lambda watch` serves them.
    ///
    /// # Errors
    /// When it is no URL.
    pub fn at(url: &str) -> anyhow::Result<Self> {
        reqwest::Url::parse(url).with_context(|| format!("--functions {url} is not a URL"))?;
        // Refused only when a provider has been installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Functions { client, url: url.trim_end_matches('/').to_owned() })
    }

    /// Feeds a function from a lane until told to stop.
    pub async fn feed(self, lanes: MappedLanes, mapping: Mapping, stop: CancellationToken) {
        let source = Source::Lane(mapping.lane);
        loop {
            let received = tokio::select! {
                () = stop.cancelled() => return,
                received = lanes.lanes.receive(source, mapping.batch_size, mapping.visibility, LONG_POLL) => received,
            };
            let outcome = match received {
                Ok(batch) if batch.is_empty() => continue,
                Ok(batch) => self.run(&lanes, &mapping, batch).await,
                Err(error) => Err(error.into()),
            };
            if let Err(error) = outcome {
                tracing::warn!(function = mapping.function, "{error:#}");
                time::sleep(Duration::from_secs(1)).await;
            }
        }
    }

    async fn run(&self, lanes: &MappedLanes, mapping: &Mapping, batch: Vec<Arrived>) -> anyhow::Result<()> {
        let source = Source::Lane(mapping.lane);
        let event = Event { records: batch.iter().map(|message| record(message, &mapping.queue)).collect() };
        // Its messages are others' after their visibility, so nobody need wait longer for an answer about them.
        match self.invoke(&mapping.function, serde_json::to_vec(&event)?, mapping.visibility).await {
            Ok(answer) => {
                let answer: Answer = match mapping.reports_failures {
                    true => serde_json::from_slice(&answer).context("the function's answer has no shape")?,
                    false => Answer::default(),
                };
                let failed: HashSet<String> =
                    answer.batch_item_failures.into_iter().map(|failed| failed.item_identifier).collect();
                let known: HashSet<&String> = batch.iter().map(|message| &message.message_id).collect();
                if let Some(unknown) = failed.iter().find(|id| !known.contains(id)) {
                    bail!("the function reported message {unknown:?}, which is not of its batch: all of it is kept");
                }
                let done = batch.iter().filter(|message| !failed.contains(&message.message_id));
                let receipts: Vec<&Receipt> = done.map(|message| &message.receipt).collect();
                lanes.delete(source, &receipts).await?;
                Ok(())
            }
            Err(error) => {
                let again: Vec<(Receipt, Duration)> =
                    batch.into_iter().map(|message| (message.receipt, AGAIN)).collect();
                lanes.lanes.set_visibility(source, &again).await?;
                Err(error.into())
            }
        }
    }

    /// Ticks a scheduler function once.
    pub(crate) async fn tick(&self, function: &str) {
        let event = json!({
            "version": "0", "id": "00000000-0000-0000-0000-000000000000", "detail-type": "Scheduled Event",
            "source": "aws.events", "account": ACCOUNT, "time": "1970-01-01T00:00:00Z", "region": REGION,
            "resources": [], "detail": {},
        });
        if let Err(error) = self.invoke(function, event.to_string().into_bytes(), TICKED_WITHIN).await {
            tracing::warn!(function, error = %taskway_runtime::log::causes(&error), "no tick");
        }
    }

    /// Calls a function and waits for its answer, at most for `within`.
    pub(crate) async fn invoke(
        &self,
        function: &str,
        event: Vec<u8>,
        within: Duration,
    ) -> Result<Vec<u8>, InvokeError> {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.url);
        let sent = self.client.post(&url).timeout(within).body(event).send().await;
        let broken = |source: reqwest::Error| match source.is_timeout() {
            true => InvokeError::Late { function: function.to_owned(), within },
            false => InvokeError::Broken { function: function.to_owned(), source },
        };
        let answer = match sent {
            Err(source) if source.is_connect() => {
                return Err(InvokeError::Unreachable { url: self.url.clone(), source });
            }
            sent => sent.map_err(broken)?,
        };
        // Lambda itself answers 200 for a function that failed, and says so in a header.
        let failed = answer.headers().contains_key("x-amz-function-error");
        let status = answer.status();
        let body = answer.bytes().await.map_err(broken)?;
        if failed || !status.is_success() {
            let said = String::from_utf8_lossy(&body).into_owned();
            return Err(InvokeError::Failed { function: function.to_owned(), status, said });
        }
        Ok(body.to_vec())
    }
}

impl Mapping {
    /// The stack's mappings. As Lambda does before it polls, each queue is asked for how long it hides a message: one
    /// that comes again while the function may still be at work on it would be done twice.
    ///
    /// # Errors
    /// When a mapping is of something else than a lane and a function, a queue does not answer, or hides too briefly.
    pub async fn all(stack: &Stack) -> anyhow::Result<Vec<Self>> {
        let mut mappings = Vec::new();
        for mapping in &stack.template.mappings {
            mappings.push(Self::of(stack, mapping).await?);
        }
        Ok(mappings)
    }

    async fn of(stack: &Stack, mapping: &template::Mapping) -> anyhow::Result<Self> {
        let functions = &stack.template.functions;
        let function = functions.iter().find(|function| function.logical_id == mapping.function);
        let function = function.context("the template maps a function that it does not have")?;
        let queue = stack.template.queues.iter().find(|queue| queue.logical_id == mapping.queue);
        let queue = queue.context("the template maps a queue that it does not have")?;
        let lane = stack.lanes().lane_named(&queue.name).context("the template maps a queue that is no lane")?;

        let url = stack.sqs.queue_url(&queue.name);
        let asked = stack.queues_for(Caller::Executor).get_queue_attributes().queue_url(url);
        let told = asked.attribute_names(QueueAttributeName::VisibilityTimeout).send().await?;
        let hidden = told.attributes.and_then(|mut told| told.remove(&QueueAttributeName::VisibilityTimeout));
        let hidden: u64 = hidden.context("a queue without a visibility timeout")?.parse()?;
        ensure!(
            hidden >= u64::from(function.timeout_seconds),
            "{} hides messages for {hidden} s, and {} may work on them for {} s",
            queue.logical_id,
            function.logical_id,
            function.timeout_seconds
        );
        Ok(Mapping {
            lane,
            queue: queue.name.clone(),
            function: function.binary.clone(),
            // A poll brings ten at most; gathering more over a window is left to Lambda.
            batch_size: mapping.batch_size.min(10) as usize,
            visibility: Duration::from_secs(hidden),
            reports_failures: mapping.report_batch_item_failures,
            at_once: mapping.maximum_concurrency.unwrap_or(BATCHES_AT_ONCE).min(BATCHES_AT_ONCE),
        })
    }
}

fn record<'a>(message: &'a Arrived, queue: &str) -> Record<'a> {
    Record {
        message_id: &message.message_id,
        receipt_handle: &message.receipt.0,
        body: &message.body,
        attributes: json!({
            "ApproximateReceiveCount": message.receive_count.to_string(),
            "SentTimestamp": message.sent.as_millis().to_string(),
        }),
        message_attributes: json!({}),
        event_source: "aws:sqs",
        event_source_arn: format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"),
        aws_region: REGION,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use crate::{
        stack::Setup,
        template::{self, LocalEndpoints},
    };

    use super::*;

    #[tokio::test]
    async fn a_queue_that_hides_too_briefly_is_not_polled() {
        let stack = Stack::start(Setup::default()).await.unwrap();
        assert_eq!(Mapping::all(&stack).await.unwrap().len(), 3);
        let briefly = BTreeMap::from([("VisibilityTimeout".to_owned(), "899".to_owned())]);
        let changed = stack.sqs.with_broker(|broker, now| broker.set_attributes("taskway-LowLane", &briefly, now));
        changed.unwrap();
        let refused = Mapping::all(&stack).await.unwrap_err().to_string();
        assert_eq!(refused, "LowLane hides messages for 899 s, and ExecutorFunction may work on them for 900 s");
    }

    #[test]
    fn functions_take_their_timeouts_to_be_what_the_template_says() {
        let local = LocalEndpoints { stack: "taskway".to_owned(), ..LocalEndpoints::default() };
        let template = template::read(crate::stack::TEMPLATE, &local).unwrap();
        let timeout = |binary: &str| {
            let function = template.functions.iter().find(|function| function.binary == binary);
            u64::from(function.unwrap().timeout_seconds)
        };
        assert_eq!(timeout("taskway-submit"), taskway_submit::TIMEOUT.as_secs());
        assert_eq!(timeout("taskway-executor"), taskway_executor::batch::TIMEOUT.as_secs());
        assert_eq!(timeout("taskway-scheduler"), taskway_scheduler::TIMEOUT.as_secs());
    }
}
