//! What remains of a schedule whose firings were withdrawn.

use super::Pending;
use crate::{Fence, StateName, Task, TaskId, Time};

/// What a withdrawal leaves.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Remaining {
    /// The firings that have not ended.
    pub open: Vec<OpenFiring>,
    /// The times after the schedule was stopped whose firings had started before the withdrawal reached them.
    pub started: Vec<Time>,
}

/// A firing that has not ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenFiring {
    /// Its time and revision.
    pub firing: Pending,
    /// Its task.
    pub id: TaskId,
    /// Whether it has not started yet.
    pub waits: bool,
}

impl Remaining {
    /// Adds what the withdrawal found of a firing. `since` is when the schedule was stopped.
    pub fn add(&mut self, firing: Pending, task: &Task, since: Time) {
        if !task.state.name().is_ended() && !self.open.iter().any(|open| open.id == task.id) {
            self.open.push(OpenFiring { firing, id: task.id, waits: is_unstarted(task) });
        }
        if firing.at > since && task.fence > Fence::NONE {
            self.started.push(firing.at);
        }
    }
}

/// Whether a task waits and was never claimed.
pub fn is_unstarted(task: &Task) -> bool {
    matches!(task.state.name(), StateName::Scheduled | StateName::Queued) && task.fence == Fence::NONE
}
