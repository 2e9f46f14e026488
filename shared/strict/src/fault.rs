//! One fault in a request, and where it is.

use serde::{Deserialize, Serialize};

/// One fault in a request, as RFC 9457's `errors` list it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What it must be, and what it is.
    pub detail: String,
}

/// Where in a request a fault is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In the body: an RFC 6901 pointer, `""` for the body itself. In a batch it starts at the item.
    Pointer(String),
    /// In the header of this name.
    Header(String),
    /// In the query or path parameter of this name.
    Parameter(String),
}

impl FieldError {
    /// In the body.
    pub fn pointer(pointer: impl ToString, detail: impl Into<String>) -> Self {
        FieldError { place: Place::Pointer(pointer.to_string()), detail: detail.into() }
    }

    /// In a header.
    pub fn header(name: impl Into<String>, detail: impl Into<String>) -> Self {
        FieldError { place: Place::Header(name.into()), detail: detail.into() }
    }

    /// In a parameter.
    pub fn parameter(name: impl Into<String>, detail: impl Into<String>) -> Self {
        FieldError { place: Place::Parameter(name.into()), detail: detail.into() }
    }
}
