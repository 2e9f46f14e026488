//! Refusals: a schema for each problem type, and a response for each status that an operation can be refused with.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use taskway_submit::problem::Kind;

use crate::{headers, schemas::reference};

/// The schema's name of a kind: `/problems/not-json` is `NotJsonProblem`.
fn name(kind: Kind) -> String {
    format!("{}Problem", words(kind))
}

fn words(kind: Kind) -> String {
    let words = kind.name().trim_start_matches("/problems/").split('-');
    words.map(|word| format!("{}{}", word[..1].to_uppercase(), &word[1..])).collect()
}

/// When it is answered, and the members that it has beside those of every problem.
fn row(kind: Kind) -> (&'static str, Vec<(&'static str, Value)>) {
    let seconds = json!({ "type": "integer", "minimum": 0, "description": "As the header `Retry-After`." });
    let state =
        json!({ "type": "string", "description": "The task's state.", "enum": taskway_protocol::StateName::NAMES });
    let pointer = json!({ "type": "string", "description": "Where in the body: an RFC 6901 pointer." });
    let offset = json!({ "type": "integer", "minimum": 0, "description": "At which byte of the body." });
    let limit = json!({ "type": "integer", "minimum": 0, "description": "How many bytes the body may have." });
    match kind {
        Kind::Validation => {
            ("A field, header or parameter is not what it must be. `errors` names every fault.", vec![])
        }
        Kind::IdempotencyKeyReused => ("The idempotency key was used for another request.", vec![]),
        Kind::NotJson => ("The body is not I-JSON.", vec![("offset", offset), ("pointer", pointer)]),
        Kind::BadRequest => ("The request cannot be read.", vec![]),
        Kind::Unauthorized => ("The caller is not known. The embedded stack asks for no authorization.", vec![]),
        Kind::NotFound => ("There is no such task, schedule, queue or path.", vec![]),
        Kind::MethodNotAllowed => ("The path takes other methods, which `Allow` names.", vec![]),
        Kind::StateConflict => ("The task's state does not allow it.", vec![("state", state)]),
        Kind::TooLarge => ("The body is too large.", vec![("limit_bytes", limit)]),
        Kind::UnsupportedMediaType => (
            "The content type is not JSON in UTF-8, or the body is encoded. On the embedded stack also a POST without a body \
             and a content type.",
            vec![],
        ),
        Kind::Throttled => (
            "DynamoDB throttles, or many clients change one schedule or queue at once.",
            vec![("retry_after_seconds", seconds)],
        ),
        Kind::Unavailable => ("DynamoDB or SQS fails or cannot be reached.", vec![("retry_after_seconds", seconds)]),
        Kind::Internal => ("Taskway failed. The log has the cause under the request's id.", vec![]),
    }
}

/// The schema of each kind, made of the one of every problem.
pub(crate) fn schemas(problem: &Value) -> Map<String, Value> {
    Kind::ALL.iter().map(|kind| (name(*kind), schema(*kind, problem))).collect()
}

fn schema(kind: Kind, problem: &Value) -> Value {
    let (when, members) = row(kind);
    let mut schema = problem.clone();
    let mut required = vec!["type", "title", "status", "detail"];
    let has_errors = matches!(kind, Kind::Validation | Kind::IdempotencyKeyReused);
    if let Some(properties) = schema["properties"].as_object_mut() {
        let fixed =
            [("type", json!(kind.name())), ("title", json!(kind.title())), ("status", json!(kind.status().as_u16()))];
        for (name, value) in fixed {
            let kind = if value.is_string() { "string" } else { "integer" };
            let description = properties[name]["description"].clone();
            properties[name] = json!({ "type": kind, "const": value, "description": description });
        }
        if has_errors {
            properties["errors"]["minItems"] = 1.into();
            required.push("errors");
        } else {
            properties.remove("errors");
        }
        for (name, schema) in members {
            properties.insert(name.to_owned(), schema);
            required.push(name);
        }
    }
    schema["required"] = json!(required);
    schema["description"] = when.into();
    schema
}

