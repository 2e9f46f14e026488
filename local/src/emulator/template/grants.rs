//! Permissions: the actions that roles and policies allow, each on one resource.

use serde_json::Value;

use super::{
    document::Resource,
    error::TemplateError,
    kind::Kind,
    model::{Function, Grant},
    node::Node,
    resolve::Scope,
};

/// Reads the permissions of a role (`AWS::IAM::Role`), of a policy for roles (`AWS::IAM::Policy`) or of a policy that the
/// operator attaches (`AWS::IAM::ManagedPolicy`).
pub(super) fn read(
    resource: &Resource,
    functions: &[Function],
    scope: &Scope<'_>,
) -> Result<Vec<Grant>, TemplateError> {
    let properties = resource.properties()?;
    if resource.kind == "AWS::IAM::ManagedPolicy" {
        // The operator attaches it. A policy that names its own roles is not supported.
        properties.only(&["PolicyDocument"], &["Description", "ManagedPolicyName", "Path"])?;
        return document(&scope.resolve(&properties.at("PolicyDocument")?)?, &[&resource.id]);
    }
    if resource.kind == "AWS::IAM::Policy" {
        properties.only(&["PolicyDocument", "Roles"], &["PolicyName"])?;
        let mut grants = Vec::new();
        for role in scope.resolve(&properties.at("Roles")?)?.list("a list of roles")? {
            let name = role.text("the name of a role")?;
            let id = scope.find(Kind::Role, &name).ok_or_else(|| role.not("the name of a role of this template"))?;
            let who = running(id, functions);
            grants.extend(document(&scope.resolve(&properties.at("PolicyDocument")?)?, &who)?);
        }
        return Ok(grants);
    }
    // The ignored properties do not add permissions.
    properties.only(
        &["Policies", "RoleName"],
        &["AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "Path", "PermissionsBoundary", "Tags"],
    )?;
    let who = running(&resource.id, functions);
    let mut grants = Vec::new();
    if let Some(policies) = scope.resolve(&properties.at("Policies")?)?.optional() {
        for policy in policies.list("a list of policies")? {
            policy.only(&["PolicyDocument"], &["PolicyName"])?;
            grants.extend(document(&policy.at("PolicyDocument")?, &who)?);
        }
    }
    Ok(grants)
}

/// The functions that have the role, or the role itself if no function has it.
fn running<'a>(role: &'a str, functions: &'a [Function]) -> Vec<&'a str> {
    let running = functions.iter().filter(|function| function.role.as_deref() == Some(role));
    let who: Vec<&str> = running.map(|function| function.logical_id.as_str()).collect();
    if who.is_empty() { vec![role] } else { who }
}

/// Checks that a resource's own policy only denies. The local stack does not enforce the denials.
pub(super) fn forbids_only(resource: &Resource, scope: &Scope<'_>) -> Result<(), TemplateError> {
    let policy = scope.resolve(&resource.properties()?.at("PolicyDocument")?)?;
    for statement in policy.at("Statement")?.list("a list of statements")? {
        statement.at("Effect")?.one_of(&["Deny"])?;
        if resource.kind == "AWS::SQS::QueuePolicy" {
            // SQS refuses a statement with several resources, but only at the deployment.
            statement.at("Resource")?.text("the arn of one queue")?;
        }
    }
    Ok(())
}

fn document(policy: &Node, who: &[&str]) -> Result<Vec<Grant>, TemplateError> {
    policy.only(&["Statement", "Version"], &[])?;
    policy.at("Version")?.one_of(&["2012-10-17"])?;
    let mut grants = Vec::new();
    for statement in policy.at("Statement")?.list("a list of statements")? {
        statement.only(&["Action", "Effect", "Resource", "Sid"], &[])?;
        statement.at("Effect")?.one_of(&["Allow"])?;
        let sid = statement.at("Sid")?.optional().map_or(Ok(String::new()), |sid| sid.text("a name"))?;
        let resources = texts(&statement.at("Resource")?, "an arn")?;
        for action in texts(&statement.at("Action")?, "an action")? {
            let name = action.text("an action")?;
            if name.contains(['*', '?']) {
                return Err(action.unsupported("an action with a wildcard"));
            }
            for resource in &resources {
                let resource = resource.text("an arn")?;
                grants.extend(who.iter().map(|who| Grant {
                    who: (*who).to_owned(),
                    action: name.clone(),
                    resource: resource.clone(),
                    sid: sid.clone(),
                }));
            }
        }
    }
    Ok(grants)
}

/// Reads one text, or a list with at least one text.
fn texts(node: &Node, expected: &str) -> Result<Vec<Node>, TemplateError> {
    let expected = format!("{expected} or a list of them");
    match node.value() {
        Some(Value::String(_)) => Ok(vec![node.clone()]),
        Some(Value::Array(none)) if none.is_empty() => Err(node.not(&expected)),
        _ => node.list(&expected),
    }
}
