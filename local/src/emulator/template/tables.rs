//! Tables. The template's properties are nearly those of DynamoDB's `CreateTable`.

use serde_json::{Value, json};

use super::{document::Resource, error::TemplateError, model::Table, node::Node, resolve::Scope};

/// Properties about encryption, backups and cost. The local stack has none of them.
const IGNORED: &[&str] = &[
    "ContributorInsightsSpecification",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "TableClass",
    "Tags",
    "WarmThroughput",
];

pub(super) fn read(resource: &Resource, scope: &Scope<'_>) -> Result<Table, TemplateError> {
    let properties = resource.properties()?;
    properties.only(
        &[
            "AttributeDefinitions",
            "BillingMode",
            "GlobalSecondaryIndexes",
            "KeySchema",
            "TableName",
            "TimeToLiveSpecification",
        ],
        IGNORED,
    )?;
    let part = |name: &str| scope.resolve(&properties.at(name)?);

    let name = scope.name(&resource.id);
    // With provisioned capacity AWS would throttle requests. The local stack cannot, so it refuses this mode.
    let billing = part("BillingMode")?.one_of(&["PAY_PER_REQUEST"])?;
    let mut create = json!({
        "TableName": name,
        "BillingMode": billing,
        "AttributeDefinitions": attributes(&part("AttributeDefinitions")?)?,
        "KeySchema": key(&part("KeySchema")?)?,
    });
    if let Some(indexes) = part("GlobalSecondaryIndexes")?.optional() {
        create["GlobalSecondaryIndexes"] =
            indexes.list("a list of indexes")?.iter().map(index).collect::<Result<Value, _>>()?;
    }
    Ok(Table { logical_id: resource.id.clone(), name, create, ttl_attribute: ttl(&part("TimeToLiveSpecification")?)? })
}

fn attributes(node: &Node) -> Result<Value, TemplateError> {
    let attribute = |node: &Node| {
        node.only(&["AttributeName", "AttributeType"], &[])?;
        Ok(json!({
            "AttributeName": node.at("AttributeName")?.text("a name")?,
            "AttributeType": node.at("AttributeType")?.one_of(&["S", "N", "B"])?,
        }))
    };
    node.list("a list of attributes")?.iter().map(attribute).collect()
}

fn key(node: &Node) -> Result<Value, TemplateError> {
    let element = |node: &Node| {
        node.only(&["AttributeName", "KeyType"], &[])?;
        Ok(json!({
            "AttributeName": node.at("AttributeName")?.text("a name")?,
            "KeyType": node.at("KeyType")?.one_of(&["HASH", "RANGE"])?,
        }))
    };
    node.list("a list of key attributes")?.iter().map(element).collect()
}

fn index(node: &Node) -> Result<Value, TemplateError> {
    node.only(&["IndexName", "KeySchema", "Projection"], IGNORED)?;
    let projection = node.at("Projection")?;
    projection.only(&["NonKeyAttributes", "ProjectionType"], &[])?;
    let mut projected = json!({
        "ProjectionType": projection.at("ProjectionType")?.one_of(&["ALL", "INCLUDE", "KEYS_ONLY"])?,
    });
    if let Some(names) = projection.at("NonKeyAttributes")?.optional() {
        let names = names.list("a list of names")?;
        projected["NonKeyAttributes"] =
            names.iter().map(|name| Ok(Value::from(name.text("a name")?))).collect::<Result<Value, _>>()?;
    }
    Ok(json!({
        "IndexName": node.at("IndexName")?.text("a name")?,
        "KeySchema": key(&node.at("KeySchema")?)?,
        "Projection": projected,
    }))
}

fn ttl(node: &Node) -> Result<Option<String>, TemplateError> {
    node.only(&["AttributeName", "Enabled"], &[])?;
    let Some(enabled) = node.at("Enabled")?.optional() else {
        return match node.value() {
            Some(_) => Err(node.at_name("Enabled").missing("true or false")),
            None => Ok(None),
        };
    };
    if !enabled.boolean()? {
        return Ok(None);
    }
    Ok(Some(node.at("AttributeName")?.text("a name")?))
}
