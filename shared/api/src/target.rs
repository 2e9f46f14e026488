//! What runs a task: exactly one kind of target.

use std::collections::BTreeMap;

use ::url::Url;
use serde_json::json;
use taskway_protocol::{
    FUNCTION_PATTERN, FunctionName, HttpAuth, HttpTarget, Invocation, Keep, LONGEST_FUNCTION, LambdaTarget, Limits,
    MASK, Target, has_mask, is_credential,
};
use taskway_strict::{
    Fields, Schema, check,
    json::{Json, Value},
    numbers::whole,
    words::{choice, name, shown, string},
};

use crate::{
    media,
    url::{LONGEST as LONGEST_URL, PATTERN as URL_PATTERN, url},
};

/// What a target can be; each has a field of its name.
const KINDS: [&str; 3] = ["handler", "http", "lambda"];

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// The most headers of a target.
const MOST_HEADERS: usize = 32;

/// The most bytes in their names and values.
const MOST_HEADER_BYTES: usize = 8_192;

/// The most bytes of an answer's body that are kept: as many as of a Lambda function's answer.
const MOST_KEPT_BYTES: u32 = 6 * 1024 * 1024;

/// How a request can be signed.
const AUTHS: &[&str] = &["aws"];

/// The longest name of an AWS service or region, in characters.
const LONGEST_AWS_NAME: usize = 64;

/// What such a name is.
const AWS_NAME_PATTERN: &str = "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$";

/// What a header is called, as a regular expression.
const HEADER_PATTERN: &str = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";

/// The longest tenant of a function, in characters.
const LONGEST_TENANT: usize = 256;

/// Headers that belong to the delivery or to the connection, not to the submitter. One that ends in a dash stands for
/// all that begin with it.
const REFUSED_HEADERS: [&str; 11] = [
    "host",
    "content-length",
    "connection",
    "keep-alive",
    "proxy-",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "webhook-",
    "taskway-",
];

/// Reads the target. If it is `kept` as answers show it, it is `kept`: then the masks stand for the credentials that are
/// stored. Elsewhere a mask is refused.
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

