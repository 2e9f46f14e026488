//! The digests by which SDKs check that a message went through unharmed.

use std::{collections::BTreeMap, fmt::Write};

use md5::{Digest, Md5};

use crate::sqs::{Attribute, AttributeValue, Attributes};

pub(super) fn of_body(body: &str) -> String {
    hex(Md5::new_with_prefix(body))
}

/// The digest of the sender's attributes; `None` without any.
pub(super) fn of_attributes<'a>(attributes: impl IntoIterator<Item = (&'a str, &'a Attribute)>) -> Option<String> {
    // By name, and each part with its length in front.
    let sorted: BTreeMap<_, _> = attributes.into_iter().collect();
    let mut digest = Md5::new();
    for (name, Attribute { data_type, value }) in &sorted {
        add(&mut digest, name.as_bytes());
        add(&mut digest, data_type.as_bytes());
        digest.update(match value {
            AttributeValue::Text(_) => [1],
            AttributeValue::Binary(_) => [2],
        });
        add(&mut digest, value.bytes());
    }
    (!sorted.is_empty()).then(|| hex(digest))
}

/// The digest of the system attributes that a sender may set, of which there is one.
pub(super) fn of_system_attributes(attributes: &Attributes) -> Option<String> {
    let value = AttributeValue::Text(attributes.trace.clone()?);
    let trace = Attribute { data_type: "String".into(), value };
    of_attributes([("AWSTraceHeader", &trace)])
}

fn add(digest: &mut Md5, part: &[u8]) {
    digest.update((part.len() as u32).to_be_bytes());
    digest.update(part);
}

fn hex(digest: Md5) -> String {
    digest.finalize().iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
