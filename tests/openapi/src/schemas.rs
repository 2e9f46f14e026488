//! The schemas of what is sent and answered, made from the wire types.
//!
//! **Requests** are declared by `taskway_strict::object!`, and so are their schemas: the check that refuses a field's value is
//! also what its limits in the schema are made of. Neither schemars nor utoipa can do that. Both would read each limit from an
//! attribute beside the check, and the two could differ.
//!
//! **Answers** are plain structs, and schemars derives their schemas. It speaks the dialect of OpenAPI 3.1 and follows serde's
//! attributes: a flattened struct, an untagged enum, a field that is left out when it is empty. utoipa 6.0 writes a `u32` as
//! int32 and a transparent newtype as an object, and the schema that it makes of a flattened `Option` refuses valid objects.
//! utoipa would also describe the operations by an attribute at each handler, within the function. Here that is the work of
//! [`operations`](crate::operations), and the function depends on no generator.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use taskway_api::{
    BatchResults, BulkRequest, BulkResult, MOST_OF_A_BATCH, Problem, Queue, QueueList, QueueRequest, Schedule,
    ScheduleList, Stats, Task, TaskChange, TaskList, TaskRequest, Upload, UploadRequest, schedule_schema,
};
use taskway_protocol::{ErrorKind, Limits, StateName, Time};
use taskway_submit::lists::Ask;

/// Whatever a stack may allow: a worker runs tasks for up to 12 hours.
fn widest() -> Limits {
    Limits { longest_timeout_seconds: 43_200, plain_http: true, ..Limits::default() }
}

/// The schemas by their names.
pub(crate) fn schemas() -> Map<String, Value> {
    let mut schemas = answers();
    let (limits, now) = (widest(), Time::default());
    let batch = json!({
        "title": "BatchRequest",
        "description": "Tasks to be submitted. One that is refused does not keep the others from being accepted.",
        "type": "object",
        "properties": {
            "tasks": {
                "type": "array",
                "items": TaskRequest::schema(&limits, now, None),
                "minItems": 1,
                "maxItems": MOST_OF_A_BATCH,
                "description": "Each has its own idempotency key.",
            },
        },
        "required": ["tasks"],
        "additionalProperties": false,
    });
    let mut change = TaskChange::schema(now);
    change["minProperties"] = 1.into();
    let requests = [batch, change, schedule_schema(&limits, now), QueueRequest::schema(), UploadRequest::schema()];
    for request in requests.into_iter().chain([bulk(Ask::Cancel), bulk(Ask::Redrive), bulk(Ask::Purge)]) {
        lift(request, &mut schemas);
    }
    schemas
}

/// The body of a change of many: each route takes its own part of the filters.
fn bulk(ask: Ask) -> Value {
    let mut schema = BulkRequest::schema(ask.states());
    let name = match ask {
        Ask::Cancel => "CancelRequest",
        Ask::Redrive => "RedriveRequest",
        Ask::Purge | Ask::Tasks | Ask::Dead => "PurgeRequest",
    };
    schema["title"] = name.into();
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.retain(|name, _| match name.as_str() {
            "limit" | "cursor" => true,
            "state" => !ask.states().is_empty(),
            _ => ask.takes_filters(),
        });
        for name in ["all", "ids"] {
            // What they are when they are left out cannot be given.
            properties.get_mut(name).and_then(Value::as_object_mut).map(|schema| schema.remove("default"));
        }
    }
    let selects = ask.takes_filters();
    schema["description"] =
        if selects { "Which tasks are meant: all filters must hold." } else { "How far one call goes." }.into();
    schema
}

