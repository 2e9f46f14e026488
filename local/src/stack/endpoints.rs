//! The emulator of a running stack: DynamoDB with the template's tables, SQS with its queues, and S3 with its buckets.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use taskway_runtime::clock::Clock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::server::{self, Servers};
use crate::emulator::{calls::Calls, doors::Doors, dynamo::Dynamo, s3::S3, sqs::Sqs, template::Template};

/// The running endpoints.
pub(super) struct Endpoints {
    pub(super) sqs: Sqs,
    /// The recorded calls. Empty if calls are not recorded.
    pub(super) calls: Calls,
    pub(super) servers: Servers,
    stop: CancellationToken,
}

/// Where the endpoints listen.
pub(super) struct Ports {
    /// For everybody.
    pub(super) dynamodb: TcpListener,
    /// The same tables without doors, for the stack's own parts.
    pub(super) engine: TcpListener,
    pub(super) sqs: TcpListener,
    pub(super) s3: TcpListener,
    /// The beginning of the queues' URLs.
    pub(super) sqs_url: String,
}

impl Endpoints {
    /// Creates the template's tables, queues and buckets, and serves them.
    pub(super) fn start(
        template: &Template,
        data: Option<&Path>,
        clock: Arc<dyn Clock>,
        record_calls: bool,
        doors: &Doors,
        ports: Ports,
    ) -> anyhow::Result<Self> {
        let database = Dynamo::open(data, Arc::clone(&clock))?;
        database.create_tables(&template.tables)?;
        let queues = queues(template, Sqs::new(clock, ports.sqs_url))?;

        let (stop, calls, mut servers) = (CancellationToken::new(), Calls::default(), Servers::new());
        let stopped = stop.clone().cancelled_owned();
        if record_calls {
            queues.record(calls.clone());
        }
        let (noted, before) = (record_calls.then(|| calls.clone()), doors.clone());
        let (front, engine) = (ports.dynamodb, ports.engine);
        servers.spawn(async move { Ok(database.serve_behind(before, front, engine, noted, stopped).await?) });
        let objects = S3::open(data, &template.buckets, record_calls.then(|| calls.clone()))?;
        let (stopped, before) = (stop.clone().cancelled_owned(), doors.clone());
        servers.spawn(async move { Ok(objects.serve(before, ports.s3, stopped).await?) });
        let (serving, stopped, before) = (queues.clone(), stop.clone().cancelled_owned(), doors.clone());
        servers.spawn(async move { Ok(serving.serve(before, ports.sqs, stopped).await?) });
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
