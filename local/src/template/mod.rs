//! Reads `template.yaml`, so that the local stack is made of the same tables, queues and functions as the deployed one.
//!
//! What the local stack runs (tables, queues, functions, mappings, schedules) is read strictly: a property that is
//! neither understood nor known to make no difference here is an error. What it does not run (the HTTP API,
//! permissions, roles, logs, alarms) is left out on purpose, by type; a type that is on neither list is an error too,
//! so that nothing is ever missing locally without a word.

use std::collections::BTreeMap;

use serde_json::Value;

mod document;
mod error;
mod functions;
mod intrinsics;
mod node;
mod queues;
mod tables;
#[cfg(test)]
mod tests;

use document::{Document, Resource};
use intrinsics::{Kind, Scope};

pub use error::{Problem, TemplateError};
pub use intrinsics::{ACCOUNT, REGION};

/// Resources that have no part in the local stack: a trailing `::` stands for the whole service.
const NOT_RUN: &[&str] = &[
    "AWS::ApiGatewayV2::",
    "AWS::CloudWatch::",
    "AWS::IAM::",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::Logs::",
    "AWS::SNS::",
    "AWS::SQS::QueuePolicy",
];

/// SQS' own when a queue says nothing.
const DEFAULT_VISIBILITY_SECONDS: u32 = 30;

/// Where the local stack answers and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalEndpoints {
    /// Where SQS answers, without a slash at the end: `http://127.0.0.1:9324`.
    pub sqs_base: String,
    /// The stack's name, which the names of its resources begin with: `taskway`.
    pub stack: String,
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
/// Fails on text that is not YAML, and on any part of a table, queue, function, mapping or schedule that the local
/// stack would have to get right and cannot; the error names the resource and the property.
pub fn read(text: &str, local: &LocalEndpoints) -> Result<Template, TemplateError> {
    let document = Document::parse(text)?;
    let scope = Scope::of(&document, local)?;
    let mut template = Template {
        tables: Vec::new(),
        queues: Vec::new(),
        functions: Vec::new(),
        mappings: Vec::new(),
        schedules: Vec::new(),
    };
    let mut mapped = Vec::new();
    for resource in &document.resources {
        if is_not_run(&resource.kind) {
            continue;
        }
        if let Some(condition) = resource.body.at("Condition")?.optional() {
            return Err(condition.unsupported("a resource that depends on a condition"));
        }
        match Kind::of(&resource.kind) {
            Some(Kind::Table) => template.tables.push(tables::read(resource, &scope)?),
            Some(Kind::Queue) => template.queues.push(queues::read(resource, &scope)?),
            Some(Kind::Function) => {
                let (function, schedules) = functions::read(resource, &document, &scope)?;
                template.functions.push(function);
                template.schedules.extend(schedules);
            }
            None if resource.kind == "AWS::Lambda::EventSourceMapping" => mapped.push(resource),
            None => return Err(resource.body.at("Type")?.unsupported(&resource.kind)),
        }
    }
    for resource in mapped {
        let mapping = functions::mapping(resource, &scope)?;
        holds_long_enough(resource, &mapping, &template)?;
        template.mappings.push(mapping);
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
