//! A queue by its name, and answering with it.

use axum::{
    extract::{Path, rejection::PathRejection},
    response::Response,
};
use futures::{future::try_join_all, try_join};
use http::StatusCode;
use taskway_api::{Count, Queue};
use taskway_cloud::dynamo;
use taskway_protocol::{QueueSettings, Scope, Wanted};

use crate::{Submit, accept::unavailable, problem::Problem, tasks::json};

/// The name in a path.
pub(super) type Name = Result<Path<String>, PathRejection>;

/// The name, if it can be a queue's.
pub(super) fn named(name: Name) -> Result<String, Problem> {
    let Ok(Path(name)) = name else { return Err(Problem::not_found("queue")) };
    if taskway_strict::words::is_name(&name) { Ok(name) } else { Err(Problem::not_found("queue")) }
}

/// How much is in a queue. What is `None` was not counted.
#[derive(Default)]
pub(super) struct Counts {
    running: Option<u32>,
    held: Option<Count>,
    failed: Option<Count>,
}

/// The answer for a queue.
pub(super) fn answer(name: &str, settings: QueueSettings, counts: Counts) -> Response {
    json(StatusCode::OK, &whole(name.into(), settings, counts))
}

/// A queue as it is answered.
pub(super) fn whole(name: Box<str>, settings: QueueSettings, Counts { running, held, failed }: Counts) -> Queue {
    let Wanted { paused, concurrency, rate } = settings.wanted();
    Queue { name, paused, concurrency, rate: rate.map(Into::into), running, held, failed }
}

impl Submit {
    /// The settings of a queue.
    pub(super) async fn settings(&self, name: &str) -> Result<QueueSettings, Problem> {
        self.services.store.queue_settings(name).await.map_err(|error| unavailable(&error))
    }

    /// How much is in a queue.
    pub(super) async fn counts(&self, name: &str, settings: QueueSettings) -> Result<Counts, Problem> {
        let store = &self.services.store;
        let held = async {
            let lists: Vec<Scope> = settings.lists().map(|share| Scope::new(name, share)).collect();
            let counts = try_join_all(lists.iter().map(|list| store.count_held(list))).await?;
            Ok(counts.into_iter().fold(dynamo::Count::Exactly(0), dynamo::Count::plus))
        };
        let running = async {
            // Without a limit nobody counts them.
            if settings.concurrency.is_none() {
                return Ok(None);
            }
            let ledgers = store.queue_ledgers(name).await?;
            Ok(Some(ledgers.values().map(|(_, out)| out.permits as u32).sum()))
        };
        let counts = try_join!(running, held, store.count_dead(name));
        let (running, held, failed) = counts.map_err(|error| unavailable(&error))?;
        Ok(Counts { running, held: Some(count(held)), failed: Some(count(failed)) })
    }

    /// Answers with a queue and how much is in it.
    pub(super) async fn answer_queue(&self, name: &str) -> Result<Response, Problem> {
        let settings = self.settings(name).await?;
        Ok(answer(name, settings, self.counts(name, settings).await?))
    }
}

/// A number of tasks as it is answered.
pub(crate) fn count(count: dynamo::Count) -> Count {
    match count {
        dynamo::Count::Exactly(count) => Count::Exactly(count),
        dynamo::Count::AtLeast(at_least) => Count::AtLeast { at_least },
    }
}
