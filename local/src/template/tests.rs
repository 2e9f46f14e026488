//! The repository's own template, the spellings of intrinsic functions, and what broken templates say.
