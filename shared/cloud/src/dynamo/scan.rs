//! Scans the whole table, page by page.

use std::collections::HashMap;

use super::{
    attr,
    error::StoreError,
    keys,
    page::{Cursor, Page, readable},
    record::{self, ms, n, s},
    store::Store,
};
use futures::FutureExt;
use taskway_protocol::{StateName, Task, Time};

/// A page of a scan.
#[derive(Debug)]
pub struct Scanned {
    /// The tasks that match.
    pub page: Page<Task>,
    /// How many items of all kinds the scan has read. DynamoDB bills all of them.
    pub item_count: usize,
}

impl Store {
    /// A page of the tasks that have not ended, in no order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn open_tasks(&self, from: Option<Cursor>) -> Result<Page<Task>, StoreError> {
        self.scan(from, None, None).await.map(|scanned| scanned.page)
    }

    /// A page of the tasks that the audit needs: those that have not ended, those that owe a callback, and those whose first
    /// attempt started after `since` and was the only one. A page has at most a megabyte, and at most `most` items. A very recent write may
    /// be missing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn scan_for_audit(
        &self,
        from: Option<Cursor>,
        since: Time,
        most: Option<i32>,
    ) -> Result<Scanned, StoreError> {
        self.scan(from, Some(since), most).await
    }

    async fn scan(&self, from: Option<Cursor>, since: Option<Time>, most: Option<i32>) -> Result<Scanned, StoreError> {
        let ended = StateName::ALL.iter().filter(|state| state.is_ended());
        let ended: HashMap<String, _> =
            ended.map(|state| (format!(":{}", state.as_str()), s(state.as_str()))).collect();
        // This filters out the ended states instead of selecting the open ones. So a record in a state that this code
        // does not know is found and logged.
        let states = ended.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let open = format!("NOT #st IN ({states})");
        let wanted = match since {
            Some(_) => format!("({open} OR (#sa >= :since AND #att = :one AND #f = :one) OR #ow = :one)"),
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
            .expression_attribute_values(":task", s(keys::TASK_PREFIX))
            .expression_attribute_values(":record", s(keys::TASK_SORT))
            .set_exclusive_start_key(from.map(|cursor| cursor.0))
            .set_limit(most);
        if let Some(since) = since {
            scan = scan
                .expression_attribute_names("#sa", attr::STARTED_AT)
                .expression_attribute_names("#att", attr::ATTEMPTS)
                .expression_attribute_names("#f", attr::FENCE)
                .expression_attribute_names("#ow", attr::OWES)
                .expression_attribute_values(":since", ms(since))
                .expression_attribute_values(":one", n(1));
        }
        let found = scan.send().boxed().await.map_err(StoreError::unavailable)?;
        let item_count = usize::try_from(found.scanned_count).unwrap_or_default();
        let items = readable(found.items.unwrap_or_default(), record::from_item);
        Ok(Scanned { page: Page { items, next: found.last_evaluated_key.map(Cursor) }, item_count })
    }
}
