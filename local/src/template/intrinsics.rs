//! `Ref`, `Fn::GetAtt` and `Fn::Sub`, resolved against the local stack.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{LocalEndpoints, TemplateError, document::Document, node::Node};

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
}

impl Kind {
    pub(super) fn of(resource_type: &str) -> Option<Kind> {
        match resource_type {
            "AWS::DynamoDB::Table" => Some(Kind::Table),
            "AWS::SQS::Queue" => Some(Kind::Queue),
            "AWS::Serverless::Function" => Some(Kind::Function),
            _ => None,
        }
    }

    fn name_property(self) -> &'static str {
        match self {
            Kind::Table => "TableName",
            Kind::Queue => "QueueName",
            Kind::Function => "FunctionName",
        }
    }

    fn arn(self, name: &str) -> String {
        match self {
            Kind::Table => format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"),
            Kind::Queue => format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"),
            Kind::Function => format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"),
        }
    }
}

/// Everything that a reference can be resolved to.
pub(super) struct Scope<'a> {
    local: &'a LocalEndpoints,
    parameters: BTreeMap<String, Node>,
    named: BTreeMap<String, (Kind, String)>,
}

impl<'a> Scope<'a> {
    /// Names every table, queue and function: as the template does or, where it leaves that to CloudFormation, as
    /// CloudFormation would, less the random end: `STACK-LOGICALID`.
    pub(super) fn of(document: &Document, local: &'a LocalEndpoints) -> Result<Self, TemplateError> {
        let mut scope = Scope { local, parameters: BTreeMap::new(), named: BTreeMap::new() };
        for name in document.parameters.names()? {
            let parameter = document.parameters.at(&name)?;
            scope.parameters.insert(name, parameter);
        }
        // A name may use parameters and pseudo parameters, but no other resource: that could only be a circle.
        let mut named = BTreeMap::new();
        for resource in &document.resources {
            let Some(kind) = Kind::of(&resource.kind) else { continue };
            let name = match resource.properties()?.at(kind.name_property())?.optional() {
                Some(name) => scope.resolve(&name)?.text("a name")?,
                None => format!("{}-{}", local.stack, resource.id),
            };
            named.insert(resource.id.clone(), (kind, name));
        }
        scope.named = named;
        Ok(scope)
    }

    /// The physical name of a resource.
    pub(super) fn name(&self, id: &str) -> String {
        self.named.get(id).map(|(_, name)| name.clone()).unwrap_or_default()
    }

    /// The logical id of the resource of this kind that `reference`, an ARN or a name, points at.
    pub(super) fn find(&self, kind: Kind, reference: &str) -> Option<&str> {
        self.named
            .iter()
            .find(|(_, (other, name))| *other == kind && (name == reference || kind.arn(name) == reference))
            .map(|(id, _)| id.as_str())
    }

    /// The node with every intrinsic function in it replaced by its result.
    pub(super) fn resolve(&self, node: &Node) -> Result<Node, TemplateError> {
        match node.value() {
            Some(value) => Ok(node.clone().with(self.value(value, node)?)),
            None => Ok(node.clone()),
        }
    }

    fn value(&self, value: &Value, at: &Node) -> Result<Value, TemplateError> {
        match value {
            Value::Array(items) => items.iter().map(|item| self.value(item, at)).collect(),
            Value::Object(members) => match Node::single(members) {
                Some(("Ref", of)) => self.reference(&of_text(of, at, "Ref")?, at),
                Some(("Fn::GetAtt", of)) => self.attribute(of, at),
                Some(("Fn::Sub", of)) => self.substitute(of, at),
                Some((name, _)) if name.starts_with("Fn::") || name == "Condition" => Err(at.unsupported(name)),
                _ => members.iter().map(|(name, value)| Ok((name.clone(), self.value(value, at)?))).collect(),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(value.clone()),
        }
    }

    fn reference(&self, to: &str, at: &Node) -> Result<Value, TemplateError> {
        let text = match to {
            "AWS::Region" => REGION.to_owned(),
            "AWS::AccountId" => ACCOUNT.to_owned(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackName" => self.local.stack.clone(),
            pseudo if pseudo.starts_with("AWS::") => return Err(at.unsupported(pseudo)),
            id => match (self.named.get(id), self.parameters.get(id)) {
                (Some((Kind::Queue, name)), _) => self.local.queue_url(name),
                (Some((Kind::Table | Kind::Function, name)), _) => name.clone(),
                (None, Some(parameter)) => return default(parameter),
                (None, None) => return Err(at.unresolved(id)),
            },
        };
        Ok(text.into())
    }

    /// `[Id, Attribute]` or `Id.Attribute`.
    fn attribute(&self, of: &Value, at: &Node) -> Result<Value, TemplateError> {
        let path = if let Value::Array(parts) = of {
            let parts = parts.iter().map(|part| of_text(part, at, "Fn::GetAtt")).collect::<Result<Vec<_>, _>>()?;
            parts.join(".")
        } else {
            of_text(of, at, "Fn::GetAtt")?
        };
        self.attribute_path(&path, at)
    }

    fn attribute_path(&self, path: &str, at: &Node) -> Result<Value, TemplateError> {
        let (id, attribute) = path.split_once('.').ok_or_else(|| at.unexpected("RESOURCE.ATTRIBUTE", path))?;
        let (kind, name) = self.named.get(id).ok_or_else(|| at.unresolved(path))?;
        match (kind, attribute) {
            (_, "Arn") => Ok(kind.arn(name).into()),
            (Kind::Queue, "QueueName") => Ok(name.clone().into()),
            (Kind::Queue, "QueueUrl") => Ok(self.local.queue_url(name).into()),
            _ => Err(at.unsupported(&format!("the attribute {path}"))),
        }
    }

    /// A text, or a text and the variables that it may use beside the template's own.
    fn substitute(&self, of: &Value, at: &Node) -> Result<Value, TemplateError> {
        let none = Value::Object(Default::default());
        let (text, variables) = match of.as_array().map(Vec::as_slice) {
            Some([text, variables]) => (text, variables),
            _ => (of, &none),
        };
        let text = of_text(text, at, "Fn::Sub")?;
        let variables = at.clone().with(self.value(variables, at)?);

        let mut result = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| at.unexpected("a closing } in Fn::Sub", &text))?;
            result.push_str(before);
            match name.strip_prefix('!') {
                // `${!Literal}` stands for `${Literal}`.
                Some(literal) => result.push_str(&format!("${{{literal}}}")),
                None if !name.chars().all(|c| c.is_ascii_alphanumeric() || ".:_".contains(c)) => {
                    return Err(at.unexpected("a name in ${}", name));
                }
                None => {
                    let value = match variables.at(name)?.optional() {
                        Some(variable) => variable,
                        None if name.contains('.') => at.clone().with(self.attribute_path(name, at)?),
                        None => at.clone().with(self.reference(name, at)?),
                    };
                    result.push_str(&value.scalar()?);
                }
            }
            rest = after;
        }
        result.push_str(rest);
        Ok(result.into())
    }
}

/// The local stack is run without asking for parameters, so each that is used needs a default.
fn default(parameter: &Node) -> Result<Value, TemplateError> {
    parameter.at("Type")?.one_of(&["String", "Number"])?;
    let default = parameter.at("Default")?;
    default.scalar()?;
    default.value().cloned().ok_or_else(|| default.missing("a default"))
}

fn of_text(value: &Value, at: &Node, function: &str) -> Result<String, TemplateError> {
    value.as_str().map(str::to_owned).ok_or_else(|| at.unexpected(&format!("a text in {function}"), &value.to_string()))
}
