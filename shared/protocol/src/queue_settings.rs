//! What people set for a queue: whether it is paused, how many of its attempts run at once, and how many start in a period.

use std::{num::NonZeroU32, time::Duration};

use crate::{Part, Rate, Share, TaskKey, Time};

/// How long an executor uses the settings of a queue that it has read.
pub const SETTINGS_KEPT: Duration = Duration::from_secs(4);

/// How long after the begin of that read an attempt may start.
pub const SETTINGS_KNOWN: Duration = Duration::from_secs(5);

/// How long a change of settings counts as new. It may have been written later than its own time says, and executors learn
/// of it some seconds after that.
const NEW: Duration = Duration::from_secs(30);

/// How long a message is delayed while the change is new. SQS delays by whole seconds and may deliver a second early.
const UNTIL_KNOWN: Duration = Duration::from_secs(6);

/// What a person wants of a queue.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// No task of the queue starts.
    pub paused: bool,
    /// How many attempts of the queue run at once. `None` is as many as there are.
    pub concurrency: Option<NonZeroU32>,
    /// How many attempts of the queue start in a period. `None` is as many as there are.
    pub rate: Option<Rate>,
    /// How many attempts of each fairness key of the queue run at once. `None` is as many as there are.
    pub key_concurrency: Option<NonZeroU32>,
    /// How many attempts of each fairness key of the queue start in a period. `None` is as many as there are.
    pub key_rate: Option<Rate>,
}

/// The rate of a queue, or of each of its fairness keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// The rate.
    pub rate: Rate,
    /// When it was set. It has its own slots, which begin then.
    pub set_at: Time,
}

/// What a person has set for a queue.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct QueueSettings {
    /// No task of the queue starts.
    pub paused: bool,
    /// How many attempts of the queue run at once. `None` is as many as there are.
    pub concurrency: Option<NonZeroU32>,
    /// How many attempts of the queue start in a period. `None` is as many as there are.
    pub pace: Option<Pace>,
    /// How many attempts of each fairness key of the queue run at once. `None` is as many as there are.
    pub key_concurrency: Option<NonZeroU32>,
    /// How many attempts of each fairness key of the queue start in a period. `None` is as many as there are.
    pub key_pace: Option<Pace>,
    /// Whether fairness keys have ever had a limit. Their hold lists may have entries.
    pub keyed: bool,
    /// When the settings were changed, or the beginning of time if nobody has changed them.
    pub changed_at: Time,
    /// When a pause or a limit ended last, a rate was changed, or tasks came to belong to other shares; or the beginning of
    /// time.
    pub eased_at: Time,
    /// The most shares that the queue's limit has ever had, or 0 if it never had a limit.
    pub shares: u16,
    /// Whether a hold list may have tasks of other shares: the number of shares has changed.
    pub mixed: bool,
    /// How many permits earlier shares may have out beyond what they have now, since a limit was raised. Later shares leave as
    /// many unused, until a tick sees that those attempts have ended.
    pub overhang: Overhang,
}

/// Permits of earlier shares that may be out beyond what these have now.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Overhang {
    /// How many.
    pub permits: u32,
    /// The number of the first share that came later.
    pub from: u16,
}

impl QueueSettings {
    /// These settings, changed at `now`.
    #[must_use]
    pub fn changed(self, wanted: Wanted, now: Time) -> Self {
        let Wanted { paused, concurrency, rate, key_concurrency, key_rate } = wanted;
        // Two changes of one moment must differ.
        let changed_at = now.max(self.changed_at.after(Duration::from_millis(1)));
        let paced = |before: Option<Pace>, rate: Option<Rate>| {
            rate.map(|rate| before.filter(|pace| pace.rate == rate).unwrap_or(Pace { rate, set_at: changed_at }))
        };
        let (pace, key_pace) = (paced(self.pace, rate), paced(self.key_pace, key_rate));
        let mut changed = QueueSettings {
            paused,
            concurrency,
            pace,
            key_concurrency,
            key_pace,
            keyed: self.keyed || key_concurrency.is_some() || key_pace.is_some(),
            changed_at,
            shares: self.shares.max(concurrency.map_or(0, Share::least)),
            ..self
        };
        let moved = self.count() != changed.count();
        let ended = self.paused && !paused
            || self.concurrency.is_some() && concurrency.is_none()
            || self.key_concurrency.is_some() && key_concurrency.is_none();
        let paced_anew =
            self.pace != pace && self.pace.is_some() || self.key_pace != key_pace && self.key_pace.is_some();
        if ended || paced_anew || moved && self.concurrency.is_some() {
            changed.eased_at = now;
        }
        if let Some(before) = self.concurrency.filter(|_| moved) {
            let beyond = (0..self.count()).map(|share| {
                let had = Share::permits(share, self.count(), before);
                had.saturating_sub(changed.permits(share).unwrap_or(u32::MAX))
            });
            let from = if self.overhang.permits > 0 { self.overhang.from } else { self.count() };
            let permits = self.overhang.permits + beyond.sum::<u32>();
            changed.overhang = Overhang { permits, from: from.min(self.count()) };
        }
        // A queue that nobody has set up has held nothing.
        changed.mixed |= moved && self.changed_at > Time::default();
        changed
    }

