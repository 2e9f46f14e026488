//! One signed request to an AWS service, for services of which only a call or two are needed.
//!
//! The SDK's crate for Lambda alone took a tenth of a cold build, for one call. This module uses the parts that every
//! such crate shares: the signer, the retries, the timeouts, and the process's one pool of connections.

use std::{error::Error, time::Duration};

use aws_config::SdkConfig;
use aws_runtime::{
    auth::sigv4::{SCHEME_ID, SigV4AuthScheme},
    auth::{SigV4OperationSigningConfig, SigningOptions},
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
use aws_types::{
    SigningName,
    region::{Region, SigningRegion},
    service_config::ServiceConfigKey,
};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Error as ClientError;

/// The body of an answer that is read as it comes.
pub(crate) use aws_smithy_types::body::SdkBody as Body;

/// AWS Lambda.
pub const LAMBDA: Service = Service { id: "Lambda", name: "lambda" };

/// Amazon S3.
pub(crate) const S3: Service = Service { id: "S3", name: "s3" };

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
    let endpoint = service.endpoint(config, region(config, service)?.as_ref());
    let answer = send(config, (service, &endpoint), request, super::timeouts::calls(), &retries(config)).await?;
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
    let endpoint = service.endpoint(config, region(config, service)?.as_ref());
    let answer = send(config, (service, &endpoint), request, timeouts, &RetryConfig::disabled()).await?;
    read(answer, service, longest).await
}

/// [`call`] at another endpoint, with the answer's body as a stream. The timeouts end with the answer's head. `within` is how
/// long all tries may take.
pub(crate) async fn open(
    config: &SdkConfig,
    (service, endpoint): (Service, &str),
    request: http::Request<Vec<u8>>,
    within: Duration,
) -> Result<http::Response<SdkBody>, CallError> {
    let timeouts = TimeoutConfig::builder().connect_timeout(super::timeouts::CONNECT).operation_timeout(within).build();
    send(config, (service, endpoint), request, timeouts, &retries(config)).await
}

/// The region of this configuration.
pub(crate) fn region(config: &SdkConfig, service: Service) -> Result<&Region, CallError> {
    config.region().ok_or(CallError::NoRegion { service: service.name })
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
    (service, endpoint): (Service, &str),
    request: http::Request<Vec<u8>>,
    timeouts: TimeoutConfig,
    retries: &RetryConfig,
) -> Result<http::Response<SdkBody>, CallError> {
    let name = service.name;
    let region = region(config, service)?;
    let mut operation = Operation::builder()
        .service_name(name)
        .operation_name(format!("{} {}", request.method(), request.uri().path()))
        .endpoint_url(endpoint)
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
        signing_options: service.signing_options(),
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
    /// The name in host names and in signatures.
    pub(crate) const fn name(self) -> &'static str {
        self.name
    }

    /// S3 takes a path as it stands, and wants the body's digest in a header.
    fn signing_options(self) -> SigningOptions {
        let is_s3 = self.name == S3.name;
        let mut options = SigningOptions::default();
        options.double_uri_encode = !is_s3;
        options.normalize_uri_path = !is_s3;
        options.content_sha256_header = is_s3;
        options
    }

    /// The endpoint that somebody has configured, found as the SDK's own clients find theirs, and otherwise the region's with
    /// `part` in front of its host.
    pub(crate) fn endpoint_of_part(self, config: &SdkConfig, region: &str, part: &str) -> String {
        self.configured(config).map_or_else(
            || self.default_endpoint(config, region).replacen("https://", &format!("https://{part}."), 1),
            |endpoint| format!("{}/{part}", endpoint.trim_end_matches('/')),
        )
    }

    /// The configured endpoint, found as the SDK's own clients find theirs, or else the region's.
    /// The SDK panics at an empty one, so that counts as not set.
    fn endpoint(self, config: &SdkConfig, region: &str) -> String {
        self.configured(config).unwrap_or_else(|| self.default_endpoint(config, region))
    }

    fn configured(self, config: &SdkConfig) -> Option<String> {
        let is_set = |url: &String| !url.is_empty();
        let global = config.endpoint_url().map(str::to_owned).filter(is_set);
        if config.get_origin("endpoint_url").is_client_config() {
            // Set in the code, which is stronger than the environment.
            return global;
        }
        let key = ServiceConfigKey::builder().service_id(self.id).env("AWS_ENDPOINT_URL").profile("endpoint_url");
        let own = key.build().ok().and_then(|key| config.service_config()?.load_config(key));
        own.filter(is_set).or(global)
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
mod tests;
