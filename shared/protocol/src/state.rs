//! The states of a task. Each state carries only the data that is valid in it.

use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};

use crate::{Nonce, Time, lease::SKEW};

/// The state of a task.
#[derive(Clone, PartialEq, Debug)]
pub enum State {
    /// The task waits in the agenda or in a hold list. A tick will send its message.
    Scheduled {
        /// An executor cannot claim the task before this time.
        due: Time,
        /// Its queue holds the task back. The task is then in the queue's hold list instead of the agenda.
        held: bool,
    },
    /// A message carries the task.
    Queued {
        /// An executor cannot claim the task before this time.
        due: Time,
    },
    /// An attempt holds the task.
    Running {
        /// The nonce of the attempt's claim.
        owner: Nonce,
        /// When the lease ends, unless the attempt renews it.
        lease_end: Time,
        /// When the attempt must have ended. Set by its first heartbeat; from then on the agenda has an entry at this
        /// time.
        hard_end: Option<Time>,
    },
    /// The task ended.
    Ended {
        /// How the task ended.
        end: End,
        /// When the task ended.
        at: Time,
        /// The record is kept until this time, in whole seconds.
        retained_until: Time,
        /// Whether the callback of this end is still to be made.
        owes: bool,
    },
}

/// How a task ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// An attempt succeeded.
    Succeeded,
    /// The task failed, and no other attempt follows.
    Failed,
    /// A client cancelled the task, or a schedule withdrew it.
    Cancelled,
    /// The deadline passed before the task ended.
    Expired,
}

/// The name of a state, without the data that the state carries. Each end is a state of its own here.
///
/// The names in the API and in the table are the variants' in lower case.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, EnumString, IntoStaticStr, VariantArray, VariantNames,
)]
#[strum(serialize_all = "lowercase")]
pub enum StateName {
    /// See [`State::Scheduled`].
    Scheduled,
    /// See [`State::Queued`].
    Queued,
    /// See [`State::Running`].
    Running,
    /// See [`End::Succeeded`].
    Succeeded,
    /// See [`End::Failed`].
    Failed,
    /// See [`End::Cancelled`].
    Cancelled,
    /// See [`End::Expired`].
    Expired,
}

impl StateName {
    /// Every state, in the order of a task's life.
    pub const ALL: &[Self] = <Self as VariantArray>::VARIANTS;

    /// The name of every state, in the order of [`ALL`](Self::ALL).
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;

    /// The name in the API and in the table.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The state with this name.
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// Whether a task in this state has ended.
    pub const fn is_ended(self) -> bool {
        match self {
            StateName::Scheduled | StateName::Queued | StateName::Running => false,
            StateName::Succeeded | StateName::Failed | StateName::Cancelled | StateName::Expired => true,
        }
    }
}

impl From<End> for StateName {
    fn from(end: End) -> Self {
        match end {
            End::Succeeded => StateName::Succeeded,
            End::Failed => StateName::Failed,
            End::Cancelled => StateName::Cancelled,
            End::Expired => StateName::Expired,
        }
    }
}

/// A task's entry in the agenda. A task has at most one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Agenda {
    /// A tick must send the task's message so that it arrives at this time.
    Due(Time),
    /// An attempt must have ended by this time. If it has not, a tick must settle the task.
    Lease(Time),
    /// The task ended at this time, and its callback may not be made yet. A tick must make it.
    Owed(Time),
    /// The task failed at this time. A person may look at it.
    Dead(Time),
}

impl State {
    /// The name of the state.
    pub const fn name(&self) -> StateName {
        match self {
            State::Scheduled { .. } => StateName::Scheduled,
            State::Queued { .. } => StateName::Queued,
            State::Running { .. } => StateName::Running,
            State::Ended { end, .. } => match end {
                End::Succeeded => StateName::Succeeded,
                End::Failed => StateName::Failed,
                End::Cancelled => StateName::Cancelled,
                End::Expired => StateName::Expired,
            },
        }
    }

    /// The entry that a task in this state has in the agenda.
    pub const fn agenda(&self) -> Option<Agenda> {
        match self {
            State::Scheduled { due, held: false } => Some(Agenda::Due(*due)),
            State::Scheduled { held: true, .. } => None,
            State::Queued { .. } => None,
            State::Running { hard_end, .. } => match hard_end {
                Some(end) => Some(Agenda::Lease(*end)),
                None => None,
            },
            State::Ended { at, owes: true, .. } => Some(Agenda::Owed(*at)),
            State::Ended { end: End::Failed, at, .. } => Some(Agenda::Dead(*at)),
            State::Ended { end: End::Succeeded | End::Cancelled | End::Expired, .. } => None,
        }
    }

    /// Until when no other process may take over the task, if an attempt may still hold it at `now`. That is the end of
    /// the lease plus [`SKEW`].
    pub fn live_lease(&self, now: Time) -> Option<Time> {
        match self {
            State::Running { lease_end, .. } if lease_end.after(SKEW) > now => Some(lease_end.after(SKEW)),
            State::Running { .. } | State::Scheduled { .. } | State::Queued { .. } | State::Ended { .. } => None,
        }
    }
}