    /// What a person has set.
    pub fn wanted(&self) -> Wanted {
        Wanted {
            paused: self.paused,
            concurrency: self.concurrency,
            rate: self.pace.map(|pace| pace.rate),
            key_concurrency: self.key_concurrency,
            key_rate: self.key_pace.map(|pace| pace.rate),
        }
    }

    /// The rate of the queue, or of each of its fairness keys.
    pub fn pace_of(&self, part: &Part) -> Option<Pace> {
        match part {
            Part::Share(_) => self.pace,
            Part::Key(_) => self.key_pace,
        }
    }

    /// When a task that is dispatched at `now` should arrive: an executor that does not know the new settings yet would hold
    /// it again.
    pub fn arrival(&self, now: Time) -> Time {
        if now < self.eased_at.after(NEW) { now.after(UNTIL_KNOWN) } else { now }
    }

    /// Whether no earlier share has more permits out than it has now. `out` is how many a share has out.
    pub fn has_settled(&self, out: impl Fn(u16) -> usize) -> bool {
        let Some(limit) = self.concurrency else { return true };
        (0..self.overhang.from).all(|share| out(share) <= Share::permits(share, self.count(), limit) as usize)
    }

    /// How many shares the queue has. That never falls while the limit has a permit for each, so a limit that is lowered starts
    /// nothing until what runs has ended.
    pub fn count(&self) -> u16 {
        let Some(limit) = self.concurrency else { return 1 };
        self.shares.max(1).min(u16::try_from(limit.get()).unwrap_or(u16::MAX))
    }

    /// The share that a task belongs to. A queue without a limit has one, without permits.
    pub fn share(&self, key: &TaskKey) -> u16 {
        key.shard(self.count())
    }

    /// How many permits a share of the queue's limit has: 0 if the limit has no share of this number, `None` if there is no
    /// limit.
    pub fn permits(&self, share: u16) -> Option<u32> {
        let Overhang { permits: beyond, from } = self.overhang;
        let count = self.count();
        let limit = self.concurrency?;
        let own = Share::permits(share, count, limit);
        let later = count.saturating_sub(from);
        // Rounded up, so that the later shares together leave enough.
        let unused = if share < from || later == 0 { 0 } else { beyond.div_ceil(u32::from(later)) };
        Some(own.saturating_sub(unused))
    }

    /// The numbers of all shares whose hold lists may have entries.
    pub fn lists(&self) -> std::ops::Range<u16> {
        0..self.shares.max(1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NOW: Time = Time::from_millis(1_764_000_000_000);

    fn limited(limits: &[u32]) -> QueueSettings {
        limits
            .iter()
            .map(|limit| Wanted { concurrency: NonZeroU32::new(*limit), ..Wanted::default() })
            .fold(QueueSettings::default(), |settings, wanted| settings.changed(wanted, NOW))
    }

    fn permits(settings: QueueSettings) -> Vec<u32> {
        (0..settings.count()).map(|share| settings.permits(share).unwrap()).collect()
    }

    #[test]
    fn a_dispatched_task_arrives_when_every_executor_knows_that_the_queue_goes_on() {
        let paused = QueueSettings { paused: true, ..QueueSettings::default() };
        let settings = paused.changed(Wanted::default(), NOW);
        assert_eq!(settings.arrival(NOW.before(UNTIL_KNOWN)), NOW, "clocks differ");
        assert!(settings.arrival(NOW).since(NOW) > SETTINGS_KEPT + Duration::from_secs(1));
        assert_eq!(settings.arrival(NOW.after(NEW)), NOW.after(NEW));
    }

    #[test]
    fn a_limit_that_is_lowered_keeps_its_shares() {
        assert_eq!(permits(limited(&[80])), [40, 40]);
        assert_eq!(permits(limited(&[80, 30])), [15, 15]);
        assert_eq!(permits(limited(&[1_000, 3])), [1, 1, 1], "each share has a permit");
    }

    #[test]
    fn later_shares_leave_room_for_what_earlier_ones_have_beyond_theirs() {
        let raised = limited(&[40, 60]);
        // The first share may have 40 out, which is 10 more than its half of 60.
        let later = permits(raised)[1];
        assert!(later + 40 <= 60 && later > 0, "{later}");
        assert!(!raised.has_settled(|_| 31));
        assert!(raised.has_settled(|_| 30));
        let settled = QueueSettings { overhang: Overhang::default(), ..raised };
        assert_eq!(permits(settled), [30, 30]);
    }

    #[test]
    fn a_rate_that_is_set_again_keeps_its_slots_and_another_rate_has_new_ones() {
        let number = |number| NonZeroU32::new(number).unwrap();
        let rate = |tasks| Some(Rate { tasks: number(tasks), per_seconds: number(60), burst: number(1) });
        let set = QueueSettings::default().changed(Wanted { rate: rate(5), ..Wanted::default() }, NOW);
        let later = NOW.after(Duration::from_secs(9));
        let again = set.changed(Wanted { rate: rate(5), paused: true, ..Wanted::default() }, later);
        assert_eq!(again.pace, set.pace);
        let other = set.changed(Wanted { rate: rate(6), ..Wanted::default() }, later);
        assert_eq!(other.pace.unwrap().set_at, later);
        assert_eq!(other.eased_at, later, "what is held starts when every executor knows the rate");
    }
}
