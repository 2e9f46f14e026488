//! Who calls. An authorizer has said so in the event, or nothing is done and nothing told: a route that lost its
//! authorizer is no way in, nor is a function URL that is open to all, nor another trigger.
//!
//! What stays trusted is Lambda itself. Somebody who may invoke the function directly writes the event, and so the caller.
//! A function URL of the type `AWS_IAM` is a second door: its events name an identity as API Gateway's do, so with
//! `TASKWAY_AUTH=IAM` it lets in whom the account grants `lambda:InvokeFunctionUrl`. The template makes no function URL.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request},
    middleware::Next,
    response::Response,
};
use http::{HeaderValue, Method, request::Parts};
use lambda_http::request::RequestContext;
use taskway_runtime::env::Env;
use tracing::Span;

use crate::problem::Problem;

/// What API Gateway checks before it invokes the function. There is no way to ask for nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Auth {
    /// A signature by an identity of AWS.
    Iam,
    /// A token.
    Jwt {
        /// Whose, as its `iss` says: API Gateway has checked it, and this API takes no other's.
        issuer: String,
    },
}

/// Whose uploads a request may use. All callers of a server without an authorizer are one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Client(Arc<str>);

impl Client {
    /// The client that this caller is. Sessions of one role are one client: a program gets another session at each start.
    fn of(caller: &str) -> Self {
        let role = caller.split_once(":assumed-role/").and_then(|(_, rest)| Some((rest, rest.rsplit_once('/')?.1)));
        let session = role.map_or(0, |(_, session)| session.len() + 1);
        Client(caller[..caller.len() - session].into())
    }

    /// A name that no other client has.
    pub(crate) fn name(&self) -> &str {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_else(|| Client("".into())))
    }
}

/// Why a request has no caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
enum Stranger {
    #[error("the event is not of an http api")]
    Event,
    #[error("no authorizer has passed it")]
    NoAuthorizer,
    #[error("the authorizer names no identity of iam")]
    NoIdentity,
    #[error("the authorizer passes no claims of a token")]
    NoClaims,
    #[error("the token is of another issuer")]
    OtherIssuer,
}

impl Auth {
    /// Reads `TASKWAY_AUTH`, and for `JWT` `TASKWAY_JWT_ISSUER`; a stand-in that opens nothing where they are missing or
    /// wrong, until [`Env::finish`] refuses.
    pub(crate) fn from_env(env: &mut Env) -> Self {
        env.required("TASKWAY_AUTH");
        let jwt = env.parsed("TASKWAY_AUTH", |text| match text {
            "IAM" => Ok(false),
            "JWT" => Ok(true),
            other => Err(format!("must be IAM or JWT, got {other:?}")),
        });
        match jwt {
            Some(true) => Auth::Jwt { issuer: env.required("TASKWAY_JWT_ISSUER") },
            Some(false) | None => Auth::Iam,
        }
    }

    /// As `TASKWAY_AUTH` has it.
    const fn name(&self) -> &'static str {
        match self {
            Auth::Iam => "IAM",
            Auth::Jwt { .. } => "JWT",
        }
    }

    /// The caller: an ARN, or a token's subject. A token need not have one.
    fn caller<'a>(&self, context: Option<&'a RequestContext>) -> Result<Option<&'a str>, Stranger> {
        let Some(RequestContext::ApiGatewayV2(context)) = context else { return Err(Stranger::Event) };
        let authorizer = context.authorizer.as_ref().ok_or(Stranger::NoAuthorizer)?;
        match self {
            Auth::Iam => {
                let arn = authorizer.iam.as_ref().and_then(|iam| iam.user_arn.as_deref()).map(str::trim);
                arn.filter(|arn| !arn.is_empty()).map(Some).ok_or(Stranger::NoIdentity)
            }
            Auth::Jwt { issuer } => {
                let claims =
                    &authorizer.jwt.as_ref().filter(|jwt| !jwt.claims.is_empty()).ok_or(Stranger::NoClaims)?.claims;
                // An empty setting would be met by an empty claim.
                let known = claims.get("iss").is_some_and(|iss| !iss.is_empty() && iss == issuer);
                if known { Ok(claims.get("sub").map(String::as_str)) } else { Err(Stranger::OtherIssuer) }
            }
        }
    }

    /// How to authenticate. RFC 9110 (11.6.1) has every 401 name a scheme that would do. `AWS4-HMAC-SHA256` is in no
    /// registry, but it is the scheme that a signed request's `Authorization` begins with; RFC 6750 wants a parameter
    /// after `Bearer`. The realm is the product's name and says nothing of the stack.
    const fn challenge(&self) -> HeaderValue {
        match self {
            Auth::Iam => HeaderValue::from_static("AWS4-HMAC-SHA256 realm=\"taskway\""),
            Auth::Jwt { .. } => HeaderValue::from_static("Bearer realm=\"taskway\""),
        }
    }
}

/// Lets a request through that has a caller, and names it in the request's span; answers 401 to every other but
/// `GET /healthz`, to unknown paths and methods too. A browser's preflight is answered by API Gateway and never comes here.
///
/// The path is the one that is routed by, as it stands: [`event`](crate::event) lets no other through.
pub(crate) async fn known(auth: Auth, mut request: Request, next: Next) -> Response {
    use axum::response::IntoResponse;
    let open = matches!(*request.method(), Method::GET | Method::HEAD) && request.uri().path() == "/healthz";
    match auth.caller(request.extensions().get::<RequestContext>()) {
        Ok(caller) => {
            if let Some(caller) = caller {
                Span::current().record("caller", caller);
                let client = Client::of(caller);
                request.extensions_mut().insert(client);
            }
            next.run(request).await
        }
        Err(_) if open => next.run(request).await,
        Err(stranger) => {
            tracing::warn!(auth.expected = auth.name(), auth.fault = %stranger, "refused a request without a caller");
            Problem::unauthorized(auth.challenge()).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_of_a_role_are_one_client() {
        let name = |caller: &str| Client::of(caller).name().to_owned();
        let role = "arn:aws:sts::123456789012:assumed-role/Sender";
        assert_eq!(name(&format!("{role}/i-1")), role);
        assert_eq!(name(&format!("{role}/i-2")), role);
        for other in ["arn:aws:iam::123456789012:user/ann", "user-7", "a/b", "", "x:assumed-role/y"] {
            assert_eq!(name(other), other);
        }
    }
}
