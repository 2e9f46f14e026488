//! Which programs have which handlers: one item for each set of handlers that executors have announced.

use std::{cmp::Reverse, collections::HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use futures::FutureExt;

use super::{
    attr,
    error::StoreError,
    keys,
    page::{PAGE, readable},
    record::{Item, Malformed, Reader, ms, n, s},
    store::Store,
};
use taskway_protocol::{PROGRAM_LISTED, Program, Time};

impl Store {
    /// Notes that an executor with these handlers runs now. The names must be in order. Executors with the same handlers
    /// share an item.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it may or may not have been noted.
    pub async fn announce(&self, handlers: &[&str], now: Time) -> Result<(), StoreError> {
        let names = handlers.iter().map(|name| s(*name)).collect();
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(handlers)))
            .update_expression("SET #hs = :names, #fs = if_not_exists(#fs, :now), #ls = :now, #ttl = :until")
            .expression_attribute_names("#hs", attr::HANDLERS)
            .expression_attribute_names("#fs", attr::FIRST_SEEN)
            .expression_attribute_names("#ls", attr::LAST_SEEN)
            .expression_attribute_names("#ttl", attr::TTL)
            .expression_attribute_values(":names", AttributeValue::L(names))
            .expression_attribute_values(":now", ms(now))
            .expression_attribute_values(":until", n(now.after(PROGRAM_LISTED).as_secs()))
            .return_values(ReturnValue::AllNew)
            .send()
            .boxed()
            .await
            .map(|_| ())
            .map_err(StoreError::unavailable)
    }

    /// The programs that were announced within the last week or so, the one seen last at the top. The read is eventually
    /// consistent.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn programs(&self) -> Result<Vec<Program>, StoreError> {
        let mut programs = Vec::new();
        let mut from = None;
        loop {
            let found = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("#pk = :programs")
                .expression_attribute_names("#pk", attr::PK)
                .expression_attribute_values(":programs", s(keys::PROGRAMS_PARTITION))
                .set_exclusive_start_key(from)
                .limit(PAGE)
                .send()
                .boxed()
                .await
                .map_err(StoreError::unavailable)?;
            programs.extend(readable(found.items.unwrap_or_default(), program));
            from = found.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        programs.sort_by_key(|program: &Program| Reverse(program.last_seen));
        Ok(programs)
    }
}

fn key(handlers: &[&str]) -> Item {
    let digest = Program::digest(handlers).to_string();
    HashMap::from([(attr::PK.to_owned(), s(keys::PROGRAMS_PARTITION)), (attr::SK.to_owned(), s(digest))])
}

fn program(item: &Item) -> Result<Program, Malformed> {
    let malformed = || Malformed { attribute: attr::HANDLERS };
    let names = item.get(attr::HANDLERS).and_then(|names| names.as_l().ok()).ok_or_else(malformed)?;
    let names = names.iter().map(|name| name.as_s().map(|name| name.as_str().into()).map_err(|_| malformed()));
    Ok(Program {
        handlers: names.collect::<Result<_, _>>()?,
        first_seen: Reader(item).time(attr::FIRST_SEEN)?,
        last_seen: Reader(item).time(attr::LAST_SEEN)?,
    })
}
