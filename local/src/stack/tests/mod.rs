//! The repository's own template.

mod template;
