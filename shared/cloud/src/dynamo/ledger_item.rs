//! How a ledger's item is written and read: a map from task to permit, each permit one number.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use taskway_protocol::{Fence, Ledger, Permit, Scope, TaskId, Time};

use super::{
    attr, keys,
    ledgers::Out,
    record::{Item, Malformed, Reader, s},
};

/// A permit's number in a ledger has its time in milliseconds from this digit on. Its nonce is below.
const UNTIL_UNIT: u128 = 10_000_000_000;

/// Its fence stands from this digit on. A number of DynamoDB has up to 38 digits.
const FENCE_UNIT: u128 = UNTIL_UNIT * 10_000_000_000_000;

/// A ledger as it was read.
#[derive(Clone, Default, Debug)]
pub(super) struct Seen {
    pub(super) ledger: Ledger,
    pub(super) waits_until: Time,
}

impl Seen {
    pub(super) fn out(&self) -> Out {
        Out { permits: self.ledger.0.len(), waits_until: self.waits_until }
    }
}

pub(super) fn seen(item: &Item) -> Result<Seen, Malformed> {
    let waits_until = Reader(item).optional(attr::WAITS, Reader::time)?.unwrap_or_default();
    Ok(Seen { ledger: ledger(item)?, waits_until })
}

pub(super) fn key(scope: &Scope) -> Item {
    HashMap::from([
        (attr::PK.to_owned(), s(keys::limit_partition(scope))),
        (attr::SK.to_owned(), s(keys::ledger_sort(scope))),
    ])
}

pub(super) fn number(permit: Permit) -> AttributeValue {
    let until = u128::from(permit.until.as_millis()).min(FENCE_UNIT / UNTIL_UNIT - 1);
    let number = u128::from(permit.fence.0) * FENCE_UNIT + until * UNTIL_UNIT + u128::from(permit.nonce);
    AttributeValue::N(number.to_string())
}

/// The permits in a ledger's item.
///
/// # Errors
/// When the item does not have the form of a ledger.
pub(super) fn ledger(item: &Item) -> Result<Ledger, Malformed> {
    let malformed = || Malformed { attribute: attr::PERMITS };
    let permits = item.get(attr::PERMITS).and_then(|permits| permits.as_m().ok()).ok_or_else(malformed)?;
    let permit = |(key, number): (&String, &AttributeValue)| {
        let number: u128 = number.as_n().ok()?.parse().ok()?;
        let fence = Fence(u32::try_from(number / FENCE_UNIT).ok()?);
        let until = Time::from_millis((number % FENCE_UNIT / UNTIL_UNIT) as u64);
        let nonce = u32::try_from(number % UNTIL_UNIT).ok()?;
        Some((TaskId::parse(key)?, Permit { fence, until, nonce }))
    };
    permits.iter().map(permit).collect::<Option<BTreeMap<_, _>>>().map(Ledger).ok_or_else(malformed)
}
