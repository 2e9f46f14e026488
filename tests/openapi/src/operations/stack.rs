use serde_json::{Value, json};

use crate::{examples, operation::Operation};

pub(super) fn operations() -> Vec<Operation> {
    vec![stats(), health(), document()]
}

fn stats() -> Operation {
    Operation::new("get", "/v1/stats", "getStats", "Tells how much is in the stack")
        .describe("All numbers are approximate. SQS's may be a minute old.")
        .answers(200, "How much there is.", "Stats", &[], &examples::stats())
}

fn health() -> Operation {
    Operation::new("get", "/healthz", "getHealth", "Shows whether the API answers").of_the_process().open().answers(
        200,
        "It does.",
        "Health",
        &[],
        &json!({ "status": "ok" }),
    )
}

fn document() -> Operation {
    Operation::new("get", "/openapi.json", "getDocument", "Returns this document")
        .of_the_process()
        .parameters(&["IfNoneMatch"])
        .answers(200, "The document.", "Document", &["ETag", "Cache-Control"], &Value::Null)
        .answers_nothing(304, "The client has the document.", &["ETag", "Cache-Control"])
}
