//! The API's client: one method a call, and one place where a request leaves.

mod passing;
mod queues;
mod schedules;

use std::{
    env,
    error::Error,
    io,
    net::{Ipv4Addr, Ipv6Addr},
    time::{Duration, SystemTime},
};

use reqwest::{
    Method, Request, StatusCode, Url,
    header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    redirect,
};

pub(crate) use passing::{Answered, Passed};

use crate::{
    auth::{Auth, Sign},
    failure::Failure,
    queue_name::QueueName,
    refusal::Refusal,
    task::Task,
    task_id::TaskId,
};

/// Where `taskway dev` serves the API unless told otherwise.
pub(crate) const DEFAULT_URL: &str = "http://127.0.0.1:8080";
/// Says that this command asks, and not a web page.
const CLIENT: HeaderName = HeaderName::from_static("taskway-client");
/// A local stack answers in a millisecond, another continent in a third of a second; past this no one is there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// API Gateway gives up after 30 s, `Prefer: wait` after 25 s; the rest is the way.
const CALL_TIMEOUT: Duration = Duration::from_secs(35);
/// How often a throttled call that may be repeated is made again.
const RETRIES: u32 = 3;
/// The longest `Retry-After` that is sat out, in seconds; someone who is told to wait longer should see it.
const RETRY_AFTER_MAX: u64 = 10;

/// A client of one API.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    auth: Auth,
}

/// What may be done to a task that exists.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    Cancel,
    Run,
    Retry,
}

/// What is listed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Listing {
    Tasks,
    Dead,
}

/// What may be done to all tasks that match.
#[derive(Debug, Clone, Copy)]
pub(crate) enum BulkAction<'a> {
    Cancel,
    Redrive,
    /// Of all that wait in this queue.
    Purge(&'a QueueName),
}

/// A successful answer, kept as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: String,
    /// The API had this task already, under its idempotency key.
    pub(crate) replayed: bool,
    /// What was put was not there before.
    pub(crate) created: bool,
}

/// A call before it is a request: each attempt is built anew, since a signature holds for one moment.
#[derive(Debug)]
struct Call<'a> {
    method: Method,
    path: &'a [&'a str],
    query: &'a [(String, String)],
    body: Option<&'a str>,
    /// For how many seconds the API may hold its answer back until the task has ended.
    wait: Option<u8>,
    repeat: Repeat,
}

/// What making a call twice does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeat {
    /// Perhaps more than making it once.
    Unknown,
    /// No more than making it once, by the idempotency key in it.
    ByKey,
    /// No more than making it once.
    Harmless,
}

impl Answer {
    /// The task that the answer holds.
    pub(crate) fn task(&self) -> Result<Task, Failure> {
        serde_json::from_str(&self.body).map_err(|error| {
            let context = "the answer holds no task: is this URL a taskway api's?";
            Failure::Other(anyhow::Error::new(error).context(context))
        })
    }
}

