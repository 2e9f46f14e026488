//! What the submit function is told by its environment.

use taskway_cloud::{aws, config::Writing, sqs::Urls};
use taskway_engine::Services;
use taskway_protocol::{AllowedFunctions, AwsHosts};
use taskway_runtime::env::{Env, Missing};

use crate::{Auth, BasePath, ExecutorKind, LONGEST_INVOCATION, Places, Submit, executor_kind, validate::Limits};

/// The submit function's settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The table.
    pub table: String,
    /// The lanes and the dead-letter queue.
    pub queues: Urls,
    /// The bucket with large payloads and results, if there is one.
    pub bucket: Option<String>,
    /// How the table is written.
    pub writing: Writing,
    /// What depends on how the stack is set up.
    pub limits: Limits,
    /// What API Gateway checks before it invokes the function.
    pub auth: Auth,
    /// The path under which a custom domain serves the API.
    pub base_path: BasePath,
    /// Whether the API serves the dashboard.
    pub dashboard: bool,
    /// How many requests may wait for their tasks' ends at once.
    pub places: Places,
}

impl Config {
    /// Reads `TASKWAY_TABLE`, `TASKWAY_QUEUE_*`, `TASKWAY_DEAD_LETTERS`, `TASKWAY_*_SHARDS`, `TASKWAY_BATCH_WRITES`, `TASKWAY_BUCKET`,
    /// `TASKWAY_AUTH` and `TASKWAY_JWT_ISSUER`, `TASKWAY_DASHBOARD`, `TASKWAY_BASE_PATH`, `TASKWAY_WAITING_REQUESTS`, `TASKWAY_EXECUTOR`, `TASKWAY_EXECUTOR_TIMEOUT`,
    /// `TASKWAY_HTTP_ALLOW`, `TASKWAY_ALLOWED_FUNCTIONS` and `TASKWAY_AWS_HOSTS`.
    ///
    /// # Errors
    /// Names every variable that is missing or wrong, at once.
    pub fn from_env() -> Result<Self, Missing> {
        let mut env = Env::new();
        let (table, queues) = (env.required("TASKWAY_TABLE"), taskway_cloud::config::queues(&mut env));
        env.required("TASKWAY_DEAD_LETTERS");
        let writing = Writing::from_env(&mut env);
        let bucket = taskway_cloud::config::bucket(&env);
        let auth = Auth::from_env(&mut env);
        let is_jwt = matches!(auth, Auth::Jwt { .. });
        let dashboard = env.parsed("TASKWAY_DASHBOARD", |text| match text {
            "on" if is_jwt => Ok(true),
            // A browser signs no requests.
            "on" => Err("needs TASKWAY_AUTH=JWT"),
            "off" => Ok(false),
            _ => Err("must be on or off"),
        });
        let executor = env.parsed("TASKWAY_EXECUTOR", str::parse::<ExecutorKind>).unwrap_or_default();
        let invocation = env.parsed("TASKWAY_EXECUTOR_TIMEOUT", executor_kind::invocation_seconds);
        let base_path = env.parsed("TASKWAY_BASE_PATH", str::parse::<BasePath>).unwrap_or_default();
        let places = env.parsed("TASKWAY_WAITING_REQUESTS", str::parse::<Places>).unwrap_or(Places::MOST);
        let functions = env.parsed("TASKWAY_ALLOWED_FUNCTIONS", AllowedFunctions::parse).unwrap_or_default();
        let aws_hosts = env.parsed("TASKWAY_AWS_HOSTS", AwsHosts::parse).unwrap_or_default();
        env.finish()?;
        let plain_http = std::env::var("TASKWAY_HTTP_ALLOW").is_ok_and(|networks| !networks.trim().is_empty());
        let longest_timeout_seconds = executor.longest_timeout_seconds(invocation.unwrap_or(LONGEST_INVOCATION));
        let limits = Limits { longest_timeout_seconds, plain_http, functions, aws_hosts, ..Limits::default() };
        Ok(Config {
            table,
            queues,
            bucket,
            writing,
            limits,
            auth,
            base_path,
            dashboard: dashboard.unwrap_or(false),
            places,
        })
    }

    /// The function of these settings, with the AWS SDK's clients.
    ///
    /// # Errors
    /// A setting of AWS means nothing.
    pub async fn submit(self) -> Result<Submit, aws::SettingError> {
        let aws = aws::config().await?;
        // The clients are made while the connections are.
        let warming = aws::warm_under_lambda(&aws, &self.table, &self.queues.normal);
        let (table, lanes) = (self.table.clone(), self.queues.clone());
        let made = async {
            let store = self.writing.store(aws::store(&aws, table));
            let services = Services::new(store, self.writing.lanes(aws::lanes(&aws, lanes)))
                .with_objects(taskway_cloud::config::objects(&aws, self.bucket.as_deref()));
            Submit { places: self.places, ..Submit::new(services, self.limits) }
        };
        Ok(tokio::join!(warming, made).1)
    }
}
