//! The repository's own template.

mod patterns;
mod template;
