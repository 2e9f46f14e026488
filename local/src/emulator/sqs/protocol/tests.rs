#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use taskway_protocol::Time;
use taskway_runtime::clock::ManualClock;

use crate::emulator::{
    calls::Calls,
    sqs::{Interruption, Sqs},
};

const URL: &str = "http://localhost:9324/000000000000/q";

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    json: Value,
}

fn endpoint() -> Sqs {
    let clock = ManualClock::starting_at(Time::from_millis(1_800_000_000_000));
    Sqs::new(Arc::new(clock), "http://localhost:9324/".to_owned())
}

async fn with_queue() -> Sqs {
    let sqs = endpoint();
    let made = ok(&sqs, "CreateQueue", json!({"QueueName": "q"})).await;
    assert_eq!(made, json!({"QueueUrl": URL}));
    sqs
}

async fn post_raw(sqs: &Sqs, action: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post("/").header("x-amz-target", format!("AmazonSQS.{action}"));
    let response = super::router::answer(State(sqs.clone()), request.body(body.into()).unwrap()).await;
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let json =
        serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::String(String::from_utf8(bytes.into()).unwrap()));
    Answer { status: head.status, headers: head.headers, json }
}

async fn post(sqs: &Sqs, action: &str, body: Value) -> Answer {
    post_raw(sqs, action, body.to_string()).await
}

async fn ok(sqs: &Sqs, action: &str, body: Value) -> Value {
    let answer = post(sqs, action, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.json);
    assert_eq!(answer.headers["content-type"], "application/x-amz-json-1.0");
    answer.json
}

/// Returns the error's `__type` without its namespace, and its code of the older protocol.
async fn refused(sqs: &Sqs, action: &str, body: Value) -> (String, String) {
    let answer = post(sqs, action, body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.json);
    let shape = answer.json["__type"].as_str().unwrap().rsplit('#').next().unwrap().to_owned();
    let code = answer.headers["x-amzn-query-error"].to_str().unwrap().strip_suffix(";Sender").unwrap().to_owned();
    (shape, code)
}

#[tokio::test]
async fn a_message_arrives_with_its_attributes_and_digests() {
    let sqs = with_queue().await;
    let sent = ok(
        &sqs,
        "SendMessage",
        json!({
            "QueueUrl": URL, "MessageBody": "hello", "MessageGroupId": "tenant-7",
            "MessageAttributes": {
                "t.a": {"DataType": "String", "StringValue": "x"},
                "t.b": {"DataType": "Number.int", "StringValue": "5"},
                "bin": {"DataType": "Binary", "BinaryValue": "AQID"},
            },
            "MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2"}},
        }),
    )
    .await;
    assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(sent["MD5OfMessageAttributes"], "eb9de6797276e5619da1c552406e669d");
    assert!(sent["MD5OfMessageSystemAttributes"].is_string());
    let received = ok(
        &sqs,
        "ReceiveMessage",
        json!({"QueueUrl": URL, "AttributeNames": ["All"], "MessageAttributeNames": ["All"]}),
    )
    .await;
    let message = &received["Messages"][0];
    assert_eq!(message["MessageId"], sent["MessageId"]);
    assert_eq!(message["Body"], "hello");
    assert_eq!(message["MD5OfBody"], sent["MD5OfMessageBody"]);
    assert_eq!(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"]);
    assert_eq!(message["MessageAttributes"]["bin"], json!({"DataType": "Binary", "BinaryValue": "AQID"}));
    assert_eq!(
        message["Attributes"],
        json!({
            "SenderId": "000000000000", "SentTimestamp": "1800000000000", "ApproximateReceiveCount": "1",
            "ApproximateFirstReceiveTimestamp": "1800000000000", "MessageGroupId": "tenant-7",
            "AWSTraceHeader": "Root=1-2",
        })
    );
    ok(&sqs, "DeleteMessage", json!({"QueueUrl": "q", "ReceiptHandle": message["ReceiptHandle"]})).await;
    let counts = json!({"QueueUrl": URL, "AttributeNames": ["ApproximateNumberOfMessagesNotVisible"]});
    let counts = ok(&sqs, "GetQueueAttributes", counts).await;
    assert_eq!(counts, json!({"Attributes": {"ApproximateNumberOfMessagesNotVisible": "0"}}));
    assert_eq!(ok(&sqs, "ReceiveMessage", json!({"QueueUrl": URL})).await, json!({}));
}

