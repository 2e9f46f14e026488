#![allow(clippy::unwrap_used)]

use bytes::Bytes;

use super::*;

const REQUEST: Invocation = Invocation::Request;

fn of(invocation: Invocation, status: u16, headers: &[(&str, &str)], body: &[u8]) -> Outcome {
    let mut answer = http::Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    let answer = answer.body(Bytes::copy_from_slice(body)).unwrap();
    outcome(invocation, Answered { answer, is_cut: false })
}

fn done(text: &str) -> Outcome {
    Outcome::Done(text.into())
}

fn again(message: &str, wait: Wait) -> Outcome {
    Outcome::Retry { kind: ErrorKind::Lambda, message: message.to_owned(), wait }
}

#[test]
fn the_answer_is_the_result() {
    for (body, result) in [
        (r#"{"sent": 1e400}"#, r#"{"sent": 1e400}"#),
        (" [1, 2]\n", "[1, 2]"),
        ("", "null"),
        ("null", "null"),
        // With another member it is the function's own.
        (r#"{"taskway":{"fatal":"why"},"payload":1}"#, r#"{"taskway":{"fatal":"why"},"payload":1}"#),
        (r#"[{"taskway":{"fatal":"why"}}]"#, r#"[{"taskway":{"fatal":"why"}}]"#),
        // What is not strict JSON is text.
        ("sent", r#""sent""#),
        (r#"{"a":1,"a":2}"#, r#""{\"a\":1,\"a\":2}""#),
        (r#""\ud800""#, r#""\"\\ud800\"""#),
    ] {
        assert_eq!(of(REQUEST, 200, &[], body.as_bytes()), done(result), "{body}");
    }
    assert_eq!(of(REQUEST, 200, &[], b"\xff"), fatal("the function's answer is neither JSON nor text".to_owned()));
}

#[test]
fn an_answer_has_lambdas_limit() {
    let quoted = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
    let longest = quoted(LONGEST_ANSWER);
    assert_eq!(of(REQUEST, 200, &[], longest.as_bytes()), done(&longest));
    let too_long = fatal("the function's answer has more than 6291456 bytes, which is the limit".to_owned());
    // With the quotes around it, a text is longer.
    let text = "x".repeat(LONGEST_ANSWER);
    for body in [quoted(LONGEST_ANSWER + 1), text] {
        assert_eq!(of(REQUEST, 200, &[], body.as_bytes()), too_long);
    }
    let answer = http::Response::new(Bytes::from_static(b"null"));
    assert_eq!(outcome(REQUEST, Answered { answer, is_cut: true }), too_long);
}

#[test]
fn an_answer_may_say_what_happens_next() {
    let exactly = |ms| Wait::Exactly(Duration::from_millis(ms));
    for (body, outcome) in [
        (r#"{"taskway":{"fatal":"no such user"}}"#, fatal("no such user".to_owned())),
        (
            r#"{ "taskway" : {"retry_after_seconds": 90} }"#,
            again("the function asked for another attempt after 90 s", exactly(90_000)),
        ),
        (
            r#"{"taskway":{"retry_after_seconds":0.0001}}"#,
            again("the function asked for another attempt after 0.0001 s", exactly(1)),
        ),
        (
            r#"{"taskway":{"retry_after_seconds":0}}"#,
            again("the function asked for another attempt after 0 s", exactly(0)),
        ),
    ] {
        assert_eq!(of(REQUEST, 200, &[], body.as_bytes()), outcome, "{body}");
    }
}

#[test]
fn words_that_mean_nothing_fail_for_good() {
    for words in [
        "null",
        "{}",
        r#"{"retry_after_second":1}"#,
        r#"{"retry_after_seconds":-1}"#,
        r#"{"retry_after_seconds":31622401}"#,
        r#"{"retry_after_seconds":"90"}"#,
        r#"{"fatal":7}"#,
        r#"{"fatal":"a","retry_after_seconds":1}"#,
        r#""fatal""#,
    ] {
        let outcome = of(REQUEST, 200, &[], format!(r#"{{"taskway":{words}}}"#).as_bytes());
        let Outcome::Fatal { kind: ErrorKind::Lambda, message } = &outcome else {
            unreachable!("{words}: {outcome:?}")
        };
        assert!(
            message.starts_with(&format!(r#"the function answered {{"taskway":{words}}}, and expected is"#)),
            "{message}"
        );
    }
}

#[test]
fn a_function_that_failed_is_tried_again() {
    for (body, message) in [
        (r#"{"errorMessage":"no","errorType":"ValueError","stackTrace":[]}"#, "ValueError: no"),
        (r#"{"errorMessage":"Task timed out after 3.00 seconds"}"#, "Task timed out after 3.00 seconds"),
        (r#"{"errorMessage":"","errorType":"Runtime.ExitError"}"#, "Runtime.ExitError"),
        ("{}", "the function failed: {}"),
        ("out of luck", "the function failed: out of luck"),
    ] {
        for kind in ["Unhandled", "Handled"] {
            let outcome = of(REQUEST, 200, &[("x-amz-function-error", kind)], body.as_bytes());
            assert_eq!(outcome, again(message, Wait::Policy), "{body}");
        }
    }
}

#[test]
fn a_function_that_is_only_started_has_succeeded_when_lambda_has_the_event() {
    assert_eq!(of(Invocation::Event, 202, &[], b""), done("null"));
    assert_eq!(of(Invocation::Durable, 202, &[], b""), done("null"));
    let arn = ("x-amz-durable-execution-arn", "arn:aws:lambda:eu-west-1:1:function:f:1/durable-execution/a/b");
    let kept = format!(r#"{{"durable_execution_arn":"{}"}}"#, arn.1);
    assert_eq!(of(Invocation::Durable, 202, &[arn], b""), done(&kept));
    for (invocation, status) in [(Invocation::Event, 200), (Invocation::Durable, 200), (REQUEST, 202), (REQUEST, 204)] {
        let outcome = of(invocation, status, &[], b"{}");
        assert!(matches!(outcome, Outcome::Fatal { .. }), "{invocation:?} {status}: {outcome:?}");
    }
}

fn refused(invocation: Invocation, status: u16, kind: Option<&str>, retry_after: Option<u64>) -> Outcome {
    let excerpt = r#"{"Type":"User","message":"so"}"#.to_owned();
    let retry_after = retry_after.map(Duration::from_secs);
    let refused = Refused { service: "lambda", status, kind: kind.map(str::to_owned), retry_after, excerpt };
    refusal(invocation, CallError::Refused(refused), Duration::ZERO)
}

#[test]
fn what_passes_by_itself_does_not_count() {
    for (status, kind) in [
        (429, Some("TooManyRequestsException")),
        (429, None),
        (402, Some("ServiceQuotaExceededException")),
        (408, Some("EFSMountTimeoutException")),
        (409, Some("ResourceConflictException")),
        (409, Some("SnapStartNotReadyException")),
        (410, Some("EFSIOException")),
        (500, Some("ServiceException")),
        (502, Some("ENILimitReachedException")),
        (503, None),
        (504, None),
    ] {
        let outcome = refused(REQUEST, status, kind, None);
        let shown = kind.map(|kind| format!(" {kind}")).unwrap_or_default();
        let message = format!("Lambda answered {status}{shown}: so");
        assert_eq!(outcome, Outcome::NotStarted { kind: ErrorKind::Lambda, message, at_least: Duration::ZERO });
    }
    for (asked, least) in [(7, 7), (1_000_000, 86_400)] {
        let Outcome::NotStarted { at_least, .. } = refused(REQUEST, 429, None, Some(asked)) else { unreachable!() };
        assert_eq!(at_least, Duration::from_secs(least));
    }
    let error = CallError::Unreached { service: "lambda", source: "connection refused".into() };
    let message = "cannot reach lambda: connection refused".to_owned();
    let expected = Outcome::NotStarted { kind: ErrorKind::Lambda, message, at_least: Duration::ZERO };
    assert_eq!(refusal(REQUEST, error, Duration::from_secs(3)), expected);
}

#[test]
fn an_answer_that_did_not_come_counts_unless_the_connection_broke_at_once() {
    let unanswered = || CallError::Unanswered { service: "lambda", source: "connection closed".into() };
    let message = "cannot call lambda: connection closed";
    assert_eq!(refusal(REQUEST, unanswered(), Duration::from_millis(1_001)), again(message, Wait::Policy));
    let (kind, message) = (ErrorKind::Lambda, message.to_owned());
    let expected = Outcome::NotStarted { kind, message, at_least: Duration::ZERO };
    assert_eq!(refusal(REQUEST, unanswered(), Duration::from_secs(1)), expected);
}

#[test]
fn every_other_refusal_is_final() {
    for (status, kind) in [
        (400, Some("InvalidRequestContentException")),
        (400, Some("RecursiveInvocationException")),
        (403, Some("AccessDeniedException")),
        (404, Some("ResourceNotFoundException")),
        (409, Some("RuntimeVersionDeletedException")),
        (409, Some("DurableExecutionAlreadyStartedException")),
        (409, None),
        (413, Some("RequestTooLargeException")),
        (415, None),
    ] {
        let shown = kind.map(|kind| format!(" {kind}")).unwrap_or_default();
        assert_eq!(refused(REQUEST, status, kind, None), fatal(format!("Lambda answered {status}{shown}: so")));
    }
    let no_region = refusal(REQUEST, CallError::NoRegion { service: "lambda" }, Duration::ZERO);
    assert_eq!(no_region, fatal("no region to call lambda in: set AWS_REGION".to_owned()));
}

#[test]
fn a_refusal_is_told_without_its_json() {
    for (excerpt, shown) in [
        (r#"{"message":"so"}"#, "Lambda answered 404: so"),
        (r#"{"Type":"User","Message":"so"}"#, "Lambda answered 404: so"),
        (r#"{"detail":"so"}"#, "Lambda answered 404: so"),
        ("", "Lambda answered 404"),
        (" so\n", "Lambda answered 404: so"),
        (r#"{"reason":"so"}"#, r#"Lambda answered 404: {"reason":"so"}"#),
    ] {
        let excerpt = excerpt.to_owned();
        let refused = Refused { service: "lambda", status: 404, kind: None, retry_after: None, excerpt };
        assert_eq!(told(&refused), shown);
    }
}

#[test]
fn a_durable_execution_that_is_already_started_is_the_tasks_own() {
    let started = Some("DurableExecutionAlreadyStartedException");
    assert_eq!(refused(Invocation::Durable, 409, started, None), done("null"));
    for invocation in [Invocation::Event, REQUEST] {
        assert!(matches!(refused(invocation, 409, started, None), Outcome::Fatal { .. }));
    }
}
