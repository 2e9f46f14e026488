//! The first put of a record as a conditional write.

use aws_sdk_dynamodb::{
    Client,
    error::{BuildError, SdkError},
    operation::put_item::PutItemError,
    types::{BatchStatementRequest, BatchStatementResponse, ReturnValuesOnConditionCheckFailure},
};
use futures::FutureExt;
use taskway_protocol::{Nonce, Task, Time};

use super::{
    attr,
    batches::Write,
    error::StoreError,
    record::{self, Item, n},
    statement,
};

/// The outcome of a first put.
#[derive(Debug)]
pub enum Created {
    /// The record was written.
    New,
    /// Another record has this key, and it is kept. The nonce is that of its latest claim, or of its first put.
    Exists(Box<Task>, Option<Nonce>),
}

/// The first put of a record.
#[derive(Debug)]
pub(super) struct FirstPut {
    pub(super) item: Item,
    /// At this time: a record whose retention is over is replaced, if it was born earlier than this one. An id is a key and a
    /// birth, so a new life needs another birth. `None`: no record is replaced.
    pub(super) replace_expired: Option<Time>,
}

impl Write for FirstPut {
    type Done = Created;

    fn same_item(&self, other: &Self) -> bool {
        [attr::PK, attr::SK].iter().all(|key| self.item.get(*key) == other.item.get(*key))
    }

    fn statement(&self, table: &str) -> Result<BatchStatementRequest, BuildError> {
        statement::insert(table, &self.item)
    }

    /// A single put tells what an existing record is, and whether it may be replaced.
    fn answered(&self, answer: BatchStatementResponse) -> Option<Result<Created, StoreError>> {
        answer.error.is_none().then_some(Ok(Created::New))
    }

    async fn alone(&self, client: &Client, table: &str) -> Result<Created, StoreError> {
        let put = client
            .put_item()
            .table_name(table)
            .set_item(Some(self.item.clone()))
            .expression_attribute_names("#pk", attr::PK)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match self.replace_expired {
            Some(now) => put
                .condition_expression("attribute_not_exists(#pk) OR (#ttl <= :now AND #born < :born)")
                .expression_attribute_names("#ttl", attr::TTL)
                .expression_attribute_names("#born", attr::BORN)
                .expression_attribute_values(":now", n(now.as_secs()))
                .expression_attribute_values(":born", self.item.get(attr::BORN).cloned().unwrap_or_else(|| n(0))),
            None => put.condition_expression("attribute_not_exists(#pk)"),
        };
        match put.send().boxed().await {
            Ok(_) => Ok(Created::New),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => {
                let PutItemError::ConditionalCheckFailedException(failed) = refused.into_err() else {
                    return Err(StoreError::NotFound);
                };
                let item = failed.item.ok_or(StoreError::NotFound)?;
                let task = record::from_item(&item)?;
                Ok(Created::Exists(Box::new(task), record::owner(&item)))
            }
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }
}
