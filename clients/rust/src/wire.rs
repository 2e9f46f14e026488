//! The one place where a request leaves.

use std::{
    error::Error as StdError,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{CONTENT_LENGTH, USER_AGENT},
};
use reqwest::{Request, Response, Url, redirect};

use crate::{
    answer::Answer,
    auth::{Auth, Sender, has_user},
    call::Call,
    error::{Error, Misuse, NotAnswered},
};

/// Says that a client asks, and not a web page: the embedded stack asks for a header that no web page can send.
const CLIENT: HeaderName = HeaderName::from_static("taskway-client");
/// A local stack answers in a millisecond, another continent in a third of a second; past this no one is there.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// API Gateway gives up after 30 s, `Prefer: wait` after 25 s; the rest is the way.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(35);
/// A payload has up to 100 MiB, and a slow line takes minutes for it. The URL is good for a quarter of an hour.
const LARGE_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// A connection that lies idle for longer may have been closed on the way.
const IDLE: Duration = Duration::from_secs(30);

/// The way to one API.
#[derive(Debug)]
pub(crate) struct Wire {
    http: reqwest::Client,
    base: Url,
    auth: Auth,
}

impl Wire {
    /// The way to the API at `url`, for a client that calls itself `agent`.
    pub(crate) fn new(url: &str, agent: &str, auth: Auth) -> Result<Self, Misuse> {
        let base = Url::parse(url).map_err(|error| Misuse::Url(url.to_owned(), error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.query().is_some() || base.fragment().is_some() {
            return Err(Misuse::UrlForm(url.to_owned()));
        }
        if has_user(&base) && !matches!(auth, Auth::Nobody) {
            return Err(Misuse::Senders);
        }
        if matches!(auth, Auth::Token(_)) && base.scheme() == "http" && !is_loopback(&base) {
            return Err(Misuse::PlainHttp);
        }
        let agent = HeaderValue::from_str(agent).map_err(|_| Misuse::Agent(agent.to_owned()))?;
        // The build carries one TLS provider, and reqwest takes the process's. An error means that it is set already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .default_headers(HeaderMap::from_iter([(USER_AGENT, agent.clone()), (CLIENT, agent)]))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .pool_idle_timeout(IDLE)
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
        let http = builder.build().map_err(|error| Misuse::Https(causes(&error)))?;
        Ok(Wire { http, base, auth })
    }

    /// Sends one request and reads the whole answer, whatever its status.
    pub(crate) async fn once(&self, call: &Call, within: Duration) -> Result<Answer, Error> {
        let mut request = self.request(call)?;
        let limit = within.min(CALL_TIMEOUT);
        *request.timeout_mut() = Some(limit);
        let sender = self.auth.authenticate(&self.base, &mut request).await?;
        let broken = |error| Error::from(unanswered(call, limit, error));
        let response = self.http.execute(request).await.map_err(broken)?;
        let status = response.status();
        let (headers, body) = whole(response).await.map_err(broken)?;
        Ok(Answer { status, headers, body, sender })
    }

    /// Sends one request to another server, as it is, and reads the whole answer.
    pub(crate) async fn once_to(&self, url: &str, call: &Call) -> Result<Answer, Error> {
        let url = Url::parse(url).map_err(|error| Misuse::Url(url.to_owned(), error.to_string()))?;
        let mut request = self.http.request(call.method.clone(), url).headers(call.headers.clone());
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        let broken = |error| Error::from(unanswered(call, LARGE_TIMEOUT, error));
        let response = request.timeout(LARGE_TIMEOUT).send().await.map_err(broken)?;
        let status = response.status();
        let (headers, body) = whole(response).await.map_err(broken)?;
        Ok(Answer { status, headers, body, sender: Sender::Nobody })
    }

    fn request(&self, call: &Call) -> Result<Request, Error> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            // The base may have a path of its own, such as a stage's.
            Ok(mut segments) => segments.pop_if_empty().extend(&call.path),
            Err(()) => return Err(Misuse::UrlForm(self.shown()).into()),
        };
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
            // A signature covers a space as `%20`. Only forms write it as `+`, and a plus itself is encoded here.
            let query = url.query().map(|query| query.replace('+', "%20"));
            url.set_query(query.as_deref());
        }
        let mut request = self.http.request(call.method.clone(), url).headers(call.headers.clone());
        request = match &call.body {
            Some(body) => request.body(body.clone()),
            // Between here and the API may sit something that wants a length of every POST; hyper leaves out a zero.
            None if call.method == Method::POST => request.header(CONTENT_LENGTH, 0),
            None => request,
        };
        request.build().map_err(|error| Error::from(unanswered(call, CALL_TIMEOUT, error)))
    }

    /// The API's URL for people, without a password and without the slash that parsing adds.
    pub(crate) fn shown(&self) -> String {
        let mut url = self.base.clone();
        // Fails only for URLs without a host, which http does not have.
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        url.as_str().trim_end_matches('/').to_owned()
    }
}

