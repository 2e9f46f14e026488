//! Message attributes, which a sender attaches to a message beside its body.

use std::collections::BTreeMap;

use crate::emulator::sqs::SqsError;

/// The most attributes that a message may have.
const MOST: usize = 10;

/// The attributes of a message. The copies of a message share them, and nothing changes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// The sender's own attributes, by name.
    pub user: BTreeMap<Box<str>, Attribute>,
    /// The system attribute `AWSTraceHeader`.
    pub trace: Option<Box<str>>,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// `String`, `Number` or `Binary`. The sender may add a suffix, as in `Number.int`.
    pub data_type: Box<str>,
    /// The value, which matches the type.
    pub value: AttributeValue,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// For the types `String` and `Number`.
    Text(Box<str>),
    /// For the type `Binary`.
    Binary(Box<[u8]>),
}

impl AttributeValue {
    /// The value's bytes. They count towards the message's size.
    pub fn bytes(&self) -> &[u8] {
        match self {
            AttributeValue::Text(text) => text.as_bytes(),
            AttributeValue::Binary(bytes) => bytes,
        }
    }
}

impl Attributes {
    /// Whether there is no attribute at all.
    pub fn is_empty(&self) -> bool {
        self.user.is_empty() && self.trace.is_none()
    }

    /// The length of all names, types and values, in bytes. AWS does not count the trace header.
    pub fn size(&self) -> usize {
        self.user.iter().map(|(name, a)| name.len() + a.data_type.len() + a.value.bytes().len()).sum()
    }

    /// Checks names, types and values against SQS's rules.
    pub fn check(&self) -> Result<(), SqsError> {
        if self.user.len() > MOST {
            return Err(SqsError::InvalidParameterValue(format!(
                "Number of message attributes [{}] exceeds the allowed maximum [{MOST}].",
                self.user.len()
            )));
        }
        self.user.iter().try_for_each(|(name, attribute)| {
            check_name(name)?;
            attribute.check(name)
        })
    }
}

impl Attribute {
    fn check(&self, name: &str) -> Result<(), SqsError> {
        let invalid = |text: String| Err(SqsError::InvalidParameterValue(text));
        let data_type = &self.data_type;
        let base = data_type.split('.').next().unwrap_or_default();
        if data_type.len() > 256 || !matches!(base, "String" | "Number" | "Binary") {
            return invalid(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type \
                 prefixes is Binary, Number, and String."
            ));
        }
        match (&self.value, base) {
            (AttributeValue::Binary(bytes), "Binary") if !bytes.is_empty() => Ok(()),
            (AttributeValue::Text(text), "String" | "Number") if !text.is_empty() => {
                if !is_legal(text) {
                    return Err(SqsError::InvalidMessageContents);
                }
                if base == "Number" && !is_number(text) {
                    return invalid(format!("Can't cast the value of message (user) attribute '{name}' to a number."));
                }
                Ok(())
            }
            (AttributeValue::Text(_) | AttributeValue::Binary(_), _) => invalid(format!(
                "The message attribute '{name}' must contain non-empty message attribute value for message attribute \
                 type '{base}'."
            )),
        }
    }
}

fn check_name(name: &str) -> Result<(), SqsError> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let lower = name.to_ascii_lowercase();
    let reserved = lower.starts_with("aws.") || lower.starts_with("amazon.");
    let dots = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    if name.is_empty() || name.len() > 256 || !name.bytes().all(legal) || reserved || dots {
        return Err(SqsError::InvalidParameterValue(format!(
            "The message attribute name '{name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore, \
             hyphen, and period, must not start or end with a period or have two in a row, must not start with AWS. \
             or Amazon., and is 1 to 256 characters long."
        )));
    }
    Ok(())
}

fn is_number(text: &str) -> bool {
    // Rust's parser also accepts "inf" and "nan"; SQS does not.
    text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) && text.parse::<f64>().is_ok()
}

/// Whether XML 1.0 allows every character of the text. SQS still demands that of messages.
pub(super) fn is_legal(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.iter().any(|b| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) {
        return false;
    }
    // Only texts with the byte 0xEF can contain U+FFFE and U+FFFF. Most texts need no second pass.
    !bytes.contains(&0xef) || !text.contains(['\u{fffe}', '\u{ffff}'])
}
