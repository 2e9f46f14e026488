//! From YAML text to plain JSON values in which only one spelling of each intrinsic function is left.
//!
//! The parser is saphyr: it keeps a `!Ref` as a tag around its node, refuses a key that stands twice, says line and
//! column, and is safe Rust. serde_yaml_ng keeps tags too, but stands on libyaml transcribed into unsafe Rust.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value};

use super::{
    TemplateError,
    node::{Node, TEMPLATE},
};

/// A resource as it is written.
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) body: Node,
}

impl Resource {
    /// What is under `Properties`, whose names then stand for themselves.
    pub(super) fn properties(&self) -> Result<Node, TemplateError> {
        let properties = self.body.at("Properties")?;
        properties.names()?;
        Ok(properties.rooted())
    }
}

/// The sections of a template that the local stack reads.
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
                // Outputs, descriptions, rules and the like change nothing that runs here.
                _ => {}
            }
        }
        let resources = resources.ok_or_else(|| top.at_name("Resources").missing("a mapping of resources"))?;
        Ok(Document { parameters, conditions, globals, resources: split(resources)? })
    }
}

impl Document {
    /// Leaves out the resources whose condition does not hold.
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

/// The resources in the order of the text, which a JSON object would not keep.
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

/// Plain JSON; `!Ref X` becomes `{"Ref": "X"}`, `!Condition X` alike, and every other `!Name v` `{"Fn::Name": v}`.
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
