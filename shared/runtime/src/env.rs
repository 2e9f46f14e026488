//! Settings from environment variables. One error names all variables that are missing or wrong.

use std::{env::VarError, fmt::Display};

/// Reads variables and collects what is wrong with them.
#[derive(Debug, Default)]
pub struct Env {
    faults: Vec<String>,
}

/// Variables that are missing or wrong, with the reason for each.
#[derive(Debug, thiserror::Error)]
#[error("the environment is incomplete or wrong: {}", .0.join("; "))]
pub struct Missing(Vec<String>);

impl Env {
    /// A reader that has read nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a variable that must be set and not empty. If it is not, returns an empty text, and
    /// [`finish`](Env::finish) fails.
    pub fn required(&mut self, name: &str) -> String {
        match std::env::var(name) {
            Ok(value) if !value.is_empty() => value,
            Ok(_) | Err(VarError::NotPresent) => {
                self.faults.push(format!("{name} is not set"));
                String::new()
            }
            Err(VarError::NotUnicode(_)) => {
                self.not_unicode(name);
                String::new()
            }
        }
    }

    /// Reads a variable that may be set, and parses it. If it cannot be parsed, returns `None`, and
    /// [`finish`](Env::finish) fails. An empty variable counts as not set.
    pub fn parsed<T, E: Display>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        let value = match std::env::var(name) {
            Ok(value) => Some(value).filter(|value| !value.is_empty()),
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(_)) => {
                self.not_unicode(name);
                None
            }
        }?;
        parse(&value).map_err(|error| self.faults.push(format!("{name}: {error}"))).ok()
    }

    fn not_unicode(&mut self, name: &str) {
        self.faults.push(format!("{name} is not UTF-8"));
    }

    /// Reads a variable that may be set. An empty one counts as not set.
    pub fn optional(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`Missing`] names every variable that was missing or wrong.
    pub fn finish(self) -> Result<(), Missing> {
        if self.faults.is_empty() { Ok(()) } else { Err(Missing(self.faults)) }
    }
}
