//! HTTP targets.

use std::collections::BTreeMap;

use ::url::Url;
use serde_json::json;
use taskway_protocol::{HttpAuth, HttpTarget, Keep, Limits, MASK, has_mask, is_aws_name, is_credential};
use taskway_strict::{
    Fields, Schema, check,
    json::{Json, Value},
    numbers::whole,
    words::{choice, shown, string},
};

use crate::{
    media,
    url::{LONGEST as LONGEST_URL, PATTERN as URL_PATTERN, url},
};

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// The most headers of a target.
const MOST_HEADERS: usize = 32;

/// The most bytes in their names and values.
const MOST_HEADER_BYTES: usize = 8_192;

/// The most bytes of an answer's body that are kept: as many as of a Lambda function's answer.
const MOST_KEPT_BYTES: u32 = 6 * 1024 * 1024;

/// How many bytes are kept unless the target says otherwise. The executor's limit is the same.
const KEPT_BYTES: u32 = 64 * 1024;

/// How a request can be signed.
const AUTHS: &[&str] = &["aws"];

/// The longest name of an AWS service or region, in characters.
const LONGEST_AWS_NAME: usize = 64;

/// What such a name is.
const AWS_NAME_PATTERN: &str = "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$";

/// What a header is called, as a regular expression.
const HEADER_PATTERN: &str = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";

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

pub(crate) fn http_schema() -> Schema {
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
                        "description": format!(
                            "The names of the headers, together at most {MOST_HEADER_BYTES} bytes. Without it, all that fit into \
                             8 KiB. Headers that carry credentials are never kept, and refused here."
                        ),
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

pub(crate) fn http(fields: &mut Fields<'_, '_>, limits: &Limits, kept: Option<&HttpTarget>) -> Option<HttpTarget> {
    let (url, method, headers) = match kept.filter(|kept| is_shown(fields, &kept.masked())) {
        Some(HttpTarget { url, method, headers, .. }) => {
            for name in ["url", "method", "headers"] {
                let _given = fields.take(name);
            }
            (Some(url.clone()), Some(method.clone()), Some(headers.clone()))
        }
        None => {
            let known = |text: &str| METHODS.contains(&text).then(|| text.to_owned());
            (
                fields.required("url", |value| unmasked(url(&string(value)?, limits.plain_http)?)),
                fields.or("method", choice(METHODS, known).judge, "POST".to_owned()),
                fields.object("headers", headers).map(Option::unwrap_or_default),
            )
        }
    };
    let auth = auth(fields, url.as_deref().unwrap_or_default(), limits);
    let keep = fields.object("keep", keep);
    let (headers, auth) = (headers?, auth?);
    if auth.is_some() && headers.contains_key("authorization") {
        fields.refuse("headers", "must have no authorization beside auth, which makes one");
        return None;
    }
    Some(HttpTarget { url: url?, method: method?, headers, auth, keep: keep?.unwrap_or_default() })
}

/// How the request to this URL is signed.
fn auth(fields: &mut Fields<'_, '_>, url: &str, limits: &Limits) -> Option<Option<HttpAuth>> {
    let is_signed =
        fields.optional("auth", |value| (choice(AUTHS, |text| AUTHS.contains(&text).then_some(())).judge)(value));
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
    let auth = HttpAuth::Aws { service: service??, region: region?? };
    // What is wrong with the URL is told there.
    let Ok(url) = Url::parse(url) else { return Some(Some(auth)) };
    if limits.aws_hosts.allow(url.scheme(), url.host_str().unwrap_or_default(), &auth) {
        return Some(Some(auth));
    }
    fields.refuse(
        "auth",
        "must be left out, because the stack's parameter AwsHosts (TASKWAY_AWS_HOSTS) does not have this service, region and \
         host, or the URL is not https",
    );
    None
}

/// The name of a service or a region.
fn aws_name(text: &str) -> Result<Box<str>, String> {
    match is_aws_name(text) {
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
    // Two requests that ask for the same are the same.
    let body_bytes = body_bytes?.filter(|bytes| *bytes != KEPT_BYTES);
    Some(Keep { headers: headers?, body_bytes })
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
    let mut names: Vec<Box<str>> = names.collect::<Result<_, String>>()?;
    let bytes: usize = names.iter().map(|name| name.len()).sum();
    if bytes > MOST_HEADER_BYTES {
        return Err(format!("must have at most {MOST_HEADER_BYTES} bytes of names, got {bytes}"));
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
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