impl Client {
    /// A client of the API at `url`; an empty one, as of an emptied variable, means the default. A token is taken from the
    /// environment alone: a command line is for all to see.
    pub(crate) fn new(url: &str, sign: Sign) -> Result<Self, Failure> {
        let text = if url.is_empty() { DEFAULT_URL } else { url };
        let base = Url::parse(text).map_err(|error| Failure::Usage(format!("the url `{text}` is not one: {error}")))?;
        if !matches!(base.scheme(), "http" | "https") || base.query().is_some() || base.fragment().is_some() {
            return Err(Failure::Usage(format!("the url `{text}` is not of the form http(s)://host[:port][/path]")));
        }
        // The embedded stack asks for a header that no web page can send.
        let us = HeaderMap::from_iter([(CLIENT, HeaderValue::from_static(env!("CARGO_PKG_VERSION")))]);
        let mut builder = reqwest::Client::builder()
            .default_headers(us)
            .user_agent(concat!("taskway/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            // The API has none, and following one would turn a POST into a GET.
            .redirect(redirect::Policy::none());
        if base.scheme() == "http" {
            // Loading the system's certificates takes longer than a local call, and fails where there are none.
            builder = builder.tls_certs_only([]);
        }
        if is_loopback(&base) {
            // A proxy's loopback is not ours.
            builder = builder.no_proxy();
        }
        if let Some(name) = base.host_str().filter(|host| is_localhost(host)) {
            // RFC 6761 has such a name be loopback, and not every system's resolver knows. Emulators tell APIs by it.
            builder =
                builder.resolve_to_addrs(name, &[(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()]);
        }
        let auth = Auth::choose(&base, sign, env::var("TASKWAY_TOKEN").ok().as_deref(), is_loopback(&base))?;
        let http = builder.build().map_err(|error| {
            let context = "cannot make an https client: see SSL_CERT_FILE and SSL_CERT_DIR";
            Failure::Other(anyhow::Error::new(error).context(context))
        })?;
        Ok(Self { http, base, auth })
    }

    /// Submits a task. `keyed`: the body has an idempotency key, so that a second try finds the first one's task.
    pub(crate) async fn submit(&self, body: &str, keyed: bool, wait: Option<u8>) -> Result<Answer, Failure> {
        let path = &["v1", "tasks"];
        let repeat = if keyed { Repeat::ByKey } else { Repeat::Unknown };
        self.call(&Call { method: Method::POST, path, query: &[], body: Some(body), wait, repeat }).await
    }

    /// Reads a task.
    pub(crate) async fn get(&self, id: &TaskId) -> Result<Answer, Failure> {
        let path = &["v1", "tasks", id.as_str()];
        self.call(&Call { method: Method::GET, path, query: &[], body: None, wait: None, repeat: Repeat::Harmless })
            .await
    }

    /// Cancels a task, or starts it now, or again.
    pub(crate) async fn act(&self, id: &TaskId, action: Action) -> Result<Answer, Failure> {
        let verb = match action {
            Action::Cancel => "cancel",
            Action::Run => "run",
            Action::Retry => "retry",
        };
        let path = &["v1", "tasks", id.as_str(), verb];
        self.call(&Call { method: Method::POST, path, query: &[], body: None, wait: None, repeat: Repeat::Unknown })
            .await
    }

    /// Reads one page of a list.
    pub(crate) async fn list(&self, listing: Listing, query: &[(String, String)]) -> Result<Answer, Failure> {
        let path: &[&str] = match listing {
            Listing::Tasks => &["v1", "tasks"],
            Listing::Dead => &["v1", "dead"],
        };
        self.call(&Call { method: Method::GET, path, query, body: None, wait: None, repeat: Repeat::Harmless }).await
    }

    /// Changes the tasks that the body selects, as many as one call does.
    pub(crate) async fn change(&self, action: BulkAction<'_>, body: &str) -> Result<Answer, Failure> {
        let path: &[&str] = match action {
            BulkAction::Cancel => &["v1", "tasks", "cancel"],
            BulkAction::Redrive => &["v1", "dead", "redrive"],
            BulkAction::Purge(queue) => &["v1", "queues", queue.as_str(), "purge"],
        };
        let (method, repeat) = (Method::POST, Repeat::Harmless);
        self.call(&Call { method, path, query: &[], body: Some(body), wait: None, repeat }).await
    }

    /// Reads how much is in the stack.
    pub(crate) async fn stats(&self) -> Result<Answer, Failure> {
        let (method, path, repeat) = (Method::GET, &["v1", "stats"][..], Repeat::Harmless);
        self.call(&Call { method, path, query: &[], body: None, wait: None, repeat }).await
    }

    /// Makes a call, again while the API asks for patience and the call can bear it.
    async fn call(&self, call: &Call<'_>) -> Result<Answer, Failure> {
        let mut retries = if call.repeat == Repeat::Unknown { 0 } else { RETRIES };
        loop {
            let mut request = self.request(call)?;
            let sender = self.auth.authenticate(&mut request).await?;
            let (status, headers, body) = self.send(request).await.map_err(|e| self.unanswered(call, &e))?;
            if status.is_success() {
                let replayed = headers.get("idempotent-replayed").is_some_and(|value| value == "true");
                let created = status == StatusCode::CREATED;
                return Ok(Answer { body, replayed, created });
            }
            match retry_after(&headers) {
                Some(pause) if retries > 0 && matches!(status.as_u16(), 429 | 503) => {
                    retries -= 1;
                    tokio::time::sleep(pause).await;
                }
                Some(_) | None => {
                    let id = headers.get("x-request-id").and_then(|value| value.to_str().ok());
                    let refusal = Refusal::new(status, id.map(str::to_owned), body);
                    let advice = sender.advice(status, &headers, SystemTime::now());
                    return Err(Failure::Refused(refusal.advised(advice)));
                }
            }
        }
    }

    fn request(&self, call: &Call<'_>) -> Result<Request, Failure> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            // The base may have a path of its own, such as a stage's.
            Ok(mut segments) => segments.pop_if_empty().extend(call.path),
            Err(()) => return Err(Failure::Usage(format!("the url `{}` takes no path", self.shown()))),
        };
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query);
        }
        let mut request = self.http.request(call.method.clone(), url);
        request = match call.body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(body.to_owned()),
            // Between here and the API may sit something that wants a length of every POST; hyper leaves out a zero.
            None if call.method == Method::POST => request.header(CONTENT_LENGTH, 0),
            None => request,
        };
        if let Some(seconds) = call.wait {
            request = request.header("prefer", format!("wait={seconds}"));
        }
        request.build().map_err(|error| Failure::Other(anyhow::Error::new(error)))
    }

    /// Sends one request as it stands and reads the whole answer.
    async fn send(&self, request: Request) -> Result<(StatusCode, HeaderMap, String), reqwest::Error> {
        let mut response = self.http.execute(request).await?;
        let headers = std::mem::take(response.headers_mut());
        Ok((response.status(), headers, response.text().await?))
    }

    /// Says why there was no answer, and what to do.
    fn unanswered(&self, call: &Call<'_>, error: &reqwest::Error) -> Failure {
        let url = self.shown();
        let root = root_cause(error);
        let refused = root.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::ConnectionRefused);
        if refused {
            return Failure::Unanswered(format!("nothing answers at {url}: start `taskway dev`, or set TASKWAY_URL"));
        }
        if error.is_connect() {
            let seconds = CONNECT_TIMEOUT.as_secs();
            let cause = if error.is_timeout() { format!("no connection within {seconds} s") } else { root.to_string() };
            return Failure::Unanswered(format!("cannot reach {url}: {cause}\n  check --url or TASKWAY_URL"));
        }
        let seconds = CALL_TIMEOUT.as_secs();
        let cause = if error.is_timeout() { format!("no answer within {seconds} s") } else { root.to_string() };
        // The request may have arrived, and only the answer been lost.
        let doubt = match (&call.method, call.repeat) {
            (&Method::GET, _) => "",
            (_, Repeat::ByKey) => "\n  it may have been accepted; with the same --key it can be submitted again",
            (_, Repeat::Harmless) => "\n  some of it may have been carried out; given again, the command does the rest",
            (_, Repeat::Unknown) => "\n  it may have been carried out all the same",
        };
        Failure::Unanswered(format!("lost the call to {url}: {cause}{doubt}"))
    }

    /// The API's URL for people, without a password and without the slash that parsing adds.
    pub(crate) fn shown(&self) -> String {
        let mut url = self.base.clone();
        // Fails only for URLs without a host, which http does not have.
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        url.as_str().trim_end_matches('/').to_owned()
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    is_localhost(host) || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a name is `localhost` or below it (RFC 6761, 6.3).
fn is_localhost(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host == "localhost" || host.ends_with(".localhost")
}

/// The pause that `Retry-After` asks for, where it is in seconds and short enough to sit out.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    (seconds <= RETRY_AFTER_MAX).then(|| Duration::from_secs(seconds))
}

/// The end of the chain, where the system's own words are: reqwest's and hyper's say only which layer failed.
fn root_cause(error: &reqwest::Error) -> &(dyn Error + 'static) {
    let mut cause: &(dyn Error + 'static) = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause
}
