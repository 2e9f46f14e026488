//! The regular expressions of the document say the same as the code that reads requests.

#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use proptest::prelude::*;
use regex_lite::Regex;
use taskway_api::{Late, TaskRequest};
use taskway_protocol::{FUNCTION_PATTERN, FunctionName, LONGEST_FUNCTION, Limits, Time};
use taskway_strict::{
    json::Document,
    words::{KEY_PATTERN, NAME_PATTERN, is_name, key},
};

fn matches(pattern: &str, text: &str) -> bool {
    Regex::new(pattern).unwrap().is_match(text)
}

/// What the document says of the header.
static HEADER_PATTERN: LazyLock<String> = LazyLock::new(|| {
    let document = taskway_openapi::document();
    document["components"]["parameters"]["IdempotencyKey"]["schema"]["pattern"].as_str().unwrap().to_owned()
});

/// Whether a header is read as one key.
fn is_header(text: &str) -> bool {
    let body = Document::read(br#"{"target":{"handler":"a"}}"#).unwrap();
    TaskRequest::read(body.root(), Some(text), &Limits::default(), Time::default(), Late::Refused).is_ok()
}

#[test]
fn a_function_is_named_in_every_form() {
    for text in [
        "report",
        "report:live",
        "report:$LATEST",
        "report:$LATEST.PUBLISHED",
        "123456789012:function:report",
        "arn:aws:lambda:eu-central-1:123456789012:function:report:17",
        "arn:aws-cn:lambda:cn-north-1:123456789012:function:report",
    ] {
        assert!(matches(FUNCTION_PATTERN, text) && FunctionName::parse(text).is_ok(), "{text}");
    }
}

proptest! {
    #[test]
    fn names(text in "[A-Za-z0-9_.é-]{0,70}") {
        prop_assert_eq!(matches(NAME_PATTERN, &text), is_name(&text));
    }

    #[test]
    fn keys(text in "[ -~é]{0,6}|[!-~]{120,135}") {
        prop_assert_eq!(matches(KEY_PATTERN, &text), key(&text).is_ok());
    }

    #[test]
    fn functions(text in "(arn:aws[a-z1-]{0,3}:lambda:[a-z1-]{0,4}:)?([0-9]{11,12}:function:)?[a-zA-Z0-9_.:$-]{0,6}(:\\$?[A-Z.a-z]{0,9})?") {
        let is_function = text.len() <= LONGEST_FUNCTION && FunctionName::parse(&text).is_ok();
        prop_assert_eq!(matches(FUNCTION_PATTERN, &text), is_function, "{}", text);
    }

    /// A header may also repeat one key, with commas between, and have spaces around it.
    #[test]
    fn headers(text in "[ab\"\\\\!~-]{1,6}|\"[ab,\\\\\"]{0,5}\"|[!#-+.-~]{120,135}") {
        prop_assert_eq!(matches(&HEADER_PATTERN, &text), is_header(&text), "{}", text);
    }
}
