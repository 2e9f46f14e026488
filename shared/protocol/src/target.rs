//! What runs a task.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What runs a task, with all that is needed to reach it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The handler of this name, in the executor's own process.
    Handler(Box<str>),
    /// A URL.
    Http(HttpTarget),
}

/// A URL that a task is delivered to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpTarget {
    /// At most 2,048 characters.
    pub url: String,
    /// `GET HEAD POST PUT PATCH DELETE`.
    pub method: String,
    /// At most 32, 8 KiB in all; names in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// The part of a target that the record and every message carry. It is short, and enough to know what an attempt needs
/// before it starts. The rest is in the task's [content](crate::content::TaskContent).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Route {
    /// The handler of this name.
    Handler(Box<str>),
    /// The URL in the task's content.
    Http,
}

impl Target {
    /// What of it the record and the messages carry.
    pub fn route(&self) -> Route {
        match self {
            Target::Handler(name) => Route::Handler(name.clone()),
            Target::Http(_) => Route::Http,
        }
    }
}

impl Route {
    /// The route of a record or message that names this handler, or none.
    pub fn named(handler: Option<Box<str>>) -> Self {
        handler.map_or(Route::Http, Route::Handler)
    }

    /// The handler's name, as records and messages carry it; none for a URL.
    pub fn handler(&self) -> Option<&str> {
        match self {
            Route::Handler(name) => Some(name),
            Route::Http => None,
        }
    }
}
