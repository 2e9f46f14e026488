//! Callbacks: the tasks that follow the ends of the one task. Their records are only names here, because each is an ordinary
//! task whose life the other state spaces have.

use std::{sync::LazyLock, time::Duration};

use taskway_protocol::{Callbacks, End, State, Step, Task, TaskId, TaskKey};

use crate::{
    instant::time,
    record::{RETAIN_SECONDS, Record, Standing, small},
    rules::Rule,
};

/// How long a record is kept at least while it owes a callback.
pub(crate) const KEPT_WHILE_OWED: Duration = Duration::from_secs(14 * 86_400);

/// The lives and the generations that a callback may have a number for. The bounds are smaller.
const LIVES: u8 = 2;
const GENERATIONS: u8 = 4;

/// Which ends of the task a callback follows. None follows a cancelled one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum Followed {
    /// None.
    #[default]
    Nothing,
    /// Failures, and deadlines that passed.
    Failures,
    /// Successes too.
    All,
}

impl Followed {
    /// The same for the protocol.
    pub(crate) const fn callbacks(self) -> Callbacks {
        match self {
            Followed::Nothing => Callbacks::NONE,
            Followed::Failures => Callbacks { on_success: false, on_failure: true },
            Followed::All => Callbacks { on_success: true, on_failure: true },
        }
    }

    /// The same from the protocol.
    pub(crate) const fn of(callbacks: Callbacks) -> Self {
        match (callbacks.on_failure, callbacks.on_success) {
            (true, true) => Followed::All,
            (true, false) => Followed::Failures,
            (false, _) => Followed::Nothing,
        }
    }

    const fn has(self, end: End) -> bool {
        match (self, end) {
            (Followed::Nothing, _) | (_, End::Cancelled) | (Followed::Failures, End::Succeeded) => false,
            (Followed::Failures, End::Failed | End::Expired)
            | (Followed::All, End::Succeeded | End::Failed | End::Expired) => true,
        }
    }
}

/// A set of callbacks, by their numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Set(u8);

impl Set {
    /// Those of a record.
    pub(crate) fn of(ids: &[TaskId]) -> Self {
        Set(ids.iter().fold(0, |all, id| all | 1 << number(*id)))
    }

    /// Their ids. The births do not matter to the model.
    pub(crate) fn ids(self) -> Vec<TaskId> {
        // Most records list none, and the keys are computed from such a record.
        if self == Set::default() {
            return Vec::new();
        }
        let listed = (0..).zip(KEYS.iter()).filter(|(one, _)| self.has(*one));
        listed.map(|(_, key)| TaskId { key: *key, born: time(0) }).collect()
    }

    fn with(self, number: u8) -> Self {
        Set(self.0 | 1 << number)
    }

    const fn has(self, number: u8) -> bool {
        self.0 & 1 << number != 0
    }
}

/// What became of the callbacks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Children {
    /// Which ends have one.
    pub followed: Followed,
    /// What the checker knows: the ends that had one.
    due: Set,
    /// The callbacks that are in the table.
    put: Set,
    /// Those that a message or the agenda has carried.
    carried: Set,
}

impl Children {
    /// Before the first end.
    pub(crate) fn new(followed: Followed) -> Self {
        Children { followed, ..Children::default() }
    }

    /// Puts the callback's record, unless it is there.
    pub(crate) fn put(&mut self, id: TaskId) {
        self.put = self.put.with(number(id));
    }

    /// A message or the agenda carries it from now on.
    pub(crate) fn carry(&mut self, id: TaskId) {
        self.carried = self.carried.with(number(id));
    }

    /// Each end that has a callback owes it, or it is made and carried.
    pub(crate) fn is_complete(&self, record: Option<&Record>) -> bool {
        let owed = record.filter(|record| record.owes()).map(|record| end(record.life, record.generation));
        (0..LIVES * GENERATIONS).all(|one| !self.due.has(one) || self.carried.has(one) || owed == Some(one))
    }

    /// No other end has one.
    pub(crate) const fn are_due(&self) -> bool {
        self.put.0 & !self.due.0 == 0
    }

    /// How many are in the table.
    pub(crate) const fn count(&self) -> u32 {
        self.put.0.count_ones()
    }

    /// The rule about callbacks that this write breaks. Also notes which ends have one.
    pub(crate) fn broken(&mut self, before: &Task, after: &Task, step: &Step) -> Option<Rule> {
        let one = end(small(before.id.born.as_millis()), small(before.generation.0.into()));
        let listed = Set::of(&before.children);
        let expected = if matches!(step, Step::Callback { .. }) { listed.with(one) } else { listed };
        if Set::of(&after.children) != expected {
            return Some(Rule::Listed);
        }
        let State::Ended { end, at, retained_until, owes } = after.state else {
            return owes(before).then_some(Rule::Owed);
        };
        let right = match before.state {
            // Nothing changes an ended task, but once that its callback is made.
            State::Ended { end: ended, at: ended_at, owes: owed, .. } => {
                owed && !owes && (end, at) == (ended, ended_at)
            }
            State::Scheduled { .. } | State::Queued { .. } | State::Running { .. } => owes == self.followed.has(end),
        };
        if !right {
            return Some(Rule::Owed);
        }
        if owes {
            self.due = self.due.with(one);
        }
        let kept = if owes { KEPT_WHILE_OWED } else { Duration::from_secs(RETAIN_SECONDS.into()) };
        (retained_until != at.after(kept)).then_some(Rule::Kept)
    }
}

fn owes(task: &Task) -> bool {
    matches!(task.state, State::Ended { owes: true, .. })
}

/// The number of the end of this life at this generation.
const fn end(life: u8, generation: u8) -> u8 {
    (life - 1) * GENERATIONS + generation - 1
}

/// The number of the first end whose callback has this id.
fn number(id: TaskId) -> u8 {
    let place =
        KEYS.iter().position(|key| *key == id.key).expect("a callback of the model follows an end of the model");
    small(place as u64)
}

/// The keys of the callbacks, as the protocol computes them, by the numbers of their ends.
static KEYS: LazyLock<Vec<TaskKey>> = LazyLock::new(|| {
    let ends = (1..=LIVES).flat_map(|life| (1..=GENERATIONS).map(move |generation| (life, generation)));
    let key = |(life, generation)| {
        let standing = Standing::Ended { end: 0, kept_until: 0, owes: true };
        let record = Record { generation, standing, ..Record::new(life, 0, false, None, false) };
        record.task().owed_callback().expect("the record owes one").0.key
    };
    ends.map(key).collect()
});
