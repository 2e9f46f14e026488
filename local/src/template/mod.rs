//! Reads `template.yaml`, so that the local stack is made of the same tables, queues and functions as the deployed one.
//!
//! What the local stack runs (tables, queues, functions, mappings, schedules) is read strictly: a property that is
//! neither understood nor known to make no difference here is an error. So are permissions: the local stack enforces
//! none, but a test compares them with what it saw. What it does not run (the HTTP API, buckets, logs, alarms) is left
//! out on purpose, by type; a type that is on neither list is an error too, so that nothing is ever missing locally
//! without a word.

use std::collections::BTreeMap;

use serde_json::Value;

mod conditions;
mod document;
mod error;
mod functions;
mod grants;
mod intrinsics;
mod kind;
mod node;
mod parameters;
mod queues;
mod tables;
#[cfg(test)]
mod tests;

use document::{Document, Resource};
use intrinsics::Scope;

pub use error::{Problem, TemplateError};
pub use grants::Grant;
pub use kind::{ACCOUNT, REGION};

/// Resources that have no part in the local stack: a trailing `::` stands for the whole service.
const NOT_RUN: &[&str] = &[
    "AWS::ApiGatewayV2::",
    "AWS::CloudWatch::",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::KMS::",
    "AWS::Logs::",
    "AWS::S3::Bucket",
    "AWS::SNS::",
];

/// SQS' own when a queue says nothing.
const DEFAULT_VISIBILITY_SECONDS: u32 = 30;

/// Where the local stack answers, what it is called and what it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalEndpoints {
    /// Where SQS answers, without a slash at the end: `http://127.0.0.1:9324`.
    pub sqs_base: String,
    /// The stack's name, which the names of its resources begin with: `taskway`.
    pub stack: String,
    /// Values for the template's parameters, by name; the others have their defaults.
    pub parameters: BTreeMap<String, String>,
}

impl LocalEndpoints {
    /// The URL of the queue with this name.
    pub fn queue_url(&self, name: &str) -> String {
        format!("{}/{ACCOUNT}/{name}", self.sqs_base)
    }
}

/// What the local stack has to set up, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The DynamoDB tables.
    pub tables: Vec<Table>,
    /// The SQS queues.
    pub queues: Vec<Queue>,
    /// The Lambda functions.
    pub functions: Vec<Function>,
    /// The queues that functions are fed from.
    pub mappings: Vec<Mapping>,
    /// The functions that the clock invokes.
    pub schedules: Vec<Schedule>,
    /// What its functions, and workers of its own, are permitted.
    pub grants: Vec<Grant>,
}

/// A DynamoDB table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name in DynamoDB.
    pub name: String,
    /// The body of the `CreateTable` request.
    pub create: Value,
    /// The attribute that holds the time in seconds after which an item may be deleted.
    pub ttl_attribute: Option<String>,
}

/// An SQS queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name in SQS.
    pub name: String,
    /// The `Attributes` of the `CreateQueue` request.
    pub attributes: BTreeMap<String, String>,
}

/// A Lambda function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name in Lambda.
    pub name: String,
    /// The cargo binary that it is built from.
    pub binary: String,
    /// How long an invocation may take.
    pub timeout_seconds: u32,
    /// Its environment variables, the template's global ones among them.
    pub environment: BTreeMap<String, String>,
    /// The logical id of the role that it runs in.
    pub role: Option<String>,
}

/// An event source mapping: a queue whose messages a function is invoked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The logical id of the queue.
    pub queue: String,
    /// The logical id of the function.
    pub function: String,
    /// The most messages that one invocation gets.
    pub batch_size: u32,
    /// The most invocations at once; `None` leaves it to Lambda.
    pub maximum_concurrency: Option<u32>,
    /// Whether the function's answer names the messages that failed. If not, a batch fails or succeeds as a whole.
    pub report_batch_item_failures: bool,
}

/// A function that is invoked again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The logical id of the function.
    pub function: String,
    /// From one invocation to the next.
    pub every_seconds: u64,
}

/// Reads the text of a template, with every reference in it resolved against the local stack.
///
/// Fails on text that is not YAML, and on any part of a table, queue, function, mapping, schedule or permission that
/// the local stack would have to get right and cannot; the error names the resource and the property.
pub fn read(text: &str, local: &LocalEndpoints) -> Result<Template, TemplateError> {
    let mut document = Document::parse(text)?;
    let scope = Scope::of(&mut document, local)?;
    let mut template = Template {
        tables: Vec::new(),
        queues: Vec::new(),
        functions: Vec::new(),
        mappings: Vec::new(),
        schedules: Vec::new(),
        grants: Vec::new(),
    };
    // What names functions or queues is read when those are.
    let (mut mapped, mut permitting) = (Vec::new(), Vec::new());
    for resource in &document.resources {
        match resource.kind.as_str() {
            "AWS::DynamoDB::Table" => template.tables.push(tables::read(resource, &scope)?),
            "AWS::SQS::Queue" => template.queues.push(queues::read(resource, &scope)?),
            "AWS::Serverless::Function" => {
                let (function, schedules) = functions::read(resource, &document, &scope)?;
                template.functions.push(function);
                template.schedules.extend(schedules);
            }
            "AWS::Lambda::EventSourceMapping" => mapped.push(resource),
            "AWS::IAM::Role" | "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => permitting.push(resource),
            "AWS::S3::BucketPolicy" | "AWS::SQS::QueuePolicy" => grants::forbids_only(resource, &scope)?,
            other if is_not_run(other) => {}
            other => return Err(resource.body.at("Type")?.unsupported(other)),
        }
    }
    for resource in mapped {
        let mapping = functions::mapping(resource, &scope)?;
        holds_long_enough(resource, &mapping, &template)?;
        template.mappings.push(mapping);
    }
    for resource in permitting {
        template.grants.extend(grants::read(resource, &template.functions, &scope)?);
    }
    Ok(template)
}

fn is_not_run(kind: &str) -> bool {
    NOT_RUN.iter().any(|entry| if entry.ends_with("::") { kind.starts_with(entry) } else { kind == *entry })
}

/// AWS refuses a mapping whose queue would show a message again while the function may still be at work on it, and only
/// at the deployment. It is better learnt here.
fn holds_long_enough(resource: &Resource, mapping: &Mapping, template: &Template) -> Result<(), TemplateError> {
    let queue = template.queues.iter().find(|queue| queue.logical_id == mapping.queue);
    let function = template.functions.iter().find(|function| function.logical_id == mapping.function);
    let (Some(queue), Some(function)) = (queue, function) else { return Ok(()) };
    let visibility = queue.attributes.get("VisibilityTimeout").and_then(|seconds| seconds.parse().ok());
    let visibility: u32 = visibility.unwrap_or(DEFAULT_VISIBILITY_SECONDS);
    if visibility >= function.timeout_seconds {
        return Ok(());
    }
    Err(resource.body.at_name("EventSourceArn").unexpected(
        &format!(
            "a queue with a VisibilityTimeout of at least {}'s timeout, {} s",
            function.logical_id, function.timeout_seconds
        ),
        &format!("{} with {visibility} s", queue.logical_id),
    ))
}
