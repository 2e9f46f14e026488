//! Reads the whole template, a resource at a time.

use super::{
    document::Document,
    error::TemplateError,
    functions, grants,
    local_endpoints::LocalEndpoints,
    mappings,
    model::{Bucket, Template},
    queues, scope, tables,
};

/// Resource types that the local stack does not run. A trailing `::` stands for the whole service.
const NOT_RUN: &[&str] = &[
    "AWS::ApiGatewayV2::",
    "AWS::CloudWatch::",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::KMS::",
    "AWS::Logs::",
    "AWS::SNS::",
];

/// Reads a template's text, and resolves its references to the local stack.
///
/// # Errors
/// If the text is not YAML, or a part of a table, queue, function, mapping, schedule or permission is not supported. The
/// error names the resource and the property.
pub fn read(text: &str, local: &LocalEndpoints) -> Result<Template, TemplateError> {
    let mut document = Document::parse(text)?;
    let scope = scope::of(&mut document, local)?;
    let mut template = Template {
        tables: Vec::new(),
        queues: Vec::new(),
        buckets: Vec::new(),
        functions: Vec::new(),
        mappings: Vec::new(),
        schedules: Vec::new(),
        grants: Vec::new(),
    };
    // These refer to queues and functions, so they are read after them.
    let (mut mapped, mut permitting) = (Vec::new(), Vec::new());
    for resource in &document.resources {
        match resource.kind.as_str() {
            "AWS::DynamoDB::Table" => template.tables.push(tables::read(resource, &scope)?),
            "AWS::SQS::Queue" => template.queues.push(queues::read(resource, &scope)?),
            // Encryption and lifecycle of a bucket are not run here.
            "AWS::S3::Bucket" => {
                let bucket = Bucket { logical_id: resource.id.clone(), name: scope.name(&resource.id) };
                template.buckets.push(bucket);
            }
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
        let mapping = mappings::read(resource, &scope)?;
        mappings::holds_long_enough(resource, &mapping, &template)?;
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
