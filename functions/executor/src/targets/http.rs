//! Delivering a task to a URL.

mod address;
mod closed;
mod signature;

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures::future::BoxFuture;
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use serde::Serialize;
use taskway::{
    Context,
    attempt::{Input, Outcome},
};
use taskway_protocol::{ErrorKind, HttpTarget};
use taskway_runtime::log::causes;

pub use address::{Allowed, AllowedError};
pub use signature::{Secrets, SecretsError};

/// How many bytes of an answer's body are kept.
const KEPT: usize = 64 * 1024;

/// How many bytes of an answer's body are read at most. A connection can be used again only if the whole body was read.
const READ: usize = 1024 * 1024;

/// How many bytes of an answer's headers are kept.
const KEPT_HEADERS: usize = 8 * 1024;

/// The longest `Retry-After` that counts: as long as the longest backoff of a retry policy.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(86_400);

/// How many bytes of a refusing answer's body go into the task's error.
const QUOTED: usize = 200;

/// Delivers tasks to URLs. Keeps its connections and uses them again. Clones share them.
#[derive(Clone, Debug)]
pub struct Http {
    /// The client for https, to public and allowed addresses. Made when it is first needed.
    secure: Arc<OnceLock<reqwest::Result<Client>>>,
    /// The client for plain http, to allowed addresses only.
    plain: Client,
    allowed: Arc<Allowed>,
    secrets: Arc<Secrets>,
}

/// The result of a delivered task.
#[derive(Serialize)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Http {
    /// A client that reaches public addresses and the `allowed` ones, and signs with `secrets`.
    ///
    /// # Errors
    /// The client for plain http cannot be made.
    pub fn new(allowed: Allowed, secrets: Secrets) -> anyhow::Result<Self> {
        // Fails only if a provider is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let allowed = Arc::new(allowed);
        let plain = client(&allowed, true)?;
        Ok(Http { secure: Arc::default(), plain, allowed, secrets: Arc::new(secrets) })
    }

    /// Makes the client for https now, so that the first task does not wait for it. Reads the system's root certificates,
    /// which blocks the thread for some milliseconds.
    ///
    /// # Errors
    /// TLS cannot be set up, so no task can be delivered over https.
    pub fn prepare(&self) -> anyhow::Result<()> {
        self.secure().map(|_| ()).map_err(|error| {
            anyhow::anyhow!("https cannot be set up: {}; see SSL_CERT_FILE and SSL_CERT_DIR", causes(error))
        })
    }

    fn secure(&self) -> Result<&Client, &reqwest::Error> {
        self.secure.get_or_init(|| client(&self.allowed, false)).as_ref()
    }

    pub(super) fn deliver(&self, target: HttpTarget, input: Input, cx: Context) -> BoxFuture<'static, Outcome> {
        let http = self.clone();
        Box::pin(async move {
            match http.try_deliver(target, input, cx).await {
                Ok(outcome) | Err(outcome) => outcome,
            }
        })
    }

    async fn try_deliver(&self, target: HttpTarget, input: Input, cx: Context) -> Result<Outcome, Outcome> {
        let url = Url::parse(&target.url).map_err(|error| fatal(format!("the URL cannot be read: {error}")))?;
        let plain = url.scheme() == "http";
        self.allowed.check_literal(&url, plain).map_err(|error| fatal(error.to_string()))?;
        let method = target.method.parse().map_err(|_| fatal(format!("{} is not a method", target.method)))?;

        let mut headers = headers(&target.headers)?;
        let payload = input.content.payload_text();
        let body = match target.method.as_str() {
            "GET" | "HEAD" => None,
            _ if payload == "null" => None,
            _ => Some(body(payload, headers.get(CONTENT_TYPE))),
        };
        if body.is_some() && !headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let id = cx.id().to_string();
        let timestamp = cx.now().as_secs();
        let mut add = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        if let Some(signatures) = self.secrets.sign(&id, timestamp, body.as_deref().unwrap_or_default()) {
            add("webhook-signature", signatures);
        }
        add("webhook-id", id);
        add("webhook-timestamp", timestamp.to_string());
        add("taskway-attempt", cx.attempt().to_string());
        add("taskway-fence", cx.fence().to_string());
        if let Some(traceparent) = &input.content.traceparent {
            add("traceparent", traceparent.clone());
        }

        let client = if plain { &self.plain } else { self.secure().map_err(unusable)? };
        let mut request = client.request(method, url).headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = request.send().await.map_err(unreached)?;
        Ok(outcome(answer, &cx).await)
    }
}

