//! The id of a task, as it may stand in a URL's path.

use std::{fmt, str::FromStr};

/// An id of the contract's shape. Anything else never named a task, and `.` or an empty variable of the shell would
/// address another route.
#[derive(Debug, Clone)]
pub(crate) struct TaskId(String);

impl TaskId {
    /// The contract's longest id, in bytes.
    const MAX: usize = 64;

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TaskId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if (1..=Self::MAX).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err("a task id is 1 to 64 letters, digits, `_` or `-`")
        }
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
