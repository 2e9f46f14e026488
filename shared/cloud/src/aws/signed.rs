//! One signed request to an AWS service, for services of which only a call or two are needed.
//!
//! The SDK's crate for Lambda alone took a tenth of a cold build, for one call. This module uses the parts that every
//! such crate shares: the signer, the retries, the timeouts, and the process's one pool of connections.

use std::{error::Error, time::Duration};

use aws_config::SdkConfig;
use aws_runtime::{
    auth::SigV4OperationSigningConfig,
    auth::sigv4::{SCHEME_ID, SigV4AuthScheme},
    recursion_detection::RecursionDetectionInterceptor,
};
use aws_smithy_runtime::client::{
    orchestrator::operation::Operation,
    retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier},
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        auth::{AuthSchemeOptionResolverParams, static_resolver::StaticAuthSchemeOptionResolver},
        interceptors::context::{Error as ServiceError, Output},
        orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
        result::SdkError,
        runtime_components::RuntimeComponentsBuilder,
        runtime_plugin::StaticRuntimePlugin,
        ser_de::DeserializeResponse,
    },
};
use aws_smithy_types::{
    body::SdkBody,
    config_bag::{ConfigBag, Layer},
    retry::{RetryConfig, RetryMode},
    timeout::TimeoutConfig,
};
use aws_types::{SigningName, region::SigningRegion, service_config::ServiceConfigKey};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Error as ClientError;

/// AWS Lambda.
pub const LAMBDA: Service = Service { id: "Lambda", name: "lambda" };

/// The answers after which the same request may succeed: the service is throttling or has a fault of its own.
const TRY_AGAIN: &[u16] = &[429, 500, 502, 503, 504];

/// How many bytes of a refusal's body go into the error.
const EXCERPT: usize = 300;

/// An AWS service whose calls are JSON or plain bytes over HTTP.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// The name in the SDK's settings: `Lambda` is configured by `AWS_ENDPOINT_URL_LAMBDA`.
    id: &'static str,
    /// The name in host names and in signatures.
    name: &'static str,
}

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Neither the environment nor the profile names a region.
    #[error("no region to call {service} in: set AWS_REGION")]
    NoRegion {
        /// The service's name.
        service: &'static str,
    },
    /// The last of the tries was answered with a status other than 2xx.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// No try reached the service: no connection was made, or the request could not be signed. The service has not seen it.
    #[error("cannot reach {service}")]
    Unreached {
        /// The service's name.
        service: &'static str,
        /// What the SDK says of it.
        #[source]
        source: BoxError,
    },
    /// The request was sent, and no whole answer came. The service may have done what was asked.
    #[error("cannot call {service}")]
    Unanswered {
        /// The service's name.
        service: &'static str,
        /// What the SDK says of it.
        #[source]
        source: BoxError,
    },
}

/// An answer with a status other than 2xx.
#[derive(Debug, thiserror::Error)]
#[error("{service} answered {status}: {excerpt}")]
pub struct Refused {
    /// The service's name.
    pub service: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The service's name for the error, such as `TooManyRequestsException`, if the answer has one.
    pub kind: Option<String>,
    /// How long the service asks to be left alone.
    pub retry_after: Option<Duration>,
    /// The beginning of the answer's body.
    pub excerpt: String,
}

/// Signs a request to this service, sends it and reads the whole answer.
///
/// The request's URI is a path with an optional query. The endpoint is the configured one (`AWS_ENDPOINT_URL_LAMBDA`,
/// then `AWS_ENDPOINT_URL`) or else the region's. Timeouts are those of [`calls`](super::calls). A refusal that may be
/// temporary and a failed connection are tried again, three times in all unless `AWS_MAX_ATTEMPTS` says otherwise, so
/// the service may see the request more than once.
///
/// # Errors
/// When no answer came, or one with a status other than 2xx.
pub async fn call(
    config: &SdkConfig,
    service: Service,
    request: http::Request<Vec<u8>>,
) -> Result<http::Response<Bytes>, CallError> {
    let answer = send(config, service, request, super::timeouts::calls(), &retries(config)).await?;
    Ok(read(answer, service, usize::MAX).await?.answer)
}

