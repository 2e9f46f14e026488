//! How one value of an object is judged.

use serde::Serialize;
use serde_json::{Map, json};

use crate::json::Value;

/// A JSON Schema, of the dialect 2020-12.
pub type Schema = serde_json::Value;

/// A check of a value, and what it asks of the value as JSON Schema. Both are made of the same limits in one place, so the
/// API's document cannot say another limit than the one that is kept.
///
/// The schema is a function, because only the document needs it: a request that is read makes none.
#[derive(Clone, Copy, Debug)]
pub struct Check<J, S> {
    /// Takes a [`Value`](crate::json::Value) and returns what it means, or what is wrong with it.
    pub judge: J,
    /// Returns the schema of the values that the check lets pass.
    pub schema: S,
}

/// A check that depends on nothing but the value.
pub type PlainCheck<T> = Check<fn(Value<'_>) -> Result<T, String>, fn() -> Schema>;

impl<J, S> Check<J, S> {
    /// A check with its schema.
    pub const fn new(judge: J, schema: S) -> Self {
        Check { judge, schema }
    }
}

/// The schema of a field, with what its declaration says beside the check: the lines of its documentation, and its
/// default.
#[doc(hidden)]
pub fn described(schema: Schema, documentation: &[&str], default: Option<serde_json::Value>) -> Schema {
    // One with a name of its own keeps its own description.
    let mut schema = if schema.get("title").is_some() { json!({ "allOf": [schema] }) } else { schema };
    schema["description"] = text(documentation).into();
    if let Some(default) = default {
        schema["default"] = default;
    }
    schema
}

/// A default as JSON.
#[doc(hidden)]
pub fn default(value: &impl Serialize) -> Option<serde_json::Value> {
    serde_json::to_value(value).ok()
}

/// The lines of a documentation as one text. An empty line divides paragraphs.
fn text(lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| if line.is_empty() { "\n\n" } else { line }).collect();
    lines.replace("\n\n ", "\n\n").trim().to_owned()
}

/// The schema with `null` beside it, because a field that is `null` counts as left out.
#[doc(hidden)]
pub fn or_null(mut schema: Schema) -> Schema {
    match schema.get("type") {
        Some(kind @ serde_json::Value::String(_)) if schema.get("title").is_none() => {
            schema["type"] = json!([kind, "null"]);
            if let Some(serde_json::Value::Array(words)) = schema.get_mut("enum") {
                words.push(serde_json::Value::Null);
            }
            schema
        }
        // One that has a name of its own stays as it is, and any value may be null already.
        Some(_) => json!({ "anyOf": [schema, { "type": "null" }] }),
        None => schema,
    }
}

/// The schema of an object that takes these fields and no others. The fields of a part stand among its own.
#[doc(hidden)]
pub fn object(
    name: &str,
    documentation: &[&str],
    fields: impl IntoIterator<Item = (&'static str, bool, Schema)>,
) -> Schema {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (name, must, schema) in fields {
        if name.is_empty() {
            properties.extend(schema["properties"].as_object().cloned().unwrap_or_default());
            required.extend(schema["required"].as_array().cloned().unwrap_or_default());
        } else {
            properties.insert(name.to_owned(), schema);
            required.extend(must.then(|| name.into()));
        }
    }
    let mut object = json!({
        "title": name,
        "description": text(documentation),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        object["required"] = required.into();
    }
    object
}
