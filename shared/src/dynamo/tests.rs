//! The table against the domain, on an embedded DynamoDB behind the real SDK.

#![allow(clippy::unwrap_used, clippy::panic)]

mod agreement;
mod arbitrary;
mod store;

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

use super::{
    keys::{self, attr},
    record::{self, Item, s},
    store::Store,
};
use crate::domain::{Nonce, Task, TaskKey};

const TABLE: &str = "tasks";

/// A table of a test's own. The server ends with the runtime that it was started in.
struct Table {
    client: Client,
    store: Store,
}

impl Table {
    async fn start() -> Table {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve_on(listener, Database::memory().unwrap()));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
            .endpoint_url(endpoint)
            .build();
        let client = Client::from_conf(config);
        let table = Table { store: Store::new(client.clone(), TABLE), client };
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
            .table_name(TABLE)
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
        let item = record::to_item(task, owner);
        self.client.put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
    }

    /// The item as it lies in the table.
    async fn item(&self, key: &TaskKey) -> Item {
        let get = self.client.get_item().table_name(TABLE).consistent_read(true);
        let get = get.key(attr::PK, s(keys::task(key))).key(attr::SK, s(keys::RECORD));
        get.send().await.unwrap().item.unwrap()
    }
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

/// Runs as many cases, the same ones each time unless `PROPTEST_RNG_SEED` says otherwise.
fn cases(count: u32) -> TestRunner {
    let mut config = Cases { cases: count, failure_persistence: None, ..Cases::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(1);
    }
    TestRunner::new(config)
}
