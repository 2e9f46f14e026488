//! Looking through the whole table, page by page.

use std::collections::HashMap;

use super::{
    error::StoreError,
    keys::{self, attr},
    record::{self, ms, n, s},
    store::{Cursor, Page, Store, readable},
};
use taskway_protocol::{StateName, Task, Time};

/// A page of the table.
#[derive(Debug)]
pub struct Scanned {
    /// The tasks that were asked for.
    pub page: Page<Task>,
    /// How many items the page has, of all kinds; it is as long as these, and paid for.
    pub looked: usize,
}

impl Store {
    /// Every task that has not ended, in no order: a scan of the whole table.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn open_tasks(&self, from: Option<Cursor>) -> Result<Page<Task>, StoreError> {
        self.scan(from, None, None).await.map(|scanned| scanned.page)
    }

    /// A page of the table, of a megabyte or so many items at most: the tasks that have not ended, and those that ended
    /// and whose first attempt started `since` then. What was written in the last moment may not show.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn look_through(
        &self,
        from: Option<Cursor>,
        since: Time,
        most: Option<i32>,
    ) -> Result<Scanned, StoreError> {
        self.scan(from, Some(since), most).await
    }

    async fn scan(&self, from: Option<Cursor>, since: Option<Time>, most: Option<i32>) -> Result<Scanned, StoreError> {
        let ended = StateName::ALL.into_iter().filter(|state| state.is_ended());
        let ended: HashMap<String, _> =
            ended.map(|state| (format!(":{}", state.as_str()), s(state.as_str()))).collect();
        // Not by what is open: a record in a state that this code does not know is to be told, not passed over.
        let states = ended.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let open = format!("NOT #st IN ({states})");
        let wanted = match since {
            Some(_) => format!("({open} OR (#sa >= :since AND #att = :one AND #f = :one))"),
            None => open,
        };
        let mut scan = self
            .client
            .scan()
            .table_name(&self.table)
            .filter_expression(format!("begins_with(#pk, :task) AND #sk = :record AND {wanted}"))
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_names("#st", attr::STATE)
            .set_expression_attribute_values(Some(ended))
            .expression_attribute_values(":task", s(keys::TASK))
            .expression_attribute_values(":record", s(keys::RECORD))
            .set_exclusive_start_key(from.map(|cursor| cursor.0))
            .set_limit(most);
        if let Some(since) = since {
            scan = scan
                .expression_attribute_names("#sa", attr::STARTED_AT)
                .expression_attribute_names("#att", attr::ATTEMPTS)
                .expression_attribute_names("#f", attr::FENCE)
                .expression_attribute_values(":since", ms(since))
                .expression_attribute_values(":one", n(1));
        }
        let found = scan.send().await.map_err(StoreError::unavailable)?;
        let looked = usize::try_from(found.scanned_count).unwrap_or_default();
        let items = readable(found.items.unwrap_or_default(), record::from_item);
        Ok(Scanned { page: Page { items, next: found.last_evaluated_key.map(Cursor) }, looked })
    }
}
