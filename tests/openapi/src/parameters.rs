//! The parameters of requests.

use serde_json::{Map, Value, json};
use taskway_api::{LONGEST_LABEL, LONGEST_LABEL_NAME, LONGEST_WAIT, MOST_LABELS, MOST_NAMES, MOST_TASKS, PAGE};
use taskway_strict::words::NAME_PATTERN;
use taskway_submit::lists::Ask;

/// The parameters by their names.
pub(crate) fn parameters() -> Map<String, Value> {
    let states = |ask: Ask| json!({ "type": "string", "enum": ask.states() });
    let limit =
        |most: u32, default: u32| json!({ "type": "integer", "minimum": 1, "maximum": most, "default": default });
    let name = json!({ "type": "string", "pattern": NAME_PATTERN });
    // Bare, without commas and without a quote at an end, or quoted.
    let key = r#"^([!#-+\x2d-~]([!-+\x2d-~]{0,126}[!#-+\x2d-~])?|"([!#-\[\]-~]|\\["\\]){1,128}")$"#;
    let rows = [
        ("TaskId", at("path", "id", "The task's id.", json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$" }))),
        ("QueueName", at("path", "name", "The queue's name.", name.clone())),
        ("ScheduleName", at("path", "name", "The schedule's name.", name.clone())),
        ("Queue", at("query", "queue", "Tasks of this queue.", name)),
        ("State", at("query", "state", "Tasks in this state.", states(Ask::Tasks))),
        ("OpenState", at("query", "state", "Tasks in this state.", states(Ask::Cancel))),
        ("Labels", labels()),
        (
            "ParentId",
            at(
                "query",
                "parent_id",
                "The callbacks of this task, the oldest first.",
                json!({ "type": "string", "pattern": "^t[A-Za-z0-9_-]{29}[AQgw]$" }),
            ),
        ),
        (
            "All",
            at(
                "query",
                "all",
                "Every task. It excludes the filters.",
                json!({ "type": "string", "enum": ["true", "false"] }),
            ),
        ),
        ("PageLimit", at("query", "limit", "The most tasks of the page.", limit(MOST_TASKS, PAGE))),
        ("NamesLimit", at("query", "limit", "The most items of the page.", limit(MOST_NAMES, PAGE))),
        ("BulkLimit", at("query", "limit", "The most tasks to change.", limit(MOST_TASKS, MOST_TASKS))),
        (
            "Cursor",
            at(
                "query",
                "cursor",
                "The `next_cursor` of the call before, which had the same filters.",
                json!({ "type": "string", "format": "cursor" }),
            ),
        ),
        (
            "IdempotencyKey",
            at(
                "header",
                "Idempotency-Key",
                "What the client calls this request, so that it can be repeated safely: 1 to 128 visible ASCII characters, \
                 bare or as a quoted string. A key that has a comma must be quoted. The field `idempotency_key` says the same.",
                json!({ "type": "string", "pattern": key, "examples": ["welcome-42", "\"a,b\""] }),
            ),
        ),
        (
            "Prefer",
            at(
                "header",
                "Prefer",
                &format!(
                    "`wait=N` waits up to N seconds for the task's end, {LONGEST_WAIT} at most (RFC 7240). Others are ignored."
                ),
                json!({ "type": "string", "examples": ["wait=10"] }),
            ),
        ),
        (
            "Traceparent",
            at(
                "header",
                "traceparent",
                "The W3C trace context, which is stored with the task and sent on to an HTTP target. A malformed one is ignored.",
                json!({ "type": "string", "examples": ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"] }),
            ),
        ),
        (
            "IfNoneMatch",
            at(
                "header",
                "If-None-Match",
                "The `ETag` of the document that the client has.",
                json!({ "type": "string" }),
            ),
        ),
    ];
    rows.into_iter().map(|(name, parameter)| (name.to_owned(), parameter)).collect()
}

fn at(place: &str, name: &str, description: &str, schema: Value) -> Value {
    let required = place == "path";
    json!({ "in": place, "name": name, "description": description, "required": required, "schema": schema })
}

/// Parameters with names of the client's own: an object whose members each are a parameter.
fn labels() -> Value {
    json!({
        "in": "query",
        "name": "labels",
        "description": "Tasks with these labels: `label.NAME=VALUE`, for each name once. Tasks must match all of them.",
        "required": false,
        "style": "form",
        "explode": true,
        "schema": {
            "type": "object",
            "maxProperties": MOST_LABELS,
            "propertyNames": { "pattern": format!(r"^label\..{{1,{LONGEST_LABEL_NAME}}}$") },
            "additionalProperties": { "type": "string", "maxLength": LONGEST_LABEL },
        },
        "examples": { "one": { "value": { "label.team": "growth" } } },
    })
}

/// A reference to a parameter.
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}
