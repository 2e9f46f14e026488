//! The document as a whole.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{headers, operations::operations, parameters, problems, schemas};

const DESCRIPTION: &str = "\
Taskway runs tasks: at once, at a time, or again and again. Bodies are I-JSON in UTF-8. Times are RFC 3339, and answers give \
them in UTC to the millisecond. A refusal is a problem document (RFC 9457), and its `type` says which. Answers, the kinds of \
errors and the problem types may grow; a client ignores what it does not know.

API Gateway itself answers some requests of a deployed API without a problem document: 401 or 403 to callers that it refuses, \
429 above the stack's rate, and 413. The embedded stack (`taskway dev`) asks for no authorization. It answers 403 to web pages \
of other origins.";

/// The document.
pub fn document() -> Value {
    let mut all = schemas::schemas();
    let problems = problems::schemas(&all["Problem"]);
    all.extend(problems);
    all.insert(
        "Health".to_owned(),
        json!({
            "type": "object",
            "properties": { "status": { "type": "string", "const": "ok" } },
            "required": ["status"],
        }),
    );
    all.insert("Document".to_owned(), json!({ "type": "object", "description": "An OpenAPI document." }));
    let (mut paths, mut responses) = (Map::new(), Map::new());
    for operation in operations() {
        responses.extend(problems::responses(&operation.problems));
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        let method = operation.method;
        path[method] = operation.document();
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Taskway",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [
            { "url": "http://127.0.0.1:8080", "description": "The embedded stack: `taskway dev`." },
            {
                "url": "https://{api}.execute-api.{region}.amazonaws.com",
                "description": "A deployed stack, without a domain of its own.",
                "variables": { "api": { "default": "a1b2c3d4e5" }, "region": { "default": "eu-west-1" } },
            },
        ],
        "security": [{ "iam": [] }, { "jwt": [] }, {}],
        "tags": [
            { "name": "Tasks", "description": "Submitting, watching and changing tasks." },
            { "name": "Schedules", "description": "Tasks that repeat." },
            { "name": "Queues", "description": "Pausing and limiting queues." },
            { "name": "Stack", "description": "The stack as a whole." },
        ],
        "paths": paths,
        "components": {
            "schemas": all,
            "parameters": parameters::parameters(),
            "headers": headers::headers(),
            "responses": responses,
            "securitySchemes": {
                "iam": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "AWS Signature Version 4 for the service `execute-api`, where the stack is deployed with IAM.",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                },
                "jwt": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of the issuer that the stack was deployed with.",
                },
            },
        },
    })
}

/// The document's text, as it is committed.
pub fn text() -> String {
    // Values without maps of other keys than texts: there is nothing that serde_json could refuse.
    let mut text = Vec::new();
    // An indentation of one space, because the submit function carries the text.
    let pretty = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let written = document().serialize(&mut serde_json::Serializer::with_formatter(&mut text, pretty));
    written.map(|()| String::from_utf8_lossy(&text).into_owned() + "\n").unwrap_or_default()
}
