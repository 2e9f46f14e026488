//! What came of a change that a person asked for.

use taskway_cloud::dynamo::{Conflict, StoreError};
use taskway_protocol::Task;

use crate::{accept::unavailable, problem::Problem};

/// What came of a change.
pub(crate) enum Changed {
    /// It was made.
    Done(Box<Task>),
    /// The task is not any more as it was when the change was decided upon.
    MovedOn(Box<Conflict>),
    /// The task is not there any more.
    Gone,
}

impl Changed {
    /// What a refused write comes to, if the table answered.
    pub(super) fn refused(error: StoreError) -> Result<Self, Problem> {
        match error {
            StoreError::Conflict(conflict) => Ok(Changed::MovedOn(conflict)),
            StoreError::NotFound => Ok(Changed::Gone),
            error @ (StoreError::Unavailable { .. } | StoreError::Malformed(_)) => Err(unavailable(&error)),
        }
    }
}
