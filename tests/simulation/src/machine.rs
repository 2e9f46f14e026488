//! A machine on which functions run: SDK clients whose HTTP requests go to the world's services.
//!
//! Building the SDK's clients takes longer than a task's whole life, so worlds reuse machines.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::{
    rt::sleep::{SharedAsyncSleep, TokioSleep},
    time::{SharedTimeSource, TimeSource},
};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_types::retry::RetryConfig;
use taskway_cloud::{
    aws,
    dynamo::Store,
    sqs::{Lanes, Receipt, Source},
};
use taskway_protocol::TaskKey;

use crate::{
    clock::WorldClock,
    cloud::{Cloud, Plan},
    dice::Dice,
    wire::{Link, Plug, Wire},
    witness::Kind,
};

/// A machine.
#[derive(Debug)]
pub struct Machine {
    table: aws_sdk_dynamodb::Client,
    table_name: String,
    /// Its client of the queues.
    pub lanes: Lanes,
    wire: Arc<Wire>,
}

impl Machine {
    /// Makes a machine that belongs to no world yet.
    ///
    /// The SDK draws from its thread's randomness when it builds clients, and initializes some state at the first
    /// request. A machine is therefore made and warmed on its own thread, so that its first world does not differ from
    /// its second.
    pub fn new(plan: &Arc<Plan>) -> Self {
        let made = {
            let plan = Arc::clone(plan);
            std::thread::spawn(move || Self::warmed(&plan)).join()
        };
        // If that thread panicked, making the machine here panics too and shows why.
        made.unwrap_or_else(|_| Self::cold(plan))
    }

    fn warmed(plan: &Plan) -> Self {
        let machine = Self::cold(plan);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        if let Ok(runtime) = runtime {
            runtime.block_on(machine.warm());
        }
        machine
    }

    fn cold(plan: &Plan) -> Self {
        let wire = Arc::new(Wire::default());
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "simulated",
                "secret",
                None,
                None,
                "simulation",
            )))
            .endpoint_url("http://services")
            .http_client(Plug(Arc::clone(&wire)))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(SharedTimeSource::new(StandingStill))
            .retry_config(RetryConfig::standard())
            .build();
        // By default all clients of a process share one retry bucket, so one world would affect another.
        let retries = || RetryPartition::custom("machine").token_bucket(TokenBucket::unlimited()).build();
        let table = aws_sdk_dynamodb::config::Builder::from(&sdk)
            .timeout_config(aws::calls())
            .retry_partition(retries())
            .build();
        let queues = |timeouts| {
            let config = aws_sdk_sqs::config::Builder::from(&sdk).timeout_config(timeouts).retry_partition(retries());
            aws_sdk_sqs::Client::from_conf(config.build())
        };
        Machine {
            table: aws_sdk_dynamodb::Client::from_conf(table),
            table_name: plan.table.clone(),
            lanes: Lanes::new(queues(aws::calls()), plan.urls.clone()).polled_by(queues(aws::polls())),
            wire,
        }
    }

    /// The table, for a new process. It remembers nothing of earlier processes and worlds.
    pub fn store(&self) -> Store {
        Store::new(self.table.clone(), &self.table_name)
    }

    /// Makes one request with each client. No service answers it.
    async fn warm(&self) {
        let key = TaskKey::from_bytes([0; 16]);
        let receipt = (Receipt("none".to_owned()), Duration::ZERO);
        let _ = self.store().get(&key).await;
        let _ = self.lanes.set_visibility(Source::DeadLetters, &[receipt]).await;
        let _ = self.lanes.receive(Source::DeadLetters, 1, Duration::ZERO, Duration::ZERO).await;
    }

    /// Starts a process on it.
    pub fn boot(&self, cloud: &Arc<Cloud>, kind: Kind, process: u32, clock: WorldClock, dice: Dice) {
        self.wire.connect(Link { cloud: Arc::clone(cloud), clock, kind, process, dice: Arc::new(dice) });
    }

    /// Its connection to the world.
    pub fn wire(&self) -> &Arc<Wire> {
        &self.wire
    }

    /// Removes it from its world.
    pub fn unplug(&self) {
        self.wire.disconnect();
    }
}

/// The time with which requests are signed. The simulated services do not check signatures.
#[derive(Debug)]
struct StandingStill;

impl TimeSource for StandingStill {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(crate::clock::START.as_millis())
    }
}
