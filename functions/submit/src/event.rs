//! An event of API Gateway, made fit for routing before `lambda_http` makes a request of it.
//!
//! By itself `lambda_http` parses scheme, host and path together as a URL: dots are resolved, a decoded `?` or `#` ends
//! the path, a client's `host` or `x-forwarded-proto` can move it, and what is no URL panics. But IAM has judged the path
//! as it was sent, so that one must be what is routed, or nothing.

use std::collections::BTreeMap;

use axum::Router;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{Uri, header::HOST};
use lambda_http::{
    Adapter, Error, LambdaEvent, Service, aws_lambda_events::apigw::ApiGatewayV2httpRequest, lambda_runtime,
    request::LambdaRequest, service_fn,
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::problem::{Kind, Problem};

/// No route is as long, and no URL may be as long as what may come.
const LONGEST_PATH: usize = 2_048;

/// A path that no route has.
const NOWHERE: &str = "/-";

/// Why an event is no request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoRequest {
    /// It is of another trigger, or a header of it is none.
    #[error("the event is no request of an http api, version 2.0")]
    Shape,
    /// Its query cannot be in a URL.
    #[error("the query is malformed")]
    Query,
    /// It says that its body is base64, which it is not.
    #[error("the body is not base64")]
    Body,
}

/// What API Gateway is answered, in its own words, where there is no request for the router.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Refusal {
    status_code: u16,
    headers: BTreeMap<&'static str, &'static str>,
    body: String,
}

/// The router's answer, or that there was nothing to route.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer<R> {
    Routed(R),
    Refused(Refusal),
}

impl From<NoRequest> for Refusal {
    fn from(fault: NoRequest) -> Self {
        let problem = Problem::new(Kind::BadRequest, fault.to_string());
        Refusal {
            status_code: problem.kind.status().as_u16(),
            headers: BTreeMap::from([("content-type", "application/problem+json")]),
            body: serde_json::to_string(&taskway_api::Problem::from(problem)).unwrap_or_default(),
        }
    }
}

/// Serves the invocations of a function behind API Gateway by `router`, until Lambda ends it.
///
/// # Errors
/// When Lambda's runtime cannot be reached.
pub async fn serve(router: Router) -> Result<(), Error> {
    let router = Adapter::from(router);
    let answer = service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let mut router = router.clone();
        async move {
            match read(event.payload.get()) {
                Ok(payload) => router.call(LambdaEvent { payload, context: event.context }).await.map(Answer::Routed),
                Err(fault) => {
                    tracing::warn!(error = %fault, "refused an event");
                    Ok(Answer::Refused(fault.into()))
                }
            }
        }
    });
    lambda_runtime::run(answer).await
}

/// Reads an event. Its request is routed by `rawPath` as it stands: one that could not be a route's goes nowhere.
///
/// # Errors
/// When it is no request that could be answered.
pub fn read(event: &str) -> Result<LambdaRequest, NoRequest> {
    let mut request: ApiGatewayV2httpRequest = serde_json::from_str(event).map_err(|_| NoRequest::Shape)?;
    if request.version.as_deref() != Some("2.0") {
        return Err(NoRequest::Shape);
    }
    // None of these says anything that is needed, and without them no URL is made of what a client wrote.
    request.headers.remove(HOST);
    request.headers.remove("x-forwarded-proto");
    request.request_context.domain_name = None;
    request.request_context.stage = None;
    if !request.raw_path.as_deref().is_some_and(could_be_a_route) {
        request.raw_path = Some(NOWHERE.to_owned());
    }
    let query = request.raw_query_string.as_deref().unwrap_or_default();
    Uri::try_from(format!("{NOWHERE}{}?{query}", "-".repeat(LONGEST_PATH))).map_err(|_| NoRequest::Query)?;
    if request.is_base64_encoded && STANDARD.decode(request.body.as_deref().unwrap_or_default()).is_err() {
        return Err(NoRequest::Body);
    }
    Ok(LambdaRequest::ApiGatewayV2(request))
}

/// Whether a path is of the characters that routes and names are of, with nothing in it that a URL would resolve.
fn could_be_a_route(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= LONGEST_PATH
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_.-".contains(&byte))
        && path.split('/').all(|segment| segment != "." && segment != "..")
}
