//! Events as API Gateway sends them.
#![allow(dead_code, reason = "each test binary uses its part")]

use serde_json::{Value, json};
use taskway_cloud::{aws, sqs::Urls};
use taskway_engine::Services;
use taskway_submit::{Submit, validate::Limits};

/// The issuer that the tests' function knows.
pub(crate) const ISSUER: &str = "https://issuer.example.com/";

/// The parts over endpoints that are not there: no request of these tests comes as far.
pub(crate) async fn api() -> Submit {
    let aws = aws::local("eu-west-1", "nobody").into_builder().endpoint_url("http://127.0.0.1:1").build();
    let url = |name: &str| format!("http://127.0.0.1:1/{name}");
    let urls = Urls { high: url("high"), normal: url("normal"), low: url("low"), dead_letters: None };
    Submit::new(Services::new(aws::store(&aws, "tasks"), aws::lanes(&aws, urls)), Limits::default())
}

/// An event of an HTTP API without an authorizer, in the payload's second version.
pub(crate) fn event(method: &str, path: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": format!("{method} /{{proxy+}}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "content-length": "0",
            "host": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "user-agent": "curl/8.5.0",
            "x-amzn-trace-id": "Root=1-6921b9a1-0a1b2c3d4e5f60718293a4b5",
            "x-forwarded-for": "192.0.2.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https"
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.7",
                "userAgent": "curl/8.5.0"
            },
            "requestId": "UMvmpgCXDoEEJ2w=",
            "routeKey": format!("{method} /{{proxy+}}"),
            "stage": "$default",
            "time": "22/Nov/2026:13:05:21 +0000",
            "timeEpoch": 1_795_352_721_371_i64
        },
        "isBase64Encoded": false
    })
}

/// The event, passed on by an authorizer that said this.
pub(crate) fn passed(mut event: Value, authorizer: Value) -> Value {
    event["requestContext"]["authorizer"] = authorizer;
    event
}

/// What the IAM authorizer says.
pub(crate) fn iam() -> Value {
    json!({"iam": {
        "accessKey": "ASIAIOSFODNN7EXAMPLE",
        "accountId": "123456789012",
        "callerId": "AROAIOSFODNN7EXAMPLE:deploy",
        "cognitoIdentity": null,
        "principalOrgId": "o-exampleorg",
        "userArn": "arn:aws:sts::123456789012:assumed-role/deployer/deploy",
        "userId": "AROAIOSFODNN7EXAMPLE:deploy"
    }})
}

/// What the JWT authorizer says of a token by this issuer.
pub(crate) fn jwt(issuer: &str) -> Value {
    json!({"jwt": {
        "claims": {
            "aud": "taskway",
            "exp": "1795356321",
            "groups": "[ops dev]",
            "iat": "1795352721",
            "iss": issuer,
            "sub": "user-42",
            "secret_claim": "not for the log"
        },
        "scopes": null
    }})
}
