//! The options of a stack.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    sync::Arc,
};

use taskway_executor::targets::http::Allowed;
use taskway_protocol::{AllowedFunctions, AwsHosts};
use taskway_runtime::clock::{Clock, SystemClock};
use taskway_submit::{ExecutorKind, LONGEST_INVOCATION};

/// The deployed template. A stack uses it unless its setup has another one.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The stack's name. The names of its table and queues begin with it.
pub const NAME: &str = "taskway";

/// The options of a stack.
pub struct Setup {
    /// The template's text.
    pub template: String,
    /// Values of template parameters, by name. The other parameters have their defaults.
    pub parameters: BTreeMap<String, String>,
    /// The data directory; `None` keeps the database in memory.
    pub data: Option<PathBuf>,
    /// The address that the API, DynamoDB, SQS and S3 listen on.
    pub bind: IpAddr,
    /// Names by which requests may ask for the stack, beside those of loopback and the address that it listens on.
    pub hosts: Vec<String>,
    /// The API's port. Here and for the other ports, 0 takes any free port.
    pub port: u16,
    /// DynamoDB's port.
    pub dynamodb_port: u16,
    /// SQS's port.
    pub sqs_port: u16,
    /// S3's port. `None` takes its own, or any free one if another program has that.
    pub s3_port: Option<u16>,
    /// The clock of all parts of the stack.
    pub clock: Arc<dyn Clock>,
    /// The private networks that HTTP targets may be in.
    pub allowed: Allowed,
    /// The longest timeout of an attempt, in seconds.
    pub longest_timeout_seconds: u32,
    /// Whether the endpoints record their calls. Recording about halves the speed of DynamoDB.
    pub record_calls: bool,
    /// The Lambda functions that tasks may call; `None` takes those of the template.
    pub callable: Option<AllowedFunctions>,
    /// The requests that tasks may have signed for AWS.
    pub aws_hosts: AwsHosts,
    /// The URL of functions in other processes. `None` answers the API in this process.
    pub functions: Option<String>,
    /// Whether the API's port also serves the dashboard.
    pub dashboard: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            template: TEMPLATE.to_owned(),
            parameters: BTreeMap::new(),
            data: None,
            bind: Ipv4Addr::LOCALHOST.into(),
            hosts: Vec::new(),
            port: 0,
            dynamodb_port: 0,
            sqs_port: 0,
            s3_port: Some(0),
            clock: Arc::new(SystemClock),
            allowed: Allowed::default(),
            longest_timeout_seconds: ExecutorKind::Worker.longest_timeout_seconds(LONGEST_INVOCATION),
            record_calls: false,
            callable: None,
            aws_hosts: AwsHosts::NONE,
            functions: None,
            dashboard: false,
        }
    }
}
