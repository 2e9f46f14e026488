//! The MD5 digests by which SDKs check that a message arrived unchanged.

use std::{collections::BTreeMap, fmt::Write};

use md5::{Digest, Md5};

use crate::emulator::sqs::{Attribute, AttributeValue, Attributes};

pub(super) fn of_body(body: &str) -> String {
    hex(Md5::new_with_prefix(body))
}

/// The digest of the sender's attributes; `None` if there are none.
pub(super) fn of_attributes<'a>(attributes: impl IntoIterator<Item = (&'a str, &'a Attribute)>) -> Option<String> {
    // AWS's format: attributes sorted by name, and each part preceded by its length.
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

/// The digest of the system attributes that a sender may set. The trace header is the only one.
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
