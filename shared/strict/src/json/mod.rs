//! Strict I-JSON (RFC 7493) that keeps the text.
//!
//! A payload is passed on as it was sent: its numbers, the order of its names and its whitespace are the submitter's.
//! So nothing is converted here. A text is checked once, from front to back, and what is kept of it is a flat list of
//! where each value begins and ends: 12 bytes a value, whatever its shape, so that 5 MB of `[[0],[0],…` cannot exhaust
//! a small function's memory as a tree of them would. A level is looked into when somebody asks for it.

mod fault;
mod pointer;
mod scan;
mod text;

#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt};

pub use fault::{Fault, Reason};
pub use pointer::LONGEST_NAME;
pub use pointer::Pointer;
use scan::Node;
pub use scan::{DEEPEST, LONGEST};

/// A checked text.
pub struct Document<'a> {
    text: &'a str,
    nodes: Vec<Node>,
}

impl<'a> Document<'a> {
    /// Checks a body.
    ///
    /// # Errors
    /// The first fault in the text: what, at which byte, and in which value.
    pub fn read(body: &'a [u8]) -> Result<Self, Fault> {
        scan::body(body).map(|(text, nodes)| Document { text, nodes })
    }

    /// The value that the whole text is.
    pub fn root(&self) -> Value<'_> {
        Value { document: self, node: 0 }
    }
}

/// A value in a checked text.
#[derive(Clone, Copy)]
pub struct Value<'d> {
    document: &'d Document<'d>,
    node: usize,
}

/// A value, looked into by one level.
#[derive(Clone, Debug)]
pub enum Json<'d> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number of any size, as it was sent.
    Number(&'d str),
    /// A string without its escapes.
    String(Cow<'d, str>),
    /// Its items.
    Array(Vec<Value<'d>>),
    /// Its names and values in the order in which they were sent; no name is there twice.
    Object(Vec<(Cow<'d, str>, Value<'d>)>),
}

impl<'d> Value<'d> {
    /// The text from the value's first byte to its last, exactly as sent.
    pub fn raw(self) -> &'d str {
        let node = &self.document.nodes[self.node];
        &self.document.text[node.start as usize..node.end as usize]
    }

    /// The value as something to match on.
    pub fn read(self) -> Json<'d> {
        let raw = self.raw();
        match raw.as_bytes().first() {
            Some(b'{') => Json::Object(self.fields()),
            Some(b'[') => Json::Array(self.children().collect()),
            Some(b'"') => Json::String(text::unescape(raw)),
            Some(b't') => Json::Bool(true),
            Some(b'f') => Json::Bool(false),
            Some(b'-' | b'0'..=b'9') => Json::Number(raw),
            _ => Json::Null,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.raw() == "null"
    }

    /// What it is, for a sentence such as "must be an object, got a string".
    pub fn kind(self) -> &'static str {
        match self.raw().as_bytes().first() {
            Some(b'{') => "an object",
            Some(b'[') => "an array",
            Some(b'"') => "a string",
            Some(b't' | b'f') => "a boolean",
            Some(b'-' | b'0'..=b'9') => "a number",
            _ => "null",
        }
    }

    /// One text for all spellings of the value: names sorted, no whitespace, one way to escape. Numbers stay as sent.
    pub fn canonical(self) -> String {
        let mut out = String::with_capacity(self.raw().len());
        text::canonical(self, &mut out);
        out
    }

    fn children(self) -> impl Iterator<Item = Value<'d>> {
        let Value { document, node } = self;
        let end = document.nodes[node].after as usize;
        let mut next = node + 1;
        std::iter::from_fn(move || {
            let node = next;
            (node < end).then(|| {
                next = document.nodes[node].after as usize;
                Value { document, node }
            })
        })
    }

    /// In the list of values an object's names and values take turns.
    fn fields(self) -> Vec<(Cow<'d, str>, Value<'d>)> {
        let mut children = self.children();
        let mut fields = Vec::new();
        while let (Some(name), Some(value)) = (children.next(), children.next()) {
            fields.push((text::unescape(name.raw()), value));
        }
        fields
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw())
    }
}
