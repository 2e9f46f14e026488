//! Opening, creating and reopening; unusable directories; the sweep.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use dynoxide::actions::{get_item::GetItemRequest, put_item::PutItemRequest};
use serde_json::json;
use taskway_protocol::Time;
use taskway_runtime::clock::{ManualClock, SystemClock};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{
    Dynamo, DynamoError,
    data_directory::{DATABASE_FILE, LOCK_FILE},
};
use crate::emulator::template::{LocalEndpoints, Table, read};

/// A directory for one test. Dropping it deletes the directory.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("taskway-dynamo-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    fn data(&self) -> PathBuf {
        self.0.join("deeper/data")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn tables() -> Vec<Table> {
    let local = LocalEndpoints {
        sqs_base: "http://127.0.0.1:9324".into(),
        stack: "taskway".into(),
        ..LocalEndpoints::default()
    };
    read(include_str!("../../../../template.yaml"), &local).unwrap().tables
}

fn open(data_dir: Option<&Path>) -> Result<Dynamo, DynamoError> {
    Dynamo::open(data_dir, Arc::new(SystemClock))
}

fn refusal(opened: Result<Dynamo, DynamoError>) -> String {
    match opened {
        Ok(_) => panic!("the database opened"),
        Err(error) => error.to_string(),
    }
}

fn put(dynamo: &Dynamo, key: &str, ttl: u64) {
    let item = json!({ "PK": { "S": key }, "SK": { "S": "task" }, "ttl": { "N": ttl.to_string() } });
    let request: PutItemRequest =
        serde_json::from_value(json!({ "TableName": "taskway-Tasks", "Item": item })).unwrap();
    dynamo.database().put_item(request).unwrap();
}

fn has(dynamo: &Dynamo, key: &str) -> bool {
    let key = json!({ "PK": { "S": key }, "SK": { "S": "task" } });
    let request: GetItemRequest = serde_json::from_value(json!({ "TableName": "taskway-Tasks", "Key": key })).unwrap();
    dynamo.database().get_item(request).unwrap().item.is_some()
}

#[test]
fn tables_and_items_are_there_after_a_restart() {
    let scratch = Scratch::new();
    let data = scratch.data();
    for round in 0..3 {
        let dynamo = open(Some(&data)).unwrap();
        dynamo.create_tables(&tables()).unwrap();
        dynamo.create_tables(&tables()).unwrap();
        assert_eq!(has(&dynamo, "a"), round > 0);
        put(&dynamo, "a", u64::from(u32::MAX));
    }
}

#[test]
fn the_order_of_the_templates_lists_does_not_matter() {
    let dynamo = open(None).unwrap();
    dynamo.create_tables(&tables()).unwrap();
    let mut tables = tables();
    for list in ["AttributeDefinitions", "GlobalSecondaryIndexes", "KeySchema"] {
        tables[0].create[list].as_array_mut().unwrap().reverse();
    }
    dynamo.create_tables(&tables).unwrap();
}

#[test]
fn a_changed_schema_is_refused_with_the_changed_part() {
    type Change = fn(&mut Table);
    let changes: [(Change, &str); 5] = [
        (|table| table.create["KeySchema"][1]["AttributeName"] = "ap".into(), "KeySchema"),
        (|table| table.create["AttributeDefinitions"][5]["AttributeType"] = "S".into(), "AttributeDefinitions"),
        (
            |table| table.create["GlobalSecondaryIndexes"][0]["Projection"]["NonKeyAttributes"][0] = "x".into(),
            "GlobalSecondaryIndexes",
        ),
        (|table| table.ttl_attribute = Some("expires".into()), "TimeToLiveSpecification"),
        (|table| table.ttl_attribute = None, "TimeToLiveSpecification"),
    ];
    let dynamo = open(None).unwrap();
    dynamo.create_tables(&tables()).unwrap();
    for (change, part) in changes {
        let mut tables = tables();
        change(&mut tables[0]);
        assert_eq!(
            dynamo.create_tables(&tables).unwrap_err().to_string(),
            format!(
                "table taskway-Tasks was created with another {part}; move its data directory away to start afresh"
            )
        );
    }
}

