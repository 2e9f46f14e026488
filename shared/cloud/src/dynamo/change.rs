//! A transition of a record as a conditional write.

use aws_sdk_dynamodb::{
    Client,
    error::{BuildError, SdkError},
    operation::update_item::UpdateItemError,
    types::{
        BatchStatementErrorCodeEnum as Code, BatchStatementRequest, BatchStatementResponse, ReturnValue,
        ReturnValuesOnConditionCheckFailure,
    },
};
use futures::FutureExt;
use taskway_protocol::{Task, TaskKey, Transition};

use super::{
    attr,
    batches::Write,
    error::{Conflict, StoreError},
    keys,
    record::{self, Item, s},
    shards::Shards,
    statement,
    terms::{self, Terms},
    update,
};

/// A transition of the task under a key.
#[derive(Debug)]
pub(super) struct Change {
    key: TaskKey,
    transition: Transition,
    terms: Terms,
}

impl Change {
    pub(super) fn new(key: &TaskKey, transition: &Transition, shards: Shards) -> Self {
        Change { key: *key, transition: transition.clone(), terms: terms::of(transition, key, shards) }
    }

    /// Whether this change can be one of a batch.
    pub(super) fn fits_a_batch(&self) -> bool {
        statement::can_say(&self.terms)
    }

    /// Why the record in this item refused the transition.
    fn refused_by(&self, item: Option<Item>) -> StoreError {
        let Some(item) = item else { return StoreError::NotFound };
        let task = match record::from_item(&item) {
            Ok(task) => task,
            Err(malformed) => return malformed.into(),
        };
        match self.transition.refusal(&task) {
            Some(refusal) => StoreError::Conflict(Box::new(Conflict { refusal, task, owner: record::owner(&item) })),
            None => StoreError::Unavailable {
                throttled: false,
                source: "the table refused a write although the record it returned meets the condition".into(),
            },
        }
    }
}

impl Write for Change {
    /// The record after the transition.
    type Done = Task;

    fn same_item(&self, other: &Self) -> bool {
        self.key == other.key
    }

    fn statement(&self, table: &str) -> Result<BatchStatementRequest, BuildError> {
        statement::update(table, &self.key, &self.terms)
    }

    fn answered(&self, answer: BatchStatementResponse) -> Option<Result<Task, StoreError>> {
        match answer.error {
            // Without the item only a single write can tell: it is refused, and the caller recognises its own write.
            None => answer.item.map(|item| Ok(record::from_item(&item)?)),
            Some(error) if error.code == Some(Code::ConditionalCheckFailed) => Some(Err(self.refused_by(error.item))),
            Some(_) => None,
        }
    }

    async fn alone(&self, client: &Client, table: &str) -> Result<Task, StoreError> {
        let update = update::compile(&self.terms);
        let updated = client
            .update_item()
            .table_name(table)
            .key(attr::PK, s(keys::task_partition(&self.key)))
            .key(attr::SK, s(keys::TASK_SORT))
            .condition_expression(update.condition)
            .update_expression(update.change)
            .set_expression_attribute_names(Some(update.names))
            .set_expression_attribute_values(Some(update.values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .boxed()
            .await;
        match updated {
            Ok(updated) => Ok(record::from_item(&updated.attributes.ok_or(StoreError::NotFound)?)?),
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => {
                let UpdateItemError::ConditionalCheckFailedException(failed) = refused.into_err() else {
                    return Err(StoreError::NotFound);
                };
                Err(self.refused_by(failed.item))
            }
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }
}
