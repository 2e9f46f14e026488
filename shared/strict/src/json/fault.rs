//! Why a text is not I-JSON.

use super::{DEEPEST, LONGEST, pointer};

/// The first fault in a text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{reason}, at byte {offset}")]
pub struct Fault {
    /// What is wrong.
    pub reason: Reason,
    /// Where it begins, in bytes from the start of the text.
    pub offset: usize,
    /// The innermost value it is in, as an RFC 6901 pointer. It ends early where a name is too long to repeat.
    pub pointer: String,
}

/// What can be wrong with a text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Reason {
    /// There is nothing but whitespace.
    #[error("the body is empty")]
    Empty,
    /// Its places would not fit the list of values.
    #[error("the text is longer than {LONGEST} bytes")]
    TooLong,
    /// RFC 8259, 8.1.
    #[error("the text begins with a byte order mark")]
    ByteOrderMark,
    /// RFC 7493, 2.1.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// The text ended where more was needed.
    #[error("the text ends where {expected} should follow")]
    Unfinished {
        /// What was needed.
        expected: &'static str,
    },
    /// Something else was needed.
    #[error("expected {expected}, found '{}'", found.escape_debug())]
    Unexpected {
        /// What was needed.
        expected: &'static str,
        /// What was there.
        found: char,
    },
    /// JavaScript's, not JSON's.
    #[error("NaN and Infinity are not JSON numbers")]
    NotANumber,
    /// `007`.
    #[error("a number has a leading zero")]
    LeadingZero,
    /// A line break or another control character as such in a string.
    #[error("a control character in a string must be escaped, found U+{:04X}", u32::from(*.0))]
    Control(u8),
    /// `\x`, `\u12`.
    #[error("a string has an escape that JSON does not know")]
    Escape,
    /// Half of a pair: no character at all.
    #[error("a string has a lone surrogate")]
    LoneSurrogate,
    /// RFC 7493, 2.1; SQS would refuse some of them too.
    #[error("a string has the noncharacter U+{:04X}", u32::from(*.0))]
    Noncharacter(char),
    /// RFC 7493, 2.3, after escapes are undone.
    #[error("an object has the same name twice")]
    DuplicateName,
    /// Deeper than anything that is taken.
    #[error("arrays and objects are nested deeper than the limit of {DEEPEST}")]
    TooDeep,
    /// A second value, or anything else.
    #[error("the value is followed by other text")]
    Trailing,
}

/// A fault on its way out through the values around it, each of which adds its step.
pub(super) struct Raised {
    pub(super) reason: Reason,
    pub(super) offset: usize,
    /// The innermost first.
    steps: Vec<String>,
}

impl Raised {
    pub(super) fn new(reason: Reason, offset: usize) -> Self {
        Raised { reason, offset, steps: Vec::new() }
    }

    /// The fault is in this item or field.
    pub(super) fn within(mut self, step: &str) -> Self {
        if step.len() > pointer::LONGEST_NAME {
            self.steps.clear();
        } else {
            self.steps.push(pointer::token(step));
        }
        self
    }

    pub(super) fn settle(self) -> Fault {
        let pointer = self.steps.iter().rev().map(String::as_str).collect();
        Fault { reason: self.reason, offset: self.offset, pointer }
    }
}
