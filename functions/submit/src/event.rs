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
    Adapter, Error, LambdaEvent, Request, Service, aws_lambda_events::apigw::ApiGatewayV2httpRequest, lambda_runtime,
    request::LambdaRequest, service_fn,
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    base_path::{BasePath, Entrance, Mount},
    problem::{Kind, Problem},
};

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

/// A request, and where it came in.
#[derive(Debug)]
pub struct Read {
    request: LambdaRequest,
    mount: Mount,
}

impl Read {
    /// The request as the router takes it.
    pub fn into_http(self) -> Request {
        mounted(self.request.into(), self.mount)
    }
}

fn mounted(mut request: Request, mount: Mount) -> Request {
    request.extensions_mut().insert(mount);
    request
}

/// Serves the invocations of a function behind API Gateway by `router`, until Lambda ends it.
///
/// # Errors
/// When Lambda's runtime cannot be reached.
pub async fn serve(router: Router, base: BasePath) -> Result<(), Error> {
    let answer = service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let mut router = router.clone();
        let read = read(event.payload.get(), &base);
        async move {
            match read {
                Ok(Read { request: payload, mount }) => {
                    let routed = move |request: Request| router.call(mounted(request, mount.clone()));
                    let mut adapter = Adapter::from(service_fn(routed));
                    adapter.call(LambdaEvent { payload, context: event.context }).await.map(Answer::Routed)
                }
                Err(fault) => {
                    tracing::warn!(error = %fault, "refused an event");
                    Ok(Answer::Refused(fault.into()))
                }
            }
        }
    });
    lambda_runtime::run(answer).await
}

/// Reads an event. Its request is routed by `rawPath` as it stands, without the stage or base path that it came under:
/// one that could not be a route's goes nowhere.
///
/// # Errors
/// When it is no request that could be answered.
pub fn read(event: &str, base: &BasePath) -> Result<Read, NoRequest> {
    let mut request: ApiGatewayV2httpRequest = serde_json::from_str(event).map_err(|_| NoRequest::Shape)?;
    if request.version.as_deref() != Some("2.0") {
        return Err(NoRequest::Shape);
    }
    let raw_path = request.raw_path.take().unwrap_or_default();
    let context = &request.request_context;
    let entrance = Entrance {
        api: context.apiid.as_deref().unwrap_or_default(),
        host_prefix: context.domain_prefix.as_deref().unwrap_or_default(),
        stage: context.stage.as_deref().unwrap_or_default(),
    };
    let (mount, path) = base.enter(entrance, &raw_path);
    // Both are judged: what is taken off must be no more a URL than what is left.
    let is_route = could_be_a_route(&raw_path) && could_be_a_route(path);
    request.raw_path = Some(if is_route { path } else { NOWHERE }.to_owned());
    // None of these says anything that is needed from here on, and without them no URL is made of what a client wrote.
    request.headers.remove(HOST);
    request.headers.remove("x-forwarded-proto");
    request.request_context.domain_name = None;
    request.request_context.stage = None;
    let query = request.raw_query_string.as_deref().unwrap_or_default();
    Uri::try_from(format!("{NOWHERE}{}?{query}", "-".repeat(LONGEST_PATH))).map_err(|_| NoRequest::Query)?;
    if request.is_base64_encoded && STANDARD.decode(request.body.as_deref().unwrap_or_default()).is_err() {
        return Err(NoRequest::Body);
    }
    Ok(Read { request: LambdaRequest::ApiGatewayV2(request), mount })
}

/// Whether a path is of the characters that routes and names are of, with nothing in it that a URL would resolve.
fn could_be_a_route(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= LONGEST_PATH
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_.-".contains(&byte))
        && path.split('/').all(|segment| segment != "." && segment != "..")
}
