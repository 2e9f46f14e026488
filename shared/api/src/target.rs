//! What runs a task: exactly one kind of target.

use serde_json::json;
use taskway_protocol::{
    FUNCTION_PATTERN, FunctionName, HttpTarget, Invocation, LONGEST_FUNCTION, LambdaTarget, Limits, Target,
};
use taskway_strict::{
    Fields, Schema, check,
    words::{choice, name, shown, string},
};

use crate::http_target::{http, http_schema};

/// What a target can be; each has a field of its name.
const KINDS: [&str; 3] = ["handler", "http", "lambda"];

/// The longest tenant of a function, in characters.
const LONGEST_TENANT: usize = 256;

/// Reads the target. If its URL, method and headers are those of `kept` as answers show them, they are those of `kept`: then the
/// masks stand for the credentials that are stored. Elsewhere a mask is refused.
pub(crate) fn target(fields: &mut Fields<'_, '_>, limits: &Limits, kept: Option<&HttpTarget>) -> Option<Target> {
    let given: Vec<_> = KINDS.into_iter().filter(|kind| fields.has(kind)).collect();
    let target = match given.as_slice() {
        ["handler"] => fields.required("handler", name().judge).map(Target::Handler),
        ["http"] => fields.object("http", |fields| http(fields, limits, kept)).flatten().map(Target::Http),
        ["lambda"] => fields.object("lambda", |fields| lambda(fields, limits)).flatten().map(Target::Lambda),
        given => {
            let given = if given.is_empty() { "none".into() } else { given.join(" and ") };
            fields.refuse_all(format!("must have exactly one of {}, got {given}", KINDS.join(", ")));
            None
        }
    };
    // What is left of these is null, or was refused as a whole.
    for kind in KINDS {
        let _judged = fields.take(kind);
    }
    target
}

/// The JSON Schema of what [`target`] takes.
pub(crate) fn schema() -> Schema {
    let kinds = [
        ("handler", "The handler of this name, in the executor's process.", (name().schema)()),
        ("http", "An HTTP endpoint. The executor sends the task to it as a request.", http_schema()),
        ("lambda", "A Lambda function. The executor invokes it.", lambda_schema()),
    ];
    let kinds = kinds.map(|(kind, description, schema)| {
        json!({
            "type": "object",
            "description": description,
            "properties": { kind: schema },
            "required": [kind],
            "additionalProperties": false,
        })
    });
    json!({ "title": "TargetRequest", "description": "What runs the task: exactly one of these.", "oneOf": kinds })
}

fn lambda_schema() -> Schema {
    let invocations = choice(Invocation::NAMES, Invocation::parse);
    json!({
        "title": "LambdaTargetRequest",
        "description": "A Lambda function that the stack allows tasks to call.",
        "type": "object",
        "properties": {
            "function": {
                "type": "string",
                "pattern": FUNCTION_PATTERN,
                "maxLength": LONGEST_FUNCTION,
                "description": "Its name or ARN, with or without a qualifier.",
            },
            "invocation": check::described(
                check::or_null((invocations.schema)()),
                &[" How it is invoked: `request` waits for the answer, `event` hands it over, `durable` starts an execution."],
                Some(Invocation::default().as_str().into()),
            ),
            "tenant_id": {
                "type": ["string", "null"],
                "minLength": 1,
                "maxLength": LONGEST_TENANT,
                "pattern": "^[A-Za-z0-9._:/=+@-]([A-Za-z0-9._:/=+@ -]*[A-Za-z0-9._:/=+@-])?$",
                "description": "The tenant of a function that isolates tenants.",
            },
        },
        "required": ["function"],
        "additionalProperties": false,
    })
}

fn lambda(fields: &mut Fields<'_, '_>, limits: &Limits) -> Option<LambdaTarget> {
    let function = fields.required("function", |value| function(&string(value)?, limits));
    let invocation = fields.or("invocation", choice(Invocation::NAMES, Invocation::parse).judge, Invocation::default());
    let tenant_id = fields.optional("tenant_id", |value| tenant(&string(value)?));
    Some(LambdaTarget { function: function?, invocation: invocation?, tenant_id: tenant_id? })
}

/// A Lambda function that tasks may call.
fn function(text: &str, limits: &Limits) -> Result<Box<str>, String> {
    let length = text.chars().count();
    if length > LONGEST_FUNCTION {
        return Err(format!("must be at most {LONGEST_FUNCTION} characters, got {length}"));
    }
    let function = FunctionName::parse(text).map_err(|error| format!("{error}, got {}", shown(text)))?;
    match limits.functions.find(&function) {
        Ok(_) => Ok(text.into()),
        Err(error) => Err(format!("{error}, got {}", shown(text))),
    }
}

/// The tenant of a function, as Lambda takes it. A space at an end would not arrive.
fn tenant(text: &str) -> Result<Box<str>, String> {
    let length = text.chars().count();
    if !(1..=LONGEST_TENANT).contains(&length) {
        return Err(format!("must be 1 to {LONGEST_TENANT} characters, got {length}"));
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || "._:/=+-@ ".contains(c);
    if !text.chars().all(fits) || text.trim() != text {
        return Err(format!(
            "must be letters, digits, spaces between them and any of ._:/=+-@, got {}",
            shown(&text.escape_default().to_string())
        ));
    }
    Ok(text.into())
}
