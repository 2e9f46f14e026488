//! What the template asks for, and what it is answered: by the caller, or by its own defaults.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{TemplateError, node::Node};

/// The parameters of a template and the values that the caller gives some of them.
pub(super) struct Parameters {
    declared: Node,
    given: BTreeMap<String, String>,
}

impl Parameters {
    /// Refuses a value for a parameter that is not there, or one that the parameter does not allow.
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

    /// The value of a parameter; nothing when the template has none of this name. One that nobody is asked for needs a
    /// default.
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
            // An empty text is a list without items.
            ("CommaDelimitedList", Value::String(text)) if text.is_empty() => Value::Array(Vec::new()),
            ("CommaDelimitedList", Value::String(text)) => text.split(',').map(|item| item.trim()).collect(),
            ("CommaDelimitedList", _) => Value::Array(vec![value.to_string().into()]),
            _ => value,
        }))
    }
}
