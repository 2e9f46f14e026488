//! The records of many tasks at once.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::{
    error::StoreError,
    keys::{self, attr},
    record::{self, Item, s},
    store::{Store, readable},
};
use taskway_protocol::{Task, TaskKey};
use taskway_runtime::clock::Clock;

/// A `BatchGetItem` takes as many keys.
pub const MOST_AT_ONCE: usize = 100;

/// How often what the table left out is asked for again.
const TRIES: u32 = 6;

/// The first pause before that; each is twice the one before.
const PAUSE: Duration = Duration::from_millis(25);

impl Store {
    /// The records of at most [`MOST_AT_ONCE`] different tasks, in no order; those that are not there, or cannot be read,
    /// are left out. `consistent` costs twice as much and sees every write that was answered.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; throttled when the table goes on leaving some out.
    pub async fn get_many(
        &self,
        keys: &[TaskKey],
        consistent: bool,
        clock: &dyn Clock,
    ) -> Result<Vec<Task>, StoreError> {
        let found = self.get_items(keys.iter().map(key).collect(), consistent, clock).await?;
        Ok(readable(found, record::from_item))
    }

    /// The items under at most [`MOST_AT_ONCE`] different keys, in no order.
    pub(super) async fn get_items(
        &self,
        mut wanted: Vec<Item>,
        consistent: bool,
        clock: &dyn Clock,
    ) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::with_capacity(wanted.len());
        let mut pause = PAUSE;
        for again in 0..TRIES {
            if wanted.is_empty() {
                return Ok(found);
            }
            if again > 0 {
                clock.sleep(pause).await;
                pause *= 2;
            }
            let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(consistent).build();
            let request =
                request.map_err(|error| StoreError::Unavailable { throttled: false, source: error.into() })?;
            let got = self.client.batch_get_item().request_items(&self.table, request).send().await;
            let got = got.map_err(StoreError::unavailable)?;
            // There is one table in it, whatever it is called.
            found.extend(got.responses.unwrap_or_default().into_values().flatten());
            wanted = got.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();
        }
        if wanted.is_empty() {
            return Ok(found);
        }
        Err(StoreError::Unavailable {
            throttled: true,
            source: "the table leaves out some of what it was asked".into(),
        })
    }
}

fn key(key: &TaskKey) -> Item {
    HashMap::from([(attr::PK.to_owned(), s(keys::task(key))), (attr::SK.to_owned(), s(keys::RECORD))])
}
