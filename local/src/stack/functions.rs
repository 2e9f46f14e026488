//! Functions that run in processes of their own, for example under `cargo lambda watch`.

use std::time::Duration;

use anyhow::Context;
use http::HeaderMap;
use reqwest::{Client, Response, StatusCode};
use serde_json::json;

use crate::emulator::account::{ACCOUNT, REGION};

/// How long a tick waits for its function. The function may have to be compiled first.
pub(crate) const TICKED_WITHIN: Duration = Duration::from_secs(15 * 60);

/// Functions behind one URL.
#[derive(Clone, Debug)]
pub struct Functions {
    client: Client,
    url: String,
}

/// Why a function gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvokeError {
    /// Nothing listens at the URL.
    #[error("no function answers at {url}: start `cargo lambda watch` there, with what `taskway dev` exports")]
    Unreachable { url: String, source: reqwest::Error },
    /// The function did not answer in time. It may still be running.
    #[error("function {function} did not answer within {} s", within.as_secs())]
    Late { function: String, within: Duration },
    /// The function or its runtime reported a failure.
    #[error("function {function} failed ({status}): {said}")]
    Failed { function: String, status: StatusCode, said: String },
    /// The connection broke before the end of the answer.
    #[error("the answer of function {function} broke off")]
    Broken { function: String, source: reqwest::Error },
}

impl Functions {
    /// The functions at a URL, as `cargo lambda watch` serves them. `option` is where the URL comes from.
    ///
    /// # Errors
    /// If the text is not a URL.
    pub fn at(option: &str, url: &str) -> anyhow::Result<Self> {
        reqwest::Url::parse(url).with_context(|| format!("{option} {url} is not a URL"))?;
        // Installing fails only if the process has a TLS provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        if url.starts_with("http:") {
            // The system's root certificates do not matter, and may not be readable.
            client = client.tls_certs_only([]);
        }
        let client = client.build()?;
        Ok(Functions { client, url: url.trim_end_matches('/').to_owned() })
    }

    /// Invokes a scheduler function once, with an event of EventBridge.
    pub(super) async fn tick(&self, function: &str) {
        let event = json!({
            "version": "0", "id": "00000000-0000-0000-0000-000000000000", "detail-type": "Scheduled Event",
            "source": "aws.events", "account": ACCOUNT, "time": "1970-01-01T00:00:00Z", "region": REGION,
            "resources": [], "detail": {},
        });
        if let Err(error) = self.invoke(function, event.to_string().into_bytes(), TICKED_WITHIN).await {
            tracing::warn!(function, error = %taskway_runtime::log::causes(&error), "cannot tick");
        }
    }

    /// Sends an invocation with this query and these headers, and returns the answer as it comes.
    pub(crate) async fn call(
        &self,
        function: &str,
        query: &str,
        headers: HeaderMap,
        event: Vec<u8>,
        within: Duration,
    ) -> Result<Response, InvokeError> {
        let url = format!("{}/2015-03-31/functions/{function}/invocations{query}", self.url);
        match self.client.post(&url).headers(headers).timeout(within).body(event).send().await {
            Err(source) if source.is_connect() => Err(InvokeError::Unreachable { url: self.url.clone(), source }),
            sent => sent.map_err(|source| broken(function, within, source)),
        }
    }

    /// Invokes a function and waits for its answer, at most for `within`.
    pub(crate) async fn invoke(
        &self,
        function: &str,
        event: Vec<u8>,
        within: Duration,
    ) -> Result<Vec<u8>, InvokeError> {
        let answer = self.call(function, "", HeaderMap::new(), event, within).await?;
        // Lambda answers 200 for a failed function, and reports the failure in a header.
        let failed = answer.headers().contains_key("x-amz-function-error");
        let status = answer.status();
        let body = answer.bytes().await.map_err(|source| broken(function, within, source))?;
        if failed || !status.is_success() {
            let said = String::from_utf8_lossy(&body).into_owned();
            return Err(InvokeError::Failed { function: function.to_owned(), status, said });
        }
        Ok(body.to_vec())
    }
}

/// A connection that broke, or an answer that did not come in time.
pub(crate) fn broken(function: &str, within: Duration, source: reqwest::Error) -> InvokeError {
    match source.is_timeout() {
        true => InvokeError::Late { function: function.to_owned(), within },
        false => InvokeError::Broken { function: function.to_owned(), source },
    }
}
