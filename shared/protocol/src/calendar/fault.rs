//! What is wrong with an expression or a zone, in words for the client that wrote it.

use super::{expression::LONGEST, field::Field};

/// Why an expression or the name of a zone was refused. `Display` completes a sentence that names the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The expression is longer than a reader could follow, or than a refusal should repeat.
    #[error("must have at most {LONGEST} characters, got {0}")]
    Long(usize),
    /// A word with `@` that is none of the nicknames; `@reboot` is one, as nothing here boots.
    #[error("must be one of @yearly @annually @monthly @weekly @daily @midnight @hourly, got `{0}`")]
    Nickname(String),
    /// So many fields are neither a minute's expression nor one with seconds.
    #[error("must have five fields, or six with seconds first, got {0}")]
    Fields(usize),
    /// One field cannot be read.
    #[error("must have {} of {}, as a value, a range, a list or a step such as */5, got `{text}`", .field.name(), .field.limits())]
    Field {
        /// Which one.
        field: Field,
        /// As it was given.
        text: String,
    },
    /// Each field can be read by itself, and all together cannot.
    #[error("must be a cron expression such as 30 2 * * MON-FRI")]
    Expression,
    /// The time zone database has no such name.
    #[error("must be an IANA time zone such as Europe/Berlin")]
    Zone,
}