/// The answer to a call that is made once.
#[derive(Debug)]
pub struct Answered {
    /// The answer, with no more of its body than was asked for.
    pub answer: http::Response<Bytes>,
    /// The body is longer.
    pub is_cut: bool,
}

/// [`call`] without a second try, for what the service may do twice. The answer may take as long as `within`, and of its body
/// `longest` bytes are read.
///
/// # Errors
/// As for [`call`].
pub async fn call_once(
    config: &SdkConfig,
    service: Service,
    request: http::Request<Vec<u8>>,
    within: Duration,
    longest: usize,
) -> Result<Answered, CallError> {
    let timeouts = TimeoutConfig::builder().connect_timeout(super::timeouts::CONNECT).operation_timeout(within).build();
    let answer = send(config, service, request, timeouts, &RetryConfig::disabled()).await?;
    read(answer, service, longest).await
}

/// The whole body if it has at most `longest` bytes, or else its beginning.
async fn read(answer: http::Response<SdkBody>, service: Service, longest: usize) -> Result<Answered, CallError> {
    let (head, mut body) = answer.into_parts();
    let (mut kept, mut is_cut) = (BytesMut::new(), false);
    while !is_cut && let Some(frame) = body.frame().await {
        let frame = frame.map_err(|source| CallError::Unanswered { service: service.name, source })?;
        let Ok(data) = frame.into_data() else { continue };
        let room = longest - kept.len();
        is_cut = data.len() > room;
        kept.extend_from_slice(&data[..data.len().min(room)]);
    }
    Ok(Answered { answer: http::Response::from_parts(head, kept.freeze()), is_cut })
}

async fn send(
    config: &SdkConfig,
    service: Service,
    request: http::Request<Vec<u8>>,
    timeouts: TimeoutConfig,
    retries: &RetryConfig,
) -> Result<http::Response<SdkBody>, CallError> {
    let name = service.name;
    let region = config.region().ok_or(CallError::NoRegion { service: name })?;
    let mut operation = Operation::builder()
        .service_name(name)
        .operation_name(format!("{} {}", request.method(), request.uri().path()))
        .endpoint_url(&service.endpoint(config, region.as_ref()))
        .timeout_config(timeouts)
        .standard_retry(retries)
        .retry_classifier(TransientErrorClassifier::<Refused>::new())
        .retry_classifier(HttpStatusCodeClassifier::new_from_codes(TRY_AGAIN))
        // Lambda stops a function that keeps invoking itself by the trace id that this passes on.
        .interceptor(RecursionDetectionInterceptor::new())
        .with_connection_poisoning()
        .runtime_plugin(signing(config, service, region.clone().into()));
    if let Some(client) = config.http_client() {
        operation = operation.http_client(client);
    }
    if let Some(sleep) = config.sleep_impl() {
        operation = operation.sleep_impl(sleep);
    }
    if let Some(time) = config.time_source() {
        operation = operation.time_source(time);
    }
    let operation = operation
        .serializer(|request: http::Request<Vec<u8>>| Ok(HttpRequest::try_from(request.map(SdkBody::from))?))
        .deserializer_impl::<http::Response<SdkBody>, Refused>(Deserializer { service: name })
        .build();
    operation.invoke(request).await.map_err(|error| {
        if let SdkError::ServiceError(refused) = error {
            return CallError::Refused(refused.into_err());
        }
        match was_sent(&error) {
            true => CallError::Unanswered { service: name, source: error.into() },
            false => CallError::Unreached { service: name, source: error.into() },
        }
    })
}

/// Whether the service may have seen the request of the last try.
fn was_sent(error: &SdkError<Refused, HttpResponse>) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<ClientError>().is_some_and(ClientError::is_connect) {
            return false;
        }
        cause = error.source();
    }
    !matches!(error, SdkError::ConstructionFailure(_))
}

/// The adaptive mode shares a rate among the calls of one client. These calls have no client, and the SDK would panic.
fn retries(config: &SdkConfig) -> RetryConfig {
    let retries = config.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
    retries.with_retry_mode(RetryMode::Standard)
}

/// What tells the SDK's machinery to sign for this service, by the credentials of this configuration.
fn signing(config: &SdkConfig, service: Service, region: SigningRegion) -> StaticRuntimePlugin {
    let mut layer = Layer::new("signing");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: Some(region),
        name: Some(SigningName::from_static(service.name)),
        ..SigV4OperationSigningConfig::default()
    });
    let mut components = RuntimeComponentsBuilder::new("signing")
        .with_auth_scheme(SigV4AuthScheme::new())
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID])));
    components.set_identity_cache(config.identity_cache());
    if let Some(credentials) = config.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, credentials);
    }
    StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components)
}

