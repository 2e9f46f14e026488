//! Handing events to functions that run as real Lambda processes, under `cargo lambda watch` say: what the event source
//! mapping and EventBridge do in the cloud.

use std::{collections::HashSet, time::Duration};

use anyhow::{Context, bail};
use reqwest::Client;
use serde::{Deserialize, Serialize};
use serde_json::json;
use taskway::{
    domain::Priority,
    sqs::{Arrived, Lanes, Receipt, Source},
};
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::template::{ACCOUNT, REGION};

/// A batch that a function did not take comes again so soon.
const AGAIN: Duration = Duration::from_secs(5);

/// SQS waits at most this long for a message.
const LONG_POLL: Duration = Duration::from_secs(20);

/// Functions behind one URL.
#[derive(Clone, Debug)]
pub(crate) struct Functions {
    client: Client,
    url: String,
}

/// A lane and the function that it feeds.
#[derive(Clone, Debug)]
pub(crate) struct Mapping {
    pub(crate) lane: Priority,
    pub(crate) queue: String,
    pub(crate) function: String,
    pub(crate) batch_size: usize,
    pub(crate) visibility: Duration,
    /// Whether its answer says which messages failed; else all are done when it answers at all.
    pub(crate) reports_failures: bool,
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
    pub(crate) fn at(url: &str) -> anyhow::Result<Self> {
        reqwest::Url::parse(url).with_context(|| format!("--functions {url} is not a URL"))?;
        let client = Client::builder().no_proxy().build()?;
        Ok(Functions { client, url: url.trim_end_matches('/').to_owned() })
    }

    /// Feeds a function from a lane until told to stop.
    pub(crate) async fn feed(self, lanes: Lanes, mapping: Mapping, stop: CancellationToken) {
        let source = Source::Lane(mapping.lane);
        loop {
            let received = tokio::select! {
                () = stop.cancelled() => return,
                received = lanes.receive(source, mapping.batch_size, mapping.visibility, LONG_POLL) => received,
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

    async fn run(&self, lanes: &Lanes, mapping: &Mapping, batch: Vec<Arrived>) -> anyhow::Result<()> {
        let source = Source::Lane(mapping.lane);
        let event = Event { records: batch.iter().map(|message| record(message, &mapping.queue)).collect() };
        match self.invoke(&mapping.function, &serde_json::to_vec(&event)?).await {
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
                lanes.delete_unreported(source, &receipts).await?;
                Ok(())
            }
            Err(error) => {
                let again: Vec<(Receipt, Duration)> =
                    batch.into_iter().map(|message| (message.receipt, AGAIN)).collect();
                lanes.set_visibility(source, &again).await?;
                Err(error)
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
        if let Err(error) = self.invoke(function, event.to_string().as_bytes()).await {
            tracing::warn!(function, "{error:#}");
        }
    }

    async fn invoke(&self, function: &str, event: &[u8]) -> anyhow::Result<Vec<u8>> {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.url);
        let sent = self.client.post(&url).body(event.to_vec()).send().await;
        let answer = sent.with_context(|| format!("no function answers at {url}: is `cargo lambda watch` running?"))?;
        let status = answer.status();
        let body = answer.bytes().await?;
        if !status.is_success() {
            bail!("function {function} failed ({status}): {}", String::from_utf8_lossy(&body));
        }
        Ok(body.to_vec())
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
