//! A queue by its name, and answering with it.

use axum::{
    extract::{Path, rejection::PathRejection},
    response::Response,
};
use futures::try_join;
use http::StatusCode;
use taskway_api::{Count, Queue};
use taskway_cloud::dynamo;
use taskway_protocol::QueueSettings;

use crate::{Submit, accept::unavailable, problem::Problem, tasks::json};

/// The name in a path.
pub(super) type Name = Result<Path<String>, PathRejection>;

/// The name, if it can be a queue's.
pub(super) fn named(name: Name) -> Result<String, Problem> {
    let Ok(Path(name)) = name else { return Err(Problem::not_found("queue")) };
    if taskway_strict::words::is_name(&name) { Ok(name) } else { Err(Problem::not_found("queue")) }
}

/// How many tasks a queue holds, and how many failed.
pub(super) type Counts = (Option<Count>, Option<Count>);

/// The answer for a queue.
pub(super) fn answer(name: &str, settings: QueueSettings, (held, failed): Counts) -> Response {
    json(StatusCode::OK, &Queue { name: name.into(), paused: settings.paused, held, failed })
}

impl Submit {
    /// The settings of a queue.
    pub(super) async fn settings(&self, name: &str) -> Result<QueueSettings, Problem> {
        self.services.store.queue_settings(name).await.map_err(|error| unavailable(&error))
    }

    /// How much is in a queue.
    pub(super) async fn counts(&self, name: &str) -> Result<Counts, Problem> {
        let store = &self.services.store;
        let counts = try_join!(store.count_held(name), store.count_dead(name));
        let (held, failed) = counts.map_err(|error| unavailable(&error))?;
        Ok((Some(count(held)), Some(count(failed))))
    }

    /// Answers with a queue and how much is in it.
    pub(super) async fn answer_queue(&self, name: &str) -> Result<Response, Problem> {
        let settings = self.settings(name).await?;
        Ok(answer(name, settings, self.counts(name).await?))
    }
}

fn count(count: dynamo::Count) -> Count {
    match count {
        dynamo::Count::Exactly(count) => Count::Exactly(count),
        dynamo::Count::AtLeast(at_least) => Count::AtLeast { at_least },
    }
}
