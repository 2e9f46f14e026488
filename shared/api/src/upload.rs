//! Uploads of payloads that are too large for a request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use taskway_protocol::{LARGEST_OBJECT, Object, parse_sha256};
use taskway_strict::{
    Check, FieldError, PlainCheck,
    json::Value,
    numbers::whole,
    object, read,
    words::{got, string},
};

use crate::Instant;

/// The faults that are told of one request.
const MOST_ERRORS: usize = 100;

/// The largest payload of an upload, in bytes: 100 MiB.
#[expect(clippy::cast_possible_truncation, reason = "100 MiB")]
const LARGEST: u32 = LARGEST_OBJECT as u32;

object! {
    /// An upload that is to be made, `POST /v1/payloads`.
    #[derive(Clone, PartialEq, Eq, Debug, Serialize)]
    pub struct UploadRequest reads () {
        /// The payload's length, 1 to 104857600 bytes.
        pub bytes: u32 = required(whole(1..=LARGEST)),
        /// The payload's SHA-256, in 64 lower-case hexadecimal digits, as `sha256sum` prints it.
        pub sha256: Box<str> = required(sha256()),
    }
}

impl UploadRequest {
    /// The request to upload these bytes.
    pub fn of(object: &Object) -> Self {
        let bytes = u32::try_from(object.bytes).unwrap_or(u32::MAX);
        UploadRequest { bytes, sha256: object.sha256_hex().into() }
    }

    /// Reads the body of a request.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(body: Value<'_>) -> Result<Self, Vec<FieldError>> {
        read(body, MOST_ERRORS, |fields| UploadRequest::take(fields))
    }

    /// What is to be uploaded. `None` if the digest is none.
    pub fn object(&self) -> Option<Object> {
        parse_sha256(&self.sha256).map(|sha256| Object { sha256, bytes: self.bytes.into() })
    }
}

fn sha256() -> PlainCheck<Box<str>> {
    let judge = |value: Value<'_>| match string(value)? {
        text if parse_sha256(&text).is_some() => Ok(text.into()),
        _ => Err(format!("must be 64 lower-case hexadecimal digits, got {}", got(value))),
    };
    Check::new(judge, || json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }))
}

/// The `payload_ref` of a task.
pub(crate) fn payload_ref() -> PlainCheck<Object> {
    let judge = |value: Value<'_>| match Object::parse(&string(value)?) {
        Some(object) if (1..=LARGEST_OBJECT).contains(&object.bytes) => Ok(object),
        Some(_) | None => Err(format!("must be a payload_ref of POST /v1/payloads, got {}", got(value))),
    };
    Check::new(judge, || json!({ "type": "string", "pattern": "^[0-9a-f]{64}-[1-9][0-9]{0,8}$" }))
}

/// How to upload.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Upload {
    /// What a task is submitted with when the upload is made. It fits uploads of the same bytes by the same caller.
    pub payload_ref: String,
    /// The request that uploads.
    pub upload: UploadCall,
    /// Until when that request may be made. Once made, the upload is kept for a day at least.
    pub expires_at: Instant,
}

/// A request that uploads. Whoever has it can make it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UploadCall {
    /// `PUT`.
    pub method: String,
    /// Where to.
    pub url: String,
    /// The headers that must be sent with it.
    pub headers: BTreeMap<String, String>,
}
