//! A record as DynamoDB writes it in JSON: what an export, a stream or a look over its shoulder has.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use super::{
    keys::{RECORD, attr},
    record::{self, Item, Malformed},
};
use taskway_protocol::Task;

/// The task of an item in DynamoDB's JSON (`{"st":{"S":"queued"}, …}`); nothing where the item is none of a task's
/// records.
///
/// # Errors
/// When it is a record that this code does not read.
pub fn task_in(item: &Value) -> Result<Option<Task>, Malformed> {
    if item[attr::SK]["S"].as_str() != Some(RECORD) {
        return Ok(None);
    }
    let attributes = item.as_object().into_iter().flatten();
    let attributes: Option<Item> = attributes.map(|(name, value)| Some((name.clone(), attribute(value)?))).collect();
    record::from_item(&attributes.ok_or(Malformed { attribute: attr::SK })?).map(Some)
}

/// A value of the kinds that records have.
fn attribute(value: &Value) -> Option<AttributeValue> {
    let (kind, content) = value.as_object()?.iter().next()?;
    match (kind.as_str(), content) {
        ("S", Value::String(text)) => Some(AttributeValue::S(text.clone())),
        ("N", Value::String(digits)) => Some(AttributeValue::N(digits.clone())),
        ("M", Value::Object(members)) => {
            let members = members.iter().map(|(name, value)| Some((name.clone(), attribute(value)?)));
            members.collect::<Option<Item>>().map(AttributeValue::M)
        }
        _ => None,
    }
}
