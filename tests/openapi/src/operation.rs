//! One operation: what is asked for, and every answer.

use serde_json::{Map, Value, json};
use taskway_submit::problem::Kind;

use crate::{headers, parameters, problems, schemas::reference};

/// What can be answered to every operation that needs the table.
const OF_ALL: [Kind; 6] = [
    Kind::Unauthorized,
    Kind::MethodNotAllowed,
    // A parameter that is not known.
    Kind::Validation,
    Kind::Throttled,
    Kind::Unavailable,
    Kind::Internal,
];

/// What can be answered to every operation that reads a body.
const OF_BODIES: [Kind; 4] = [Kind::NotJson, Kind::BadRequest, Kind::TooLarge, Kind::UnsupportedMediaType];

/// An operation.
pub(crate) struct Operation {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    document: Map<String, Value>,
    responses: Map<String, Value>,
    pub(crate) problems: Vec<Kind>,
}

impl Operation {
    /// An operation on the table.
    pub(crate) fn new(method: &'static str, path: &'static str, id: &'static str, summary: &'static str) -> Self {
        let tag = match path.split('/').nth(2) {
            Some("schedules") => "Schedules",
            Some("queues") => "Queues",
            Some("tasks" | "dead") => "Tasks",
            _ => "Stack",
        };
        let document = Map::from_iter([
            ("operationId".to_owned(), json!(id)),
            ("summary".to_owned(), json!(summary)),
            ("tags".to_owned(), json!([tag])),
        ]);
        Operation { method, path, document, responses: Map::new(), problems: OF_ALL.to_vec() }
    }

    /// One that reads and writes nothing, and so cannot fail.
    pub(crate) fn of_the_process(mut self) -> Self {
        self.problems.retain(|kind| !matches!(kind, Kind::Validation | Kind::Throttled | Kind::Unavailable));
        self
    }

    pub(crate) fn describe(mut self, text: &str) -> Self {
        self.document.insert("description".to_owned(), text.into());
        self
    }

    pub(crate) fn parameters(mut self, names: &[&str]) -> Self {
        let references: Vec<Value> = names.iter().map(|name| parameters::reference(name)).collect();
        self.document.insert("parameters".to_owned(), references.into());
        self
    }

    /// A body that must be there.
    pub(crate) fn body(self, schema: &str, limit_bytes: usize, examples: &Value) -> Self {
        self.with_body(schema, limit_bytes, examples, true)
    }

    /// A body that can be left out.
    pub(crate) fn optional_body(self, schema: &str, limit_bytes: usize, examples: &Value) -> Self {
        self.with_body(schema, limit_bytes, examples, false)
    }

    fn with_body(mut self, schema: &str, limit_bytes: usize, examples: &Value, required: bool) -> Self {
        let examples = examples.as_object().into_iter().flatten();
        let examples: Map<String, Value> =
            examples.map(|(name, value)| (name.clone(), json!({ "value": value }))).collect();
        let body = json!({
            "description": format!("I-JSON in UTF-8, at most {limit_bytes} bytes."),
            "required": required,
            "content": { "application/json": { "schema": reference(schema), "examples": examples } },
        });
        self.document.insert("requestBody".to_owned(), body);
        self.problems.extend(OF_BODIES);
        self
    }

    /// An answer with a body.
    pub(crate) fn answers(
        mut self,
        status: u16,
        description: &str,
        schema: &str,
        headers: &[&str],
        example: &Value,
    ) -> Self {
        let mut content = json!({ "schema": reference(schema) });
        if !example.is_null() {
            content["example"] = example.clone();
        }
        let response = json!({
            "description": description,
            "headers": headers::references(headers),
            "content": { "application/json": content },
        });
        self.responses.insert(status.to_string(), response);
        self
    }

    /// An answer without a body.
    pub(crate) fn answers_nothing(mut self, status: u16, description: &str, headers: &[&str]) -> Self {
        let response = json!({ "description": description, "headers": headers::references(headers) });
        self.responses.insert(status.to_string(), response);
        self
    }

    /// What can be asked next of what an answer of this status names.
    pub(crate) fn links(mut self, status: u16, parameter: &str, value: &str, operations: &[&str]) -> Self {
        let links = operations
            .iter()
            .map(|id| ((*id).to_owned(), json!({ "operationId": id, "parameters": { parameter: value } })));
        self.responses[&status.to_string()]["links"] = links.collect::<Map<_, _>>().into();
        self
    }

    /// Refusals beside those of every operation.
    pub(crate) fn refuses(mut self, kinds: &[Kind]) -> Self {
        self.problems.extend(kinds);
        self
    }

    /// Without authorization.
    pub(crate) fn open(mut self) -> Self {
        self.document.insert("security".to_owned(), json!([]));
        self.problems.retain(|kind| *kind != Kind::Unauthorized);
        self
    }

    /// Its part of the document.
    pub(crate) fn document(self) -> Value {
        let mut document = self.document;
        let mut responses = problems::references(&self.problems);
        responses.extend(self.responses);
        document.insert("responses".to_owned(), responses.into());
        document.into()
    }
}
