//! Reads a record in DynamoDB's JSON, the form that exports and streams have.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{
    attr,
    keys::TASK_SORT,
    ledger_item, packed,
    record::{self, Item, Malformed},
};
use taskway_protocol::{Ledger, Task};

/// The task of an item in DynamoDB's JSON, such as `{"st":{"S":"queued"}, …}`. `None` if the item is not a task's
/// record.
///
/// # Errors
/// If the item is a task's record that this code cannot read.
pub fn task_in(item: &Value) -> Result<Option<Task>, Malformed> {
    if item[attr::SK]["S"].as_str() != Some(TASK_SORT) {
        return Ok(None);
    }
    record::from_item(&attributes(item)?).map(Some)
}

/// The text of a part in DynamoDB's JSON. `None` if the item is not a part.
pub fn text_in(item: &Value) -> Option<String> {
    attribute(&item[attr::TEXT]).as_ref().and_then(packed::text)
}

/// The ledger in an item in DynamoDB's JSON.
///
/// # Errors
/// If the item is not a ledger.
pub fn ledger_in(item: &Value) -> Result<Ledger, Malformed> {
    ledger_item::ledger(&attributes(item)?)
}

fn attributes(item: &Value) -> Result<Item, Malformed> {
    let attributes = item.as_object().into_iter().flatten();
    let attributes: Option<Item> = attributes.map(|(name, value)| Some((name.clone(), attribute(value)?))).collect();
    attributes.ok_or(Malformed { attribute: attr::SK })
}

/// A value of a type that records have.
fn attribute(value: &Value) -> Option<AttributeValue> {
    let (kind, content) = value.as_object()?.iter().next()?;
    match (kind.as_str(), content) {
        ("S", Value::String(text)) => Some(AttributeValue::S(text.clone())),
        ("B", Value::String(base64)) => Some(AttributeValue::B(Blob::new(STANDARD.decode(base64).ok()?))),
        ("N", Value::String(digits)) => Some(AttributeValue::N(digits.clone())),
        ("M", Value::Object(members)) => {
            let members = members.iter().map(|(name, value)| Some((name.clone(), attribute(value)?)));
            members.collect::<Option<Item>>().map(AttributeValue::M)
        }
        _ => None,
    }
}