async fn whole(mut response: Response) -> Result<(HeaderMap, Vec<u8>), reqwest::Error> {
    let headers = std::mem::take(response.headers_mut());
    Ok((headers, response.bytes().await?.into()))
}

/// The URL may have a password, so the error loses it.
fn unanswered(call: &Call, limit: Duration, error: reqwest::Error) -> NotAnswered {
    let sent = !error.is_connect();
    let limit = if sent { limit } else { limit.min(CONNECT_TIMEOUT) };
    let timed_out = error.is_timeout().then_some(limit);
    NotAnswered { sent, timed_out, ..NotAnswered::of(call, error.without_url()) }
}

/// An error with what caused it.
fn causes(error: &dyn StdError) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    is_localhost(host) || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a name is `localhost` or below it (RFC 6761, 6.3).
fn is_localhost(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(url: &str, auth: Auth) -> Result<Wire, String> {
        Wire::new(url, "test", auth).map_err(|misuse| misuse.to_string())
    }

    #[test]
    fn only_the_url_of_an_api_is_one() {
        for url in
            ["http://127.0.0.1:8080", "https://a.example/prod/", "http://me:pw@[::1]:1", "http://tasks.localhost"]
        {
            assert!(way(url, Auth::Nobody).is_ok(), "{url}");
        }
        for url in ["127.0.0.1:8080", "ftp://a.example", "https://a.example/?a", "https://a.example/#a", ""] {
            assert!(way(url, Auth::Nobody).is_err(), "{url}");
        }
    }

    #[test]
    fn a_token_is_sent_over_plain_http_only_to_this_machine() {
        let sends = |url| way(url, Auth::token("a.b.c").unwrap()).is_ok();
        assert!(["http://localhost:1", "http://127.9.9.9", "http://[::1]", "https://a.example"].into_iter().all(sends));
        assert!(!["http://a.example", "http://localhost.example", "http://192.0.2.1"].into_iter().any(sends));
        assert!(Auth::token("a\nb").is_err() && !sends("https://me@a.example"));
    }

    #[test]
    fn a_request_is_below_the_urls_path_and_keeps_each_segment() {
        let wire = way("https://me:secret@a.example/prod/", Auth::Nobody).unwrap();
        let call = Call::get("a/b c").unwrap().query([("label.a&b".to_owned(), "1+1 = 2".to_owned())]);
        let request = wire.request(&call).unwrap();
        assert_eq!(request.url().path(), "/prod/v1/tasks/a%2Fb%20c");
        assert_eq!(request.url().query(), Some("label.a%26b=1%2B1%20%3D%202"));
        assert!(request.headers().contains_key("authorization"));
        assert_eq!(wire.shown(), "https://a.example/prod");
        for id in ["", ".", ".."] {
            assert!(Call::get(id).is_err(), "{id}");
        }
    }
}
