//! How many partitions of each index may hold entries.
//!
//! An entry stays in the partition that it was written to. So a reader must read as many partitions as any process has
//! ever written to. The table has an item with these numbers, which only grow.

use aws_sdk_dynamodb::{
    error::SdkError,
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use futures::FutureExt;

use super::{
    attr,
    error::StoreError,
    keys,
    record::{Item, Reader, n, s},
    shards::Shards,
    store::Store,
};

impl Store {
    /// How many partitions of each index a reader must read: the numbers in the table, and at least those of this
    /// process.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn shards_in_use(&self) -> Result<Shards, StoreError> {
        Ok(self.shards.max(self.registered_shards().await?))
    }

    /// Raises the numbers in the table to those of this process, and returns how many partitions of each index a reader
    /// must read. Writes nothing if the table's numbers are large enough.
    ///
    /// A tick does this before it relies on its own setting, because the next process may have a smaller one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn register_shards(&self) -> Result<Shards, StoreError> {
        let Shards { agenda, catalog } = self.shards;
        let registered = self.registered_shards().await?;
        // These are two writes, so that two processes which each raise one number do not overwrite each other.
        if agenda > registered.agenda {
            self.raise(attr::AGENDA_SHARDS, agenda).await?;
        }
        if catalog > registered.catalog {
            self.raise(attr::CATALOG_SHARDS, catalog).await?;
        }
        Ok(self.shards.max(registered))
    }

    async fn registered_shards(&self) -> Result<Shards, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(attr::PK, s(keys::STACK_PARTITION))
            .key(attr::SK, s(keys::SHARDS_SORT))
            .send()
            .boxed()
            .await
            .map_err(StoreError::unavailable)?;
        Ok(got.item.as_ref().map(shards).unwrap_or_default())
    }

    async fn raise(&self, attribute: &'static str, to: u16) -> Result<(), StoreError> {
        let raised = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(attr::PK, s(keys::STACK_PARTITION))
            .key(attr::SK, s(keys::SHARDS_SORT))
            .update_expression("SET #number = :to")
            .condition_expression("attribute_not_exists(#number) OR #number < :to")
            .expression_attribute_names("#number", attribute)
            .expression_attribute_values(":to", n(to))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::None)
            .send()
            .boxed()
            .await;
        match raised {
            Ok(_) => Ok(()),
            // Another process has raised the number at least as far.
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => Ok(()),
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }
}

/// The numbers in the table's item. If a number is missing, no process has ever had more than the default.
fn shards(item: &Item) -> Shards {
    let number = |attribute, most: u16| Reader(item).number::<u16>(attribute).ok().map(|number| number.min(most));
    let default = Shards::default();
    Shards {
        agenda: number(attr::AGENDA_SHARDS, Shards::MOST.agenda).unwrap_or(default.agenda),
        catalog: number(attr::CATALOG_SHARDS, Shards::MOST.catalog).unwrap_or(default.catalog),
    }
    .max(default)
}
