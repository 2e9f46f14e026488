//! Settings from the environment. Whatever is missing or wrong is told at once, by name.

use std::fmt::Display;

/// Reads variables and remembers what was wrong with them.
#[derive(Debug, Default)]
pub struct Env {
    faults: Vec<String>,
}

/// Variables that are missing or wrong.
#[derive(Debug, thiserror::Error)]
#[error("the environment is incomplete: {}", .0.join("; "))]
pub struct Missing(Vec<String>);

impl Env {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A variable that must be set; empty where it is not, until [`finish`](Env::finish) refuses.
    pub fn required(&mut self, name: &str) -> String {
        match std::env::var(name) {
            Ok(value) if !value.is_empty() => value,
            Ok(_) | Err(_) => {
                self.faults.push(format!("{name} is not set"));
                String::new()
            }
        }
    }

    /// A variable that may be set, and then must be readable.
    pub fn parsed<T, E: Display>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
        parse(&value).map_err(|error| self.faults.push(format!("{name}: {error}"))).ok()
    }

    /// A variable that may be set; an empty one counts as not set.
    pub fn optional(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// That nothing was wrong.
    ///
    /// # Errors
    /// [`Missing`] names everything that was.
    pub fn finish(self) -> Result<(), Missing> {
        if self.faults.is_empty() { Ok(()) } else { Err(Missing(self.faults)) }
    }
}
