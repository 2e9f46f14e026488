//! Resolves `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::If` and the other intrinsic functions.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{error::TemplateError, kind::Kind, local_endpoints::LocalEndpoints, node::Node, parameters::Parameters};
use crate::emulator::account::{ACCOUNT, REGION};

/// Everything that a reference can name.
pub(super) struct Scope<'a> {
    local: &'a LocalEndpoints,
    parameters: Parameters,
    conditions: BTreeMap<String, bool>,
    named: BTreeMap<String, (Kind, String)>,
}

impl<'a> Scope<'a> {
    /// A scope with parameters and pseudo parameters only. Conditions and names are added later.
    pub(super) fn new(parameters: Parameters, local: &'a LocalEndpoints) -> Self {
        Scope { local, parameters, conditions: BTreeMap::new(), named: BTreeMap::new() }
    }

    /// Adds whether each condition holds.
    pub(super) fn decide(&mut self, conditions: BTreeMap<String, bool>) {
        self.conditions = conditions;
    }

    /// Adds the resources that references may name: kind and physical name by logical id.
    pub(super) fn add(&mut self, named: BTreeMap<String, (Kind, String)>) {
        self.named = named;
    }

    /// Whether the condition holds. `at` names the place for an error.
    pub(super) fn condition(&self, name: &str, at: &Node) -> Result<bool, TemplateError> {
        let holds = self.conditions.get(name).copied();
        holds.ok_or_else(|| at.unexpected("a condition of this template", name))
    }

    /// The physical name of a resource.
    pub(super) fn name(&self, id: &str) -> String {
        self.named.get(id).map(|(_, name)| name.clone()).unwrap_or_default()
    }

    /// The logical id of the resource of this kind whose ARN or name is `reference`.
    pub(super) fn find(&self, kind: Kind, reference: &str) -> Option<&str> {
        self.named
            .iter()
            .find(|(_, (other, name))| *other == kind && (name == reference || kind.arn(name) == reference))
            .map(|(id, _)| id.as_str())
    }

    /// Replaces every intrinsic function in the node by its result. The result is absent if it is `AWS::NoValue`.
    pub(super) fn resolve(&self, node: &Node) -> Result<Node, TemplateError> {
        match node.value() {
            Some(value) => Ok(node.clone().with_any(self.value(value, node)?)),
            None => Ok(node.clone()),
        }
    }

    fn value(&self, value: &Value, at: &Node) -> Result<Option<Value>, TemplateError> {
        Ok(Some(match value {
            // An item that resolves to no value is left out.
            Value::Array(items) => {
                items.iter().filter_map(|item| self.value(item, at).transpose()).collect::<Result<Value, _>>()?
            }
            Value::Object(members) => match Node::single(members) {
                Some(("Ref", Value::String(name))) if name == "AWS::NoValue" => return Ok(None),
                Some(("Ref", of)) => self.reference(&of_text(of, at, "Ref")?, at)?,
                Some(("Fn::GetAtt", of)) => self.attribute(of, at)?,
                Some(("Fn::Sub", of)) => self.substitute(of, at)?,
                Some(("Fn::If", of)) => return self.choose(of, at),
                Some(("Fn::Join", of)) => self.join(of, at)?,
                Some(("Fn::Split", of)) => self.split(of, at)?,
                Some(("Fn::Select", of)) => self.select(of, at)?,
                Some((name, _)) if name.starts_with("Fn::") || name == "Condition" => return Err(at.unsupported(name)),
                _ => self.members(members, at)?,
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }))
    }

    fn members(&self, members: &Map<String, Value>, at: &Node) -> Result<Value, TemplateError> {
        let mut resolved = Map::new();
        for (name, value) in members {
            if let Some(value) = self.value(value, at)? {
                resolved.insert(name.clone(), value);
            }
        }
        Ok(resolved.into())
    }

    /// Resolves only the branch that is taken. The other branch may name resources that do not exist.
    fn choose(&self, of: &Value, at: &Node) -> Result<Option<Value>, TemplateError> {
        let [name, then, otherwise] = operands(of, at, "[CONDITION, VALUE, VALUE] in Fn::If")?;
        let taken = if self.condition(&of_text(name, at, "Fn::If")?, at)? { then } else { otherwise };
        self.value(taken, at)
    }

    fn join(&self, of: &Value, at: &Node) -> Result<Value, TemplateError> {
        let [between, items] = operands(of, at, "[TEXT, LIST] in Fn::Join")?;
        let items = self.resolve(&at.clone().with(items.clone()))?.list("a list in Fn::Join")?;
        let items = items.iter().map(Node::scalar).collect::<Result<Vec<_>, _>>()?;
        Ok(items.join(&of_text(between, at, "Fn::Join")?).into())
    }

    fn split(&self, of: &Value, at: &Node) -> Result<Value, TemplateError> {
        let [between, text] = operands(of, at, "[TEXT, TEXT] in Fn::Split")?;
        let text = self.resolve(&at.clone().with(text.clone()))?.scalar()?;
        Ok(text.split(&of_text(between, at, "Fn::Split")?).collect())
    }

    fn select(&self, of: &Value, at: &Node) -> Result<Value, TemplateError> {
        let [index, items] = operands(of, at, "[INDEX, LIST] in Fn::Select")?;
        let items = self.resolve(&at.clone().with(items.clone()))?.list("a list in Fn::Select")?;
        let most = u32::try_from(items.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let index = at.clone().with(index.clone()).integer(0, most)?;
        let item = items.get(index as usize).and_then(Node::value);
        item.cloned().ok_or_else(|| at.missing("an item of the list in Fn::Select"))
    }

    fn reference(&self, to: &str, at: &Node) -> Result<Value, TemplateError> {
        let text = match to {
            "AWS::Region" => REGION.to_owned(),
            "AWS::AccountId" => ACCOUNT.to_owned(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackName" => self.local.stack.clone(),
            pseudo if pseudo.starts_with("AWS::") => return Err(at.unsupported(pseudo)),
            id => match (self.named.get(id), self.parameters.value(id)?) {
                (Some((kind, name)), _) => kind.reference(name, self.local),
                (None, Some(parameter)) => return Ok(parameter),
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

    /// `TEXT`, or `[TEXT, VARIABLES]`.
    fn substitute(&self, of: &Value, at: &Node) -> Result<Value, TemplateError> {
        let none = Value::Object(Map::new());
        let (text, variables) = match of.as_array().map(Vec::as_slice) {
            Some([text, variables]) => (text, variables),
            _ => (of, &none),
        };
        let text = of_text(text, at, "Fn::Sub")?;
        let variables = at.clone().with_any(self.value(variables, at)?);

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

/// The operands of a function with `N` operands.
fn operands<'v, const N: usize>(of: &'v Value, at: &Node, expected: &str) -> Result<&'v [Value; N], TemplateError> {
    let operands = of.as_array().and_then(|operands| <&[Value; N]>::try_from(operands.as_slice()).ok());
    operands.ok_or_else(|| at.clone().with(of.clone()).not(expected))
}

fn of_text(value: &Value, at: &Node, function: &str) -> Result<String, TemplateError> {
    value.as_str().map(str::to_owned).ok_or_else(|| at.unexpected(&format!("a text in {function}"), &value.to_string()))
}
