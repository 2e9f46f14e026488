//! Invoking a Lambda function with a task.

mod answer;
mod event;

use std::{sync::Arc, time::Duration};

use aws_config::SdkConfig;
use futures::future::BoxFuture;
use http::Request;
use taskway::{
    Context,
    attempt::{Input, Outcome},
};
use taskway_cloud::aws;
use taskway_protocol::{AllowedFunction, AllowedFunctions, ErrorKind, FunctionName, Invocation, LambdaTarget};

/// How many bytes of an answer are read: one more than it may have, so that a longer one is noticed.
const READ: usize = answer::LONGEST_ANSWER + 1;

/// The client gives up this long after the attempt's time is up. It never comes to that: the executor cuts the attempt first.
const AFTER_THE_END: Duration = Duration::from_secs(5);

/// Invokes the functions that tasks may call. Clones share the connections.
#[derive(Clone, Debug)]
pub struct Lambda(Result<Arc<Functions>, NoFunctions>);

#[derive(Debug)]
struct Functions {
    sdk: SdkConfig,
    allowed: AllowedFunctions,
}

/// Why no function can be called.
#[derive(Clone, Copy, Debug)]
struct NoFunctions(&'static str);

impl Lambda {
    /// A client for the allowed functions, with the endpoint, region and credentials of this configuration.
    pub fn new(sdk: SdkConfig, allowed: AllowedFunctions) -> Self {
        Lambda(Ok(Arc::new(Functions { sdk, allowed })))
    }

    /// No functions. A task that calls one fails with this message, which says what to do.
    pub fn none(why: &'static str) -> Self {
        Lambda(Err(NoFunctions(why)))
    }

    pub(super) fn deliver(&self, target: LambdaTarget, input: Input, cx: Context) -> BoxFuture<'static, Outcome> {
        let functions = self.0.clone();
        Box::pin(async move {
            match functions {
                Ok(functions) => match input.loaded().await {
                    Ok(input) => functions.invoke(&target, &input, &cx).await.unwrap_or_else(|outcome| outcome),
                    Err(outcome) => outcome,
                },
                Err(NoFunctions(why)) => fatal(why.to_owned()),
            }
        })
    }
}

impl Functions {
    async fn invoke(&self, target: &LambdaTarget, input: &Input, cx: &Context) -> Result<Outcome, Outcome> {
        let text = &target.function;
        let function = FunctionName::parse(text).map_err(|error| fatal(format!("{text:?}: {error}")))?;
        let function = self.allowed.find(&function).map_err(|error| fatal(format!("{text}: {error}")))?;
        let event = event::text(target.invocation, input, cx)
            .map_err(|error| fatal(format!("the event cannot be written: {error}")))?;
        let request = request(&function, target, cx)
            .body(event)
            .map_err(|error| fatal(format!("the function {text} cannot be called: {error}")))?;
        let (began, within) = (cx.now(), cx.remaining() + AFTER_THE_END);
        let called = aws::call_once(&self.sdk, aws::LAMBDA, request, within, READ).await;
        Ok(match called {
            Ok(answered) => answer::outcome(target.invocation, answered),
            Err(error) => answer::refusal(target.invocation, error, cx.now().since(began)),
        })
    }
}

fn request(function: &AllowedFunction, target: &LambdaTarget, cx: &Context) -> http::request::Builder {
    // Names, ARNs and qualifiers have no other characters that mean something else in a path or a query.
    let qualifier =
        function.qualifier.as_ref().map(|qualifier| format!("?Qualifier={}", qualifier.replace('$', "%24")));
    let name = function.name.replace(':', "%3A");
    let path = format!("/2015-03-31/functions/{name}/invocations{}", qualifier.unwrap_or_default());
    let (kind, execution) = match target.invocation {
        Invocation::Request => ("RequestResponse", None),
        Invocation::Event => ("Event", None),
        Invocation::Durable => ("Event", Some(cx.id().to_string())),
    };
    let mut request =
        Request::post(path).header("content-type", "application/json").header("x-amz-invocation-type", kind);
    if let Some(execution) = execution {
        request = request.header("x-amz-durable-execution-name", execution);
    }
    if let Some(tenant) = &target.tenant_id {
        request = request.header("x-amz-tenant-id", &**tenant);
    }
    request
}

fn fatal(message: String) -> Outcome {
    Outcome::Fatal { kind: ErrorKind::Lambda, message }
}
