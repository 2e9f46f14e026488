//! Tests of the store through the real SDK. They run against an embedded DynamoDB. If `TASKWAY_REFEREE` names an
//! endpoint, such as `http://127.0.0.1:4566`, they run against that one, so that they do not only test our own idea of
//! DynamoDB.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic)]

mod agreement;
mod arbitrary;
mod audit;
mod batches;
mod ledgers;
mod rates;
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
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use dynoxide::{Database, server::serve_on};
use proptest::test_runner::{Config as Cases, RngSeed, TestRunner};
use tokio::runtime::Handle;

use super::{
    attr, keys,
    record::{self, Item, s},
    shards::Shards,
    store::Store,
};
use taskway_protocol::{Nonce, Task, TaskKey};

/// A table for one test. The embedded server ends with the runtime that started it.
struct Table {
    client: Client,
    store: Store,
    name: String,
    /// The runtime that deletes the table at the end of the test, if the endpoint outlives the test.
    shared: Option<Handle>,
}

/// The endpoint to test against instead of an embedded one.
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
            .http_client(http_client())
            .endpoint_url(endpoint)
            .build();
        let client = Client::from_conf(config);
        // These are not the defaults, so a place that ignores the setting fails a test.
        let store = Store::new(client.clone(), &name).sharded(Shards { agenda: 3, catalog: 5 });
        let table = Table { store, client, name, shared };
        table.create().await;
        table
    }

    /// Creates the table as `template.yaml` defines it.
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
        let projected = [
            attr::BORN,
            attr::GENERATION,
            attr::LANE,
            attr::QUEUE,
            attr::FAIRNESS_KEY,
            attr::HANDLER,
            attr::TIMEOUT,
            attr::EXPECTED,
        ];
        let include = Projection::builder()
            .projection_type(ProjectionType::Include)
            .set_non_key_attributes(Some(projected.map(str::to_owned).to_vec()))
            .build();
        let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly).build();
        let texts = [attr::PK, attr::SK, attr::AGENDA, attr::AGENDA_AT, attr::CATALOG].map(|name| (name, "S"));
        let attributes = texts.into_iter().chain([(attr::BORN, "N")]);
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
            .set_attribute_definitions(Some(attributes.collect()))
            .key_schema(key(attr::PK, KeyType::Hash))
            .key_schema(key(attr::SK, KeyType::Range))
            .global_secondary_indexes(index(keys::AGENDA_INDEX, attr::AGENDA, attr::AGENDA_AT, include))
            .global_secondary_indexes(index(keys::CATALOG_INDEX, attr::CATALOG, attr::BORN, keys_only))
            .send()
            .await
            .unwrap();
    }

    /// Writes a record unconditionally.
    async fn put(&self, task: &Task, owner: Nonce) {
        let item = record::to_item(task, owner, self.store.shards);
        self.client.put_item().table_name(&self.name).set_item(Some(item)).send().await.unwrap();
    }

    /// The item of a task.
    async fn item(&self, key: &TaskKey) -> Item {
        let get = self.client.get_item().table_name(&self.name).consistent_read(true);
        let get = get.key(attr::PK, s(keys::task_partition(key))).key(attr::SK, s(keys::TASK_SORT));
        get.send().await.unwrap().item.unwrap()
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        if let Some(runtime) = self.shared.take() {
            let delete = self.client.delete_table().table_name(&self.name).send();
            // This needs another thread, because a thread of the runtime must not block. It must be joined, because the
            // runtime ends with the test.
            let deleted = std::thread::spawn(move || runtime.block_on(delete).map_err(Box::new)).join();
            if !matches!(deleted, Ok(Ok(_))) {
                eprintln!("could not delete the table {}: {deleted:?}", self.name);
            }
        }
    }
}

fn http_client() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

/// Starts an embedded DynamoDB.
async fn serve() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve_on(listener, Database::memory().unwrap()));
    endpoint
}

/// Runs a test on a large stack. In a debug build, the futures of the SDK and of proptest need more than a test's
/// stack.
fn on_a_deep_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(32 << 20).spawn(test).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// The percentage of cases to run: `TASKWAY_CASES` if set, otherwise all, or a third against a referee.
fn share() -> u32 {
    let asked = std::env::var("TASKWAY_CASES").ok().map(|text| text.parse().unwrap());
    asked.unwrap_or(if referee().is_some() { 34 } else { 100 })
}

/// This number, reduced to the percentage of cases to run, and at least one.
fn of_share(all: u32) -> u32 {
    (all * share() / 100).max(1)
}

/// A runner for this many cases, reduced to [`share`]. It draws the same cases each time, unless `PROPTEST_RNG_SEED` is
/// set.
fn cases(count: u32) -> TestRunner {
    let mut config = Cases { cases: of_share(count), failure_persistence: None, ..Cases::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(1);
    }
    TestRunner::new(config)
}
