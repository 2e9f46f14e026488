//! A value of the template together with the place it stands at, so that every complaint can name it.

use serde_json::{Map, Value};

use super::{Problem, TemplateError};

/// The place of what belongs to no resource and no section.
pub(super) const TEMPLATE: &str = "template";

/// How much of a wrong value an error repeats.
const FOUND_CHARS: usize = 80;

/// A value, or the lack of one, and where.
#[derive(Clone, Debug)]
pub(super) struct Node {
    place: String,
    property: String,
    value: Option<Value>,
}

impl Node {
    /// An absent value at a place.
    pub(super) fn new(place: &str, property: &str) -> Self {
        Node { place: place.to_owned(), property: property.to_owned(), value: None }
    }

    /// The same place with a value.
    pub(super) fn with(mut self, value: Value) -> Self {
        self.value = Some(value);
        self
    }

    /// The same place with a value, or without one.
    pub(super) fn with_any(mut self, value: Option<Value>) -> Self {
        self.value = value;
        self
    }

    /// The same value with the path to it forgotten.
    pub(super) fn rooted(mut self) -> Self {
        self.property.clear();
        self
    }

    /// An absent value below this place.
    pub(super) fn at_name(&self, name: &str) -> Node {
        let property = if self.property.is_empty() { name.to_owned() } else { format!("{}.{name}", self.property) };
        Node { place: self.place.clone(), property, value: None }
    }

    /// The member of this mapping; absent when the mapping is.
    pub(super) fn at(&self, name: &str) -> Result<Node, TemplateError> {
        let mut child = self.at_name(name);
        child.value = match &self.value {
            None => None,
            Some(Value::Object(members)) => members.get(name).cloned(),
            Some(_) => return Err(self.not("a mapping")),
        };
        Ok(child)
    }

    /// The value, if there is one.
    pub(super) fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }

    /// `None` when the value is absent.
    pub(super) fn optional(self) -> Option<Node> {
        self.value.is_some().then_some(self)
    }

    /// The names of this mapping's members; none when it is absent.
    pub(super) fn names(&self) -> Result<Vec<String>, TemplateError> {
        match &self.value {
            None => Ok(Vec::new()),
            Some(Value::Object(members)) => Ok(members.keys().cloned().collect()),
            Some(_) => Err(self.not("a mapping")),
        }
    }

    /// Refuses members that are neither `read` nor `ignored` on purpose, misspelt ones among them.
    pub(super) fn only(&self, read: &[&str], ignored: &[&str]) -> Result<(), TemplateError> {
        match self.names()?.iter().find(|name| !read.contains(&name.as_str()) && !ignored.contains(&name.as_str())) {
            Some(name) => Err(self.at_name(name).unsupported("this property")),
            None => Ok(()),
        }
    }

    /// The items of a list.
    pub(super) fn list(&self, expected: &str) -> Result<Vec<Node>, TemplateError> {
        let Some(Value::Array(items)) = &self.value else { return Err(self.not(expected)) };
        let item = |(index, value): (usize, &Value)| Node {
            place: self.place.clone(),
            property: format!("{}[{index}]", self.property),
            value: Some(value.clone()),
        };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// A text that is not empty.
    pub(super) fn text(&self, expected: &str) -> Result<String, TemplateError> {
        match &self.value {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            _ => Err(self.not(expected)),
        }
    }

    /// Any scalar as the text that an environment variable gets.
    pub(super) fn scalar(&self) -> Result<String, TemplateError> {
        match &self.value {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            Some(Value::Bool(flag)) => Ok(flag.to_string()),
            _ => Err(self.not("a text, a number or a boolean")),
        }
    }

    /// A whole number from `least` to `most`. Quoted ones count, as they do for CloudFormation.
    pub(super) fn integer(&self, least: u32, most: u32) -> Result<u32, TemplateError> {
        let found = match &self.value {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        found
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| self.not(&format!("a whole number from {least} to {most}")))
    }

    /// A boolean. Quoted ones count, as they do for CloudFormation.
    pub(super) fn boolean(&self) -> Result<bool, TemplateError> {
        match &self.value {
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) if text == "true" => Ok(true),
            Some(Value::String(text)) if text == "false" => Ok(false),
            _ => Err(self.not("true or false")),
        }
    }

    /// Refuses any text but those of `allowed`.
    pub(super) fn one_of(&self, allowed: &[&str]) -> Result<String, TemplateError> {
        let expected = allowed.join(" or ");
        let text = self.text(&expected)?;
        if allowed.contains(&text.as_str()) { Ok(text) } else { Err(self.not(&expected)) }
    }

    /// The member of a mapping that has exactly one, as an intrinsic function does.
    pub(super) fn single(members: &Map<String, Value>) -> Option<(&str, &Value)> {
        match members.iter().next() {
            Some((name, value)) if members.len() == 1 => Some((name, value)),
            _ => None,
        }
    }

    /// The error that the value is not what was `expected`, or is missing.
    pub(super) fn not(&self, expected: &str) -> TemplateError {
        match &self.value {
            None => self.missing(expected),
            Some(value) => self.unexpected(expected, &shortened(&value.to_string())),
        }
    }

    pub(super) fn unexpected(&self, expected: &str, found: &str) -> TemplateError {
        self.error(Problem::Expected { expected: expected.to_owned(), found: found.to_owned() })
    }

    pub(super) fn missing(&self, expected: &str) -> TemplateError {
        self.error(Problem::Missing { expected: expected.to_owned() })
    }

    pub(super) fn unsupported(&self, what: &str) -> TemplateError {
        self.error(Problem::Unsupported { what: what.to_owned() })
    }

    pub(super) fn unresolved(&self, reference: &str) -> TemplateError {
        self.error(Problem::Unresolved { reference: reference.to_owned() })
    }

    fn error(&self, problem: Problem) -> TemplateError {
        TemplateError::Property { place: self.place.clone(), property: self.property.clone(), problem }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(FOUND_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
