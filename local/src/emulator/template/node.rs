//! A value of the template with its place, so that every error can name the place.

use serde_json::{Map, Value};

use super::error::{Problem, TemplateError};

/// The place of the template as a whole.
pub(super) const TEMPLATE: &str = "template";

/// How many characters of a wrong value an error shows.
const FOUND_CHARS: usize = 80;

/// A place with its value, if it has one.
#[derive(Clone, Debug)]
pub(super) struct Node {
    place: String,
    property: String,
    value: Option<Value>,
}

impl Node {
    /// A place without a value.
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

    /// The same value. Errors below it start their path here.
    pub(super) fn rooted(mut self) -> Self {
        self.property.clear();
        self
    }

    /// The place of a member, without a value.
    pub(super) fn at_name(&self, name: &str) -> Node {
        let property = if self.property.is_empty() { name.to_owned() } else { format!("{}.{name}", self.property) };
        Node { place: self.place.clone(), property, value: None }
    }

    /// A member of this mapping. It has no value if the mapping has none.
    pub(super) fn at(&self, name: &str) -> Result<Node, TemplateError> {
        let mut child = self.at_name(name);
        child.value = match &self.value {
            None => None,
            Some(Value::Object(members)) => members.get(name).cloned(),
            Some(_) => return Err(self.not("a mapping")),
        };
        Ok(child)
    }

    pub(super) fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }

    /// Returns `None` if there is no value.
    pub(super) fn optional(self) -> Option<Node> {
        self.value.is_some().then_some(self)
    }

    /// The names of this mapping's members. Empty if there is no value.
    pub(super) fn names(&self) -> Result<Vec<String>, TemplateError> {
        match &self.value {
            None => Ok(Vec::new()),
            Some(Value::Object(members)) => Ok(members.keys().cloned().collect()),
            Some(_) => Err(self.not("a mapping")),
        }
    }

    /// Refuses members that are neither in `read` nor in `ignored`. This finds misspelt names too.
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

    /// A non-empty text.
    pub(super) fn text(&self, expected: &str) -> Result<String, TemplateError> {
        match &self.value {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            _ => Err(self.not(expected)),
        }
    }

    /// Any scalar, as text.
    pub(super) fn scalar(&self) -> Result<String, TemplateError> {
        match &self.value {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            Some(Value::Bool(flag)) => Ok(flag.to_string()),
            _ => Err(self.not("a text, a number or a boolean")),
        }
    }

    /// A whole number from `least` to `most`. It may be quoted, as in CloudFormation.
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

    /// A boolean. It may be quoted, as in CloudFormation.
    pub(super) fn boolean(&self) -> Result<bool, TemplateError> {
        match &self.value {
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) if text == "true" => Ok(true),
            Some(Value::String(text)) if text == "false" => Ok(false),
            _ => Err(self.not("true or false")),
        }
    }

    /// One of the texts in `allowed`.
    pub(super) fn one_of(&self, allowed: &[&str]) -> Result<String, TemplateError> {
        let expected = allowed.join(" or ");
        let text = self.text(&expected)?;
        if allowed.contains(&text.as_str()) { Ok(text) } else { Err(self.not(&expected)) }
    }

    /// The only member of a mapping, which is the form of an intrinsic function. `None` if there are more or fewer.
    pub(super) fn single(members: &Map<String, Value>) -> Option<(&str, &Value)> {
        match members.iter().next() {
            Some((name, value)) if members.len() == 1 => Some((name, value)),
            _ => None,
        }
    }

    /// The error for a value that is wrong or missing.
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
