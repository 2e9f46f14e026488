//! The API's document in OpenAPI 3.1, which `GET /openapi.json` answers.
//!
//! The document is made from what the API itself is made of: the wire types ([`schemas`]), the kinds of problems
//! ([`problems`]) and the limits of `taskway_api`. It is made here, when something changes, and committed as
//! `docs/openapi.json`; the submit function embeds that file. A test fails when the two differ.

mod document;
mod examples;
mod headers;
mod operation;
mod operations;
mod parameters;
mod problems;
mod schemas;

pub use document::{document, text};
