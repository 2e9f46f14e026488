//! A queue by its name, and answering with it.

use axum::{
    extract::{Path, rejection::PathRejection},
    response::Response,
};
use futures::{future::try_join_all, try_join};
use http::StatusCode;
use taskway_api::{Count, HeldKey, PerKey, Queue};
use taskway_cloud::dynamo::{self, StoreError};
use taskway_protocol::{QueueSettings, Scope, Wanted};

use crate::{Submit, accept::unavailable, problem::Problem, tasks::json};

/// How many fairness keys that hold tasks are looked at.
const KEYS_LOOKED_AT: usize = 100;

/// How many of them an answer has.
const KEYS_SHOWN: usize = 10;

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
    keys: Option<Vec<HeldKey>>,
    failed: Option<Count>,
}

/// The answer for a queue.
pub(super) fn answer(name: &str, settings: QueueSettings, counts: Counts) -> Response {
    json(StatusCode::OK, &whole(name.into(), settings, counts))
}

/// A queue as it is answered.
pub(super) fn whole(name: Box<str>, settings: QueueSettings, counts: Counts) -> Queue {
    let Wanted { paused, concurrency, rate, key_concurrency, key_rate } = settings.wanted();
    let per_key = PerKey { concurrency: key_concurrency, rate: key_rate.map(Into::into) };
    let Counts { running, held, keys, failed } = counts;
    Queue { name, paused, concurrency, rate: rate.map(Into::into), per_key, running, held, keys, failed }
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
            let lists: Vec<Scope> = settings.lists().map(|share| Scope::share(name, share)).collect();
            let counts = try_join_all(lists.iter().map(|list| store.count_held(list))).await?;
            let of_keys =
                if settings.keyed { store.count_held_by_keys(name).await? } else { dynamo::Count::Exactly(0) };
            Ok(counts.into_iter().fold(of_keys, dynamo::Count::plus))
        };
        let keys = async {
            if !settings.keyed {
                return Ok(None);
            }
            let (found, _) = store.keys_that_hold(name, None, KEYS_LOOKED_AT).await?;
            let scopes: Vec<Scope> = found.iter().map(|(key, _)| Scope::key(name, key)).collect();
            let counts = try_join_all(scopes.iter().map(|key| store.count_held(key))).await?;
            let mut keys: Vec<_> = found.into_iter().zip(scopes).zip(counts).collect();
            keys.sort_by_key(|(_, count)| std::cmp::Reverse(count.at_least()));
            keys.truncate(KEYS_SHOWN);
            let shown = keys.into_iter().map(async |(((key, _), scope), held)| {
                let running = store.ledger_out(&scope).await?.permits as u32;
                Ok::<_, StoreError>(HeldKey { key, running, held: count(held) })
            });
            Ok(Some(try_join_all(shown).await?))
        };
        let running = async {
            // Without a limit nobody counts them.
            if settings.concurrency.is_none() {
                return Ok(None);
            }
            let ledgers = store.queue_ledgers(name).await?;
            Ok(Some(ledgers.values().map(|(_, out)| out.permits as u32).sum()))
        };
        let counts = try_join!(running, held, keys, store.count_dead(name));
        let (running, held, keys, failed) = counts.map_err(|error| unavailable(&error))?;
        Ok(Counts { running, held: Some(count(held)), keys, failed: Some(count(failed)) })
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
