//! Reads requests strictly. A body is I-JSON ([`json`]), and an object is judged as a whole: every fault in it is found at
//! once, each with its place and its limit.
//!
//! [`object!`] declares an object once: its fields with their documentation, defaults and limits. The declaration makes
//! the struct, the code that reads it, and the JSON Schema of what it takes.
//!
//! ```
//! use taskway_strict::{FieldError, json::Document, object, read, words::name, numbers::whole};
//!
//! object! {
//!     /// How a task is run.
//!     #[derive(Debug, PartialEq)]
//!     pub struct Options reads (longest: u32) {
//!         /// The queue's name.
//!         pub queue: Box<str> = or("default".into(), name()),
//!         /// How long an attempt may take, in seconds.
//!         pub timeout_seconds: u32 = or(60, whole(1..=longest)),
//!     }
//! }
//!
//! let body = Document::read(br#"{"timeout_seconds": 0, "colour": "red"}"#).unwrap();
//! let read = read(body.root(), 100, |fields| Options::take(fields, 870));
//! assert_eq!(
//!     read,
//!     Err(vec![
//!         FieldError::pointer("/timeout_seconds", "must be 1 to 870, got 0"),
//!         FieldError::pointer("/colour", "is not a known field"),
//!     ])
//! );
//! assert_eq!(
//!     Options::schema(870)["properties"]["timeout_seconds"],
//!     serde_json::json!({
//!         "type": ["integer", "null"],
//!         "minimum": 1,
//!         "maximum": 870,
//!         "default": 60,
//!         "description": "How long an attempt may take, in seconds.",
//!     })
//! );
//! ```

#[doc(hidden)]
pub mod check;
pub mod json;
pub mod numbers;
pub mod words;

mod errors;
mod fault;
mod fields;
mod object;

pub use check::{Check, PlainCheck, Schema};
pub use errors::Errors;
pub use fault::{FieldError, Place};
pub use fields::{Fields, read};
#[doc(hidden)]
pub use object::apply;
