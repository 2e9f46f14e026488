//! Requests: what is taken, what is refused and in which words.

#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;
use taskway_protocol::{
    AllowedFunctions, AwsHosts, HttpTarget, Invocation, LambdaTarget, Limits, Priority, RetryPolicy, Target, Time,
};
use taskway_strict::{FieldError, Place, json::Document};

use super::*;

const OPEN: Limits = Limits {
    longest_timeout_seconds: 43_200,
    plain_http: true,
    functions: AllowedFunctions::NONE,
    aws_hosts: AwsHosts::NONE,
    most_errors: 100,
};

fn at(text: &str) -> Time {
    instant::parse(text).unwrap()
}

fn now() -> Time {
    at("2026-11-22T08:00:00Z")
}

fn parsed(text: &str, header: Option<&str>, limits: &Limits) -> Result<TaskRequest, Vec<FieldError>> {
    TaskRequest::read(Document::read(text.as_bytes()).unwrap().root(), header, limits, now(), Late::Refused)
}

fn taken(text: &str) -> TaskRequest {
    parsed(text, None, &Limits::default()).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

/// The faults as `place detail`.
fn faults(text: &str, header: Option<&str>) -> Vec<String> {
    parsed(text, header, &Limits::default()).err().unwrap_or_default().into_iter().map(told).collect()
}

fn told(error: FieldError) -> String {
    match error.place {
        Place::Pointer(place) | Place::Header(place) | Place::Parameter(place) => format!("{place} {}", error.detail),
    }
}

/// A request that is fine but for these fields.
fn with(fields: &str) -> String {
    format!(r#"{{"target":{{"handler":"h"}},{fields}}}"#)
}

fn with_http(fields: &str) -> String {
    format!(r#"{{"target":{{"http":{{"url":"https://example.com/",{fields}}}}}}}"#)
}

#[test]
fn only_the_target_is_required() {
    let task = taken(r#"{"target":{"handler":"send_welcome"}}"#);
    assert_eq!(&*task.options.queue, "default");
    assert_eq!(task.target, Target::Handler("send_welcome".into()));
    assert!(task.payload.is_none() && task.deadline.is_none() && task.idempotency_key.is_none());
    assert_eq!((task.options.priority, task.start(), task.options.timeout_seconds), (Priority::Normal, Start::Now, 60));
    assert_eq!((task.options.retry, task.options.retain_seconds), (RetryPolicy::default(), 604_800));
    assert!(
        task.labels.is_empty() && task.options.fairness_key.is_none() && task.options.expected_duration_ms.is_none()
    );
}

#[test]
fn every_field_is_taken() {
    let task = taken(
        r#"{"queue":"emails","target":{"http":{"url":"https://example.com/x","method":"PUT","headers":{"X-A":"b \t~"}}},
            "payload":{"n": 1e400,"b" :1},"priority":"high","delay_seconds":9e1,"deadline":"2026-11-23T08:00:00.0001+00:00",
            "timeout_seconds":870,"retry":{"max_attempts":100,"min_backoff_seconds":0,"max_backoff_seconds":86400.0,
            "multiplier":1.5},"idempotency_key":"welcome-42","fairness_key":"tenant-7","expected_duration_ms":250,
            "retain_seconds":0,"labels":{"team":"growth","é":""}}"#,
    );
    let Target::Http(target) = &task.target else { panic!() };
    assert_eq!((&*target.url, &*target.method), ("https://example.com/x", "PUT"));
    assert_eq!(target.headers["x-a"], "b \t~");
    assert_eq!(task.payload.as_ref().unwrap().get(), r#"{"n": 1e400,"b" :1}"#);
    assert_eq!(
        (task.options.priority, task.start(), task.options.timeout_seconds),
        (Priority::High, Start::In(90), 870)
    );
    assert_eq!(task.deadline, Some(Instant(at("2026-11-23T08:00:00.001Z"))));
    let retry = RetryPolicy { max_attempts: 100, min_backoff_seconds: 0, max_backoff_seconds: 86_400, multiplier: 1.5 };
    assert_eq!(task.options.retry, retry);
    assert_eq!(task.idempotency_key.as_deref(), Some("welcome-42"));
    assert_eq!(
        (task.options.fairness_key.as_deref(), task.options.expected_duration_ms),
        (Some("tenant-7"), Some(250))
    );
    assert_eq!((task.options.retain_seconds, task.labels.len()), (0, 2));
}

/// The digest in a `payload_ref`.
const UPLOADED: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[test]
fn an_upload_is_told_from_another_and_fits_its_target() {
    let with = |target: &str, bytes: u64| format!(r#"{{"target":{target},"payload_ref":"{UPLOADED}-{bytes}"}}"#);
    let task = taken(&with(r#"{"handler":"h"}"#, 5));
    assert_eq!(task.payload_ref.unwrap().to_string(), format!("{UPLOADED}-5"));
    assert_ne!(fingerprint(&task), fingerprint(&taken(&with(r#"{"handler":"h"}"#, 6))));
    assert_ne!(fingerprint(&task), fingerprint(&taken(r#"{"target":{"handler":"h"}}"#)));
    for (invocation, most) in [("request", 6_258_688), ("event", 1_015_808), ("durable", 1_015_808)] {
        let target = format!(r#"{{"lambda":{{"function":"report","invocation":"{invocation}"}}}}"#);
        let read = |bytes| parsed(&with(&target, bytes), None, &calling("*"));
        assert_eq!(read(most).unwrap().payload_ref.unwrap().bytes, most);
        let detail = format!(
            "/payload_ref must name at most {most} bytes for a Lambda target with invocation {invocation}, got {}",
            most + 1
        );
        assert_eq!(read(most + 1).unwrap_err().into_iter().map(told).collect::<Vec<_>>(), [detail]);
    }
    let largest = 104_857_600;
    assert_eq!(taken(&with(r#"{"handler":"h"}"#, largest)).payload_ref.unwrap().bytes, largest);
    for wrong in [0, largest + 1] {
        assert!(
            faults(&with(r#"{"handler":"h"}"#, wrong), None)[0]
                .starts_with("/payload_ref must be a payload_ref of POST")
        );
    }
}

#[test]
fn what_is_null_is_left_out() {
    let nulls = [
        "queue",
        "payload",
        "payload_ref",
        "priority",
        "run_at",
        "delay_seconds",
        "deadline",
        "timeout_seconds",
        "retry",
        "idempotency_key",
        "fairness_key",
        "expected_duration_ms",
        "retain_seconds",
        "labels",
        "on_success",
        "on_failure",
    ];
    let nulls: Vec<_> = nulls.iter().map(|name| format!("\"{name}\":null")).collect();
    assert_eq!(faults(&with(&nulls.join(",")), None), [""; 0]);
    assert_eq!(faults(r#"{"target":{"handler":"h","http":null,"lambda":null}}"#, None), [""; 0]);
    assert_eq!(faults(r#"{"target":null}"#, None), ["/target is required"]);
}

#[test]
fn all_faults_are_told_at_once() {
    let text = r#"{"queue":"-x","target":{"http":{"url":"http://example.com","method":"TRACE","headers":{"Host":"x"},
        "body":1}},"priority":"urgent","run_at":"2026-11-22T09:00:00Z","deadline":"2026-11-22T09:00:00Z",
        "timeout_seconds":0,"retry":{"max_attempts":101},"labels":{"a":1},"colour":"red"}"#;
    let header = Some("\"unfinished");
    let told = faults(text, header);
    let begin = [
        "/queue must be 1 to 64 letters, digits,",
        "/target/http/url must begin with https://",
        "/target/http/method must be one of GET, HEAD, POST, PUT, PATCH, DELETE, got \"TRACE\"",
        "/target/http/headers/Host is set by the delivery",
        "/target/http/body is not a known field",
        "/priority must be one of high, normal, low, got \"urgent\"",
        "/deadline must be after the task's start, 2026-11-22T09:00:00.000Z, got 2026-11-22T09:00:00.000Z",
        "/timeout_seconds must be 1 to 870, got 0",
        "/retry/max_attempts must be 1 to 100, got 101",
        "Idempotency-Key must be a key, or one quoted string",
        "/labels/a must be a string, got a number",
        "/colour is not a known field",
    ];
    assert_eq!(told.len(), begin.len(), "{told:#?}");
    for begin in begin {
        assert_eq!(told.iter().filter(|told| told.starts_with(begin)).count(), 1, "{begin}: {told:#?}");
    }
}

#[test]
fn each_fault_is_told_in_words_at_its_place() {
    let name = |text: &str| {
        format!("must be 1 to 64 letters, digits, '_', '.' or '-', beginning with a letter or digit, got {text}")
    };
    let (queue, handler) = (format!("/queue {}", name(r#""a\u0000""#)), format!("/target/handler {}", name("\"\"")));
    let one_of = "must have exactly one of handler, http, lambda, got";
    let form = "must be a time such as 2026-11-23T08:00:00Z, with its offset";
    let (none, two) = (format!("/target {one_of} none"), format!("/target {one_of} handler and http"));
    let time = format!("/run_at {form}, got \"soon\"");
    let other = "/idempotency_key must be 1 to 128 visible ASCII characters, got ' '";
    for (text, fault) in [
        ("[]".into(), " must be an object, got an array"),
        ("{}".into(), "/target is required"),
        (r#"{"target":"h"}"#.into(), "/target must be an object, got a string"),
        (r#"{"target":{}}"#.into(), &none),
        (r#"{"target":{"handler":"h","http":{}}}"#.into(), &two),
        (r#"{"target":{"handler":""}}"#.into(), &handler),
        (r#"{"target":{"handler":7}}"#.into(), "/target/handler must be a string, got a number"),
        (r#"{"target":{"handler":"h","x/~y":1}}"#.into(), "/target/x~1~0y is not a known field"),
        (r#"{"target":{"http":{}}}"#.into(), "/target/http/url is required"),
        (with_http(r#""headers":{"A":"1","a":"2"}"#), "/target/http/headers/a is given twice, in different case"),
        (with_http(r#""headers":{"a b":"1"}"#), "/target/http/headers/a b is not a header name"),
        (with_http(r#""headers":{"":"1"}"#), "/target/http/headers/ is not a header name"),
        (
            with_http(r#""headers":{"a":"x\r\ny"}"#),
            r"/target/http/headers/a must be visible ASCII, spaces and tabs, got '\r'",
        ),
        (
            with_http(r#""headers":{"a":"é"}"#),
            r"/target/http/headers/a must be visible ASCII, spaces and tabs, got '\u{e9}'",
        ),
        (with_http(r#""headers":{"a":null}"#), "/target/http/headers/a must be a string, got null"),
        (
            with_http(r#""headers":{"Content-Type":"text/plain; charset=Latin1"}"#),
            "/target/http/headers/Content-Type must have no charset but utf-8, in which the payload is sent, got Latin1",
        ),
        (
            with_http(r#""headers":{"content-encoding":"gzip"}"#),
            "/target/http/headers/content-encoding must be identity or left out, because the payload is sent as it is, got gzip",
        ),
        (
            with_http(r#""headers":{"authorization":"\u002amasked*"}"#),
            "/target/http/headers/authorization has *masked*, which answers show in the place of a credential; give the credential itself",
        ),
        (
            with_http(r#""headers":{"authorization":"bearer *MASKED*"}"#),
            "/target/http/headers/authorization has *masked*, which answers show in the place of a credential; give the credential itself",
        ),
        (
            r#"{"target":{"http":{"url":"https://example.com/?token=%2Amasked%2A"}}}"#.into(),
            "/target/http/url has *masked*, which answers show in the place of a credential; give the credential itself",
        ),
        (
            with_http(r#""method":"""#),
            "/target/http/method must be one of GET, HEAD, POST, PUT, PATCH, DELETE, got \"\"",
        ),
        (with(r#""queue":"a\u0000""#), &queue),
        (with(r#""payload_ref":"x""#), "/payload_ref must be a payload_ref of POST /v1/payloads, got \"x\""),
        (
            with(&format!(r#""payload":1,"payload_ref":"{UPLOADED}-5""#)),
            "/payload_ref must not be given together with payload",
        ),
        (with(r#""payload_ref":7"#), "/payload_ref must be a string, got a number"),
        (with(r#""on_success":{}"#), "/on_success/target is required"),
        (with(r#""on_failure":7"#), "/on_failure must be an object, got a number"),
        (
            with(r#""on_failure":{"target":{"handler":"a"},"delay_seconds":1}"#),
            "/on_failure/delay_seconds is not a known field",
        ),
        (
            with(r#""on_success":{"target":{"http":{"url":"http://example.com"}}}"#),
            "/on_success/target/http/url must begin with https://, got http://example.com",
        ),
        (
            format!(
                r#"{{"target":{{"handler":"h"}},"payload":"{0}","on_success":{{"target":{{"handler":"h"}},"payload":"{0}"}}}}"#,
                "x".repeat(131_071)
            ),
            "/payload must be at most 262144 bytes together with the payloads of on_success and on_failure, got 262146",
        ),
        (with(r#""priority":1"#), "/priority must be a string, got a number"),
        (with(r#""delay_seconds":1.5"#), "/delay_seconds must be a whole number, got 1.5"),
        (with(r#""delay_seconds":"1""#), "/delay_seconds must be a whole number, got a string"),
        (with(r#""delay_seconds":-1"#), "/delay_seconds must be 0 to 31622400, got -1"),
        (with(r#""delay_seconds":1e400"#), "/delay_seconds must be 0 to 31622400, got 1e400"),
        (with(r#""delay_seconds":31622401"#), "/delay_seconds must be 0 to 31622400, got 31622401"),
        (
            with(r#""delay_seconds":0,"run_at":"2026-11-22T09:00:00Z""#),
            "/run_at must not be given together with delay_seconds",
        ),
        (with(r#""run_at":"soon""#), &time),
        (with(r#""run_at":1700000000"#), "/run_at must be a time in a string, got a number"),
        (
            with(r#""run_at":"2027-11-23T08:00:00.001Z""#),
            r#"/run_at must be within 366 days of now, got "2027-11-23T08:00:00.001Z""#,
        ),
        (
            with(r#""deadline":"2028-01-01T00:00:00Z""#),
            r#"/deadline must be within 366 days of now, got "2028-01-01T00:00:00Z""#,
        ),
        (
            with(r#""deadline":"2026-11-22T08:00:00Z""#),
            "/deadline must be after the task's start, 2026-11-22T08:00:00.000Z, got 2026-11-22T08:00:00.000Z",
        ),
        (
            with(r#""delay_seconds":60,"deadline":"2026-11-22T08:01:00Z""#),
            "/deadline must be after the task's start, 2026-11-22T08:01:00.000Z, got 2026-11-22T08:01:00.000Z",
        ),
        (with(r#""timeout_seconds":871"#), "/timeout_seconds must be 1 to 870, got 871"),
        (with(r#""retry":{"max_attempts":0}"#), "/retry/max_attempts must be 1 to 100, got 0"),
        (with(r#""retry":{"max_attempts":true}"#), "/retry/max_attempts must be a whole number, got a boolean"),
        (with(r#""retry":{"multiplier":0.99}"#), "/retry/multiplier must be 1 to 10, got 0.99"),
        (with(r#""retry":{"multiplier":1e400}"#), "/retry/multiplier must be 1 to 10, got 1e400"),
        (with(r#""retry":{"multiplier":[]}"#), "/retry/multiplier must be a number, got an array"),
        (
            with(r#""retry":{"min_backoff_seconds":700}"#),
            "/retry/min_backoff_seconds must be at most max_backoff_seconds, 600 by default, got 700",
        ),
        (
            with(r#""retry":{"max_backoff_seconds":0}"#),
            "/retry/max_backoff_seconds must be at least min_backoff_seconds, 1 by default, got 0",
        ),
        (with(r#""retry":{"max_backoff_seconds":86401}"#), "/retry/max_backoff_seconds must be 0 to 86400, got 86401"),
        (with(r#""retry":[]"#), "/retry must be an object, got an array"),
        (with(r#""idempotency_key":"a b""#), other),
        (with(r#""idempotency_key":"""#), "/idempotency_key must be 1 to 128 visible ASCII characters, got 0"),
        (with(r#""fairness_key":"\u0000""#), r"/fairness_key must be 1 to 128 visible ASCII characters, got '\u{0}'"),
        (with(r#""expected_duration_ms":43200001"#), "/expected_duration_ms must be 0 to 43200000, got 43200001"),
        (with(r#""retain_seconds":31622401"#), "/retain_seconds must be 0 to 31622400, got 31622401"),
        (with(r#""labels":{"":"x"}"#), "/labels/ is a name that must be 1 to 64 characters, got 0"),
        (with(r#""labels":{"a\u0000":"x"}"#), "/labels/a\0 is a name with control characters"),
    ] {
        assert_eq!(faults(&text, None), [fault], "{text}");
    }
}

#[test]
fn limits_are_in_the_units_that_they_name() {
    let label = |name: &str, value: &str| with(&format!(r#""labels":{{"{name}":"{value}"}}"#));
    assert_eq!(faults(&label(&"é".repeat(64), &"é".repeat(256)), None), [""; 0]);
    assert_eq!(faults(&label("a", &"é".repeat(257)), None), ["/labels/a must be 0 to 256 characters, got 257"]);
    assert!(
        faults(&label(&"é".repeat(65), ""), None)[0]
            .contains("which is a name that must be 1 to 64 characters, got 65")
    );

    let payload = |length: usize| with(&format!("\"payload\":\"{}\"", "x".repeat(length - 2)));
    assert_eq!(taken(&payload(LONGEST_PAYLOAD)).payload.unwrap().get().len(), 262_144);
    assert_eq!(faults(&payload(262_145), None), ["/payload must be at most 262144 bytes as sent, got 262145"]);

    let headers = |count: usize, length: usize| {
        let headers: Vec<_> = (0..count).map(|i| format!("\"x{i:03}\":\"{}\"", "v".repeat(length - 4))).collect();
        with_http(&format!("\"headers\":{{{}}}", headers.join(",")))
    };
    assert_eq!(faults(&headers(32, 256), None), [""; 0]);
    assert_eq!(
        faults(&headers(32, 257), None),
        ["/target/http/headers must have at most 8192 bytes of names and values, got 8224"]
    );
    assert_eq!(faults(&headers(33, 4), None), ["/target/http/headers must have at most 32 headers, got 33"]);
    let keep = |bytes: usize| with_http(&format!("\"keep\":{{\"headers\":[\"{}\"]}}", "a".repeat(bytes)));
    assert_eq!(faults(&keep(8_192), None), [""; 0]);
    assert_eq!(
        faults(&keep(8_193), None),
        ["/target/http/keep/headers must have at most 8192 bytes of names, got 8193"]
    );

    assert_eq!(parsed(&with(r#""timeout_seconds":43200"#), None, &OPEN).unwrap().options.timeout_seconds, 43_200);
    assert!(parsed(r#"{"target":{"http":{"url":"http://10.0.0.7/"}}}"#, None, &OPEN).is_ok());
}

#[test]
fn headers_of_the_delivery_cannot_be_given() {
    for name in [
        "HOST",
        "content-length",
        "Connection",
        "Webhook-Id",
        "taskway-x",
        "transfer-encoding",
        "upgrade",
        "TE",
        "trailer",
        "keep-alive",
        "proxy-authorization",
    ] {
        let told = faults(&with_http(&format!(r#""headers":{{"{name}":"x"}}"#)), None);
        assert_eq!(told, [format!("/target/http/headers/{name} is set by the delivery and cannot be given")]);
    }
    for name in ["hostess", "test", "x-taskway-a", "content-type", "authorization", "webhook"] {
        assert_eq!(faults(&with_http(&format!(r#""headers":{{"{name}":"x"}}"#)), None), [""; 0], "{name}");
    }
}

#[test]
fn a_target_that_is_put_back_as_it_was_shown_is_the_one_that_is_kept() {
    let headers = |key: &str| [("x-api-key".to_owned(), key.to_owned()), ("x-b".to_owned(), "c".to_owned())].into();
    let (url, method) = ("https://example.com/?sig=1".to_owned(), "POST".to_owned());
    let kept = HttpTarget { method, headers: headers("tell-nobody"), ..HttpTarget::post(url) };
    assert!(!format!("{kept:?}").contains("tell-nobody"));
    let read = |http: &str, kept: Option<&HttpTarget>| {
        let text = format!(r#"{{"every_seconds":60,"task":{{"target":{{"http":{http}}}}}}}"#);
        let document = Document::read(text.as_bytes()).unwrap();
        let read = ScheduleRequest::read(document.root(), "s", &Limits::default(), now(), kept);
        read.map(|(definition, _)| definition.template.content().unwrap().target)
    };
    let shown = r#"{"url":"https://example.com/?sig=*masked*","headers":{"x-b":"c","x-api-key":"*masked*"}}"#;
    assert_eq!(read(shown, Some(&kept)), Ok(Target::Http(kept.clone())));
    assert_eq!(read(shown, None).unwrap_err().len(), 2);
    for (from, to) in [("example.com", "evil.example"), ("\"c\"", "\"d\""), ("{\"url", "{\"method\":\"PUT\",\"url")] {
        assert_eq!(read(&shown.replacen(from, to, 1), Some(&kept)).unwrap_err().len(), 2, "{to}");
    }
    let anew = HttpTarget { headers: headers("new"), ..kept.clone() };
    let sent = shown.replacen("*masked*", "1", 1).replacen("*masked*", "new", 1);
    assert_eq!(read(&sent, Some(&kept)), Ok(Target::Http(anew)));
}

fn calling(patterns: &str) -> Limits {
    Limits { functions: AllowedFunctions::parse(patterns).unwrap(), ..Limits::default() }
}

#[test]
fn a_lambda_target_is_read_with_its_defaults() {
    let read = |lambda: &str| {
        let text = format!(r#"{{"target":{{"lambda":{lambda}}}}}"#);
        parsed(&text, None, &calling("report*")).unwrap()
    };
    let target = |function: &str, invocation, tenant_id: Option<&str>| {
        Target::Lambda(LambdaTarget { function: function.into(), invocation, tenant_id: tenant_id.map(Into::into) })
    };
    let plain = read(r#"{"function":"report"}"#);
    assert_eq!(plain.target, target("report", Invocation::Request, None));
    let same = read(r#"{"tenant_id":null,"invocation":"request","function":"report"}"#);
    assert_eq!(fingerprint(&same), fingerprint(&plain));
    for (text, expected) in [
        (r#"{"function":"report:live","invocation":"event"}"#, target("report:live", Invocation::Event, None)),
        (r#"{"function":"report:1","invocation":"durable"}"#, target("report:1", Invocation::Durable, None)),
        (r#"{"function":"report","tenant_id":"a b@c"}"#, target("report", Invocation::Request, Some("a b@c"))),
    ] {
        let task = read(text);
        assert_eq!(task.target, expected);
        assert_ne!(fingerprint(&task), fingerprint(&plain), "{text}");
        // As a client writes it, and as answers show it.
        assert_eq!(parsed(&task.to_json().unwrap(), None, &calling("report*")).unwrap().target, expected);
    }
}

#[test]
fn every_fault_of_a_lambda_target_is_told_with_its_place() {
    let faults_of = |lambda: &str| {
        let text = format!(r#"{{"target":{{"lambda":{lambda}}}}}"#);
        let places =
            ["eu-west-1", "eu-west-2"].map(|region| format!("arn:aws:lambda:{region}:123456789012:function:resize"));
        let errors = parsed(&text, None, &calling(&format!("report*,{}", places.join(","))));
        errors.err().unwrap_or_default().into_iter().map(told).collect::<Vec<_>>()
    };
    let form = "/target/lambda/function must be a function's name, its ARN or ACCOUNT:function:NAME, each with or \
                without :QUALIFIER, got";
    let allowed = "/target/lambda/function must be a function that the stack's parameter AllowedFunctions \
                   (TASKWAY_ALLOWED_FUNCTIONS) allows, got";
    let tenant = "/target/lambda/tenant_id must be letters, digits, spaces between them and any of ._:/=+-@, got";
    let long = "r".repeat(257);
    for (lambda, faults) in [
        ("{}".to_owned(), vec!["/target/lambda/function is required".to_owned()]),
        ("7".to_owned(), vec!["/target/lambda must be an object, got a number".to_owned()]),
        (r#"{"function":"re port"}"#.to_owned(), vec![format!("{form} re port")]),
        (r#"{"function":"report:a:b"}"#.to_owned(), vec![format!("{form} report:a:b")]),
        (r#"{"function":"other"}"#.to_owned(), vec![format!("{allowed} other")]),
        (
            r#"{"function":"resize"}"#.to_owned(),
            vec![
                "/target/lambda/function must be an ARN, because AllowedFunctions allows this name in more than one account \
                 or region, got resize"
                    .to_owned(),
            ],
        ),
        (r#"{"function":"210987654321:function:report"}"#.to_owned(), vec![format!("{allowed} 210987654321:function:report")]),
        (
            format!(r#"{{"function":"{long}"}}"#),
            vec!["/target/lambda/function must be at most 256 characters, got 257".to_owned()],
        ),
        (
            r#"{"function":"","invocation":"sync","tenant_id":"a\nb","qualifier":"live"}"#.to_owned(),
            vec![
                format!("{form} "),
                "/target/lambda/invocation must be one of request, event, durable, got \"sync\"".to_owned(),
                format!(r"{tenant} a\nb"),
                "/target/lambda/qualifier is not a known field".to_owned(),
            ],
        ),
        (r#"{"function":"report","tenant_id":" a"}"#.to_owned(), vec![format!("{tenant}  a")]),
        (
            format!(r#"{{"function":"report","tenant_id":"{long}"}}"#),
            vec!["/target/lambda/tenant_id must be 1 to 256 characters, got 257".to_owned()],
        ),
    ] {
        assert_eq!(faults_of(&lambda), faults, "{lambda}");
    }
    let closed = parsed(r#"{"target":{"lambda":{"function":"report"}}}"#, None, &Limits::default()).unwrap_err();
    assert_eq!(closed.into_iter().map(told).collect::<Vec<_>>(), [format!("{allowed} report")]);
}

#[test]
fn backoffs_that_cross_are_told_at_both_ends() {
    let text = with(r#""retry":{"min_backoff_seconds":9,"max_backoff_seconds":8}"#);
    assert_eq!(
        faults(&text, None),
        [
            "/retry/min_backoff_seconds must be at most max_backoff_seconds, 8, got 9",
            "/retry/max_backoff_seconds must be at least min_backoff_seconds, 9, got 8"
        ]
    );
}

#[test]
fn the_key_of_body_and_header_is_one() {
    let keyed = with(r#""idempotency_key":"k""#);
    for (text, header) in
        [(&keyed, None), (&keyed, Some("k")), (&keyed, Some("\"k\"")), (&with(r#""labels":{}"#), Some("k"))]
    {
        let task = parsed(text, header, &Limits::default()).unwrap();
        assert_eq!(task.idempotency_key.as_deref(), Some("k"));
        assert_eq!(fingerprint(&task), fingerprint(&taken(&keyed)));
    }
    assert_eq!(
        faults(&keyed, Some("other")),
        ["/idempotency_key must be the same as the Idempotency-Key header when both are given"]
    );
}

#[test]
fn many_faults_are_counted_not_listed() {
    let fields: Vec<_> = (0..10_000).map(|i| format!("\"field{i}\":0")).collect();
    let told = faults(&with(&fields.join(",")), None);
    assert_eq!(told.len(), 101);
    assert_eq!(told[99..], ["/field99 is not a known field", " has 9900 more faults, not listed"]);

    let labels: Vec<_> = (0..10_000).map(|i| format!("\"l{i}\":0")).collect();
    let text = with(&format!("\"labels\":{{{}}}", labels.join(",")));
    assert_eq!(faults(&text, None), ["/labels must have at most 16 labels, got 10000"]);

    let long = format!("\"{}\":0,\"queue\":\"{}\"", "n".repeat(100_000), "q".repeat(100_000));
    assert!(faults(&with(&long), None).iter().map(String::len).sum::<usize>() < 500);
}

#[test]
fn a_replay_is_not_late() {
    let keyed = with(r#""idempotency_key":"k","delay_seconds":60,"deadline":"2026-11-22T08:02:00Z""#);
    let document = Document::read(keyed.as_bytes()).unwrap();
    let (first, later) = (now(), at("2026-11-22T08:05:00Z"));
    let limits = Limits::default();
    let task = TaskRequest::read(document.root(), None, &limits, first, Late::Refused).unwrap();
    assert!(TaskRequest::read(document.root(), None, &limits, later, Late::Refused).is_err());
    let again = TaskRequest::read(document.root(), None, &limits, later, Late::Taken).unwrap();
    assert_eq!(fingerprint(&again), fingerprint(&task));
}

#[test]
fn one_request_in_another_spelling_has_the_same_fingerprint() {
    let same = |a: &str, b: &str| fingerprint(&taken(&with(a))) == fingerprint(&taken(&with(b)));
    for (a, b) in [
        (r#""labels":{}"#, r#""priority":"normal","queue":"default","payload":null,"timeout_seconds":6e1"#),
        (r#""labels":{}"#, r#""retry":{"multiplier":2,"max_attempts":5},"retain_seconds":604800,"delay_seconds":0"#),
        (r#""payload":{"a":1,"b":"é"}"#, r#""payload": { "b" : "\u00e9", "a" : 1 }"#),
        (r#""labels":{"a":"1","b":"2"}"#, r#""labels":{"b":"2","a":"1"}"#),
        (r#""run_at":"2026-11-22T07:00:00Z""#, r#""run_at":"2026-11-22T08:00:00.000+01:00""#),
        (r#""deadline":"2026-11-22T09:00:00Z""#, r#""deadline":"2026-11-22T04:30:00-04:30""#),
    ] {
        assert!(same(a, b), "{a} {b}");
    }
    let different = [
        r#""labels":{}"#,
        r#""queue":"q""#,
        r#""payload":1"#,
        r#""payload":1.0"#,
        r#""payload":"1""#,
        r#""payload":[1]"#,
        r#""priority":"low""#,
        r#""delay_seconds":1"#,
        r#""run_at":"2026-11-22T07:00:00Z""#,
        r#""run_at":"2026-11-22T07:00:00.001Z""#,
        r#""deadline":"2026-11-22T09:00:00Z""#,
        r#""timeout_seconds":61"#,
        r#""retry":{"multiplier":2.5}"#,
        r#""idempotency_key":"k""#,
        r#""fairness_key":"k""#,
        r#""expected_duration_ms":60"#,
        r#""retain_seconds":60"#,
        r#""labels":{"a":"b"}"#,
    ];
    for (i, a) in different.iter().enumerate() {
        different[i + 1..].iter().for_each(|b| assert!(!same(a, b), "{a} {b}"));
    }
    let handler = taken(r#"{"target":{"handler":"g"}}"#);
    let http = |more: &str| fingerprint(&taken(&with_http(more)));
    assert_ne!(fingerprint(&handler), fingerprint(&taken(r#"{"target":{"handler":"h"}}"#)));
    assert_eq!(http(r#""method":"POST","headers":{"A":"x"}"#), http(r#""headers":{"a":"x"}"#));
    assert_ne!(http(r#""method":"PUT""#), http(r#""method":"POST""#));
}

#[test]
fn a_fingerprint_outlives_a_release() {
    let keyed = with(r#""idempotency_key":"k","payload":[1],"retry":{"max_attempts":2},"labels":{"a":"b"}"#);
    assert_eq!(fingerprint(&taken(&keyed)).to_string(), "rdJgP4Xm4PI0jCuwnJ3lbw");
}

#[test]
fn a_change_names_what_it_changes() {
    let read = |text: &str| TaskChange::read(Document::read(text.as_bytes()).unwrap().root(), now());
    let none = TaskChange { run_at: None, priority: None, deadline: None };
    let later = at("2026-11-22T09:00:00Z");
    let then = Some(Instant(later));
    assert_eq!(read(r#"{"deadline":null}"#), Ok(TaskChange { deadline: Some(None), ..none }));
    assert_eq!(read(r#"{"priority":"low"}"#), Ok(TaskChange { priority: Some(Priority::Low), ..none }));
    assert_eq!(read(r#"{"run_at":"2026-11-22T09:00:00Z"}"#), Ok(TaskChange { run_at: then, ..none }));
    assert_eq!(read(r#"{"deadline":"2026-11-22T09:00:00Z"}"#), Ok(TaskChange { deadline: Some(then), ..none }));
    let late = "must be after the task's start, 2026-11-22T09:00:00.000Z, got 2026-11-22T09:00:00.000Z";
    for (text, pointer, detail) in [
        ("{}", "", "must have run_at, priority or deadline"),
        ("null", "", "must be an object, got null"),
        (r#"{"run_at":null}"#, "/run_at", "must be a time in a string, got null"),
        (r#"{"priority":null}"#, "/priority", "must be a string, got null"),
        (r#"{"priority":"low","queue":"q"}"#, "/queue", "is not a known field"),
        (r#"{"run_at":"2026-11-22T09:00:00Z","deadline":"2026-11-22T09:00:00Z"}"#, "/deadline", late),
    ] {
        assert_eq!(read(text), Err(vec![FieldError::pointer(pointer, detail)]), "{text}");
    }
    assert!(read(r#"{"deadline":"2026-11-22T07:00:00Z","run_at":"2026-11-22T06:00:00Z"}"#).is_err());
    assert_eq!(deadline_fault(later, later).unwrap().detail, late);
    assert!(deadline_fault(later, now()).is_none());
}

#[test]
fn a_change_is_written_without_what_it_leaves_alone() {
    let written = |change: TaskChange| serde_json::to_string(&change).unwrap();
    let at = Instant(at("2026-11-22T09:00:00Z"));
    assert_eq!(written(TaskChange { deadline: Some(None), ..TaskChange::default() }), r#"{"deadline":null}"#);
    let change = TaskChange { run_at: Some(at), priority: Some(Priority::Low), ..TaskChange::default() };
    assert_eq!(written(change), r#"{"run_at":"2026-11-22T09:00:00.000Z","priority":"low"}"#);
}

#[test]
fn a_moment_is_the_same_in_every_offset_and_never_earlier() {
    let instant = |text| {
        Instant::try_from(time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).unwrap())
    };
    assert_eq!(instant("2026-11-22T10:30:00.000000001+01:30"), Ok(Instant(at("2026-11-22T09:00:00.001Z"))));
    assert_eq!(instant("1969-12-31T23:59:59Z"), Err(instant::Malformed::Years));
    let moment = Instant(at("2026-11-22T09:00:00.250Z"));
    assert_eq!(Instant::try_from(time::OffsetDateTime::from(moment)), Ok(moment));
}

#[test]
fn an_answer_about_a_batch_is_read_as_it_was_written() {
    let accepted = json!({"status": 202, "task": {"id": "t", "state": "queued", "target": {"handler": "h"},
        "on_success": {"target": {"handler": "h"}}}});
    let refused = json!({"status": 422, "problem": {"title": "not valid", "errors": [{"pointer": "", "detail": "d"}]}});
    let text = json!({ "results": [accepted, refused] }).to_string();
    let BatchResults { results } = serde_json::from_str(&text).unwrap();
    let [BatchItem::Accepted { status: 202, task }, BatchItem::Refused { status: 422, problem }] = &results[..] else {
        panic!("{results:?}")
    };
    assert!(task.target.is_some() && task.on_success.is_some());
    assert_eq!(problem.errors, [FieldError::pointer("", "d")]);
    assert!(serde_json::from_str::<BatchResults>(r#"{"results":[{"status":202}]}"#).is_err());
}

#[test]
fn the_value_of_a_task_is_what_its_target_returned() {
    let value = |target: &str, result: &str| {
        let text = format!(r#"{{"id":"t","state":"succeeded","target":{target},"result":{result}}}"#);
        serde_json::from_str::<Task>(&text).unwrap().value::<Option<u64>>()
    };
    let (handler, url) = (r#"{"handler":"h"}"#, r#"{"http":{"url":"https://a.example","method":"POST"}}"#);
    assert_eq!(value(handler, "18446744073709551615").unwrap(), Some(u64::MAX));
    assert_eq!(value(url, r#"{"status":200,"body":"7"}"#).unwrap(), Some(7));
    assert!(value(url, r#"{"status":200,"body":"<html>"}"#).is_err() && value(handler, r#""a""#).is_err());
    assert_eq!([value(handler, "null"), value(url, "null")].map(Result::unwrap), [None, None]);
}

proptest! {
    #[test]
    fn any_value_at_any_field_is_judged(field in prop::sample::select(&["queue", "target", "payload", "priority", "run_at",
        "delay_seconds", "deadline", "timeout_seconds", "retry", "idempotency_key", "labels", "retain_seconds"][..]),
        text in "\\PC{0,80}", number: f64, inner in "[a-z_]{1,8}") {
        for value in [json!(text), json!(number), json!([text]), json!({inner: text}), json!({"http": {"url": text}})] {
            let body = json!({"target": {"handler": "h"}, field: value}).to_string();
            if let Ok(document) = Document::read(body.as_bytes())
                && let Ok(task) = TaskRequest::read(document.root(), Some(&text), &OPEN, now(), Late::Refused)
            {
                fingerprint(&task);
            }
        }
    }
}
