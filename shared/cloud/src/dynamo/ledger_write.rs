//! A write of a ledger: changes of some of its permits, which all happen or none does.

use std::fmt::Write as _;

use aws_sdk_dynamodb::{
    Client,
    error::BuildError,
    operation::{put_item::PutItemError, update_item::UpdateItemError},
    types::{
        AttributeValue, BatchStatementErrorCodeEnum as Code, BatchStatementRequest, BatchStatementResponse,
        ReturnValue, ReturnValuesOnConditionCheckFailure,
    },
};
use futures::FutureExt;
use taskway_protocol::{Change, Fence, Ledger, Permit, Scope, TaskId, Time};

use super::{
    attr,
    batches::Write,
    error::StoreError,
    ledger_item::{Seen, key, number, seen},
    record::{Item, n},
};

/// The changes of one ledger.
#[derive(Clone, Debug)]
pub(super) struct LedgerWrite {
    pub(super) scope: Scope,
    /// One for each task at most.
    pub(super) changes: Vec<(TaskId, Change)>,
    /// How many permits the ledger may have before the write, if it adds some.
    pub(super) room: Option<i64>,
    /// When DynamoDB may delete the ledger, in seconds since 1970. `None` leaves that as it is.
    pub(super) expires: Option<u64>,
}

/// What a write of a ledger has come to.
#[derive(Debug)]
pub(super) enum Written {
    /// It is made. The ledger is like this now.
    Done(Seen),
    /// The ledger is like this, and refused it.
    Refused(Seen),
    /// There is no ledger.
    Absent,
}

/// What a change expects of a task's permit.
enum Expected {
    Nothing,
    Exactly(Permit),
    /// The permit of this attempt, or of an earlier one.
    UpTo(Fence),
}

/// What a change expects of its task's permit, and what it puts in its place.
fn sides(change: Change) -> (Expected, Option<Permit>) {
    match change {
        Change::Add(permit) => (Expected::Nothing, Some(permit)),
        Change::Replace { before, after } => (Expected::Exactly(before), Some(after)),
        Change::Release(fence) => (Expected::UpTo(fence), None),
        Change::Free(permit) => (Expected::Exactly(permit), None),
    }
}

/// The number above those of all permits up to this fence.
fn above(fence: Fence) -> AttributeValue {
    number(Permit { fence: fence.next(), until: Time::default(), nonce: 0 })
}

impl Write for LedgerWrite {
    type Done = Written;

    fn same_item(&self, other: &Self) -> bool {
        self.scope == other.scope
    }

    fn statement(&self, table: &str) -> Result<BatchStatementRequest, BuildError> {
        let (mut set, mut conditions) = (String::new(), String::new());
        let (mut new, mut old) = (Vec::new(), Vec::new());
        for (id, change) in &self.changes {
            let (expected, after) = sides(*change);
            let path = format!("\"{}\".\"{id}\"", attr::PERMITS);
            // Writing to a text cannot fail.
            let _ = match after {
                Some(permit) => {
                    new.push(number(permit));
                    write!(set, " SET {path}=?")
                }
                None => write!(set, " REMOVE {path}"),
            };
            let _ = match expected {
                Expected::Nothing => write!(conditions, " AND {path} IS MISSING"),
                Expected::Exactly(permit) => {
                    old.push(number(permit));
                    write!(conditions, " AND {path}=?")
                }
                Expected::UpTo(fence) => {
                    old.push(above(fence));
                    write!(conditions, " AND {path}<?")
                }
            };
        }
        if let Some(expires) = self.expires {
            let _ = write!(set, " SET \"{}\"=?", attr::TTL);
            new.push(n(expires));
        }
        let (pk, sk, permits) = (attr::PK, attr::SK, attr::PERMITS);
        let mut key = key(&self.scope);
        new.extend([pk, sk].map(|name| key.remove(name).unwrap_or(AttributeValue::Null(true))));
        if let Some(room) = self.room {
            let _ = write!(conditions, " AND size(\"{permits}\")<=?");
            old.push(AttributeValue::N(room.to_string()));
        }
        new.append(&mut old);
        let text = format!(
            "UPDATE \"{table}\"{set} WHERE \"{pk}\"=? AND \"{sk}\"=? AND attribute_exists(\"{permits}\"){conditions} \
             RETURNING ALL NEW *"
        );
        BatchStatementRequest::builder()
            .statement(text)
            .set_parameters(Some(new))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
    }

