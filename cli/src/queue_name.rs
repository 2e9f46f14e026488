//! The name of a queue, as it may stand in a URL's path.

use std::str::FromStr;

use crate::schedule_name::ScheduleName;

/// A name of the same shape as a schedule's.
#[derive(Debug, Clone)]
pub(crate) struct QueueName(ScheduleName);

impl QueueName {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for QueueName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = "a queue's name is 1 to 64 letters, digits, `_`, `.` or `-`, beginning with a letter or digit";
        text.parse().map(QueueName).map_err(|_| fault)
    }
}
