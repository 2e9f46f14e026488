//! The emulator of a running stack: DynamoDB with the template's tables, and SQS with its queues.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use taskway_runtime::clock::Clock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::server::{self, Servers};
use crate::emulator::{calls::Calls, dynamo::Dynamo, sqs::Sqs, template::Template};

/// The running endpoints.
pub(super) struct Endpoints {
    pub(super) sqs: Sqs,
    /// The recorded calls. Empty if calls are not recorded.
    pub(super) calls: Calls,
    pub(super) servers: Servers,
    stop: CancellationToken,
}

/// A listener and its URL.
type Bound = (TcpListener, String);

impl Endpoints {
    /// Creates the template's tables and queues, and serves them.
    pub(super) fn start(
        template: &Template,
        data: Option<&Path>,
        clock: Arc<dyn Clock>,
        record_calls: bool,
        (dynamodb, _): Bound,
        (sqs, sqs_url): Bound,
    ) -> anyhow::Result<Self> {
        let database = Dynamo::open(data, Arc::clone(&clock))?;
        database.create_tables(&template.tables)?;
        let queues = queues(template, Sqs::new(clock, sqs_url))?;

        let (stop, calls, mut servers) = (CancellationToken::new(), Calls::default(), Servers::new());
        let stopped = stop.clone().cancelled_owned();
        if record_calls {
            queues.record(calls.clone());
            let noted = calls.clone();
            servers.spawn(async move { Ok(database.serve_noting(dynamodb, noted, stopped).await?) });
        } else {
            servers.spawn(async move { Ok(database.serve(dynamodb, stopped).await?) });
        }
        let (serving, stopped) = (queues.clone(), stop.clone().cancelled_owned());
        servers.spawn(async move { Ok(serving.serve(sqs, stopped).await?) });
        Ok(Endpoints { sqs: queues, calls, servers, stop })
    }

    pub(super) async fn stop(mut self) {
        self.stop.cancel();
        server::end(&mut self.servers, Duration::from_secs(3)).await;
    }
}

/// Creates the queues. A dead-letter queue must exist before another queue names it.
fn queues(template: &Template, sqs: Sqs) -> anyhow::Result<Sqs> {
    let (naming, named): (Vec<_>, Vec<_>) =
        template.queues.iter().partition(|queue| queue.attributes.contains_key("RedrivePolicy"));
    for queue in named.into_iter().chain(naming) {
        sqs.create_queue(&queue.name, &queue.attributes)
            .with_context(|| format!("cannot create the template's queue {}", queue.logical_id))?;
    }
    Ok(sqs)
}
