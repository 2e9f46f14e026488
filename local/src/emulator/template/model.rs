//! What a template says, with all references resolved.

use std::collections::BTreeMap;

use serde_json::Value;

/// What the local stack sets up, in the order of the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The DynamoDB tables.
    pub tables: Vec<Table>,
    /// The SQS queues.
    pub queues: Vec<Queue>,
    /// The S3 buckets.
    pub buckets: Vec<Bucket>,
    /// The Lambda functions.
    pub functions: Vec<Function>,
    /// The queues whose messages Lambda passes to a function.
    pub mappings: Vec<Mapping>,
    /// The functions that EventBridge invokes by time.
    pub schedules: Vec<Schedule>,
    /// The permissions of the functions and of workers outside Lambda.
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
    /// The attribute with the time of expiry, in seconds since the epoch.
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

/// An S3 bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name in S3.
    pub name: String,
}

/// A Lambda function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name in Lambda.
    pub name: String,
    /// The cargo binary that it runs.
    pub binary: String,
    /// The longest time of an invocation.
    pub timeout_seconds: u32,
    /// Its environment variables, including the template's global ones.
    pub environment: BTreeMap<String, String>,
    /// The logical id of its role.
    pub role: Option<String>,
}

/// An event source mapping: Lambda invokes the function with messages of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The logical id of the queue.
    pub queue: String,
    /// The logical id of the function.
    pub function: String,
    /// The most messages in one invocation.
    pub batch_size: u32,
    /// The most invocations at once; `None` if the template sets no limit.
    pub maximum_concurrency: Option<u32>,
    /// Whether the function's answer names the failed messages. If not, a batch fails or succeeds as a whole.
    pub report_batch_item_failures: bool,
}

/// A function that EventBridge invokes at a fixed rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The logical id of the function.
    pub function: String,
    /// The time from one invocation to the next.
    pub every_seconds: u64,
}

/// The permission of one caller for one action on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The logical id of the function that has the role. If no function has it, the id of the role or policy.
    pub who: String,
    /// The action, such as `dynamodb:PutItem`. It has no wildcard.
    pub action: String,
    /// The ARN as the policy has it. It may have a wildcard.
    pub resource: String,
    /// The statement's `Sid`, or empty.
    pub sid: String,
}
