//! The states of a task. Each carries what is valid in it and nothing else.

use crate::{Nonce, Time, lease::SKEW};

/// Where a task stands.
#[derive(Clone, PartialEq, Debug)]
pub enum State {
    /// Waits in the agenda; no message is relied on.
    Scheduled {
        /// Not to be claimed earlier.
        due: Time,
    },
    /// A message carries it.
    Queued {
        /// Not to be claimed earlier.
        due: Time,
    },
    /// An attempt holds it.
    Running {
        /// Which claim.
        owner: Nonce,
        /// When the claim lapses unless it is renewed.
        lease_end: Time,
        /// When the attempt must have ended, once it has beaten: from then on the agenda watches it too.
        hard_end: Option<Time>,
    },
    /// It ended.
    Ended {
        /// How.
        end: End,
        /// When.
        at: Time,
        /// The record is kept until then, in whole seconds.
        retained_until: Time,
    },
}

/// How a task ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// An attempt succeeded.
    Succeeded,
    /// No attempt will be made any more.
    Failed,
    /// Somebody stopped it.
    Cancelled,
    /// Its deadline passed before it ended.
    Expired,
}

/// A state without what it carries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
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
    /// All of them, in the order of a life.
    pub const ALL: [StateName; 7] = [
        StateName::Scheduled,
        StateName::Queued,
        StateName::Running,
        StateName::Succeeded,
        StateName::Failed,
        StateName::Cancelled,
        StateName::Expired,
    ];

    /// The name that clients see.
    pub const fn as_str(self) -> &'static str {
        match self {
            StateName::Scheduled => "scheduled",
            StateName::Queued => "queued",
            StateName::Running => "running",
            StateName::Succeeded => "succeeded",
            StateName::Failed => "failed",
            StateName::Cancelled => "cancelled",
            StateName::Expired => "expired",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether a task in it is over.
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

/// A task's one entry in the agenda: what time or a person must look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Agenda {
    /// To be sent at this time.
    Due(Time),
    /// A long attempt, to be looked after at this time at the latest.
    Lease(Time),
    /// Failed at this time, for a person to see.
    Dead(Time),
}

impl State {
    /// The state without what it carries.
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

    /// The entry that a task in this state has in the agenda, if any.
    pub const fn agenda(&self) -> Option<Agenda> {
        match self {
            State::Scheduled { due } => Some(Agenda::Due(*due)),
            State::Queued { .. } => None,
            State::Running { hard_end, .. } => match hard_end {
                Some(end) => Some(Agenda::Lease(*end)),
                None => None,
            },
            State::Ended { end: End::Failed, at, .. } => Some(Agenda::Dead(*at)),
            State::Ended { end: End::Succeeded | End::Cancelled | End::Expired, .. } => None,
        }
    }

    /// Until when others must leave the task alone, if an attempt may still hold it at `now`.
    pub fn live_lease(&self, now: Time) -> Option<Time> {
        match self {
            State::Running { lease_end, .. } if lease_end.after(SKEW) > now => Some(lease_end.after(SKEW)),
            State::Running { .. } | State::Scheduled { .. } | State::Queued { .. } | State::Ended { .. } => None,
        }
    }
}
