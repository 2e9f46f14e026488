//! Delivering a task to a URL.

mod address;
mod answer;
mod aws;
mod closed;
mod hosts;
mod request;
mod retry_after;
mod signature;

use std::{
    num::NonZeroUsize,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures::future::BoxFuture;
use reqwest::{
    Client, Request, Url,
    header::{CONNECTION, HeaderName, HeaderValue},
    redirect::Policy,
};
use taskway::{
    Context,
    attempt::{Input, Outcome, Wait},
};
use taskway_protocol::{ErrorKind, HttpTarget};
use taskway_runtime::log::causes;

use answer::Answered;
use hosts::{Hosts, Served};

pub use address::{Allowed, AllowedError};
pub use aws::AwsAuth;
pub use signature::{Secrets, SecretsError};

/// Delivers tasks to URLs. Keeps its connections and uses them again. Clones share them.
#[derive(Clone, Debug)]
pub struct Http {
    /// The client for https, to public and allowed addresses. Made when it is first needed.
    secure: Arc<OnceLock<reqwest::Result<Client>>>,
    /// The client for plain http, to allowed addresses only.
    plain: Client,
    allowed: Arc<Allowed>,
    secrets: Arc<Secrets>,
    hosts: Arc<Hosts>,
    /// The signer of requests with `auth`. `None`: they are refused.
    aws: Option<AwsAuth>,
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
        let secrets = Arc::new(secrets);
        Ok(Http { secure: Arc::default(), plain, allowed, secrets, hosts: Arc::default(), aws: None })
    }

    /// This client, with at most so many requests under way to one host. `None`: as many as there are tasks.
    #[must_use]
    pub fn limited(self, per_host: Option<NonZeroUsize>) -> Self {
        Http { hosts: Arc::new(Hosts::limited(per_host.map(NonZeroUsize::get))), ..self }
    }

    /// This client, which also signs requests for AWS.
    #[must_use]
    pub fn signing(self, aws: AwsAuth) -> Self {
        Http { aws: Some(aws), ..self }
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

    /// Delivers a task once. It is public for the benchmark, which has no table.
    pub fn deliver(&self, target: HttpTarget, input: Input, cx: Context) -> BoxFuture<'static, Outcome> {
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

        let mut headers = request::headers(&target.headers)?;
        // Before an upload is read for nothing.
        self.hosts.check(&url, cx.now())?;
        let traceparent = input.content.traceparent.clone();
        let queue = input.queue.clone();
        let content = request::body(&method, input, &mut headers);
        let id = cx.id().to_string();
        let timestamp = cx.now().as_secs();
        let mut add = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        if let Some(mut signing) = self.secrets.sign(&queue, &id, timestamp) {
            // A signature goes before the body. So an upload is read once more for each kind, and never kept.
            content.seen_by(|bytes| signing.update(bytes)).await.map_err(unread)?;
            add("webhook-signature", signing.finish());
        }
        add("webhook-id", id);
        add("webhook-timestamp", timestamp.to_string());
        add("taskway-attempt", cx.attempt().to_string());
        add("taskway-fence", cx.fence().to_string());
        if let Some(traceparent) = traceparent {
            add("traceparent", traceparent);
        }
        if let Some(auth) = &target.auth {
            let aws = self.aws.as_ref().ok_or_else(|| aws::not_allowed(&url, auth))?;
            aws.sign(auth, (&method, &url), &content, &mut headers, &cx).await?;
        }
        let client = if plain { &self.plain } else { self.secure().map_err(unusable)? };
        // From here on the host is judged by what becomes of the request.
        let visit = self.hosts.enter(&url, &cx).await?;
        if !visit.is_kept() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let (body, fault) = content.into_body().await.map_err(unread)?;
        let answered = async {
            // The API refuses a URL with a user name. One in an old record is not sent as `authorization`.
            let mut request = Request::new(method, url);
            *request.headers_mut() = headers;
            *request.body_mut() = Some(body);
            let answer = client.execute(request).await?;
            answer::read(answer, &target, &cx).await
        };
        match answered.await {
            Ok(Answered { outcome, served, is_signed_by_stale }) => {
                let outcome = if visit.is_trial() && served != Served::Yes { uncounted(outcome) } else { outcome };
                visit.ended(Some(served), true);
                if let Some(aws) = self.aws.as_ref().filter(|_| is_signed_by_stale) {
                    aws.forget().await;
                }
                Ok(outcome)
            }
            Err(error) => {
                let refused = address::refusal(&error);
                let fault = fault.and_then(|fault| fault.get().cloned());
                let is_down = refused.is_none() && fault.is_none() && !error.is_builder();
                let is_trial = visit.is_trial();
                visit.ended(is_down.then_some(Served::No(Duration::ZERO)), false);
                Err(match (refused, fault) {
                    (Some(refused), _) => fatal(refused.to_string()),
                    (None, Some(fault)) => unread_because(&fault),
                    (None, None) if is_trial => uncounted(unusable(&error.without_url())),
                    (None, None) => unusable(&error.without_url()),
                })
            }
        }
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
        .pool_idle_timeout(hosts::IDLE)
        .https_only(!plain)
        .dns_resolver(Arc::new(address::Resolver::new(Arc::clone(allowed), plain)))
        .build()
}

fn unusable(error: &reqwest::Error) -> Outcome {
    Outcome::Retry { kind: ErrorKind::Http, message: causes(error).to_string(), wait: Wait::Policy }
}

/// The outcome of a trial that failed: its task waits like those that were not sent.
fn uncounted(outcome: Outcome) -> Outcome {
    let Outcome::Retry { kind, message, wait } = outcome else { return outcome };
    let at_least = if let Wait::AtLeast(asked) = wait { asked } else { Duration::ZERO };
    Outcome::NotStarted { kind, message, at_least }
}

fn unread(error: std::io::Error) -> Outcome {
    unread_because(&causes(&error).to_string())
}

fn unread_because(why: &str) -> Outcome {
    let message = format!("the payload cannot be read: {why}");
    Outcome::Retry { kind: ErrorKind::Payload, message, wait: Wait::Policy }
}

fn fatal(message: String) -> Outcome {
    Outcome::Fatal { kind: ErrorKind::Http, message }
}
