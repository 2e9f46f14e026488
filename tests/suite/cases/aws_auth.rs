//! HTTP targets whose requests are signed for AWS.

use std::collections::BTreeMap;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use taskway_cloud::aws::Signer;
use taskway_executor::targets::http::{Allowed, AwsAuth, Http, Secrets};
use taskway_protocol::AwsHosts;
use taskway_tests::{Answer, Receiver, Reply, Request, World};

/// The requests that these tests have signed.
const HERE: &str = "execute-api/eu-central-1@127.0.0.1";

const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const SESSION: &str = "session/of+a=role";

fn http(hosts: &str) -> Http {
    let credentials = Credentials::new(KEY, SECRET, Some(SESSION.to_owned()), None, "test");
    let signer = Signer::new(SharedCredentialsProvider::new(credentials));
    let http = Http::new(Allowed::parse("127.0.0.1").unwrap(), Secrets::default()).unwrap();
    http.signing(AwsAuth::new(AwsHosts::parse(hosts).unwrap(), signer))
}

fn to(url: &str, headers: Value) -> Value {
    let http = json!({
        "url": url, "auth": "aws", "service": "execute-api", "region": "eu-central-1", "headers": headers,
    });
    json!({"target": {"http": http}, "payload": {"month": 11}})
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The signature that AWS would compute of this request, by the rules of its documentation.
fn signature(request: &Request, names: &str) -> String {
    let header = |name: &str| request.headers[name].to_str().unwrap();
    let (method, target) = request.line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let path = path.replace('%', "%25");
    let headers: String = names.split(';').map(|name| format!("{name}:{}\n", header(name))).collect();
    let digest = hex(Sha256::digest(request.body.as_bytes()));
    let canonical = format!("{method}\n{path}\n{}\n{headers}\n{names}\n{digest}", query.join("&"));
    let time = header("x-amz-date");
    let scope = format!("{}/eu-central-1/execute-api/aws4_request", &time[..8]);
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(Sha256::digest(canonical)));
    let key = scope.split('/').fold(format!("AWS4{SECRET}").into_bytes(), |key, part| mac(&key, part));
    hex(mac(&key, &to_sign))
}

#[tokio::test]
async fn a_request_is_signed_as_aws_would_check_it() {
    let world = World::signing(HERE).await;
    let receiver = Receiver::start(vec![Reply::of(200)]).await;
    let headers = json!({
        "x-amz-target": "Reports.Make", "x-proxy": "may change this", "x-amz-date": "20000101T000000Z",
        "x-amz-content-sha256": "0", "x-amz-security-token": "forged",
    });
    let url = format!("{}/stage/a%20b?z=1&a=%C3%A4", receiver.url);
    let id = world.api.submit(to(&url, headers)).await;
    world.work(&world.executor_by(http(HERE))).await;
    let task = world.api.task(id).await;
    assert_eq!(task["state"], "succeeded", "{task}");
    let shown = &task["target"]["http"];
    assert_eq!(
        (&shown["auth"], &shown["service"], &shown["region"]),
        (&json!("aws"), &json!("execute-api"), &json!("eu-central-1"))
    );
    let request = receiver.requests().pop().unwrap();
    let authorization = request.headers["authorization"].to_str().unwrap();
    let names = authorization.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
    assert_eq!(names, "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target");
    assert_eq!(request.headers["x-amz-date"], "20261123T080000Z");
    assert_eq!(request.headers["x-amz-security-token"], SESSION);
    let expected = format!(
        "AWS4-HMAC-SHA256 Credential={KEY}/20261123/eu-central-1/execute-api/aws4_request, SignedHeaders={names}, Signature={}",
        signature(&request, names)
    );
    assert_eq!(authorization, expected);
}

