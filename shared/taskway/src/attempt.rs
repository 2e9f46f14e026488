//! For executors: what an attempt is given, and how it ended.

pub use crate::{
    context::Reports,
    failure::Outcome,
    registry::{Handler, Input},
};
