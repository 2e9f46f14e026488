//! The headers of answers.

use serde_json::{Map, Value, json};

/// Every answer of the API has this one.
const OF_ALL: &str = "X-Request-Id";

/// The headers by their names. A required one is in each answer that refers to it.
pub(crate) fn headers() -> Map<String, Value> {
    let rows = [
        (OF_ALL, true, "The id of the request. Its log lines carry the same id.", json!({ "type": "string" })),
        (
            "Location",
            true,
            "Where the task or the schedule is.",
            json!({ "type": "string", "format": "uri-reference" }),
        ),
        (
            "Idempotent-Replayed",
            false,
            "`true` if the task was submitted by an earlier request under the same key.",
            json!({ "type": "string", "const": "true" }),
        ),
        (
            "Preference-Applied",
            false,
            "How long the API was ready to wait for the task's end. Missing if it did not wait.",
            json!({ "type": "string", "pattern": "^wait=[0-9]+$" }),
        ),
        ("Allow", true, "The methods that the path takes.", json!({ "type": "string" })),
        ("Retry-After", true, "When to ask again, in seconds.", json!({ "type": "string", "pattern": "^[0-9]+$" })),
        ("WWW-Authenticate", true, "How to authenticate.", json!({ "type": "string" })),
        ("Accept", false, "The content type that is accepted.", json!({ "type": "string" })),
        ("Accept-Encoding", false, "The content encoding that is accepted.", json!({ "type": "string" })),
        ("ETag", true, "It changes with the document.", json!({ "type": "string" })),
        ("Cache-Control", true, "A client may keep the document, and asks each time.", json!({ "type": "string" })),
    ];
    let rows = rows.map(|(name, required, description, schema)| {
        (name.to_owned(), json!({ "description": description, "required": required, "schema": schema }))
    });
    Map::from_iter(rows)
}

/// References to these headers, and to the one that every answer has.
pub(crate) fn references(names: &[&str]) -> Map<String, Value> {
    let all = names.iter().chain([&OF_ALL]);
    all.map(|name| ((*name).to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }))).collect()
}