#[tokio::test]
async fn only_hosts_that_are_allowed_are_signed_for() {
    let world = World::signing("execute-api/eu-central-1@127.0.0.1,execute-api/eu-central-1@*.example.com").await;
    let receiver = Receiver::start(vec![Reply::of(200)]).await;
    // At the submit.
    for (url, status) in [
        ("https://a.example.com/b", 202),
        ("https://A.Example.com:8443/b", 202),
        ("https://example.com/b", 422),
        ("https://a.example.com.evil.example/b", 422),
        ("https://evil.example/?a.example.com", 422),
        ("https://a.example.com./b", 422),
        ("https://evil.example#a.example.com", 422),
        ("https://a.example.com@evil.example/", 422),
        ("http://a.example.com/b", 422),
    ] {
        let Answer { status: answer, body, .. } = world.api.try_submit(&to(url, json!({}))).await;
        assert_eq!(answer, status, "{url}: {body}");
        if status == 422 {
            let errors = body["errors"].as_array().unwrap();
            let told =
                |error: &Value| ["/target/http/auth", "/target/http/url"].contains(&error["pointer"].as_str().unwrap());
            assert!(errors.len() == 1 && told(&errors[0]), "{url}: {body}");
        }
    }
    // And at the delivery, because the parameter may have changed.
    let closed = Http::new(Allowed::parse("127.0.0.1").unwrap(), Secrets::default()).unwrap();
    for http in [http("execute-api/eu-central-1@*.example.com"), closed] {
        let id = world.api.submit(to(&receiver.url, json!({}))).await;
        world.work(&world.executor_by(http)).await;
        let task = world.api.task(id).await;
        assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("failed"), &json!("http")), "{task}");
        assert!(
            task["error"]["message"].as_str().unwrap().contains("are not signed for execute-api/eu-central-1"),
            "{task}"
        );
    }
    assert_eq!(receiver.requests().len(), 0);
}

#[tokio::test]
async fn what_is_wrong_with_the_fields_of_a_signed_request_is_told() {
    let world = World::signing("sqs/x@a.example.com").await;
    for (fields, pointers) in [
        (json!({"auth": "aws"}), vec!["/target/http/service", "/target/http/region"]),
        (json!({"service": "sqs"}), vec!["/target/http/service"]),
        (json!({"auth": null, "region": "x"}), vec!["/target/http/region"]),
        (json!({"auth": "gcp", "service": "sqs", "region": "x"}), vec!["/target/http/auth"]),
        (json!({"auth": "aws", "service": "SQS", "region": ""}), vec!["/target/http/service", "/target/http/region"]),
        (
            json!({"auth": "aws", "service": "sqs", "region": "x", "headers": {"Authorization": "x"}}),
            vec!["/target/http/headers"],
        ),
        (json!({"keep": {"headers": ["set-cookie"]}}), vec!["/target/http/keep/headers"]),
        (
            json!({"keep": {"headers": "etag", "body_bytes": 6_291_457, "more": 1}}),
            vec!["/target/http/keep/headers", "/target/http/keep/body_bytes", "/target/http/keep/more"],
        ),
    ] {
        let mut http = json!({"url": "https://a.example.com/"});
        http.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let Answer { status, body, .. } = world.api.try_submit(&json!({"target": {"http": http}})).await;
        let errors = body["errors"].as_array().into_iter().flatten();
        let told: Vec<&str> = errors.filter_map(|error| error["pointer"].as_str()).collect();
        assert_eq!((status, &told), (422, &pointers), "{fields}: {body}");
    }
}

#[tokio::test]
async fn a_throttled_call_is_made_again_though_its_status_is_400() {
    let world = World::signing(HERE).await;
    let throttled = Reply::of(400).body(r#"{"__type":"com.amazon.coral.service#ThrottlingException"}"#);
    let refused = Reply::of(400).body(r#"{"__type":"com.amazon.coral.validate#ValidationException"}"#);
    let receiver = Receiver::start(vec![throttled, refused]).await;
    let id = world.api.submit(to(&receiver.url, json!({}))).await;
    assert_eq!(world.end(&world.executor_by(http(HERE)), id).await, "failed");
    assert_eq!(receiver.requests().len(), 2);
}
