//! The successor under Lambda: the function invokes itself, and does not wait for the result.

use aws_config::SdkConfig;
use futures::future::BoxFuture;
use http::{Request, StatusCode};
use taskway_cloud::aws;

use crate::{
    succession::{NotTakenOver, Successor, Sweep},
    trigger,
};

/// Invokes this function by its name.
#[derive(Debug)]
pub struct SelfInvocation {
    function: String,
    sdk: SdkConfig,
}

impl SelfInvocation {
    /// Invokes the function of this name.
    pub fn of(function: impl Into<String>, sdk: SdkConfig) -> Self {
        SelfInvocation { function: function.into(), sdk }
    }

    async fn invoke(&self, sweep: Sweep) -> Result<(), NotTakenOver> {
        let event = trigger::event(sweep).map_err(|error| NotTakenOver(error.into()))?;
        let invoke = Request::post(format!("/2015-03-31/functions/{}/invocations", self.function))
            .header("x-amz-invocation-type", "Event")
            .body(event)
            .map_err(|error| NotTakenOver(error.into()))?;
        let answer = aws::call(&self.sdk, aws::LAMBDA, invoke).await.map_err(|error| NotTakenOver(error.into()))?;
        match answer.status() {
            StatusCode::ACCEPTED => Ok(()),
            other => Err(NotTakenOver(format!("lambda must answer an event with 202, and answered {other}").into())),
        }
    }
}

impl Successor for SelfInvocation {
    fn take_over(&self, sweep: Sweep) -> BoxFuture<'_, Result<(), NotTakenOver>> {
        Box::pin(self.invoke(sweep))
    }
}
