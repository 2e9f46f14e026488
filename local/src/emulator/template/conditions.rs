//! The `Conditions` section.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{error::TemplateError, node::Node, resolve::Scope};

const EXPECTED: &str = "Fn::Equals, Fn::Not, Fn::And, Fn::Or or Condition";

/// Returns whether each condition holds, by name.
pub(super) fn evaluate(section: &Node, scope: &Scope<'_>) -> Result<BTreeMap<String, bool>, TemplateError> {
    let mut evaluation = Evaluation { section, scope, under_way: Vec::new() };
    section.names()?.into_iter().map(|name| Ok((name.clone(), evaluation.named(&name, section)?))).collect()
}

struct Evaluation<'a> {
    section: &'a Node,
    scope: &'a Scope<'a>,
    /// The conditions whose evaluation has begun, the outermost first.
    under_way: Vec<String>,
}

impl Evaluation<'_> {
    fn named(&mut self, name: &str, at: &Node) -> Result<bool, TemplateError> {
        let condition = self.section.at(name)?;
        let Some(value) = condition.value() else { return Err(at.unexpected("a condition of this template", name)) };
        if self.under_way.iter().any(|open| open == name) {
            return Err(condition.unexpected("a condition that does not depend on itself", name));
        }
        self.under_way.push(name.to_owned());
        let holds = self.holds(value, &condition)?;
        self.under_way.pop();
        Ok(holds)
    }

    fn holds(&mut self, value: &Value, at: &Node) -> Result<bool, TemplateError> {
        let function = value.as_object().and_then(Node::single).map(|(name, of)| (name, of, of.as_array()));
        match function {
            Some(("Condition", Value::String(name), _)) => self.named(name, at),
            Some(("Fn::Not", _, Some(one))) if one.len() == 1 => Ok(!self.holds(&one[0], at)?),
            // Every operand is evaluated, so that an error in one of them is always found.
            Some(("Fn::And", _, Some(all))) => Ok(!self.each(all, at)?.contains(&false)),
            Some(("Fn::Or", _, Some(all))) => Ok(self.each(all, at)?.contains(&true)),
            Some(("Fn::Equals", _, Some(two))) if two.len() == 2 => {
                let side = |value: &Value| self.scope.resolve(&at.clone().with(value.clone()))?.scalar();
                Ok(side(&two[0])? == side(&two[1])?)
            }
            _ => Err(at.clone().with(value.clone()).not(EXPECTED)),
        }
    }

    fn each(&mut self, all: &[Value], at: &Node) -> Result<Vec<bool>, TemplateError> {
        all.iter().map(|one| self.holds(one, at)).collect()
    }
}
