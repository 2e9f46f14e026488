//! The successor under Lambda: the function invokes itself, and does not wait for the answer.

use aws_config::SdkConfig;
use aws_sdk_lambda::{Client, config::Builder, primitives::Blob, types::InvocationType};
use futures::future::BoxFuture;
use taskway_cloud::aws;
use tokio::sync::OnceCell;

use crate::{NotTakenOver, Successor, Sweep, Trigger};

/// This function by its name.
#[derive(Debug)]
pub struct SelfInvocation {
    function: String,
    sdk: SdkConfig,
    client: OnceCell<Client>,
}

impl SelfInvocation {
    /// The function of this name.
    pub fn of(function: impl Into<String>, sdk: SdkConfig) -> Self {
        SelfInvocation { function: function.into(), sdk, client: OnceCell::new() }
    }

    async fn invoke(&self, sweep: Sweep) -> Result<(), NotTakenOver> {
        // Most processes never need it, and their starts should not pay for it.
        let made = async || Client::from_conf(Builder::from(&self.sdk).timeout_config(aws::calls()).build());
        let client = self.client.get_or_init(made).await;
        let event = Trigger::Sweep(sweep).event().map_err(|error| NotTakenOver(Box::new(error)))?;
        let invoke = client.invoke().function_name(&self.function).invocation_type(InvocationType::Event);
        invoke.payload(Blob::new(event)).send().await.map_err(|error| NotTakenOver(Box::new(error)))?;
        Ok(())
    }
}

impl Successor for SelfInvocation {
    fn take_over(&self, sweep: Sweep) -> BoxFuture<'_, Result<(), NotTakenOver>> {
        Box::pin(self.invoke(sweep))
    }
}