/// Puts a schema, and all within it that have a title, among the named ones. Returns what refers to it.
fn lift(schema: Value, schemas: &mut Map<String, Value>) -> Value {
    match schema {
        Value::Array(items) => items.into_iter().map(|item| lift(item, schemas)).collect(),
        Value::Object(members) => {
            let within = members.into_iter().map(|(name, value)| (name, lift(value, schemas))).collect();
            named(alone(within), schemas)
        }
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

/// A reference that stands alone among `allOf` can stand beside the other keywords.
fn alone(mut members: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::Array(all)) = members.get("allOf")
        && let [only] = all.as_slice()
        && let Some(reference) = only.get("$ref").cloned()
    {
        members.remove("allOf");
        members.insert("$ref".to_owned(), reference);
    }
    members
}

fn named(mut members: Map<String, Value>, schemas: &mut Map<String, Value>) -> Value {
    // A property may be called so, too.
    let Some(Value::String(title)) = members.get("title") else { return members.into() };
    let name = if title.ends_with("Request") { title.clone() } else { format!("{title}Request") };
    members.remove("title");
    let reference = reference(&name);
    schemas.insert(name, members.into());
    reference
}

/// A reference to a named schema.
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn answers() -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let settings = settings.with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let mut add = |add: fn(&mut schemars::SchemaGenerator)| add(&mut generator);
    add(of::<Task>);
    add(of::<TaskList>);
    add(of::<BatchResults>);
    add(of::<BulkResult>);
    add(of::<Schedule>);
    add(of::<ScheduleList>);
    add(of::<Queue>);
    add(of::<QueueList>);
    add(of::<Stats>);
    add(of::<Upload>);
    add(of::<Problem>);
    let mut schemas = generator.take_definitions(true);
    schemas.values_mut().for_each(plain);
    told_apart(&mut schemas);
    schemas
}

fn of<T: JsonSchema>(generator: &mut schemars::SchemaGenerator) {
    generator.subschema_for::<T>();
}

/// Removes what is Rust's: the widths of integers, links to other items in a documentation, and the defaults by which a client
/// in Rust reads answers.
fn plain(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(plain),
        Value::Object(members) => {
            if members.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint")) {
                members.remove("format");
            }
            // A property that is called so has a type of its own.
            if members.get("default").is_some_and(|default| default.get("type").is_none()) {
                members.remove("default");
            }
            if let Some(Value::String(text)) = members.get_mut("description") {
                *text = unlinked(text).replace('\n', " ");
            }
            members.values_mut().for_each(plain);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The text with ``[`name`](item)`` as `name`.
fn unlinked(text: &str) -> String {
    let mut parts = text.split("[`");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("`]").unwrap_or((part, ""));
        let behind = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, behind)| behind);
        plain.push_str(name);
        plain.push_str(behind);
    }
    plain
}

/// What the types leave open, because a client must read newer answers too: which states there are, and that lists have no
/// payloads.
fn told_apart(schemas: &mut Map<String, Value>) {
    schemas["TaskError"]["properties"]["kind"]["examples"] = json!(ErrorKind::NAMES);
    let task = &mut schemas["Task"];
    task["properties"]["state"]["enum"] = json!(StateName::NAMES);
    let mut summary = task.clone();
    if let Some(properties) = summary["properties"].as_object_mut() {
        properties.retain(|name, _| name != "payload" && name != "result");
    }
    summary["description"] = "A task in a list or in a batch's answer: without its payload and its result.".into();
    task["description"] = "A task. Every field is there, and null where there is nothing.".into();
    if let Some(required) = task["required"].as_array_mut() {
        required.extend(["payload".into(), "result".into()]);
    }
    schemas.insert("TaskSummary".to_owned(), summary);
    let (whole, brief) = (reference("Task"), reference("TaskSummary"));
    for list in ["TaskList", "BatchItem"] {
        replace(&mut schemas[list], &whole, &brief);
    }
}

fn replace(schema: &mut Value, old: &Value, new: &Value) {
    if schema["$ref"] == old["$ref"] && schema.get("$ref").is_some() {
        schema["$ref"] = new["$ref"].clone();
    }
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, old, new)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, old, new)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
