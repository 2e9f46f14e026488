//! The kinds of resources that something in the template may refer to, and their names and ARNs here.

use super::LocalEndpoints;

/// The region that every local ARN carries.
pub const REGION: &str = "us-east-1";

/// The account that every local ARN and queue URL carries.
pub const ACCOUNT: &str = "000000000000";

/// What a template's references can point at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Table,
    Queue,
    Function,
    Bucket,
    LogGroup,
    Role,
}

impl Kind {
    pub(super) fn of(resource_type: &str) -> Option<Kind> {
        match resource_type {
            "AWS::DynamoDB::Table" => Some(Kind::Table),
            "AWS::SQS::Queue" => Some(Kind::Queue),
            "AWS::Serverless::Function" => Some(Kind::Function),
            "AWS::S3::Bucket" => Some(Kind::Bucket),
            "AWS::Logs::LogGroup" => Some(Kind::LogGroup),
            "AWS::IAM::Role" => Some(Kind::Role),
            _ => None,
        }
    }

    pub(super) fn name_property(self) -> &'static str {
        match self {
            Kind::Table => "TableName",
            Kind::Queue => "QueueName",
            Kind::Function => "FunctionName",
            Kind::Bucket => "BucketName",
            Kind::LogGroup => "LogGroupName",
            Kind::Role => "RoleName",
        }
    }

    /// What CloudFormation names it that the template does not name, less the random end: `STACK-LOGICALID`.
    pub(super) fn given_name(self, stack: &str, id: &str) -> String {
        let name = format!("{stack}-{id}");
        if self == Kind::Bucket { name.to_lowercase() } else { name }
    }

    pub(super) fn arn(self, name: &str) -> String {
        match self {
            Kind::Table => format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"),
            Kind::Queue => format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"),
            Kind::Function => format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"),
            Kind::Bucket => format!("arn:aws:s3:::{name}"),
            // CloudFormation's has the streams of the group in it.
            Kind::LogGroup => format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"),
            Kind::Role => format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
        }
    }

    /// What `Ref` gives.
    pub(super) fn reference(self, name: &str, local: &LocalEndpoints) -> String {
        match self {
            Kind::Queue => local.queue_url(name),
            Kind::Table | Kind::Function | Kind::Bucket | Kind::LogGroup | Kind::Role => name.to_owned(),
        }
    }
}
