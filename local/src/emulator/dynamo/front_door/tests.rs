//! The proxy records the right calls, and a client cannot tell it from the engine.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use serde_json::json;
use taskway_runtime::clock::SystemClock;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;
use crate::emulator::{calls::Call, dynamo::Dynamo};

#[test]
fn an_operation_needs_the_permissions_that_aws_checks() {
    let table = "arn:aws:dynamodb:us-east-1:000000000000:table/T";
    let agenda = "arn:aws:dynamodb:us-east-1:000000000000:table/T/index/agenda";
    for (operation, body, expected) in [
        ("PutItem", json!({"TableName": "T"}), vec![("dynamodb:PutItem", table)]),
        ("GetItem", json!({"TableName": table}), vec![("dynamodb:GetItem", table)]),
        ("Query", json!({"TableName": "T", "IndexName": "agenda"}), vec![("dynamodb:Query", agenda)]),
        ("Query", json!({"TableName": "T"}), vec![("dynamodb:Query", table)]),
        ("ListTables", json!({}), vec![("dynamodb:ListTables", "*")]),
        ("ExecuteStatement", json!({"Statement": "SELECT"}), vec![("dynamodb:ExecuteStatement", "*")]),
        ("BatchGetItem", json!({"RequestItems": {"T": {}}}), vec![("dynamodb:BatchGetItem", table)]),
        (
            "BatchExecuteStatement",
            json!({"Statements": [
                {"Statement": "UPDATE \"T\" SET \"a\"=? WHERE \"PK\"=?"}, {"Statement": "INSERT INTO \"T\" VALUE {'PK':?}"},
            ]}),
            vec![("dynamodb:PartiQLUpdate", table), ("dynamodb:PartiQLInsert", table)],
        ),
        (
            "TransactWriteItems",
            json!({"TransactItems": [
                {"Put": {"TableName": "T"}}, {"Update": {"TableName": "T"}}, {"Delete": {"TableName": "T"}},
                {"ConditionCheck": {"TableName": "T"}},
            ]}),
            vec![
                ("dynamodb:PutItem", table),
                ("dynamodb:UpdateItem", table),
                ("dynamodb:DeleteItem", table),
                ("dynamodb:ConditionCheckItem", table),
            ],
        ),
        (
            "TransactGetItems",
            json!({"TransactItems": [{"Get": {"TableName": "T"}}]}),
            vec![("dynamodb:GetItem", table)],
        ),
    ] {
        let found = permissions(operation, &Bytes::from(body.to_string()));
        let found: Vec<(&str, &str)> = found.iter().map(|(action, arn)| (&**action, &**arn)).collect();
        assert_eq!(found, expected, "{operation}");
    }
    assert!(permissions("PutItem", &Bytes::from_static(b"no json")).is_empty());
}

/// A connection to DynamoDB for many requests.
struct Connection(TcpStream);

impl Connection {
    async fn to(url: &str) -> Self {
        Connection(TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap())
    }

    /// Returns head and body of the answer, without the headers that differ between equal answers.
    async fn ask(&mut self, request: &str) -> String {
        self.0.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        loop {
            let mut byte = [0];
            self.0.read_exact(&mut byte).await.unwrap();
            answer.push(byte[0]);
            if answer.ends_with(b"\r\n\r\n") {
                break;
            }
        }
        let head = String::from_utf8(answer).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.unwrap();
        let varies = |line: &&str| !["date:", "x-amzn-requestid:"].iter().any(|name| line.starts_with(name));
        let mut lines: Vec<&str> = head.lines().filter(varies).collect();
        lines.sort_unstable();
        format!("{}\n{}", lines.join("\n"), String::from_utf8(body).unwrap())
    }
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

fn call(operation: &str, body: &Value) -> String {
    let target = format!("DynamoDB_20120810.{operation}");
    let signed = "AWS4-HMAC-SHA256 Credential=Ann/20261123/us-east-1/dynamodb/aws4_request, \
                  SignedHeaders=host, Signature=0";
    let headers = [
        ("x-amz-target", &*target),
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-date", "20261123T080000Z"),
        ("authorization", signed),
    ];
    request("POST", "/", &headers, &body.to_string())
}

/// Starts an empty DynamoDB and returns its URL. With `calls` it is behind the proxy.
async fn dynamodb(calls: Option<Calls>) -> String {
    let database = Dynamo::open(None, Arc::new(SystemClock)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        match calls {
            Some(calls) => {
                let behind = hidden().await.unwrap();
                let doors = Doors::default();
                database.serve_behind(doors, listener, behind, Some(calls), std::future::pending()).await
            }
            None => database.serve(listener, std::future::pending()).await,
        }
    });
    url
}

