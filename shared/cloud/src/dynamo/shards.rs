//! Over how many partitions the indexes are spread: a setting that may change while tasks wait.
//!
//! An entry stays in the partition that it was written to, so whoever reads must look at as many as were ever written
//! to. The table keeps that number itself, in an item that only grows.

use aws_sdk_dynamodb::{
    error::SdkError,
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure},
};

use super::{
    error::StoreError,
    keys::{self, attr},
    record::{Item, Reader, n, s},
    store::Store,
};

/// How many partitions each index has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shards {
    /// Of the agenda: 1 to 64. A partition takes about 1,000 writes a second, and each delayed task makes two.
    pub agenda: u16,
    /// Of a queue's catalog: 1 to 32. Each task is written there once.
    pub catalog: u16,
}

/// As the stack has it unless told otherwise; and what is taken to have been written to in any case.
impl Default for Shards {
    fn default() -> Self {
        Shards { agenda: 1, catalog: 4 }
    }
}

/// A number of partitions that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a number from 1 to {most}")]
pub struct OutOfRange {
    /// The most there may be.
    pub most: u16,
}

impl Shards {
    /// The most that may be configured. Every tick queries every shard, and a list reads from every one.
    pub const MOST: Shards = Shards { agenda: 64, catalog: 32 };

    /// The larger of both, each by itself.
    pub fn widest(self, other: Shards) -> Shards {
        Shards { agenda: self.agenda.max(other.agenda), catalog: self.catalog.max(other.catalog) }
    }

    /// The agenda's number of partitions in a text.
    ///
    /// # Errors
    /// [`OutOfRange`] names the limit.
    pub fn parse_agenda(text: &str) -> Result<u16, OutOfRange> {
        parse(text, Self::MOST.agenda)
    }

    /// The catalog's number of partitions in a text.
    ///
    /// # Errors
    /// [`OutOfRange`] names the limit.
    pub fn parse_catalog(text: &str) -> Result<u16, OutOfRange> {
        parse(text, Self::MOST.catalog)
    }
}

fn parse(text: &str, most: u16) -> Result<u16, OutOfRange> {
    text.parse().ok().filter(|count| (1..=most).contains(count)).ok_or(OutOfRange { most })
}

impl Store {
    /// The same table, written to by so many partitions.
    pub fn sharded(self, shards: Shards) -> Self {
        Store { shards, ..self }
    }

    /// By how many partitions this process writes.
    pub fn shards(&self) -> Shards {
        self.shards
    }

    /// How many partitions may have something in them: what a reader must look at. Never fewer than this process writes
    /// to.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn widest(&self) -> Result<Shards, StoreError> {
        Ok(self.shards.widest(self.kept_shards().await?))
    }

    /// The same, and makes it known to every reader. A process that reads for others must do this before it relies on
    /// its own setting: the next one may be set to less. Writes nothing where all is known already.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn widen(&self) -> Result<Shards, StoreError> {
        let Shards { agenda, catalog } = self.shards;
        let kept = self.kept_shards().await?;
        // Each by itself, so that two processes that raise one each do not undo one another.
        if agenda > kept.agenda {
            self.raise(attr::AGENDA_SHARDS, agenda).await?;
        }
        if catalog > kept.catalog {
            self.raise(attr::CATALOG_SHARDS, catalog).await?;
        }
        Ok(self.shards.widest(kept))
    }

    async fn kept_shards(&self) -> Result<Shards, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(attr::PK, s(keys::STACK))
            .key(attr::SK, s(keys::SHARDS))
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        Ok(got.item.as_ref().map(kept).unwrap_or_default())
    }

    async fn raise(&self, attribute: &'static str, to: u16) -> Result<(), StoreError> {
        let raised = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(attr::PK, s(keys::STACK))
            .key(attr::SK, s(keys::SHARDS))
            .update_expression("SET #number = :to")
            .condition_expression("attribute_not_exists(#number) OR #number < :to")
            .expression_attribute_names("#number", attribute)
            .expression_attribute_values(":to", n(to))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::None)
            .send()
            .await;
        match raised {
            Ok(_) => Ok(()),
            // Another process has raised it at least as far.
            Err(SdkError::ServiceError(refused)) if refused.err().is_conditional_check_failed_exception() => Ok(()),
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }
}

/// What the item tells. A number that is not there has never been above the default.
fn kept(item: &Item) -> Shards {
    let number = |attribute, most: u16| Reader(item).number::<u16>(attribute).ok().map(|number| number.min(most));
    let default = Shards::default();
    Shards {
        agenda: number(attr::AGENDA_SHARDS, Shards::MOST.agenda).unwrap_or(default.agenda),
        catalog: number(attr::CATALOG_SHARDS, Shards::MOST.catalog).unwrap_or(default.catalog),
    }
    .widest(default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_range_is_refused_by_its_limit() {
        assert_eq!((Shards::parse_agenda("1"), Shards::parse_agenda("64")), (Ok(1), Ok(64)));
        assert_eq!((Shards::parse_catalog("1"), Shards::parse_catalog("32")), (Ok(1), Ok(32)));
        for text in ["0", "65", "-1", "", " 4", "4.0", "65537", "many"] {
            assert_eq!(Shards::parse_agenda(text), Err(OutOfRange { most: 64 }), "{text:?}");
        }
        assert_eq!(Shards::parse_catalog("33"), Err(OutOfRange { most: 32 }));
    }

    #[test]
    fn the_widest_is_that_of_each_by_itself() {
        let (few, many) = (Shards { agenda: 2, catalog: 9 }, Shards { agenda: 7, catalog: 3 });
        assert_eq!(few.widest(many), Shards { agenda: 7, catalog: 9 });
    }
}
