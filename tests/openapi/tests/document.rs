//! The committed document is the one that the types give, and it says all that there is.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::Value;
use taskway_submit::problem::Kind;

const COMMITTED: &str = include_str!("../../../docs/openapi.json");

#[test]
fn the_committed_document_is_the_one_that_the_types_give() {
    let made = taskway_openapi::text();
    let line = COMMITTED.lines().zip(made.lines()).position(|(committed, made)| committed != made);
    assert!(
        COMMITTED == made,
        "docs/openapi.json is not what the types give, from line {} on; write it anew by\n\n    \
         cargo run -p taskway-openapi -- docs/openapi.json\n",
        line.map_or(COMMITTED.lines().count().min(made.lines().count()), |line| line) + 1,
    );
}

/// The operations of a document: path, method in lower case, operation.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

#[test]
fn every_route_is_an_operation_and_every_operation_a_route() {
    let document = taskway_openapi::document();
    let mut documented = BTreeMap::<&str, BTreeSet<String>>::new();
    for (path, method, _) in operations(&document) {
        documented.entry(path).or_default().insert(method.to_uppercase());
    }
    // HTTP has HEAD wherever there is GET, so the document need not say so.
    let methods = |methods: &[Method]| methods.iter().filter(|m| **m != Method::HEAD).map(Method::to_string).collect();
    let routed: BTreeMap<&str, BTreeSet<String>> =
        taskway_submit::paths().map(|(path, allowed)| (path, methods(allowed))).collect();
    assert_eq!(documented, routed);
}

#[test]
fn every_operation_has_an_id_of_its_own() {
    let document = taskway_openapi::document();
    let ids: Vec<&str> =
        operations(&document).map(|(.., operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
}

#[test]
fn every_kind_of_problem_is_an_answer_of_an_operation() {
    let document = taskway_openapi::document();
    let responses = document["components"]["responses"].to_string();
    let used: String = operations(&document).map(|(.., operation)| operation["responses"].to_string()).collect();
    for kind in Kind::ALL {
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let (name, _) =
            schemas.iter().find(|(_, schema)| schema["properties"]["type"]["const"] == kind.name()).unwrap();
        assert!(responses.contains(&format!("#/components/schemas/{name}\"")), "{name}");
    }
    for response in document["components"]["responses"].as_object().unwrap().keys() {
        assert!(used.contains(&format!("#/components/responses/{response}\"")), "{response}");
    }
}

fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn what_is_referred_to_is_there_and_what_is_there_is_referred_to() {
    let document = taskway_openapi::document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    let components = document["components"].as_object().unwrap().iter().filter(|(kind, _)| *kind != "securitySchemes");
    let named: BTreeSet<String> = components
        .flat_map(|(kind, all)| all.as_object().unwrap().keys().map(move |name| format!("#/components/{kind}/{name}")))
        .collect();
    let found: BTreeSet<String> = found.into_iter().map(str::to_owned).collect();
    assert_eq!(found, named);
}
