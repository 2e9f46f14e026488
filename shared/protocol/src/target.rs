//! What runs a task.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::credential::{masked_headers, masked_url};

/// What runs a task, with everything that is needed to reach it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The handler with this name, in the executor's process.
    Handler(Box<str>),
    /// An HTTP endpoint.
    Http(HttpTarget),
    /// A Lambda function.
    Lambda(LambdaTarget),
}

/// An HTTP endpoint. The executor sends a task to it as a request. Debug output masks its credentials.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HttpTarget {
    /// At most 2,048 characters.
    pub url: String,
    /// One of `GET`, `HEAD`, `POST`, `PUT`, `PATCH` and `DELETE`.
    pub method: String,
    /// At most 32 headers, together at most 8 KiB. Names are in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// How the executor signs in at the endpoint. Absent: by the headers alone.
    #[serde(flatten, deserialize_with = "auth")]
    #[cfg_attr(feature = "schema", schemars(with = "AuthFields"))]
    pub auth: Option<HttpAuth>,
    /// What of the answer is kept as the task's result.
    #[serde(default, skip_serializing_if = "Keep::is_default")]
    pub keep: Keep,
}

/// How the executor signs in at an endpoint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "auth", rename_all = "snake_case")]
pub enum HttpAuth {
    /// A signature of AWS, version 4, by the credentials of the role that the stack has for it.
    Aws {
        /// The service's name in signatures, such as `execute-api` or `sqs`.
        service: Box<str>,
        /// The region, such as `eu-central-1`.
        region: Box<str>,
    },
}

/// The fields of [`HttpAuth`], which stand beside the others of a target. All three are there, or none.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct AuthFields {
    /// `aws`, if the request is signed by AWS's Signature Version 4.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    #[cfg_attr(feature = "schema", schemars(extend("const" = "aws")))]
    auth: Box<str>,
    /// The service's name in signatures, such as `execute-api` or `sqs`.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    service: Box<str>,
    /// The region, such as `eu-central-1`.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    region: Box<str>,
}

/// Reads [`AuthFields`]. Serde's own reading of a flattened `Option` takes what it cannot read for nothing, and the request
/// would go unsigned.
fn auth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<HttpAuth>, D::Error> {
    let AuthFields { auth, service, region } = AuthFields::deserialize(deserializer)?;
    match (&*auth, service.is_empty(), region.is_empty()) {
        ("", true, true) => Ok(None),
        ("aws", false, false) => Ok(Some(HttpAuth::Aws { service, region })),
        _ => Err(D::Error::custom("auth is aws with service and region, or all three are absent")),
    }
}

/// What of an endpoint's answer is kept as the task's result, beside the status.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Keep {
    /// The names of the headers, in lower case: at most 32. Absent: all that fit into 8 KiB. Those that carry credentials are
    /// not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Vec<Box<str>>>,
    /// How many bytes of the body: 0 to 6,291,456. Absent: 65,536.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<u32>,
}

impl Keep {
    fn is_default(&self) -> bool {
        *self == Keep::default()
    }
}

/// A Lambda function. The executor invokes it with the task as its event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LambdaTarget {
    /// The function as the client named it: see [`FunctionName`](crate::FunctionName).
    pub function: Box<str>,
    /// How the function is invoked.
    #[serde(default)]
    pub invocation: Invocation,
    /// The tenant of a function that isolates tenants: at most 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<Box<str>>,
}

/// How a Lambda function is invoked.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, EnumString, IntoStaticStr, VariantNames,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Invocation {
    /// The executor waits for the answer, which is the task's result.
    #[default]
    Request,
    /// Lambda takes the event and runs the function later. The task has succeeded when Lambda has the event.
    Event,
    /// Lambda starts a durable execution that is named by the task's id. The task has succeeded when it is started.
    Durable,
}

impl Invocation {
    /// The names of all of them.
    pub const NAMES: &'static [&'static str] = <Self as VariantNames>::VARIANTS;

    /// The one with this name.
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The largest payload in bytes that fits into the event, beside what Taskway puts there: Lambda takes 6 MiB with a request and
    /// 1 MiB with an event.
    pub const fn largest_payload(self) -> u64 {
        match self {
            Invocation::Request => 6 * MIB - EVENT_ROOM,
            Invocation::Event | Invocation::Durable => MIB - EVENT_ROOM,
        }
    }
}

const MIB: u64 = 1024 * 1024;

/// What an event has beside the payload, in bytes at most: 16 labels of 320 characters, and the attempt.
const EVENT_ROOM: u64 = 32 * 1024;

/// The part of a target that the record and every message hold. It is short, and it tells the executor what an attempt
/// needs before it starts. The rest of the target is in the task's [content](crate::content::TaskContent).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Route {
    /// The handler with this name.
    Handler(Box<str>),
    /// The HTTP endpoint or Lambda function in the task's content.
    Remote,
}

impl Target {
    /// The part of this target that the record and the messages hold.
    pub fn route(&self) -> Route {
        match self {
            Target::Handler(name) => Route::Handler(name.clone()),
            Target::Http(_) | Target::Lambda(_) => Route::Remote,
        }
    }

    /// This target as answers and logs show it: without credentials.
    #[must_use]
    pub fn masked(&self) -> Self {
        match self {
            Target::Handler(name) => Target::Handler(name.clone()),
            Target::Http(target) => Target::Http(target.masked()),
            Target::Lambda(target) => Target::Lambda(target.clone()),
        }
    }
}

impl HttpTarget {
    /// A POST to this URL, without headers.
    pub fn post(url: impl Into<String>) -> Self {
        HttpTarget {
            url: url.into(),
            method: "POST".to_owned(),
            headers: BTreeMap::new(),
            auth: None,
            keep: Keep::default(),
        }
    }

    /// This endpoint with [`MASK`](crate::MASK) in the place of every credential.
    #[must_use]
    pub fn masked(&self) -> Self {
        let HttpTarget { url, method, headers, auth, keep } = self;
        HttpTarget {
            url: masked_url(url),
            method: method.clone(),
            headers: masked_headers(headers),
            auth: auth.clone(),
            keep: keep.clone(),
        }
    }
}

impl fmt::Debug for HttpTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HttpTarget { url, method, headers, auth, keep } = self.masked();
        let mut shown = f.debug_struct("HttpTarget");
        shown.field("url", &url).field("method", &method).field("headers", &headers);
        shown.field("auth", &auth).field("keep", &keep).finish()
    }
}

impl Route {
    /// The route of a record or message with this handler name. Without a name it is [`Route::Remote`].
    pub fn named(handler: Option<Box<str>>) -> Self {
        handler.map_or(Route::Remote, Route::Handler)
    }

    /// The name of the handler. `None` for a target outside the executor.
    pub fn handler(&self) -> Option<&str> {
        match self {
            Route::Handler(name) => Some(name),
            Route::Remote => None,
        }
    }
}
