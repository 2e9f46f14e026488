//! The template's parameters.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{error::TemplateError, node::Node};

/// The parameters of a template, and the values that the caller gave.
pub(super) struct Parameters {
    declared: Node,
    given: BTreeMap<String, String>,
}

impl Parameters {
    /// Checks that each given value belongs to a parameter of the template and is allowed.
    pub(super) fn of(declared: &Node, given: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        for (name, value) in given {
            let parameter = declared.at(name)?;
            if parameter.value().is_none() {
                return Err(parameter.unexpected("a parameter of this template", "none of this name"));
            }
            let Some(allowed) = parameter.at("AllowedValues")?.optional() else { continue };
            let allowed = allowed.list("a list of values")?;
            let allowed = allowed.iter().map(Node::scalar).collect::<Result<Vec<_>, _>>()?;
            if !allowed.contains(value) {
                return Err(parameter.unexpected(&allowed.join(" or "), value));
            }
        }
        Ok(Parameters { declared: declared.clone(), given: given.clone() })
    }

    /// The value of a parameter: the given value or the default. `None` if the template has no such parameter.
    pub(super) fn value(&self, name: &str) -> Result<Option<Value>, TemplateError> {
        let parameter = self.declared.at(name)?;
        if parameter.value().is_none() {
            return Ok(None);
        }
        let kind = parameter.at("Type")?.one_of(&["String", "Number", "CommaDelimitedList"])?;
        let value = match self.given.get(name) {
            Some(given) => Value::from(given.as_str()),
            None => {
                let default = parameter.at("Default")?;
                default.scalar()?;
                default.value().cloned().ok_or_else(|| default.missing("a default"))?
            }
        };
        Ok(Some(match (kind.as_str(), &value) {
            // An empty text is an empty list.
            ("CommaDelimitedList", Value::String(text)) if text.is_empty() => Value::Array(Vec::new()),
            ("CommaDelimitedList", Value::String(text)) => text.split(',').map(|item| item.trim()).collect(),
            ("CommaDelimitedList", _) => Value::Array(vec![value.to_string().into()]),
            _ => value,
        }))
    }
}