fn http_schema() -> Schema {
    let methods = choice(METHODS, |_| None::<()>);
    json!({
        "title": "HttpTargetRequest",
        "description": "An HTTP endpoint.",
        "type": "object",
        "properties": {
            "url": {
                "type": "string",
                "format": "uri",
                "maxLength": LONGEST_URL,
                "pattern": URL_PATTERN,
                "description": "An absolute URL without a user, a password and a fragment. `http` only where the stack opens \
                                addresses for it. Credentials are masked in answers.",
            },
            "method": check::described(check::or_null((methods.schema)()), &[" The method."], Some("POST".into())),
            "headers": {
                "type": ["object", "null"],
                "description": format!(
                    "At most {MOST_HEADERS} headers, together at most {MOST_HEADER_BYTES} bytes. Those that belong to the \
                     connection or the delivery are refused: {}, and all that begin with {}.",
                    REFUSED_HEADERS.iter().filter(|name| !name.ends_with('-')).copied().collect::<Vec<_>>().join(", "),
                    REFUSED_HEADERS.iter().filter(|name| name.ends_with('-')).copied().collect::<Vec<_>>().join(", "),
                ),
                "maxProperties": MOST_HEADERS,
                "propertyNames": { "pattern": HEADER_PATTERN },
                "additionalProperties": { "type": "string", "pattern": "^[\\t -~]*$" },
            },
            "auth": check::described(
                check::or_null((choice(AUTHS, |_| None::<()>).schema)()),
                &[" How the request is signed: `aws` is Signature Version 4, for hosts that the stack allows. It needs `service` and \
                   `region`."],
                None,
            ),
            "service": {
                "type": ["string", "null"],
                "pattern": AWS_NAME_PATTERN,
                "maxLength": LONGEST_AWS_NAME,
                "description": "The AWS service's name in signatures, such as `execute-api` or `sqs`. Only with `auth`.",
            },
            "region": {
                "type": ["string", "null"],
                "pattern": AWS_NAME_PATTERN,
                "maxLength": LONGEST_AWS_NAME,
                "description": "The AWS region, such as `eu-central-1`. Only with `auth`.",
            },
            "keep": {
                "type": ["object", "null"],
                "description": "What of the answer is kept as the task's result, beside the status.",
                "properties": {
                    "headers": {
                        "type": ["array", "null"],
                        "items": { "type": "string", "pattern": HEADER_PATTERN },
                        "maxItems": MOST_HEADERS,
                        "description": "The names of the headers. Without it, all that fit into 8 KiB. Headers that carry \
                                        credentials are never kept, and refused here.",
                    },
                    "body_bytes": check::described(
                        check::or_null((whole(0..=MOST_KEPT_BYTES).schema)()),
                        &[" How many bytes of the body. Without it, 65,536."],
                        None,
                    ),
                },
                "additionalProperties": false,
            },
        },
        "required": ["url"],
        "additionalProperties": false,
    })
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

fn http(fields: &mut Fields<'_, '_>, limits: &Limits, kept: Option<&HttpTarget>) -> Option<HttpTarget> {
    let keep = fields.object("keep", keep);
    if let Some(kept) = kept.filter(|kept| is_shown(fields, &kept.masked())) {
        for name in ["url", "method", "headers"] {
            let _given = fields.take(name);
        }
        let auth = auth(fields, &kept.url, limits);
        return Some(HttpTarget { auth: auth?, keep: keep?.unwrap_or_default(), ..kept.clone() });
    }
    let url = fields.required("url", |value| unmasked(url(&string(value)?, limits.plain_http)?));
    let known = |text: &str| METHODS.contains(&text).then(|| text.to_owned());
    let method = fields.or("method", choice(METHODS, known).judge, "POST".to_owned());
    let headers = fields.object("headers", headers);
    let auth = auth(fields, url.as_deref().unwrap_or_default(), limits);
    let (headers, auth) = (headers?.unwrap_or_default(), auth?);
    if auth.is_some() && headers.contains_key("authorization") {
        fields.refuse("headers", "must have no authorization beside auth, which makes one");
        return None;
    }
    Some(HttpTarget { url: url?, method: method?, headers, auth, keep: keep?.unwrap_or_default() })
}

/// By what the request to this URL is signed.
fn auth(fields: &mut Fields<'_, '_>, url: &str, limits: &Limits) -> Option<Option<HttpAuth>> {
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let is_signed = fields.optional("auth", |value| {
        match (choice(AUTHS, |text| AUTHS.contains(&text).then_some(())).judge)(value) {
            Err(detail) => Err(detail),
            // Its own fault is told of a URL without a host.
            Ok(()) if host.as_deref().is_none_or(|host| limits.aws_hosts.allow(host)) => Ok(()),
            Ok(()) => {
                Err("must be left out, because the stack's parameter AwsHosts (TASKWAY_AWS_HOSTS) does not have the \
                       URL's host"
                    .to_owned())
            }
        }
    });
    let names = ["service", "region"];
    let given = names.map(|name| fields.has(name));
    let [service, region] = names.map(|name| fields.optional(name, |value| aws_name(&string(value)?)));
    if is_signed?.is_none() {
        for (name, _) in names.into_iter().zip(given).filter(|(_, given)| *given) {
            fields.refuse(name, "is only for a request with auth");
        }
        return (given == [false; 2]).then_some(None);
    }
    for (name, _) in names.into_iter().zip(given).filter(|(_, given)| !given) {
        fields.refuse(name, "is required with auth");
    }
    Some(Some(HttpAuth::Aws { service: service??, region: region?? }))
}

/// The name of a service or a region.
fn aws_name(text: &str) -> Result<Box<str>, String> {
    let is_end = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = text.bytes().all(|byte| is_end(byte) || byte == b'-');
    let ends = [text.bytes().next(), text.bytes().next_back()];
    match fits && text.len() <= LONGEST_AWS_NAME && ends.into_iter().all(|end| end.is_some_and(is_end)) {
        true => Ok(text.into()),
        false => Err(format!(
            "must be 1 to {LONGEST_AWS_NAME} lower-case letters, digits and dashes between them, got {}",
            shown(text)
        )),
    }
}

/// What of the answer is kept.
fn keep(fields: &mut Fields<'_, '_>) -> Option<Keep> {
    let headers = fields.optional("headers", kept_headers);
    let body_bytes = fields.optional("body_bytes", whole(0..=MOST_KEPT_BYTES).judge);
    Some(Keep { headers: headers?, body_bytes: body_bytes? })
}

fn kept_headers(value: Value<'_>) -> Result<Vec<Box<str>>, String> {
    let Json::Array(names) = value.read() else {
        return Err(format!("must be an array of names, got {}", value.kind()));
    };
    if names.len() > MOST_HEADERS {
        return Err(format!("must have at most {MOST_HEADERS} names, got {}", names.len()));
    }
    let names = names.into_iter().map(|name| {
        let name = string(name)?.to_ascii_lowercase();
        if !is_token(&name) {
            return Err(format!("must be names of headers, got {}", shown(&name)));
        }
        if is_credential(&name) {
            return Err(format!("must not have {}, which carries credentials", shown(&name)));
        }
        Ok(name.into())
    });
    names.collect()
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

/// Whether the fields are those of this target.
fn is_shown(fields: &Fields<'_, '_>, shown: &HttpTarget) -> bool {
    let text = |name, or: &str| match fields.has(name) {
        true => fields.peek(name, |value| Ok(string(value)?.into_owned())),
        false => Some(or.to_owned()),
    };
    let headers = || match fields.has("headers") {
        true => fields.peek("headers", texts),
        false => Some(BTreeMap::new()),
    };
    text("url", "").as_ref() == Some(&shown.url)
        && text("method", "POST").as_ref() == Some(&shown.method)
        && headers().as_ref() == Some(&shown.headers)
}

/// An object whose values are strings.
fn texts(value: Value<'_>) -> Result<BTreeMap<String, String>, String> {
    let Json::Object(fields) = value.read() else { return Err("must be an object".to_owned()) };
    fields.into_iter().map(|(name, value)| Ok((name.into_owned(), string(value)?.into_owned()))).collect()
}

/// A text that holds a credential where an answer shows a mask. A client's library may have encoded the mask.
fn unmasked(text: String) -> Result<String, String> {
    match has_mask(&text) {
        true => Err(format!("has {MASK}, which answers show in the place of a credential; give the credential itself")),
        false => Ok(text),
    }
}

fn headers(fields: &mut Fields<'_, '_>) -> Option<BTreeMap<String, String>> {
    let given = fields.take_all();
    if given.len() > MOST_HEADERS {
        fields.refuse_all(format!("must have at most {MOST_HEADERS} headers, got {}", given.len()));
        return None;
    }
    let mut headers = BTreeMap::new();
    for (name, value) in given {
        let lower = name.to_ascii_lowercase();
        let value = match header_name(&lower) {
            Ok(()) if headers.contains_key(&lower) => {
                fields.refuse(&name, "is given twice, in different case");
                continue;
            }
            Ok(()) => fields.check(&name, value, |value| header_value(&lower, value)),
            Err(detail) => {
                fields.refuse(&name, detail);
                continue;
            }
        };
        headers.insert(lower, value.unwrap_or_default());
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MOST_HEADER_BYTES {
        fields.refuse_all(format!("must have at most {MOST_HEADER_BYTES} bytes of names and values, got {bytes}"));
    }
    Some(headers)
}

/// A token of RFC 9110.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// A token of RFC 9110 that is not refused.
fn header_name(lower: &str) -> Result<(), String> {
    if !is_token(lower) {
        return Err("is not a header name".into());
    }
    let refused = |name: &&str| if name.ends_with('-') { lower.starts_with(*name) } else { lower == *name };
    match REFUSED_HEADERS.iter().find(|name| refused(name)) {
        Some(_) => Err("is set by the delivery and cannot be given".into()),
        None => Ok(()),
    }
}

fn header_value(lower: &str, value: Value<'_>) -> Result<String, String> {
    let text = string(value)?;
    if let Some(c) = text.chars().find(|c| !matches!(c, '\t' | ' '..='~')) {
        return Err(format!("must be visible ASCII, spaces and tabs, got '{}'", c.escape_default()));
    }
    match lower {
        "content-type" => media::content_type(&text)?,
        "content-encoding" => media::content_encoding(&text)?,
        _ => {}
    }
    unmasked(text.into_owned())
}
