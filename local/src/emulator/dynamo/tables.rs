//! Creates the template's tables, and checks existing tables against the template.

use dynoxide::{
    Database, DynoxideError,
    actions::{
        describe_table::DescribeTableRequest,
        describe_time_to_live::DescribeTimeToLiveRequest,
        update_time_to_live::{TimeToLiveSpecification, UpdateTimeToLiveRequest},
    },
};
use serde_json::Value;

use super::DynamoError;
use crate::emulator::template::Table;

/// The parts of a table that must be as in the template: if one differs, calls on the table fail later.
const SCHEMA: &[&str] = &["KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes"];

/// Creates the table if it is missing. An existing table must have the template's schema and TTL attribute.
pub(super) fn create(database: &Database, table: &Table) -> Result<(), DynamoError> {
    create_table(database, table)?;
    set_ttl(database, table)
}

fn create_table(database: &Database, table: &Table) -> Result<(), DynamoError> {
    let describe = DescribeTableRequest { table_name: table.name.clone() };
    let refused = |reason: String| DynamoError::Refused { table: table.name.clone(), reason };
    let found = match database.describe_table(describe) {
        Ok(found) => serde_json::to_value(found).map_err(|error| refused(error.to_string()))?,
        Err(DynoxideError::ResourceNotFoundException(_)) => {
            let request = serde_json::from_value(table.create.clone())
                .map_err(|error| refused(error.to_string().replace("VALIDATION:", "")))?;
            return match database.create_table(request) {
                Ok(_) => Ok(()),
                Err(DynoxideError::ValidationException(reason)) => Err(refused(reason)),
                Err(error) => Err(error.into()),
            };
        }
        Err(error) => return Err(error.into()),
    };
    match SCHEMA.iter().find(|part| comparable(&table.create[**part]) != comparable(&found["Table"][**part])) {
        Some(part) => Err(other_schema(table, part)),
        None => Ok(()),
    }
}

fn set_ttl(database: &Database, table: &Table) -> Result<(), DynamoError> {
    let describe = DescribeTimeToLiveRequest { table_name: table.name.clone() };
    let found = serde_json::to_value(database.describe_time_to_live(describe)?)
        .map_err(|error| DynamoError::Refused { table: table.name.clone(), reason: error.to_string() })?;
    let found = found["TimeToLiveDescription"]["AttributeName"].as_str();
    match (found, &table.ttl_attribute) {
        (found, wanted) if found == wanted.as_deref() => Ok(()),
        (None, Some(attribute_name)) => {
            let time_to_live_specification =
                TimeToLiveSpecification { attribute_name: attribute_name.clone(), enabled: true };
            let request = UpdateTimeToLiveRequest { table_name: table.name.clone(), time_to_live_specification };
            database.update_time_to_live(request)?;
            Ok(())
        }
        _ => Err(other_schema(table, "TimeToLiveSpecification")),
    }
}

fn other_schema(table: &Table, part: &str) -> DynamoError {
    DynamoError::OtherSchema { table: table.name.clone(), part: part.to_owned() }
}

/// Drops what DynamoDB adds to a description, and sorts all lists, so that two descriptions can be compared.
fn comparable(part: &Value) -> Value {
    /// Members of a description that the request for the table does not have.
    const ADDED: &[&str] =
        &["IndexArn", "IndexStatus", "IndexSizeBytes", "ItemCount", "ProvisionedThroughput", "Backfilling"];
    match part {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !ADDED.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), comparable(value)))
            .collect(),
        // Every list here is a set: of key elements (each says its role), attributes, indexes or projected names.
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(comparable).collect();
            items.sort_by_key(Value::to_string);
            items.into()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => part.clone(),
    }
}
