//! Every change of a task's record, as data: what the change expects of the record and what it sets.
//!
//! Three interpreters read this data. [`Transition::apply`] changes a record in memory. The adapter to DynamoDB compiles
//! the data to an `UpdateItem` with a condition, and to a PartiQL statement for a batch of writes. A property test checks
//! that all agree.

#[cfg(feature = "mutations")]
pub mod mutation;
mod step;

use std::time::Duration;

use crate::{
    AttemptError, Fence, Generation, PastAttempt, Priority, Progress, Spec, State, StateName, Stored, TaskId, Time,
};

pub use step::{Count, Step};

/// The longest delay of a message in SQS. A task that is due later waits in the agenda.
pub const LONGEST_MESSAGE_DELAY: Duration = Duration::from_secs(900);

/// A step of one life of a task.
#[derive(Clone, PartialEq, Debug)]
pub struct Transition {
    /// The birth of the life to change. A record of another life under the same key stays as it is.
    pub born: Time,
    /// The step to take.
    pub step: Step,
}

/// One expectation of a transition about the record. All must hold. The first that does not is the refusal.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "mutations", derive(strum::IntoStaticStr), strum(serialize_all = "kebab-case"))]
pub enum Expect {
    /// The record belongs to the life with this birth.
    Born(Time),
    /// The task is in one of these states.
    State(&'static [StateName]),
    /// The record has this generation.
    Generation(Generation),
    /// The record has this fence.
    Fence(Fence),
    /// No attempt holds the task at this time.
    NoLiveLease(Time),
    /// The task has no deadline, or one after this time.
    BeforeDeadline(Time),
    /// The task has a deadline, at or before this time.
    PastDeadline(Time),
    /// An attempt is left.
    AttemptsLeft,
    /// No attempt is left.
    AttemptsSpent,
    /// The task is due at or before this time, or it is running.
    Due(Time),
    /// The task's attempts have this timeout, in seconds.
    Timeout(u32),
    /// The task's lease does not end after this time. So a delayed heartbeat cannot undo a later one.
    LeaseUpTo(Time),
    /// The record is kept beyond this time.
    Kept(Time),
    /// The callback of the task's end is owed, or it is not.
    Owes(bool),
}

/// One change that a transition makes.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "mutations", derive(strum::IntoStaticStr), strum(serialize_all = "kebab-case"))]
pub enum Set {
    /// Sets the state with its data, and removes the data of the old state.
    State(State),
    /// Sets the lease of a running attempt, and its entry in the agenda.
    Lease {
        /// When the lease ends.
        end: Time,
        /// When the attempt must have ended.
        hard_end: Time,
    },
    /// Raises the generation by one.
    GenerationNext,
    /// Raises the fence by one.
    FenceNext,
    /// Raises the attempts by one.
    AttemptsPlusOne,
    /// Lowers the attempts by one.
    AttemptsMinusOne,
    /// Sets the attempts to zero.
    AttemptsZero,
    /// Raises the number of times that the task was given back in a row by one.
    GivenBackPlusOne,
    /// Sets that number to zero.
    GivenBackZero,
    /// Sets the start of the latest attempt.
    StartedAt(Time),
    /// Sets the progress.
    Progress(Progress),
    /// Sets the checkpoint.
    Checkpoint(Stored),
    /// Sets the result.
    Result(Stored),
    /// Sets the error.
    Error(AttemptError),
    /// Sets the past attempts.
    Past(Vec<PastAttempt>),
    /// Sets the list of callbacks that were made.
    Children(Vec<TaskId>),
    /// Removes the error of an earlier attempt.
    NoError,
    /// Removes start, progress, checkpoint, result, error and past attempts, and sets to zero how often the task was given back.
    Fresh,
    /// Sets the start that the client asked for.
    RunAt(Time),
    /// Sets or removes the deadline.
    Deadline(Option<Time>),
    /// Sets the lane.
    Priority(Priority),
    /// Sets all that the client asked for.
    Spec(Box<Spec>),
}

impl Transition {
    /// What this transition expects of the record. The order decides which refusal is reported.
    pub fn expects(&self) -> Vec<Expect> {
        let mut expects = vec![Expect::Born(self.born)];
        expects.extend(self.step.expects());
        #[cfg(feature = "mutations")]
        let expects = mutation::expects(&self.step, expects);
        expects
    }

    /// What this transition sets. No two changes touch the same field.
    pub fn sets(&self) -> Vec<Set> {
        let sets = self.step.sets();
        #[cfg(feature = "mutations")]
        let sets = mutation::sets(&self.step, sets);
        sets
    }
}
