//! The table against the domain, behind the real SDK: on an embedded DynamoDB, or where `TASKWAY_REFEREE` names another
//! endpoint (`http://127.0.0.1:4566`) on that one, so that no test knows only what our own believes.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic)]

mod agreement;
mod arbitrary;
mod audit;
mod schedules;
mod store;

use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Config, Credentials, Region},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
        ScalarAttributeType,
    },
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use dynoxide::{Database, server::serve_on};
use proptest::test_runner::{Config as Cases, RngSeed, TestRunner};
use tokio::runtime::Handle;

use super::{
    keys::{self, attr},
    record::{self, Item, s},
    shards::Shards,
    store::Store,
};
use taskway_protocol::{Nonce, Task, TaskKey};

/// A table of a test's own. An embedded server ends with the runtime that it was started in.
struct Table {
    client: Client,
    store: Store,
    name: String,
    /// Where the endpoint outlives the test: what deletes the table at its end.
    shared: Option<Handle>,
}

/// The endpoint that the tests are to run against instead of an embedded one.
fn referee() -> Option<String> {
    std::env::var("TASKWAY_REFEREE").ok().filter(|url| !url.is_empty())
}

impl Table {
    async fn start() -> Table {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let name = format!("taskway-{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let (endpoint, shared) = match referee() {
            Some(url) => (url, Some(Handle::current())),
            None => (serve().await, None),
        };
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
            .endpoint_url(endpoint)
            .build();
        let client = Client::from_conf(config);
        // Other numbers than the default ones, so that none is left unsaid anywhere.
        let store = Store::new(client.clone(), &name).sharded(Shards { agenda: 3, catalog: 5 });
        let table = Table { store, client, name, shared };
        table.create().await;
        table
    }

    /// As `template.yaml` has it.
    async fn create(&self) {
        let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
        let index = |name: &str, partition: &str, sort: &str, projection: Projection| {
            GlobalSecondaryIndex::builder()
                .index_name(name)
                .key_schema(key(partition, KeyType::Hash))
                .key_schema(key(sort, KeyType::Range))
                .projection(projection)
                .build()
                .unwrap()
        };
        let include = Projection::builder()
            .projection_type(ProjectionType::Include)
            .set_non_key_attributes(Some(["born", "g", "lane", "fk", "h", "to", "x"].map(str::to_owned).to_vec()))
            .build();
        let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly).build();
        let attributes = [("PK", "S"), ("SK", "S"), ("ap", "S"), ("as", "S"), ("cp", "S"), ("born", "N")];
        let attributes = attributes.map(|(name, kind)| {
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::from(kind))
                .build()
                .unwrap()
        });
        self.client
            .create_table()
            .table_name(&self.name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(attributes.to_vec()))
            .key_schema(key("PK", KeyType::Hash))
            .key_schema(key("SK", KeyType::Range))
            .global_secondary_indexes(index("agenda", "ap", "as", include))
            .global_secondary_indexes(index("catalog", "cp", "born", keys_only))
            .send()
            .await
            .unwrap();
    }

    /// Puts a record as it is, whatever is there.
    async fn put(&self, task: &Task, owner: Nonce) {
        let item = record::to_item(task, owner, self.store.shards);
        self.client.put_item().table_name(&self.name).set_item(Some(item)).send().await.unwrap();
    }

    /// The item as it lies in the table.
    async fn item(&self, key: &TaskKey) -> Item {
        let get = self.client.get_item().table_name(&self.name).consistent_read(true);
        let get = get.key(attr::PK, s(keys::task(key))).key(attr::SK, s(keys::RECORD));
        get.send().await.unwrap().item.unwrap()
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        if let Some(runtime) = self.shared.take() {
            let delete = self.client.delete_table().table_name(&self.name).send();
            // On a thread of its own, for a runtime's may not block; and waited for, since the runtime ends with the test.
            let deleted = std::thread::spawn(move || runtime.block_on(delete).map_err(Box::new)).join();
            if !matches!(deleted, Ok(Ok(_))) {
                eprintln!("the table {} is left behind: {deleted:?}", self.name);
            }
        }
    }
}

/// Starts an embedded DynamoDB.
async fn serve() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve_on(listener, Database::memory().unwrap()));
    endpoint
}

/// Runs a test where the SDK's futures have room: in a debug build they and proptest's own outgrow a test's stack.
fn on_a_deep_stack(test: fn()) {
    let thread = std::thread::Builder::new().stack_size(32 << 20).spawn(test).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// How many of the cases are run, in percent: `TASKWAY_CASES`; or all, and a third at a referee.
fn share() -> u32 {
    let asked = std::env::var("TASKWAY_CASES").ok().map(|text| text.parse().unwrap());
    asked.unwrap_or(if referee().is_some() { 34 } else { 100 })
}

/// As much of a number as cases are run, and one at least.
fn of_share(all: u32) -> u32 {
    (all * share() / 100).max(1)
}

/// Runs as many cases, or [`share`] of them; the same ones each time unless `PROPTEST_RNG_SEED` says otherwise.
fn cases(count: u32) -> TestRunner {
    let mut config = Cases { cases: of_share(count), failure_persistence: None, ..Cases::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(1);
    }
    TestRunner::new(config)
}
