//! The kinds of resources that a reference may name, with their names and ARNs.

use super::local_endpoints::LocalEndpoints;
use crate::emulator::account::{ACCOUNT, REGION};

/// A kind of resource that a reference may name.
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

    /// The name that CloudFormation would give a resource without a name in the template: `STACK-LOGICALID`, here without
    /// CloudFormation's random end.
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
            // CloudFormation's ARN of a log group includes the group's streams.
            Kind::LogGroup => format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"),
            Kind::Role => format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
        }
    }

    /// The value of a `Ref`.
    pub(super) fn reference(self, name: &str, local: &LocalEndpoints) -> String {
        match self {
            Kind::Queue => local.queue_url(name),
            Kind::Table | Kind::Function | Kind::Bucket | Kind::LogGroup | Kind::Role => name.to_owned(),
        }
    }
}