/// Returns the body of a success as a stream, so that the caller decides how much of it to read. A refusal is read whole.
#[derive(Debug)]
struct Deserializer {
    service: &'static str,
}

impl DeserializeResponse for Deserializer {
    fn deserialize_streaming_with_config(
        &self,
        response: &mut HttpResponse,
        _config: &ConfigBag,
    ) -> Option<Result<Output, OrchestratorError<ServiceError>>> {
        if !response.status().is_success() {
            return None;
        }
        let mut answer = http::Response::builder().status(response.status().as_u16());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let answer = answer.body(std::mem::replace(response.body_mut(), SdkBody::taken()));
        Some(answer.map(Output::erase).map_err(OrchestratorError::other))
    }

    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        _config: &ConfigBag,
    ) -> Result<Output, OrchestratorError<ServiceError>> {
        let body = response.body().bytes().unwrap_or_default();
        // The name may be followed by a colon and a URL.
        let kind = response.headers().get("x-amzn-errortype").and_then(|kind| kind.split(':').next());
        let seconds = response.headers().get("retry-after").and_then(|seconds| seconds.trim().parse().ok());
        let refused = Refused {
            service: self.service,
            status: response.status().as_u16(),
            kind: kind.map(str::to_owned),
            retry_after: seconds.map(Duration::from_secs),
            excerpt: String::from_utf8_lossy(&body[..body.len().min(EXCERPT)]).into_owned(),
        };
        Err(OrchestratorError::operation(ServiceError::erase(refused)))
    }
}

impl Service {
    /// The configured endpoint, found as the SDK's own clients find theirs, or else the region's.
    /// The SDK panics at an empty one, so that counts as not set.
    fn endpoint(self, config: &SdkConfig, region: &str) -> String {
        let is_set = |url: &String| !url.is_empty();
        let global = config.endpoint_url().map(str::to_owned).filter(is_set);
        if config.get_origin("endpoint_url").is_client_config() {
            // Set in the code, which is stronger than the environment.
            return global.unwrap_or_else(|| self.default_endpoint(config, region));
        }
        let key = ServiceConfigKey::builder().service_id(self.id).env("AWS_ENDPOINT_URL").profile("endpoint_url");
        let own = key.build().ok().and_then(|key| config.service_config()?.load_config(key));
        own.filter(is_set).or(global).unwrap_or_else(|| self.default_endpoint(config, region))
    }

    fn default_endpoint(self, config: &SdkConfig, region: &str) -> String {
        let (name, fips) = (self.name, if config.use_fips() == Some(true) { "-fips" } else { "" });
        let (domain, dual_stack) = domains(region);
        let domain = if config.use_dual_stack() == Some(true) { dual_stack } else { domain };
        format!("https://{name}{fips}.{region}.{domain}")
    }
}

