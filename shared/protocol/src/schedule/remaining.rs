//! The firings that a withdrawal leaves open, or finds started.

use super::pending::Pending;
use crate::{Fence, StateName, Task, TaskId, Time};

/// What a withdrawal leaves.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Remaining {
    /// The firings that have not ended.
    pub open: Vec<OpenFiring>,
    /// The times after the beginning of the withdrawal whose firings had already started.
    pub started: Vec<Time>,
}

/// A firing that has not ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenFiring {
    /// The firing's time and revision.
    pub firing: Pending,
    /// The id of the firing's task.
    pub id: TaskId,
    /// Whether the task has never started.
    pub waits: bool,
}

impl Remaining {
    /// Adds a firing whose task the withdrawal has read or cancelled. `since` is when the withdrawal began.
    pub fn add(&mut self, firing: Pending, task: &Task, since: Time) {
        if !task.state.name().is_ended() && !self.open.iter().any(|open| open.id == task.id) {
            self.open.push(OpenFiring { firing, id: task.id, waits: is_unstarted(task) });
        }
        if firing.at > since && task.fence > Fence::NONE {
            self.started.push(firing.at);
        }
    }
}

/// Whether a task waits and no executor has ever claimed it.
pub fn is_unstarted(task: &Task) -> bool {
    matches!(task.state.name(), StateName::Scheduled | StateName::Queued) && task.fence == Fence::NONE
}
