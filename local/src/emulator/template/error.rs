//! What can be wrong with a template. Each error names the place to change.

/// Why a template could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The text is not YAML. The source has line and column.
    #[error("the template is not valid yaml")]
    Syntax(#[source] saphyr::ScanError),

    /// A part of the template is wrong or not supported.
    #[error("{place}{}: {problem}", within(property))]
    Property {
        /// The logical id of a resource, or the section of the template.
        place: String,
        /// The property in it, such as `RedrivePolicy.maxReceiveCount`; empty for the whole resource or section.
        property: String,
        /// What is wrong with it.
        problem: Problem,
    },
}

fn within(property: &str) -> String {
    if property.is_empty() { String::new() } else { format!(", {property}") }
}

/// What is wrong with one property.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The property has a wrong shape or value.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What would be right.
        expected: String,
        /// What the template has, shortened.
        found: String,
    },

    /// A required property is missing.
    #[error("expected {expected}, but it is missing")]
    Missing {
        /// What would be right.
        expected: String,
    },

    /// AWS may support it, but the local stack does not.
    #[error("{what} is not supported by the local stack")]
    Unsupported {
        /// What is not supported.
        what: String,
    },

    /// A reference to something that is not in the template, or that the local stack does not run.
    #[error("the template has no resource or parameter {reference} that the local stack supports")]
    Unresolved {
        /// The name as the template has it, such as `Tasks` or `Tasks.Arn`.
        reference: String,
    },
}