#[tokio::test]
async fn a_receiver_gets_only_the_attributes_that_it_asks_for() {
    let sqs = with_queue().await;
    let value = json!({"DataType": "String", "StringValue": "x"});
    let attributes = json!({"app.one": value, "app.two": value, "other": value});
    let message = json!({"QueueUrl": URL, "MessageBody": "a", "MessageAttributes": attributes});
    ok(&sqs, "SendMessage", message).await;
    for (wanted, expected) in [
        (json!(["app.*"]), vec!["app.one", "app.two"]),
        (json!(["other", "none"]), vec!["other"]),
        (json!([".*"]), vec!["app.one", "app.two", "other"]),
        (json!([]), vec![]),
    ] {
        let ask = json!({"QueueUrl": URL, "VisibilityTimeout": 0, "MessageAttributeNames": wanted,
            "MessageSystemAttributeNames": ["ApproximateReceiveCount"]});
        let received = ok(&sqs, "ReceiveMessage", ask).await;
        let message = &received["Messages"][0];
        let names: Vec<_> = message["MessageAttributes"].as_object().into_iter().flatten().map(|(k, _)| k).collect();
        assert_eq!(names, expected);
        assert_eq!(message["MD5OfMessageAttributes"].is_string(), !expected.is_empty());
        assert_eq!(message["Attributes"].as_object().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_bad_entry_fails_alone_and_a_bad_batch_fails_as_a_whole() {
    let sqs = with_queue().await;
    let batch = |entries: Value| json!({"QueueUrl": URL, "Entries": entries});
    let entries = json!([
        {"Id": "good", "MessageBody": "a"},
        {"Id": "late", "MessageBody": "b", "DelaySeconds": 901},
        {"Id": "control", "MessageBody": "\u{1}"},
        {"Id": "empty"},
    ]);
    let sent = ok(&sqs, "SendMessageBatch", batch(entries)).await;
    assert_eq!(sent["Successful"][0]["Id"], "good");
    let failed: Vec<_> = sent["Failed"].as_array().unwrap().iter().map(|f| (&f["Id"], &f["Code"])).collect();
    assert_eq!(
        failed,
        [
            (&json!("late"), &json!("InvalidParameterValue")),
            (&json!("control"), &json!("InvalidMessageContents")),
            (&json!("empty"), &json!("MissingParameter")),
        ]
    );

    let entry = |id: &str| json!({"Id": id, "MessageBody": "a", "ReceiptHandle": "x", "VisibilityTimeout": 1});
    let many: Vec<_> = (0..11).map(|n| entry(&n.to_string())).collect();
    let half = "x".repeat(524_289);
    for action in ["SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"] {
        for (entries, shape) in [
            (json!([]), "EmptyBatchRequest"),
            (json!(many), "TooManyEntriesInBatchRequest"),
            (json!([entry("a"), entry("a")]), "BatchEntryIdsNotDistinct"),
            (json!([entry("a.b")]), "InvalidBatchEntryId"),
            (json!([entry(&"a".repeat(81))]), "InvalidBatchEntryId"),
        ] {
            let (refusal, code) = refused(&sqs, action, batch(entries)).await;
            assert_eq!(refusal, shape);
            assert_eq!(code, format!("AWS.SimpleQueueService.{shape}"));
        }
    }
    let long = json!([{"Id": "1", "MessageBody": half}, {"Id": "2", "MessageBody": half}]);
    assert_eq!(refused(&sqs, "SendMessageBatch", batch(long)).await.0, "BatchRequestTooLong");

    let received = ok(&sqs, "ReceiveMessage", json!({"QueueUrl": URL, "MaxNumberOfMessages": 10})).await;
    let receipt = &received["Messages"][0]["ReceiptHandle"];
    let entries = json!([
        {"Id": "1", "ReceiptHandle": receipt, "VisibilityTimeout": 5},
        {"Id": "2", "ReceiptHandle": "junk", "VisibilityTimeout": 5},
        {"Id": "3", "ReceiptHandle": receipt, "VisibilityTimeout": 43_201},
    ]);
    let changed = ok(&sqs, "ChangeMessageVisibilityBatch", batch(entries.clone())).await;
    assert_eq!(changed["Successful"], json!([{"Id": "1"}]));
    assert_eq!(changed["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
    assert_eq!(changed["Failed"][1]["Code"], "InvalidParameterValue");
    let deleted = ok(&sqs, "DeleteMessageBatch", batch(entries)).await;
    assert_eq!(deleted["Successful"], json!([{"Id": "1"}, {"Id": "3"}]));
}

#[tokio::test]
async fn values_beyond_the_limits_are_refused_with_the_right_error() {
    let sqs = with_queue().await;
    let send = |extra: Value| {
        let mut message = json!({"QueueUrl": URL, "MessageBody": "a"});
        message.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        message
    };
    let attribute = |name: &str, data_type: &str, value: &str| {
        send(json!({"MessageAttributes": {name: {"DataType": data_type, "StringValue": value}}}))
    };
    let full = "x".repeat(1_048_576);
    ok(&sqs, "SendMessage", send(json!({"MessageBody": full}))).await;
    let with_one = json!({"MessageBody": full, "MessageAttributes": {"a": {"DataType": "String", "StringValue": "b"}}});
    let eleven: Value = (0..11).map(|n| (format!("a{n}"), json!({"DataType": "String", "StringValue": "b"}))).collect();
    for message in [
        send(json!({"DelaySeconds": 901})),
        send(json!({"DelaySeconds": -1})),
        send(json!({"MessageBody": "x".repeat(1_048_577)})),
        send(json!({"MessageBody": "x".repeat(2 << 20)})),
        send(with_one),
        send(json!({"MessageGroupId": "g".repeat(129)})),
        send(json!({"MessageDeduplicationId": "d"})),
        send(json!({"MessageAttributes": eleven})),
        attribute("n", "Number", "five"),
        attribute("n", "Number", "inf"),
        attribute("n", "Strange", "x"),
        attribute("n", "String", ""),
        attribute("n", "Binary", "x"),
        attribute("AWS.n", "String", "x"),
        attribute(".n", "String", "x"),
        attribute("n", "", "x"),
    ] {
        let short: String = message.to_string().chars().take(200).collect();
        assert_eq!(refused(&sqs, "SendMessage", message).await.1, "InvalidParameterValue", "{short}");
    }
    for bad in [
        json!({"MaxNumberOfMessages": 0}),
        json!({"MaxNumberOfMessages": 11}),
        json!({"VisibilityTimeout": 43_201}),
        json!({"WaitTimeSeconds": 21}),
        json!({"WaitTimeSeconds": -1}),
    ] {
        assert_eq!(refused(&sqs, "ReceiveMessage", send(bad)).await.1, "InvalidParameterValue");
    }
    let unknown = json!({"QueueUrl": URL, "AttributeNames": ["Nonsense"]});
    assert_eq!(refused(&sqs, "ReceiveMessage", unknown.clone()).await.0, "InvalidAttributeName");
    assert_eq!(refused(&sqs, "GetQueueAttributes", unknown).await.0, "InvalidAttributeName");
    assert_eq!(refused(&sqs, "CreateQueue", json!({"QueueName": "q.fifo"})).await.0, "UnsupportedOperation");
    let again = json!({"QueueName": "q", "Attributes": {"DelaySeconds": "1"}});
    assert_eq!(refused(&sqs, "CreateQueue", again).await, ("QueueNameExists".into(), "QueueAlreadyExists".into()));
}

#[tokio::test]
async fn a_bad_request_of_any_kind_gets_a_400() {
    let sqs = with_queue().await;
    let nowhere = ("QueueDoesNotExist".to_owned(), "AWS.SimpleQueueService.NonExistentQueue".to_owned());
    for action in ["DeleteQueue", "PurgeQueue", "GetQueueAttributes", "ReceiveMessage", "ListQueueTags"] {
        assert_eq!(refused(&sqs, action, json!({"QueueUrl": "http://h/1/none"})).await, nowhere);
        assert_eq!(refused(&sqs, action, json!({"QueueUrl": ""})).await, nowhere);
        assert_eq!(refused(&sqs, action, json!({})).await.1, "MissingParameter");
        assert_eq!(refused(&sqs, action, json!({"QueueUrl": 5})).await.1, "SerializationException");
    }
    for body in ["", "{", "null", "[]", "5", "\"\"", "{\"QueueUrl\":[]}", "\u{feff}{}", "{\"QueueUrl\":\"\\ud800\"}"] {
        for action in ["SendMessage", "SendMessageBatch", "ReceiveMessage", "CreateQueue"] {
            let answer = post_raw(&sqs, action, body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{action} {body}: {}", answer.json);
        }
    }
    assert_eq!(post_raw(&sqs, "SendMessage", vec![b'{', 0xff, 0xfe]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(post_raw(&sqs, "SendMessage", "[".repeat(100_000)).await.status, StatusCode::BAD_REQUEST);
    let huge = post_raw(&sqs, "SendMessage", vec![b' '; 9 << 20]).await;
    assert_eq!(
        (huge.status, &huge.headers["x-amzn-query-error"]),
        (StatusCode::BAD_REQUEST, &"RequestEntityTooLarge;Sender".parse().unwrap())
    );
    assert_eq!(refused(&sqs, "Dance", json!({})).await.0, "UnknownOperationException");
    assert_eq!(refused(&sqs, "StartMessageMoveTask", json!({})).await.0, "UnsupportedOperation");

    let call = |request: Request| super::router::answer(State(sqs.clone()), request);
    let bare = call(Request::post("/").body(Body::from("{}")).unwrap()).await;
    assert_eq!(bare.status(), StatusCode::BAD_REQUEST);
    let form = Request::post("/").header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let old = call(form.body(Body::from("Action=ListQueues")).unwrap()).await;
    assert_eq!(old.status(), StatusCode::BAD_REQUEST);
    let text = to_bytes(old.into_body(), 10_000).await.unwrap();
    assert!(String::from_utf8(text.into()).unwrap().contains("Go v2 since 1.28.0"));
    assert_eq!(call(Request::get("/").body(Body::empty()).unwrap()).await.status(), StatusCode::OK);
    assert_eq!(call(Request::put("/").body(Body::empty()).unwrap()).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn queues_can_be_listed_found_and_tagged() {
    let sqs = endpoint();
    assert_eq!(ok(&sqs, "ListQueues", json!({})).await, json!({}));
    for name in ["dead", "a-1", "a-2", "a-3"] {
        ok(&sqs, "CreateQueue", json!({"QueueName": name, "tags": {"team": name}})).await;
    }
    let policy = json!({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead", "maxReceiveCount": 3});
    for name in ["a-1", "a-3"] {
        let attributes = json!({"RedrivePolicy": policy.to_string()});
        ok(&sqs, "SetQueueAttributes", json!({"QueueUrl": name, "Attributes": attributes})).await;
    }
    let first = ok(&sqs, "ListQueues", json!({"QueueNamePrefix": "a", "MaxResults": 2})).await;
    assert_eq!(first["QueueUrls"].as_array().unwrap().len(), 2);
    let next = json!({"QueueNamePrefix": "a", "MaxResults": 2, "NextToken": first["NextToken"]});
    let last = ok(&sqs, "ListQueues", next).await;
    assert_eq!(last, json!({"QueueUrls": ["http://localhost:9324/000000000000/a-3"]}));
    let sources = ok(&sqs, "ListDeadLetterSourceQueues", json!({"QueueUrl": "dead"})).await;
    let url = |name: &str| format!("http://localhost:9324/000000000000/{name}");
    assert_eq!(sources, json!({"queueUrls": [url("a-1"), url("a-3")]}));
    assert_eq!(ok(&sqs, "GetQueueUrl", json!({"QueueName": "a-2"})).await, json!({"QueueUrl": url("a-2")}));
    assert_eq!(refused(&sqs, "GetQueueUrl", json!({"QueueName": "b"})).await.0, "QueueDoesNotExist");
    ok(&sqs, "TagQueue", json!({"QueueUrl": "a-1", "Tags": {"x": "1", "team": "t"}})).await;
    ok(&sqs, "UntagQueue", json!({"QueueUrl": "a-1", "TagKeys": ["x", "none"]})).await;
    assert_eq!(ok(&sqs, "ListQueueTags", json!({"QueueUrl": "a-1"})).await, json!({"Tags": {"team": "t"}}));
    let all = ok(&sqs, "GetQueueAttributes", json!({"QueueUrl": "a-1", "AttributeNames": ["All"]})).await;
    let read: Value = serde_json::from_str(all["Attributes"]["RedrivePolicy"].as_str().unwrap()).unwrap();
    assert_eq!(read, policy);
    assert_eq!(all["Attributes"]["QueueArn"], "arn:aws:sqs:us-east-1:000000000000:a-1");
}

#[tokio::test]
async fn the_fault_switch_refuses_a_call_or_loses_its_answer() {
    let sqs = with_queue().await;
    let message = json!({"QueueUrl": URL, "MessageBody": "a"});
    let visible = || sqs.with_broker(|broker, now| broker.counts("q", now)).unwrap().visible;
    sqs.interrupt(Some(Box::new(|action, queue| match (action, queue) {
        ("SendMessage", "q") => Interruption::RefuseBefore,
        ("ReceiveMessage", "q") => Interruption::LoseAnswer,
        _ => Interruption::None,
    })));
    assert_eq!(post(&sqs, "SendMessage", message.clone()).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(visible(), 0);
    sqs.interrupt(Some(Box::new(|_, _| Interruption::LoseAnswer)));
    let lost = post(&sqs, "SendMessage", message.clone()).await;
    assert_eq!(lost.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(lost.headers["x-amzn-query-error"], "ServiceUnavailable;Receiver");
    assert_eq!(visible(), 1);
    assert_eq!(post(&sqs, "ReceiveMessage", message.clone()).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(visible(), 0, "the message is in flight, and the client has no receipt");
    sqs.interrupt(None);
    ok(&sqs, "SendMessage", message).await;
}

#[tokio::test]
async fn each_call_is_recorded_as_the_permission_that_it_needs() {
    let (sqs, calls) = (with_queue().await, Calls::default());
    sqs.record(calls.clone());
    for action in [
        "SendMessage",
        "SendMessageBatch",
        "DeleteMessageBatch",
        "ChangeMessageVisibilityBatch",
        "GetQueueAttributes",
        "ListQueues",
    ] {
        post(&sqs, action, if action == "ListQueues" { json!({}) } else { json!({"QueueUrl": URL}) }).await;
    }
    post(&sqs, "GetQueueUrl", json!({"QueueName": "q"})).await;
    let noted: Vec<String> =
        calls.all().into_iter().map(|call| [call.access_key, call.action, call.resource].join(" ")).collect();
    let queue = "arn:aws:sqs:us-east-1:000000000000:q";
    assert_eq!(
        noted,
        [
            format!(" sqs:ChangeMessageVisibility {queue}"),
            format!(" sqs:DeleteMessage {queue}"),
            format!(" sqs:GetQueueAttributes {queue}"),
            format!(" sqs:GetQueueUrl {queue}"),
            " sqs:ListQueues *".to_owned(),
            format!(" sqs:SendMessage {queue}"),
        ]
    );
}
