//! Turns YAML text into plain JSON values, with one spelling for each intrinsic function.
//!
//! The parser is saphyr. It keeps a `!Ref` as a tag around its node, refuses a key that occurs twice, reports line and column,
//! and is safe Rust. serde_yaml_ng keeps tags too, but is built on libyaml, translated into unsafe Rust.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value};

use super::{
    error::TemplateError,
    node::{Node, TEMPLATE},
};

/// A resource, unresolved.
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) body: Node,
}

impl Resource {
    /// The mapping under `Properties`. Errors in it name the property without the prefix `Properties`.
    pub(super) fn properties(&self) -> Result<Node, TemplateError> {
        let properties = self.body.at("Properties")?;
        properties.names()?;
        Ok(properties.rooted())
    }
}

/// The sections of a template that the reader uses.
pub(super) struct Document {
    pub(super) parameters: Node,
    pub(super) conditions: Node,
    pub(super) globals: Node,
    pub(super) resources: Vec<Resource>,
}

impl Document {
    pub(super) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut documents = Yaml::load_from_str(text).map_err(TemplateError::Syntax)?;
        let top = Node::new(TEMPLATE, "");
        let root = match (documents.pop(), documents.is_empty()) {
            (Some(root), true) => root,
            (None, _) => return Err(top.missing("a mapping with Resources")),
            (Some(_), false) => return Err(top.unsupported("a text of several documents")),
        };
        let Yaml::Mapping(sections) = root else {
            return Err(top.unexpected("a mapping with Resources", "something else"));
        };

        let mut parameters = Node::new("Parameters", "");
        let mut conditions = Node::new("Conditions", "");
        let mut globals = Node::new("Globals", "");
        let mut resources = None;
        for (key, section) in sections {
            match key.as_str() {
                Some("Parameters") => parameters = parameters.with(json(section, "Parameters")?),
                Some("Conditions") => conditions = conditions.with(json(section, "Conditions")?),
                Some("Globals") => globals = globals.with(json(section, "Globals")?),
                Some("Resources") => resources = Some(section),
                // The other sections, such as outputs and rules, do not affect the local stack.
                _ => {}
            }
        }
        let resources = resources.ok_or_else(|| top.at_name("Resources").missing("a mapping of resources"))?;
        Ok(Document { parameters, conditions, globals, resources: split(resources)? })
    }

    /// Keeps the resources without a condition, and those whose condition holds.
    pub(super) fn keep(&mut self, holds: impl Fn(&Node) -> Result<bool, TemplateError>) -> Result<(), TemplateError> {
        let mut kept = Vec::new();
        for resource in self.resources.drain(..) {
            let condition = resource.body.at("Condition")?;
            if condition.value().is_none() || holds(&condition)? {
                kept.push(resource);
            }
        }
        self.resources = kept;
        Ok(())
    }
}

/// Returns the resources in the order of the text. A JSON object would lose that order.
fn split(section: Yaml<'_>) -> Result<Vec<Resource>, TemplateError> {
    let top = Node::new("Resources", "");
    let Yaml::Mapping(entries) = section else {
        return Err(top.unexpected("a mapping of resources", "something else"));
    };
    entries
        .into_iter()
        .map(|(key, body)| {
            let id = key.as_str().ok_or_else(|| top.unexpected("a text", "another kind of key"))?.to_owned();
            let body = Node::new(&id, "").with(json(body, &id)?);
            let kind = body.at("Type")?.text("the type of a resource")?;
            Ok(Resource { id, kind, body })
        })
        .collect()
}

/// Converts to plain JSON. `!Ref X` becomes `{"Ref": "X"}`, `!Condition X` becomes `{"Condition": "X"}`, and every other
/// `!Name v` becomes `{"Fn::Name": v}`.
fn json(yaml: Yaml<'_>, place: &str) -> Result<Value, TemplateError> {
    let here = || Node::new(place, "");
    Ok(match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => value.into(),
        Yaml::Value(Scalar::Integer(value)) => value.into(),
        Yaml::Value(Scalar::FloatingPoint(value)) => value.into_inner().into(),
        Yaml::Value(Scalar::String(value)) => value.into_owned().into(),
        Yaml::Sequence(items) => items.into_iter().map(|item| json(item, place)).collect::<Result<Vec<_>, _>>()?.into(),
        Yaml::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                let key = key.as_str().ok_or_else(|| here().unexpected("a text as key", "another kind of key"))?;
                object.insert(key.to_owned(), json(value, place)?);
            }
            object.into()
        }
        Yaml::Tagged(tag, node) => {
            let name = match tag.suffix.as_str() {
                plain @ ("Ref" | "Condition") => plain.to_owned(),
                other => format!("Fn::{other}"),
            };
            Map::from_iter([(name, json(*node, place)?)]).into()
        }
        Yaml::Alias(_) => return Err(here().unsupported("a yaml alias")),
        Yaml::Representation(..) | Yaml::BadValue => {
            return Err(here().unexpected("a value of its tag's type", "another"));
        }
    })
}
