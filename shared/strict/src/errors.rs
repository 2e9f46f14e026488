//! All the faults of a request, up to a number.

use crate::{FieldError, json::Pointer};

/// Collects faults. Those beyond the number that is told are only counted, so that a hostile body of ten thousand
/// faults is not answered with a megabyte.
pub struct Errors {
    told: Vec<FieldError>,
    more: usize,
    most: usize,
}

impl Errors {
    /// No faults yet; at most so many are told.
    pub fn at_most(most: usize) -> Self {
        Errors { told: Vec::new(), more: 0, most }
    }

    /// Notes a fault.
    pub fn add(&mut self, error: FieldError) {
        if self.told.len() < self.most {
            self.told.push(error);
        } else {
            self.more += 1;
        }
    }

    /// Whether there is no fault yet.
    pub fn are_none(&self) -> bool {
        self.told.is_empty()
    }

    /// `parsed`, if that went without a fault.
    ///
    /// # Errors
    /// All faults that are told.
    pub fn settle<T>(mut self, parsed: Option<T>) -> Result<T, Vec<FieldError>> {
        if self.more > 0 {
            let faults = if self.more == 1 { "fault" } else { "faults" };
            self.told.push(FieldError::pointer(Pointer::BODY, format!("has {} more {faults}, not listed", self.more)));
        }
        match parsed {
            Some(parsed) if self.told.is_empty() => Ok(parsed),
            _ => Err(self.told),
        }
    }
}