#[test]
fn a_table_that_dynamodb_would_refuse_is_refused() {
    let dynamo = open(None).unwrap();
    let mut tables = tables();
    tables[0].create["AttributeDefinitions"].as_array_mut().unwrap().pop();
    let error = dynamo.create_tables(&tables).unwrap_err().to_string();
    assert!(error.starts_with("table taskway-Tasks cannot be created: "), "{error}");
    assert!(error.contains("born"), "{error}");
}

#[test]
fn a_directory_serves_one_process_at_a_time() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let first = open(Some(&data)).unwrap();
    let shown = fs::canonicalize(&data).unwrap();
    assert_eq!(
        refusal(open(Some(&data))),
        format!(
            "data directory {} is in use by another running process (process {})",
            shown.display(),
            std::process::id()
        )
    );
    let clone = first.clone();
    drop(first);
    assert!(refusal(open(Some(&data))).contains("in use"));
    drop(clone);
    open(Some(&data)).unwrap();
}

#[test]
fn a_leftover_lock_file_does_not_matter() {
    let scratch = Scratch::new();
    fs::write(scratch.0.join(LOCK_FILE), "4242424242 left by a process that was killed").unwrap();
    open(Some(&scratch.0)).unwrap();
    assert_eq!(fs::read_to_string(scratch.0.join(LOCK_FILE)).unwrap(), std::process::id().to_string());
}

#[test]
fn an_unusable_directory_or_database_is_refused() {
    let scratch = Scratch::new();
    let file = scratch.0.join("file");
    fs::write(&file, "text").unwrap();
    assert_eq!(refusal(open(Some(&file))), format!("data directory {} is not a directory", file.display()));
    assert_eq!(
        refusal(open(Some(&file.join("below")))),
        format!("data directory {} cannot be used", file.join("below").display())
    );

    let data = scratch.data();
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join(DATABASE_FILE), "this is text, and long enough to be looked at as a header".repeat(20))
        .unwrap();
    let error = refusal(open(Some(&data)));
    assert!(error.starts_with("database ") && error.ends_with(" cannot be opened"), "{error}");
}

#[tokio::test]
async fn the_sweep_follows_the_clock() {
    let clock = ManualClock::starting_at(Time::from_millis(1_000_000));
    let dynamo = Dynamo::open(None, Arc::new(clock.clone())).unwrap();
    dynamo.create_tables(&tables()).unwrap();
    put(&dynamo, "soon", 1_030);
    put(&dynamo, "later", 5_000);

    let sweeping = dynamo.clone();
    let sweeper = tokio::spawn(async move { sweeping.sweep_every(Duration::from_secs(60)).await });
    tokio::task::yield_now().await;
    assert!(has(&dynamo, "soon"));
    clock.advance(Duration::from_secs(60));
    while has(&dynamo, "soon") {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(has(&dynamo, "later"));
    sweeper.abort();
}

#[tokio::test]
async fn the_server_answers_until_it_is_stopped() {
    let dynamo = open(None).unwrap();
    dynamo.create_tables(&tables()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = dynamo.clone();
    let server = tokio::spawn(async move {
        let shutdown = async move {
            let _ = stopped.await;
        };
        serving.serve(listener, shutdown).await
    });

    let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 2\r\n\
        content-type: application/x-amz-json-1.0\r\nx-amz-target: DynamoDB_20120810.ListTables\r\n\
        authorization: AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
        SignedHeaders=host;x-amz-date, Signature=00\r\nx-amz-date: 20260101T000000Z\r\n\r\n{}";
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(r#"{"TableNames":["taskway-Tasks"]}"#), "{answer}");

    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}
