//! What runs a task.

use taskway_protocol::{HttpTarget, Invocation, LambdaTarget, Target};

/// The handler of this name.
pub fn handler(name: &str) -> Target {
    Target::Handler(name.into())
}

/// A `POST` to this URL. [`HttpTarget`] has the method and the headers.
pub fn http(url: &str) -> Target {
    Target::Http(HttpTarget::post(url))
}

/// The Lambda function of this name or ARN, whose answer is the task's result. [`LambdaTarget`] has the other ways.
pub fn lambda(function: &str) -> Target {
    Target::Lambda(LambdaTarget { function: function.into(), invocation: Invocation::Request, tenant_id: None })
}