/// The responses to an operation that is refused so: references by status.
pub(crate) fn references(kinds: &[Kind]) -> Map<String, Value> {
    let by_status = grouped(kinds);
    let reference = |kinds: &[Kind]| json!({ "$ref": format!("#/components/responses/{}", group(kinds)) });
    by_status.into_iter().map(|(status, kinds)| (status.to_string(), reference(&kinds))).collect()
}

/// The response of each group of kinds with one status.
pub(crate) fn responses(kinds: &[Kind]) -> Map<String, Value> {
    grouped(kinds).into_values().map(|kinds| (group(&kinds), response(&kinds))).collect()
}

fn grouped(kinds: &[Kind]) -> BTreeMap<u16, Vec<Kind>> {
    let mut by_status = BTreeMap::<u16, Vec<Kind>>::new();
    for kind in Kind::ALL.into_iter().filter(|kind| kinds.contains(kind)) {
        by_status.entry(kind.status().as_u16()).or_default().push(kind);
    }
    by_status
}

fn group(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| words(*kind)).collect::<Vec<_>>().join("Or")
}

fn response(kinds: &[Kind]) -> Value {
    let when: Vec<&str> = kinds.iter().map(|kind| row(*kind).0).collect();
    let schema = match kinds {
        [kind] => reference(&name(*kind)),
        kinds => json!({ "oneOf": kinds.iter().map(|kind| reference(&name(*kind))).collect::<Vec<_>>() }),
    };
    let own: &[&str] = match kinds {
        [Kind::Unauthorized] => &["WWW-Authenticate"],
        [Kind::MethodNotAllowed] => &["Allow"],
        [Kind::UnsupportedMediaType] => &["Accept", "Accept-Encoding"],
        [Kind::Throttled | Kind::Unavailable] => &["Retry-After"],
        _ => &[],
    };
    json!({
        "description": when.join(" Or: "),
        "headers": headers::references(own),
        "content": { "application/problem+json": { "schema": schema, "examples": examples(kinds) } },
    })
}

fn examples(kinds: &[Kind]) -> Value {
    kinds.iter().map(|kind| (words(*kind), json!({ "value": example(*kind) }))).collect::<Map<_, _>>().into()
}

fn example(kind: Kind) -> Value {
    let (detail, members) = match kind {
        Kind::Validation => (
            "/retry/max_attempts must be 1 to 100, got 0",
            json!({ "errors": [{ "pointer": "/retry/max_attempts", "detail": "must be 1 to 100, got 0" }] }),
        ),
        Kind::IdempotencyKeyReused => (
            "the idempotency key was used for another request: use another key, or `replace` to take the place of its task",
            json!({ "errors": [{ "header": "Idempotency-Key", "detail": "was used for another request: use another key, or `replace` to take the place of its task" }] }),
        ),
        Kind::NotJson => ("expected a value, got the end of the body", json!({ "offset": 10, "pointer": "/payload" })),
        Kind::BadRequest => ("the query is malformed", json!({})),
        Kind::Unauthorized => ("the request must be authenticated", json!({})),
        Kind::NotFound => ("there is no such task", json!({})),
        Kind::MethodNotAllowed => ("the path takes GET, HEAD, POST", json!({})),
        Kind::StateConflict => ("the task is succeeded", json!({ "state": "succeeded" })),
        Kind::TooLarge => ("the body must be at most 1048576 bytes", json!({ "limit_bytes": 1_048_576 })),
        Kind::UnsupportedMediaType => ("the content type must be application/json", json!({})),
        Kind::Throttled => ("the cloud throttles this request", json!({ "retry_after_seconds": 2 })),
        Kind::Unavailable => ("storage or queue cannot be reached", json!({ "retry_after_seconds": 2 })),
        Kind::Internal => ("something failed here; the log has it under x-request-id", json!({})),
    };
    let mut example =
        json!({ "type": kind.name(), "title": kind.title(), "status": kind.status().as_u16(), "detail": detail });
    if let (Some(example), Value::Object(members)) = (example.as_object_mut(), members) {
        example.extend(members);
    }
    example
}