/// The domain of a region's endpoints and the one of those that answer over IPv6 too. The regions of the United
/// States' secret clouds have others: there `AWS_ENDPOINT_URL` must be set.
fn domains(region: &str) -> (&'static str, &'static str) {
    match region.split('-').next() {
        Some("cn") => ("amazonaws.com.cn", "api.amazonwebservices.com.cn"),
        Some("eusc") => ("amazonaws.eu", "api.amazonwebservices.eu"),
        _ => ("amazonaws.com", "api.aws"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::{Arc, Mutex};

    use aws_config::{BehaviorVersion, Region};
    use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
    use axum::{Router, routing::any};
    use http::{HeaderMap, Method, StatusCode, Uri};
    use tokio::net::TcpListener;

    use super::*;
    use crate::aws::connector;

    fn config() -> aws_types::sdk_config::Builder {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(connector::Shared::plain())
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "AKID", "secret", None, None, "test",
            )))
            .region(Region::from_static("eu-west-1"))
    }

    type Seen = Arc<Mutex<Vec<(Method, Uri, HeaderMap, Bytes)>>>;

    /// Answers one request after another with these statuses, and the rest with the last.
    async fn service(statuses: &'static [u16]) -> (SdkConfig, Seen) {
        let seen = Seen::default();
        let note = Arc::clone(&seen);
        let router = Router::new().fallback(any(async move |method, uri, headers, body| {
            let mut seen = note.lock().unwrap();
            let status = statuses[seen.len().min(statuses.len() - 1)];
            seen.push((method, uri, headers, body));
            let headers = [
                ("x-amzn-requestid", "1-2"),
                ("x-amzn-errortype", "SomeException:http://internal/"),
                ("retry-after", "7"),
            ];
            (StatusCode::from_u16(status).unwrap(), headers, r#"{"message": "so"}"#)
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (config().endpoint_url(url).build(), seen)
    }

    fn request() -> http::Request<Vec<u8>> {
        let request = http::Request::post("/2015-03-31/functions/some/invocations?Qualifier=live");
        request.header("x-amz-invocation-type", "Event").body(b"{}".to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_request_is_signed_and_its_answer_is_returned_whole() {
        let (config, seen) = service(&[202]).await;
        let answer = call(&config, LAMBDA, request()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        assert_eq!(answer.headers()["x-amzn-requestid"], "1-2");
        assert_eq!(answer.body(), r#"{"message": "so"}"#);
        let seen = seen.lock().unwrap();
        let [(method, uri, headers, body)] = seen.as_slice() else { panic!("{seen:?}") };
        assert_eq!((method, uri.path(), uri.query()), (&Method::POST, request().uri().path(), Some("Qualifier=live")));
        assert_eq!(headers["x-amz-invocation-type"], "Event");
        assert_eq!(body, "{}");
        let signature = headers["authorization"].to_str().unwrap();
        assert!(signature.starts_with("AWS4-HMAC-SHA256 Credential=AKID/"), "{signature}");
        assert!(signature.contains("/eu-west-1/lambda/aws4_request, SignedHeaders="), "{signature}");
        assert!(signature.contains("x-amz-invocation-type"), "every header is signed: {signature}");
        assert!(headers.contains_key("x-amz-date"));
    }

    #[tokio::test]
    async fn a_throttled_request_is_sent_again() {
        let (config, seen) = service(&[429, 202]).await;
        assert_eq!(call(&config, LAMBDA, request()).await.unwrap().status(), StatusCode::ACCEPTED);
        assert_eq!(seen.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_service_that_stays_unavailable_is_tried_three_times() {
        let (config, seen) = service(&[503]).await;
        let error = call(&config, LAMBDA, request()).await.unwrap_err();
        assert!(matches!(&error, CallError::Refused(Refused { status: 503, .. })), "{error:?}");
        assert_eq!(seen.lock().unwrap().len(), 3);
    }

    #[tokio::test]
    async fn any_retry_setting_makes_calls() {
        for retries in [RetryConfig::adaptive(), RetryConfig::standard().with_max_attempts(1), RetryConfig::disabled()]
        {
            let (config, seen) = service(&[202]).await;
            let config = config.into_builder().retry_config(retries).build();
            assert_eq!(call(&config, LAMBDA, request()).await.unwrap().status(), StatusCode::ACCEPTED);
            assert_eq!(seen.lock().unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn a_final_refusal_is_not_tried_again_and_says_why() {
        let (config, seen) = service(&[403]).await;
        let error = call(&config, LAMBDA, request()).await.unwrap_err();
        assert!(
            matches!(&error, CallError::Refused(Refused { kind: Some(kind), retry_after: Some(wait), .. })
            if kind == "SomeException" && *wait == Duration::from_secs(7)),
            "{error:?}"
        );
        assert_eq!(error.to_string(), r#"lambda answered 403: {"message": "so"}"#);
        assert_eq!(seen.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn an_endpoint_that_nobody_serves_is_named_as_the_cause() {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let config = config().endpoint_url(format!("http://{free}")).retry_config(RetryConfig::disabled()).build();
        let error = call(&config, LAMBDA, request()).await.unwrap_err();
        let causes = taskway_runtime::log::causes(&error).to_string();
        assert!(causes.starts_with("cannot reach lambda: ") && causes.contains("refused"), "{causes}");
        let named = config.into_builder().endpoint_url("http://nobody.invalid").build();
        let error = call_once(&named, LAMBDA, request(), MINUTE, 10).await.unwrap_err();
        assert!(matches!(error, CallError::Unreached { .. }), "{error:?}");
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_call_that_is_made_once_is_not_made_again() {
        let (config, seen) = service(&[503]).await;
        let error = call_once(&config, LAMBDA, request(), MINUTE, 10).await.unwrap_err();
        assert!(matches!(&error, CallError::Refused(Refused { status: 503, .. })), "{error:?}");
        assert_eq!(seen.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn no_more_of_an_answer_is_read_than_was_asked_for() {
        let (config, _) = service(&[200]).await;
        for (longest, body, is_cut) in [(16, r#"{"message": "so""#, true), (17, r#"{"message": "so"}"#, false)] {
            let answered = call_once(&config, LAMBDA, request(), MINUTE, longest).await.unwrap();
            assert_eq!((&*answered.answer.into_body(), answered.is_cut), (body.as_bytes(), is_cut));
        }
    }

    #[tokio::test]
    async fn a_request_that_got_no_answer_may_have_been_done() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        // Takes the connection and closes it when the request is there.
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                socket.readable().await.unwrap();
            }
        });
        let config = config().endpoint_url(url).build();
        let error = call_once(&config, LAMBDA, request(), MINUTE, 10).await.unwrap_err();
        assert!(matches!(error, CallError::Unanswered { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn a_service_that_never_answers_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = config().endpoint_url(format!("http://{}", listener.local_addr().unwrap())).build();
        let error = call_once(&config, LAMBDA, request(), Duration::from_millis(50), 10).await.unwrap_err();
        assert!(matches!(error, CallError::Unanswered { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn an_endpoint_or_a_region_that_is_none_is_an_error() {
        for endpoint in ["no url", "http://", "http://[::1", "ftp://127.0.0.1:1", "127.0.0.1:1"] {
            let config = config().endpoint_url(endpoint).retry_config(RetryConfig::disabled()).build();
            assert!(call(&config, LAMBDA, request()).await.is_err(), "{endpoint}");
        }
        for region in ["moon base", "a\nb"] {
            let config = config().region(Region::new(region)).retry_config(RetryConfig::disabled()).build();
            assert!(call(&config, LAMBDA, request()).await.is_err(), "{region:?}");
        }
    }

    #[tokio::test]
    async fn without_a_region_nothing_is_sent() {
        let config = config().region(None).build();
        assert_eq!(
            call(&config, LAMBDA, request()).await.unwrap_err().to_string(),
            "no region to call lambda in: set AWS_REGION"
        );
    }

    #[test]
    fn an_empty_endpoint_counts_as_not_set() {
        let empty = config().endpoint_url("").build();
        assert_eq!(LAMBDA.endpoint(&empty, "eu-west-1"), "https://lambda.eu-west-1.amazonaws.com");
    }

    #[test]
    fn a_region_has_its_own_endpoint() {
        let plain = config().build();
        let strict = config().use_fips(true).use_dual_stack(true).build();
        for (config, region, endpoint) in [
            (&plain, "eu-west-1", "https://lambda.eu-west-1.amazonaws.com"),
            (&plain, "us-gov-west-1", "https://lambda.us-gov-west-1.amazonaws.com"),
            (&plain, "cn-north-1", "https://lambda.cn-north-1.amazonaws.com.cn"),
            (&plain, "eusc-de-east-1", "https://lambda.eusc-de-east-1.amazonaws.eu"),
            (&strict, "us-east-1", "https://lambda-fips.us-east-1.api.aws"),
        ] {
            assert_eq!(LAMBDA.endpoint(config, region), endpoint);
        }
    }

    #[test]
    fn the_endpoint_of_the_service_comes_before_that_of_all() {
        #[derive(Debug)]
        struct Set;
        impl aws_types::service_config::LoadServiceConfig for Set {
            fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
                (key.service_id() == "Lambda").then(|| "http://localhost:1".to_owned())
            }
        }
        let config = config().endpoint_url("http://localhost:2").service_config(Set).build();
        assert_eq!(LAMBDA.endpoint(&config, "eu-west-1"), "http://localhost:1");
        let other = Service { id: "S3", name: "s3" };
        assert_eq!(other.endpoint(&config, "eu-west-1"), "http://localhost:2");
    }
}