fn client(allowed: &Arc<Allowed>, plain: bool) -> reqwest::Result<Client> {
    // Plain http needs no root certificates, and reading the system's takes some milliseconds.
    let builder = if plain { Client::builder().tls_certs_only([]) } else { Client::builder() };
    builder
        .user_agent(concat!("taskway/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(10))
        .https_only(!plain)
        .dns_resolver(Arc::new(address::Resolver::new(Arc::clone(allowed), plain)))
        .build()
}

fn headers(wanted: &BTreeMap<String, String>) -> Result<HeaderMap, Outcome> {
    let parsed = wanted.iter().map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| fatal(format!("{name} is not a header")))?;
        let value = HeaderValue::from_str(value).map_err(|_| fatal(format!("header {name} cannot be sent")))?;
        Ok((name, value))
    });
    parsed.collect()
}

/// The payload as it was submitted. If it is a string and the content type is not JSON, the string's text.
fn body(payload: &str, content_type: Option<&HeaderValue>) -> Vec<u8> {
    let is_json = content_type.and_then(|value| value.to_str().ok()).is_none_or(|value| {
        let media = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        media == "application/json" || media.ends_with("+json")
    });
    match serde_json::from_str::<String>(payload) {
        Ok(text) if !is_json => text.into_bytes(),
        Ok(_) | Err(_) => payload.as_bytes().to_vec(),
    }
}

async fn outcome(answer: Response, cx: &Context) -> Outcome {
    let status = answer.status();
    let after = answer.headers().get(RETRY_AFTER).and_then(|value| retry_after(value, cx.now().as_secs()));
    let headers = kept_headers(answer.headers());
    let body = match kept_body(answer).await {
        Ok(body) => body,
        Err(error) => return unreached(error),
    };
    if status.is_success() {
        let answer = Answer { status: status.as_u16(), headers, body };
        return serde_json::to_string(&answer).map_or_else(
            |error| fatal(format!("the answer cannot be kept: {error}")),
            |text| Outcome::Done(text.into()),
        );
    }
    let quoted = &body[..body.floor_char_boundary(QUOTED)];
    let message = if quoted.is_empty() { status.to_string() } else { format!("{status}: {quoted}") };
    let again = status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS);
    if again { Outcome::Retry { kind: ErrorKind::Http, message, after } } else { fatal(message) }
}

fn kept_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let (mut kept, mut room) = (BTreeMap::<String, String>::new(), KEPT_HEADERS);
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let Some(left) = room.checked_sub(name.as_str().len() + value.len()) else { break };
        room = left;
        // A header that comes twice is kept as one header with a list.
        kept.entry(name.to_string()).and_modify(|all| *all = format!("{all}, {value}")).or_insert(value.into());
    }
    kept
}

async fn kept_body(mut answer: Response) -> reqwest::Result<String> {
    let (mut kept, mut read) = (Vec::new(), 0);
    while let Some(chunk) = answer.chunk().await? {
        read += chunk.len();
        kept.extend_from_slice(&chunk[..chunk.len().min(KEPT - kept.len())]);
        if read > READ {
            break;
        }
    }
    let text = String::from_utf8_lossy(&kept);
    // The result has a limit, and in JSON a control character takes six bytes.
    let mut room = KEPT;
    let fits = |c: &char| {
        let written = match c {
            '"' | '\\' => 2,
            c if c.is_control() => 6,
            c => c.len_utf8(),
        };
        let fits = written <= room;
        room = room.saturating_sub(written);
        fits
    };
    Ok(text.chars().take_while(fits).collect())
}

/// The wait that a `Retry-After` asks for, in seconds or as a date.
fn retry_after(value: &HeaderValue, now_secs: u64) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER));
    }
    let at = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(at.saturating_sub(Duration::from_secs(now_secs)).min(LONGEST_RETRY_AFTER))
}

fn unreached(error: reqwest::Error) -> Outcome {
    if let Some(refused) = address::refusal(&error) {
        return fatal(refused.to_string());
    }
    unusable(&error.without_url())
}

fn unusable(error: &reqwest::Error) -> Outcome {
    Outcome::Retry { kind: ErrorKind::Http, message: causes(error).to_string(), after: None }
}

fn fatal(message: String) -> Outcome {
    Outcome::Fatal { kind: ErrorKind::Http, message }
}
