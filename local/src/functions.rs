//! Handing events to functions that run as real Lambda processes, under `cargo lambda watch` say: what the event source
//! mapping and EventBridge do in the cloud.

use std::{collections::HashSet, time::Duration};

use anyhow::{Context, bail};
use reqwest::{Client, StatusCode};
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

/// A tick waits so long for its function, which is compiled before its first.
const TICKED_WITHIN: Duration = Duration::from_secs(15 * 60);

/// Functions behind one URL.
#[derive(Clone, Debug)]
pub(crate) struct Functions {
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
        // Refused only when a provider has been installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
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
                lanes.delete_unreported(source, &receipts).await?;
                Ok(())
            }
            Err(error) => {
                let again: Vec<(Receipt, Duration)> =
                    batch.into_iter().map(|message| (message.receipt, AGAIN)).collect();
                lanes.set_visibility(source, &again).await?;
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
            tracing::warn!(function, error = &error as &dyn std::error::Error, "no tick");
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
    use crate::template::{self, LocalEndpoints};

    #[test]
    fn functions_take_their_timeouts_to_be_what_the_template_says() {
        let local = LocalEndpoints { sqs_base: "http://127.0.0.1:1".to_owned(), stack: "taskway".to_owned() };
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
