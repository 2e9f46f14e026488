//! The callers of the endpoints, and their access keys.

use aws_config::SdkConfig;
use taskway_cloud::aws;

use crate::emulator::{account::REGION, template::Template};

/// Workers use the template's policy of this name.
const WORKER: &str = "WorkerPolicy";

/// Everybody else, such as another shell beside `taskway dev`.
const ANYBODY: &str = "local";

/// A caller of the endpoints. Each has its own access key, as each has its own role in the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The submit function.
    Submit,
    /// The executor function, and the mappings that poll for it in its role.
    Executor,
    /// The scheduler function.
    Scheduler,
    /// An executor outside Lambda.
    Worker,
    /// Somebody outside the stack, such as a person or a test.
    Anybody,
}

impl Caller {
    /// The access key. For a function it is the function's logical id.
    pub(super) fn access_key(self, template: &Template) -> &str {
        let binary = match self {
            Caller::Submit => "taskway-submit",
            Caller::Executor => "taskway-executor",
            Caller::Scheduler => "taskway-scheduler",
            Caller::Worker => return WORKER,
            Caller::Anybody => return ANYBODY,
        };
        let function = template.functions.iter().find(|function| function.binary == binary);
        function.map_or(binary, |function| &function.logical_id)
    }
}

/// The SDK's configuration for the stack's endpoints, which accept any credentials.
pub(super) fn sdk() -> SdkConfig {
    aws::local(REGION, ANYBODY)
}

/// The configuration for one endpoint and one access key. All of them share the connections.
pub(super) fn signed(sdk: &SdkConfig, endpoint: &str, access_key: &str) -> SdkConfig {
    let keys = aws::local(REGION, access_key).credentials_provider();
    let mut signed = sdk.clone().into_builder().endpoint_url(endpoint);
    signed.set_credentials_provider(keys);
    signed.build()
}
