//! The name of a schedule, as it may stand in a URL's path.

use std::{fmt, str::FromStr};

/// A name of the contract's shape. Anything else never named a schedule, and `.` or an empty variable of the shell
/// would address another route.
#[derive(Debug, Clone)]
pub(crate) struct ScheduleName(String);

impl ScheduleName {
    /// The contract's longest name, in bytes.
    const MAX: usize = 64;

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ScheduleName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        if begins && text.len() <= Self::MAX && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err("a schedule's name is 1 to 64 letters, digits, `_`, `.` or `-`, beginning with a letter or digit")
        }
    }
}

impl fmt::Display for ScheduleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