#[tokio::test]
async fn the_proxy_gives_the_engines_answers() {
    let key = json!({"PK": {"S": "a"}});
    let put = json!({"TableName": "Tasks", "Item": key, "ConditionExpression": "attribute_not_exists(PK)",
                     "ReturnValuesOnConditionCheckFailure": "ALL_OLD"});
    let large = json!({"TableName": "Tasks", "Item": {"PK": {"S": "b"}, "long": {"S": "x".repeat(300_000)}}});
    let create = json!({
        "TableName": "Tasks", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
    });
    let requests = [
        call("PutItem", &put),
        call("Nonsense", &json!({})),
        call("GetItem", &json!({"TableName": "Tasks", "Key": {"PK": {"N": 1}}})),
        request("GET", "/", &[], ""),
        request("GET", "/elsewhere", &[], ""),
        request("DELETE", "/", &[], ""),
        request("OPTIONS", "/", &[], ""),
        request("POST", "/", &[("x-amz-target", "DynamoDB_20120810.ListTables")], "{}"),
        request("POST", "/", &[("content-type", "application/json")], "{"),
        request("POST", "/", &[("content-type", "text/plain"), ("x-amz-date", "20261123T080000Z")], "what"),
    ];
    let (plain, behind) = (dynamodb(None).await, dynamodb(Some(Calls::default())).await);
    let (mut plain, mut behind) = (Connection::to(&plain).await, Connection::to(&behind).await);
    // This answer contains the time, so the two are not compared.
    for connection in [&mut plain, &mut behind] {
        let answer = connection.ask(&call("CreateTable", &create)).await;
        assert!(answer.contains("http/1.1 200"), "{answer}");
    }
    let puts = [call("PutItem", &put), call("PutItem", &large)];
    // One attribute only, because the attributes of an item have no order.
    let get = json!({"TableName": "Tasks", "Key": {"PK": {"S": "b"}}, "ProjectionExpression": "long"});
    let get = call("GetItem", &get);
    for request in puts.iter().chain(&requests).chain([&get]) {
        let expected = plain.ask(request).await;
        let found = behind.ask(request).await;
        assert!(found == expected, "{request:.300}\n{found:.300}\n{expected:.300}");
    }
}

#[tokio::test]
async fn a_refused_call_is_recorded_too() {
    let calls = Calls::default();
    let mut connection = Connection::to(&dynamodb(Some(calls.clone())).await).await;
    for _ in 0..2 {
        let answer = connection.ask(&call("GetItem", &json!({"TableName": "Tasks"}))).await;
        assert!(answer.contains("http/1.1 400"), "{answer}");
    }
    connection.ask(&request("GET", "/", &[], "")).await;
    let noted = Call {
        access_key: "Ann".to_owned(),
        action: "dynamodb:GetItem".to_owned(),
        resource: "arn:aws:dynamodb:us-east-1:000000000000:table/Tasks".to_owned(),
    };
    assert_eq!(calls.all().into_iter().collect::<Vec<_>>(), [noted]);
}

#[tokio::test]
async fn no_page_comes_through_and_none_is_told_that_it_may() {
    let mut connection = Connection::to(&dynamodb(Some(Calls::default())).await).await;
    let page = [("origin", "https://a.example"), ("access-control-request-method", "POST")];
    let refused = connection.ask(&request("OPTIONS", "/", &page, "")).await;
    assert!(refused.contains("http/1.1 403") && refused.contains("AccessDeniedException"), "{refused}");
    let own = connection.ask(&request("GET", "/", &[("origin", "http://localhost")], "")).await;
    assert!(own.contains("http/1.1 200"), "{own}");
    let rebound = connection.ask(&call("ListTables", &json!({})).replace("host: localhost", "host: a.example")).await;
    assert!(rebound.contains("http/1.1 403"), "{rebound}");
    for answer in [refused, own, rebound] {
        assert!(!answer.contains("access-control"), "{answer}");
    }
}

#[tokio::test]
async fn the_engine_is_not_where_a_page_would_look() {
    let (one, other) = (hidden().await.unwrap(), hidden().await.unwrap());
    assert!(one.local_addr().unwrap().ip().is_loopback());
    assert_ne!(one.local_addr().unwrap(), other.local_addr().unwrap());
}
