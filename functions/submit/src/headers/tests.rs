//! Each header as several lines and as one joined line, which must come to the same.
#![allow(clippy::unwrap_used)]

use http::{HeaderName, HeaderValue};

use super::*;

/// What `read` makes of these lines, and of the one line that API Gateway would make of them.
fn of<T: PartialEq + std::fmt::Debug>(name: &'static str, lines: &[&str], read: impl Fn(&HeaderMap) -> T) -> T {
    let headers = |lines: &[&str]| -> HeaderMap {
        let name = HeaderName::from_static(name);
        lines.iter().map(|line| (name.clone(), HeaderValue::from_str(line).unwrap())).collect()
    };
    let apart = read(&headers(lines));
    for between in [",", ", "] {
        assert_eq!(read(&headers(&[&lines.join(between)])), apart, "{name}: {lines:?} joined by {between:?}");
    }
    apart
}

#[test]
fn a_wait_is_found_among_preferences_and_capped() {
    let wait_of = |lines: &[&str]| of("prefer", lines, wait).map(|wait| wait.as_secs());
    assert_eq!(wait_of(&["wait=5"]), Some(5));
    assert_eq!(wait_of(&["wait=\"5\""]), Some(5));
    assert_eq!(wait_of(&["respond-async, Wait = 99"]), Some(25));
    assert_eq!(wait_of(&["respond-async", "wait=9"]), Some(9));
    assert_eq!(wait_of(&["wait=7; strictly"]), Some(7));
    assert_eq!(wait_of(&["wait=99999999999999999999999"]), Some(25));
    assert_eq!(wait_of(&["wait=0"]), Some(0));
    for none in ["wait=-1", "wait", "wait=", "wait=\"5", "wait=5\"", "wait=5x", "return=minimal", "", "await=5"] {
        assert_eq!(wait_of(&[none]), None, "{none}");
    }
}

#[test]
fn a_quoted_parameter_is_one_parameter_whatever_is_in_it() {
    let wait_of = |lines: &[&str]| of("prefer", lines, wait).map(|wait| wait.as_secs());
    assert_eq!(wait_of(&["note=\"a, wait=9\""]), None);
    assert_eq!(wait_of(&["note=\"a, wait=9\", wait=3"]), Some(3));
    assert_eq!(wait_of(&["note=\"a\\\", wait=9\", wait=3"]), Some(3));
    assert_eq!(wait_of(&["handling=lenient; note=\"x, wait=9\"", "wait=3"]), Some(3));
    assert_eq!(wait_of(&["wait=4; note=\"a;b, wait=9\""]), Some(4));
    assert_eq!(wait_of(&["note = \"a, wait=9\" , wait=3"]), Some(3));
    // One that never ends takes all that follows it, in the next line too.
    assert_eq!(wait_of(&["note=\"a", "wait=9"]), None);
}

#[test]
fn of_several_waits_the_first_counts() {
    let wait_of = |lines: &[&str]| of("prefer", lines, wait).map(|wait| wait.as_secs());
    assert_eq!(wait_of(&["wait=3", "wait=9"]), Some(3));
    assert_eq!(wait_of(&["wait=3", "wait=3"]), Some(3));
    assert_eq!(wait_of(&["wait=x", "wait=9"]), None);
}

#[test]
fn a_content_type_is_jsons_by_every_value() {
    let json = |lines: &[&str]| of("content-type", lines, is_json);
    for good in [
        &["application/json"][..],
        &["APPLICATION/JSON; charset=utf-8"],
        &["application/cloudevents+json"],
        &["application/json", "application/json"],
        &["application/json; charset=utf-8", "application/json"],
        &["application/json; profile=\"a,b;c\""],
    ] {
        assert!(json(good), "{good:?}");
    }
    for bad in [
        &[""][..],
        &["text/plain"],
        &["application/json", "text/plain"],
        &["text/plain", "application/json"],
        &["application/json", "application/cloudevents+json"],
        &["application/json", ""],
        &["applications/json"],
        &["application/jsonp"],
        &["text/json"],
        &["\"application/json\""],
    ] {
        assert!(!json(bad), "{bad:?}");
    }
    assert!(!is_json(&HeaderMap::new()));
}

#[test]
fn a_body_is_read_in_utf_8_only() {
    let other = |lines: &[&str]| of("content-type", lines, charset);
    for good in [
        &["application/json"][..],
        &["application/json; charset=utf-8"],
        &["application/json;CHARSET = \"UTF-8\""],
        &["application/json; charset=utf8; charset=us-ascii"],
        &["application/json; profile=\"a;charset=latin1\""],
        &["application/json; mycharset=latin1; charset"],
        &["charset=latin1"],
        &[""],
    ] {
        assert_eq!(other(good), None, "{good:?}");
    }
    for (bad, name) in [
        (&["application/json; charset=utf-16"][..], "utf-16"),
        (&["application/json;Charset=\"ISO-8859-1\"; a=b"], "ISO-8859-1"),
        (&["application/json; a=b; charset = windows\\-1252"], "windows\\-1252"),
        (&["application/json; charset=\"utf\\-16\""], "utf-16"),
        (&["application/json; charset=utf-8; charset=latin1"], "latin1"),
        (&["application/json", "application/json; charset=latin1"], "latin1"),
        (&["application/json; charset*=utf-8''latin1"], "utf-8''latin1"),
        (&["application/json; charset="], ""),
    ] {
        assert_eq!(other(bad).as_deref(), Some(name), "{bad:?}");
    }
    assert_eq!(charset(&HeaderMap::new()), None);
}

#[test]
fn only_an_identity_needs_no_undoing() {
    let encoded = |lines: &[&str]| of("content-encoding", lines, |headers| encoding(headers).is_some());
    for plain in [&["identity"][..], &["Identity"], &[""], &["identity", "identity"], &["identity", ""]] {
        assert!(!encoded(plain), "{plain:?}");
    }
    for coded in [
        &["gzip"][..],
        &["GZIP"],
        &["x-gzip"],
        &["br"],
        &["deflate"],
        &["zstd"],
        &["compress"],
        &["gzip", "identity"],
        &["identity", "gzip"],
        &["aws-chunked"],
        &["no such coding"],
    ] {
        assert!(encoded(coded), "{coded:?}");
    }
    assert_eq!(encoding(&HeaderMap::new()), None);
}

#[test]
fn only_one_well_formed_trace_context_is_kept() {
    let kept = |lines: &[&str]| of("traceparent", lines, traceparent);
    let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let other = "00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-01";
    assert_eq!(kept(&[good]).as_deref(), Some(good));
    assert_eq!(kept(&[good, good]).as_deref(), Some(good));
    assert_eq!(kept(&[good, other]), None);
    assert_eq!(kept(&[good, ""]), None);
    assert_eq!(kept(&["00-xyz-1-01"]), None);
    assert_eq!(kept(&["ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]), None);
}
