//! Queues whose fairness keys have a limit: freeing the permits of processes that died, and sending what the keys hold.
//!
//! Only keys that hold tasks are looked at. So thousands of keys cost what their tasks cost. What a dead process has left in the
//! ledger of another key keeps nobody waiting.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures::future::join_all;
use taskway_cloud::dynamo::{KeyPlace, StoreError};
use taskway_protocol::{QueueSettings, Scope, Time};
use taskway_runtime::log::causes;

use crate::{
    Services,
    holding::{Dispatched, Settings},
};

/// How many keys are looked at at the same time.
const AT_ONCE: usize = 16;

/// The most tasks of one key that are sent before others have their turn.
const TURN: usize = 100;

/// How far this process has looked through the fairness keys of each queue, if it had no time for all. Clones share it.
#[derive(Clone, Default, Debug)]
pub struct KeyPlaces(Arc<Mutex<HashMap<Box<str>, KeyPlace>>>);

impl KeyPlaces {
    fn take(&self, queue: &str) -> Option<KeyPlace> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(queue)
    }

    fn keep(&self, queue: &str, place: KeyPlace) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(queue.into(), place);
    }
}

impl Services {
    /// Tends the fairness keys of a queue that hold tasks: frees their old permits, and sends what there is room for. Goes on
    /// where the last call has ended. Begins nothing after `until`, or after it has sent `most`.
    pub(crate) async fn tend_keys(
        &self,
        queue: &str,
        settings: QueueSettings,
        until: Time,
        most: usize,
    ) -> Result<Dispatched, StoreError> {
        let (mut all, mut from) = (Dispatched { settings, ..Dispatched::default() }, self.key_places.take(queue));
        loop {
            if all.sent >= most || self.clock.now() >= until {
                if let Some(place) = from {
                    self.key_places.keep(queue, place);
                }
                return Ok(Dispatched { more: true, ..all });
            }
            let (keys, next) = self.store.keys_that_hold(queue, from, AT_ONCE).await?;
            let scopes: Vec<Scope> = keys.iter().map(|(key, _)| Scope::key(queue, key)).collect();
            let tended = join_all(scopes.iter().map(|scope| self.tend_key(scope, settings, until))).await;
            for (one, (_, put)) in tended.into_iter().zip(keys) {
                let one = one.unwrap_or_else(|error| {
                    tracing::warn!(queue.name = queue, error = %causes(&error), "cannot tend a fairness key");
                    Dispatched { failed: 1, ..Dispatched::default() }
                });
                let held_since = (one.sent == 0).then_some(put);
                all = all.plus(Dispatched { held_since, ..one });
            }
            from = next;
            if from.is_none() {
                return Ok(all);
            }
        }
    }

    async fn tend_key(&self, scope: &Scope, settings: QueueSettings, until: Time) -> Result<Dispatched, StoreError> {
        let (mut freed, mut known) = (0, None);
        if settings.key_concurrency.is_some() {
            let (ledger, out) = self.store.ledger(scope).await?;
            freed = self.free_old(scope, ledger, until).await?;
            known = (freed == 0).then_some(out);
        }
        let dispatched = self.dispatch(scope, known, Settings::Just(settings), until, TURN).await?;
        if let Some(pace) = settings.key_pace {
            self.note_rate_waits(pace, std::slice::from_ref(scope)).await?;
        }
        Ok(Dispatched { freed, ..dispatched })
    }
}
