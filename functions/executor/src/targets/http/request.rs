//! What a delivery sends: the target's headers, and the payload as a body.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use reqwest::{
    Body, Method,
    header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use taskway::attempt::{Input, Outcome, Source};
use taskway_runtime::log::causes;

use super::fatal;

/// The headers of the target, and the wish for an answer that is not compressed: the answer is kept as it comes.
pub(super) fn headers(wanted: &BTreeMap<String, String>) -> Result<HeaderMap, Outcome> {
    let parsed = wanted.iter().map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| fatal(format!("{name} is not a header")))?;
        let value = HeaderValue::from_str(value).map_err(|_| fatal(format!("header {name} cannot be sent")))?;
        Ok((name, value))
    });
    let mut headers = parsed.collect::<Result<HeaderMap, Outcome>>()?;
    headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
    Ok(headers)
}

/// The body, and in `headers` what describes it.
///
/// POST, PUT and PATCH always carry the payload, `null` too: some front ends refuse them without a body, and published
/// verifiers of Standard Webhooks cannot read an empty one. GET and HEAD carry nothing, DELETE only a payload that is
/// not `null`.
pub(super) fn body(method: &Method, input: Input, headers: &mut HeaderMap) -> Content {
    let payload = input.content.payload_text();
    let body = match (method.clone(), input.large) {
        (Method::GET | Method::HEAD, _) => return Content::Text(Bytes::new()),
        (_, Some(source)) => {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
            Content::Large(source)
        }
        (Method::DELETE, None) if payload == "null" => Content::Text(Bytes::new()),
        (_, None) => {
            let text = text(payload, headers.get(CONTENT_TYPE));
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
            Content::Text(text.into())
        }
    };
    // The client leaves out the length of an empty body, and then some front ends answer 411.
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.bytes()));
    body
}

/// Why an upload could not be read to its end, once that is so.
pub(super) type Fault = Arc<OnceLock<String>>;

/// What a body is made of.
pub(super) enum Content {
    Text(Bytes),
    /// An upload, which is passed on as it is read.
    Large(Arc<dyn Source>),
}

impl Content {
    fn bytes(&self) -> u64 {
        match self {
            Content::Text(text) => text.len() as u64,
            Content::Large(source) => source.bytes(),
        }
    }

    /// Has `see` look at all bytes. An upload is read for that.
    pub(super) async fn seen_by(&self, mut see: impl FnMut(&[u8])) -> io::Result<()> {
        match self {
            Content::Text(text) => see(text),
            Content::Large(source) => {
                let mut chunks = source.open().await?;
                while let Some(chunk) = chunks.next().await {
                    see(&chunk?);
                }
            }
        }
        Ok(())
    }

    /// The body, and for an upload where it says why it could not be read to its end.
    pub(super) async fn into_body(self) -> io::Result<(Body, Option<Fault>)> {
        Ok(match self {
            Content::Text(text) => (Body::from(text), None),
            Content::Large(source) => {
                let fault = Fault::default();
                let told = Arc::clone(&fault);
                let chunks = source.open().await?.inspect_err(move |error| {
                    // The first one ends the stream.
                    let _ = told.set(causes(error).to_string());
                });
                (Body::wrap_stream(chunks), Some(fault))
            }
        })
    }
}

/// The payload as it was submitted. If it is a string and the content type is not JSON, the string's text.
fn text(payload: &str, content_type: Option<&HeaderValue>) -> Vec<u8> {
    let is_json = content_type.and_then(|value| value.to_str().ok()).is_none_or(|value| {
        let media = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        media == "application/json" || media.ends_with("+json")
    });
    match serde_json::from_str::<String>(payload) {
        Ok(text) if !is_json => text.into_bytes(),
        Ok(_) | Err(_) => payload.as_bytes().to_vec(),
    }
}
