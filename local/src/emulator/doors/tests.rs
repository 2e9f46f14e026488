//! What a browser sends for a page is refused, and what people and programs send is not.

#![allow(clippy::unwrap_used)]

use http::{HeaderMap, HeaderName, Method, Uri};

use super::{
    Hosts,
    rules::{Refused, check},
};

fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        headers.append(HeaderName::from_static(name), value.parse().unwrap());
    }
    headers
}

fn ask(hosts: &Hosts, method: &Method, given: &[(&'static str, &str)]) -> Result<(), Refused> {
    check(hosts, method, &Uri::from_static("/v1/tasks"), &headers(given))
}

fn get(hosts: &Hosts, host: &str) -> bool {
    ask(hosts, &Method::GET, &[("host", host)]).is_ok()
}

#[test]
fn a_host_is_this_machine_or_one_that_the_stack_was_told() {
    let loopback = Hosts::default();
    for host in [
        "127.0.0.1",
        "127.0.0.1:8080",
        "127.5.6.7:1",
        "[::1]:8080",
        "[::ffff:127.0.0.1]:8080",
        "localhost",
        "LocalHost:8080",
        "localhost.:8080",
        "a1b2.execute-api.localhost:4566",
    ] {
        assert!(get(&loopback, host), "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "notlocalhost",
        "localhost@evil.example",
        "evil.example@localhost",
        "10.0.0.5:8080",
        "0.0.0.0:8080",
        "[::]:8080",
        "169.254.169.254",
        "taskway:8080",
        "",
    ] {
        assert!(!get(&loopback, host), "{host}");
    }
    let bound = Hosts::new("10.0.0.5".parse().unwrap(), []);
    assert!(get(&bound, "10.0.0.5:8080") && get(&bound, "localhost") && !get(&bound, "10.0.0.6"));
    let open = Hosts::new("0.0.0.0".parse().unwrap(), ["Taskway.".to_owned()]);
    assert!(get(&open, "10.0.0.6") && get(&open, "taskway:8080") && get(&open, "[fd00::1]:8080"));
    assert!(!get(&open, "evil.example") && !get(&open, "taskway.evil.example"));
}

#[test]
fn a_request_names_one_host() {
    let hosts = Hosts::default();
    let two = [("host", "localhost"), ("host", "evil.example")];
    for given in [&[][..], &two, &[("host", "a b")], &[("host", "localhost, evil.example")]] {
        assert_eq!(ask(&hosts, &Method::GET, given), Err(Refused::NoHost), "{given:?}");
    }
    let absolute = Uri::from_static("http://evil.example/v1/tasks");
    let refused = check(&hosts, &Method::GET, &absolute, &headers(&[("host", "localhost")]));
    assert_eq!(refused, Err(Refused::Host("evil.example".to_owned())));
}

#[test]
fn a_page_of_another_origin_is_refused() {
    let hosts = Hosts::default();
    let json = ("content-type", "application/json");
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        for foreign in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://localhost:3000"),
            ("origin", "https://127.0.0.1:8080"),
            ("origin", "http://127.0.0.1:8080.evil.example"),
            ("origin", ""),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "something-new"),
        ] {
            let asked = ask(&hosts, &method, &[("host", "127.0.0.1:8080"), json, foreign]);
            assert!(matches!(asked, Err(Refused::Page(_))), "{method} {foreign:?}");
        }
        for own in [("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none")]
        {
            assert_eq!(ask(&hosts, &method, &[("host", "127.0.0.1:8080"), json, own]), Ok(()), "{method} {own:?}");
        }
    }
}

#[test]
fn a_post_that_a_page_could_send_is_refused() {
    let hosts = Hosts::default();
    let post = |header: Option<(&'static str, &str)>| {
        let given: Vec<_> = [("host", "localhost")].into_iter().chain(header).collect();
        ask(&hosts, &Method::POST, &given)
    };
    // What the Fetch standard lets a page send without asking, and what only looks like JSON.
    for simple in [
        None,
        Some(("content-type", "text/plain")),
        Some(("content-type", "text/plain; application/json")),
        Some(("content-type", "text/plain+json")),
        Some(("content-type", "text/plain, application/json")),
        Some(("content-type", "application/json, text/plain")),
        Some(("content-type", "")),
        Some(("content-type", "application/x-www-form-urlencoded")),
        Some(("content-type", "multipart/form-data; boundary=a")),
        Some(("content-type", "application/octet-stream")),
        Some(("accept", "application/json")),
        Some(("authorization", "Basic bWU6bWU=")),
        Some(("cookie", "a=b")),
    ] {
        assert_eq!(post(simple), Err(Refused::Simple), "{simple:?}");
    }
    for asked in [
        ("content-type", "application/json"),
        ("content-type", "Application/JSON; charset=utf-8"),
        ("content-type", "application/json, application/json; charset=utf-8"),
        ("content-type", "application/x-amz-json-1.0"),
        ("content-type", "application/cloudevents+json"),
        ("x-amz-date", "20261128T120000Z"),
        ("x-amz-target", "AmazonSQS.SendMessage"),
        ("taskway-client", "taskway/0.1.0"),
        ("idempotency-key", "k"),
        ("prefer", "wait=5"),
    ] {
        assert_eq!(post(Some(asked)), Ok(()), "{asked:?}");
    }
    let twice = [("host", "localhost"), ("content-type", "application/json"), ("content-type", "application/json")];
    assert_eq!(ask(&hosts, &Method::POST, &twice), Ok(()));
    // A browser asks before these, whatever their headers, and is never answered that it may.
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        assert_eq!(ask(&hosts, &method, &[("host", "localhost")]), Ok(()), "{method}");
    }
}