    fn answered(&self, answer: BatchStatementResponse) -> Option<Result<Written, StoreError>> {
        match answer.error {
            // Without the item only a single write can tell: it is refused, and the caller recognises its own permits.
            None => answer.item.map(|item| Ok(Written::Done(seen(&item)?))),
            Some(error) if error.code == Some(Code::ConditionalCheckFailed) => Some(refused(error.item.as_ref())),
            Some(_) => None,
        }
    }

    async fn alone(&self, client: &Client, table: &str) -> Result<Written, StoreError> {
        let (mut set, mut remove) = (Vec::new(), Vec::new());
        // A map that is not there refuses the write before any path of it is followed.
        let mut conditions = vec!["attribute_exists(#p)".to_owned()];
        let mut update = client
            .update_item()
            .table_name(table)
            .set_key(Some(key(&self.scope)))
            .expression_attribute_names("#p", attr::PERMITS)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        for (i, (id, change)) in self.changes.iter().enumerate() {
            let (expected, after) = sides(*change);
            let (task, new, old) = (format!("#t{i}"), format!(":n{i}"), format!(":o{i}"));
            update = update.expression_attribute_names(&task, id.to_string());
            match after {
                Some(permit) => {
                    set.push(format!("#p.{task} = {new}"));
                    update = update.expression_attribute_values(new, number(permit));
                }
                None => remove.push(format!("#p.{task}")),
            }
            match expected {
                Expected::Nothing => conditions.push(format!("attribute_not_exists(#p.{task})")),
                Expected::Exactly(permit) => {
                    conditions.push(format!("#p.{task} = {old}"));
                    update = update.expression_attribute_values(old, number(permit));
                }
                Expected::UpTo(fence) => {
                    conditions.push(format!("#p.{task} < {old}"));
                    update = update.expression_attribute_values(old, above(fence));
                }
            }
        }
        if let Some(room) = self.room {
            conditions.push("size(#p) <= :room".to_owned());
            update = update.expression_attribute_values(":room", AttributeValue::N(room.to_string()));
        }
        if let Some(expires) = self.expires {
            set.push("#ttl = :ttl".to_owned());
            update = update.expression_attribute_names("#ttl", attr::TTL);
            update = update.expression_attribute_values(":ttl", n(expires));
        }
        let mut expression = String::new();
        if !set.is_empty() {
            expression = format!("SET {}", set.join(", "));
        }
        if !remove.is_empty() {
            expression = format!("{expression} REMOVE {}", remove.join(", "));
        }
        let update = update.update_expression(expression.trim()).condition_expression(conditions.join(" AND "));
        match update.send().boxed().await {
            Ok(updated) => Ok(Written::Done(seen(&updated.attributes.unwrap_or_default())?)),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => refused(failed.item.as_ref()),
                Some(_) | None => Err(StoreError::unavailable(error)),
            },
        }
    }
}

impl LedgerWrite {
    /// Makes the ledger with its first permits, unless there is one.
    pub(super) async fn create(&self, client: &Client, table: &str) -> Result<Written, StoreError> {
        let mut ledger = Ledger::default();
        for (id, change) in &self.changes {
            ledger.apply(*id, *change);
        }
        let permits = ledger.0.iter().map(|(id, permit)| (id.to_string(), number(*permit))).collect();
        let mut put = client
            .put_item()
            .table_name(table)
            .set_item(Some(key(&self.scope)))
            .item(attr::PERMITS, AttributeValue::M(permits))
            .condition_expression("attribute_not_exists(#p)")
            .expression_attribute_names("#p", attr::PERMITS)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        if let Some(expires) = self.expires {
            put = put.item(attr::TTL, n(expires));
        }
        match put.send().boxed().await {
            Ok(_) => Ok(Written::Done(Seen { ledger, waits_until: Time::default() })),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => refused(failed.item.as_ref()),
                Some(_) | None => Err(StoreError::unavailable(error)),
            },
        }
    }
}

fn refused(item: Option<&Item>) -> Result<Written, StoreError> {
    Ok(match item {
        Some(item) => Written::Refused(seen(item)?),
        None => Written::Absent,
    })
}
