//! What can be wrong with a template, said so that the line to change can be found.

/// Why a template could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The text is not YAML at all; the source says where.
    #[error("the template is not valid yaml")]
    Syntax(#[source] saphyr::ScanError),

    /// The text is YAML, but a part of it is not what the local stack can run.
    #[error("{place}{}: {problem}", within(property))]
    Property {
        /// The logical id of a resource, or the section of the template.
        place: String,
        /// The property within it, such as `RedrivePolicy.maxReceiveCount`; empty for the whole.
        property: String,
        /// What is wrong there.
        problem: Problem,
    },
}

fn within(property: &str) -> String {
    if property.is_empty() { String::new() } else { format!(", {property}") }
}

/// What is wrong with one property.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The property has another shape or value.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What would be right.
        expected: String,
        /// What is there, shortened.
        found: String,
    },

    /// The property is needed and not there.
    #[error("expected {expected}, but it is missing")]
    Missing {
        /// What would be right.
        expected: String,
    },

    /// AWS may know it, but the local stack does not.
    #[error("{what} is not supported by the local stack")]
    Unsupported {
        /// What is not supported.
        what: String,
    },

    /// A reference to what the template does not have or the local stack does not run.
    #[error("{reference} is nothing in this template that the local stack knows")]
    Unresolved {
        /// The name as it is written, such as `Tasks` or `Tasks.Arn`.
        reference: String,
    },
}
