//! For executors, not for authors of handlers: what an attempt needs, what it reports, and how it ended.

pub use crate::{
    context::Reports,
    failure::{Outcome, Wait},
    handlers::Handler,
    payload::{Chunks, Source, whole_text},
    task::Input,
};
