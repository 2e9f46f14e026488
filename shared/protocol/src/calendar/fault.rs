//! Why an expression or a zone is refused. The texts are for the client that wrote it.

use super::field::Field;

/// Why an expression or the name of a zone is refused. The text continues a sentence that begins with the name of the
/// API's field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The expression is too long.
    #[error("must have at most {most} characters, got {length}")]
    Long {
        /// The longest that is allowed, in characters.
        most: usize,
        /// The length of the expression, in characters.
        length: usize,
    },
    /// The expression begins with `@` and is not one of the names.
    #[error("must be one of @yearly @annually @monthly @weekly @daily @midnight @hourly, got `{0}`")]
    Nickname(String),
    /// The expression is one of another scheduler.
    #[error("must not be `{text}`: {advice}")]
    Foreign {
        /// The expression.
        text: String,
        /// What to write instead.
        advice: String,
    },
    /// The expression has `?`, as those of Quartz and EventBridge do, and names days of the week by number. Those count
    /// from another day.
    #[error("must name its days of the week, because it has `?`: {advice}")]
    Weekday {
        /// What the numbers mean there and here, and what to write.
        advice: String,
    },
    /// The expression does not have five or six fields.
    #[error("must have five fields, or six with seconds first, got {0}")]
    Fields(usize),
    /// A field cannot be read.
    #[error("must have {} of {}, as a value, a range, a list or a step such as */5, got `{text}`", .field.name(), .field.limits())]
    Field {
        /// The field.
        field: Field,
        /// The text of the field.
        text: String,
    },
    /// A day of the week has a `#` with an occurrence that does not exist.
    #[error("must have a day of the week with #1 to #5, or with #L for the last, got `{0}`")]
    Nth(String),
    /// Each field can be read, but the whole expression cannot.
    #[error("must be a cron expression such as 30 2 * * MON-FRI")]
    Expression,
    /// The time zone database does not have this name. If it is long, this is its beginning.
    #[error("must be an IANA time zone such as Europe/Berlin, got `{0}`")]
    Zone(String),
    /// The time zone database does not have this name, and it is plain what is wrong with it.
    #[error("must be an IANA time zone such as Europe/Berlin, got `{text}`: {advice}")]
    Misnamed {
        /// The name. If it is long, this is its beginning.
        text: String,
        /// What to write instead.
        advice: String,
    },
}
