//! The table's names: every attribute, every key built and parsed. Nothing else knows how a key is spelled.

use super::shards::Shards;
use taskway_protocol::{Agenda, Digest, TaskKey, Time};

/// Attribute names. Short, since a name is billed with each item; an item over 1 KB costs a second write unit.
pub(super) mod attr {
    /// Partition key of the table.
    pub(in crate::dynamo) const PK: &str = "PK";
    /// Sort key of the table.
    pub(in crate::dynamo) const SK: &str = "SK";
    /// Version of the record's form.
    pub(in crate::dynamo) const VERSION: &str = "v";
    /// State.
    pub(in crate::dynamo) const STATE: &str = "st";
    /// Birth, ms; sort key of the index `catalog`.
    pub(in crate::dynamo) const BORN: &str = "born";
    /// Generation.
    pub(in crate::dynamo) const GENERATION: &str = "g";
    /// Fence.
    pub(in crate::dynamo) const FENCE: &str = "f";
    /// Who claimed it, or who put it first.
    pub(in crate::dynamo) const OWNER: &str = "own";
    /// Attempts made.
    pub(in crate::dynamo) const ATTEMPTS: &str = "att";
    /// Attempts allowed.
    pub(in crate::dynamo) const MAX_ATTEMPTS: &str = "mx";
    /// Due, ms; only while it waits.
    pub(in crate::dynamo) const DUE: &str = "due";
    /// Deadline, ms.
    pub(in crate::dynamo) const DEADLINE: &str = "dl";
    /// Lease end, ms; only while it runs.
    pub(in crate::dynamo) const LEASE_END: &str = "le";
    /// End, ms; only once it ended.
    pub(in crate::dynamo) const ENDED_AT: &str = "fin";
    /// Retained until, s: DynamoDB's TTL.
    pub(in crate::dynamo) const TTL: &str = "ttl";
    /// Start of the latest attempt, ms.
    pub(in crate::dynamo) const STARTED_AT: &str = "sa";
    /// Progress: `done/total/at`.
    pub(in crate::dynamo) const PROGRESS: &str = "pg";
    /// Checkpoint, inline.
    pub(in crate::dynamo) const CHECKPOINT: &str = "ck";
    /// Checkpoint, the digest of its part.
    pub(in crate::dynamo) const CHECKPOINT_DIGEST: &str = "ckd";
    /// Result, inline.
    pub(in crate::dynamo) const RESULT: &str = "res";
    /// Result, the digest of its part.
    pub(in crate::dynamo) const RESULT_DIGEST: &str = "resd";
    /// Error: a map of kind, message, attempt, time.
    pub(in crate::dynamo) const ERROR: &str = "err";
    /// Queue.
    pub(in crate::dynamo) const QUEUE: &str = "q";
    /// Lane.
    pub(in crate::dynamo) const LANE: &str = "lane";
    /// Handler.
    pub(in crate::dynamo) const HANDLER: &str = "h";
    /// Body, inline.
    pub(in crate::dynamo) const BODY: &str = "b";
    /// Body, the digest of its part.
    pub(in crate::dynamo) const BODY_DIGEST: &str = "bd";
    /// The time asked for, ms.
    pub(in crate::dynamo) const RUN_AT: &str = "ra";
    /// Timeout of an attempt, s.
    pub(in crate::dynamo) const TIMEOUT: &str = "to";
    /// Backoff: `min/max/multiplier`.
    pub(in crate::dynamo) const BACKOFF: &str = "rp";
    /// Idempotency key.
    pub(in crate::dynamo) const IDEMPOTENCY_KEY: &str = "ik";
    /// Fingerprint of the request.
    pub(in crate::dynamo) const FINGERPRINT: &str = "fp";
    /// Fairness key.
    pub(in crate::dynamo) const FAIRNESS_KEY: &str = "fk";
    /// Expected duration, ms.
    pub(in crate::dynamo) const EXPECTED: &str = "x";
    /// Retention after the end, s.
    pub(in crate::dynamo) const RETAIN: &str = "rt";
    /// Partition key of the index `agenda`.
    pub(in crate::dynamo) const AGENDA: &str = "ap";
    /// Sort key of the index `agenda`.
    pub(in crate::dynamo) const AGENDA_AT: &str = "as";
    /// Partition key of the index `catalog`.
    pub(in crate::dynamo) const CATALOG: &str = "cp";
    /// A schedule's writes.
    pub(in crate::dynamo) const SCHEDULE_VERSION: &str = "ver";
    /// A schedule's revision.
    pub(in crate::dynamo) const REVISION: &str = "rev";
    /// A schedule's definition: JSON.
    pub(in crate::dynamo) const DEFINITION: &str = "def";
    /// What a schedule asks of each of its tasks: a map of a task's attributes.
    pub(in crate::dynamo) const TEMPLATE: &str = "tpl";
    /// Times that a schedule does not fire, for they had started by what it was before.
    pub(in crate::dynamo) const STARTED: &str = "ran";
    /// After when a schedule fires by its definition.
    pub(in crate::dynamo) const SINCE: &str = "since";
    /// Where a schedule stands.
    pub(in crate::dynamo) const PHASE: &str = "ph";
    /// A schedule's latest firing: `time/id`.
    pub(in crate::dynamo) const LAST_RUN: &str = "last";
    /// A schedule's firings that were not seen started: times, those of another revision as `time@revision`.
    pub(in crate::dynamo) const PENDING: &str = "pend";
    /// The text of a part.
    pub(in crate::dynamo) const TEXT: &str = "text";
    /// The most partitions that the agenda ever had.
    pub(in crate::dynamo) const AGENDA_SHARDS: &str = "agendas";
    /// The most partitions that a queue's catalog ever had.
    pub(in crate::dynamo) const CATALOG_SHARDS: &str = "catalogs";
    /// How often the audit's item was written.
    pub(in crate::dynamo) const WRITES: &str = "n";
    /// Until when a tick has the audit for itself, ms.
    pub(in crate::dynamo) const UNTIL: &str = "until";
    /// How often the audit's next page was tried in vain.
    pub(in crate::dynamo) const TRIES: &str = "tries";
    /// When the audit's next pass begins, ms.
    pub(in crate::dynamo) const NEXT: &str = "next";
    /// When the audit's pass began, ms; only while one is under way.
    pub(in crate::dynamo) const PASS_BEGAN: &str = "pb";
    /// The longest waits that the pass has seen, ms: `high/normal/low`.
    pub(in crate::dynamo) const PASS_WAITS: &str = "pw";
    /// What the pass has looked through and found: `items/tasks`.
    pub(in crate::dynamo) const PASS_COUNTS: &str = "pn";
    /// The key behind which the pass goes on: its partition.
    pub(in crate::dynamo) const FROM_PARTITION: &str = "at";
    /// The key behind which the pass goes on: its sort key.
    pub(in crate::dynamo) const FROM_SORT: &str = "ats";
    /// When the last whole pass began, ms.
    pub(in crate::dynamo) const LAST_BEGAN: &str = "lb";
    /// The longest waits that it saw.
    pub(in crate::dynamo) const LAST_WAITS: &str = "lw";
    /// The longest waits that it went by.
    pub(in crate::dynamo) const LAST_WENT_BY: &str = "lg";
}

/// The index of everything that time or a person must look at.
pub(super) const AGENDA_INDEX: &str = "agenda";

/// The index of every task by its queue and birth, of every queue, and of every schedule.
pub(super) const CATALOG_INDEX: &str = "catalog";

/// The sort key of a task's record.
pub(super) const RECORD: &str = "task";

/// The sort key of who goes through a shard of the agenda.
pub(super) const LEASE_ITEM: &str = "lease";

/// The partition of what the stack keeps of itself.
pub(super) const STACK: &str = "stack";

/// The sort key of how many partitions there ever were.
pub(super) const SHARDS: &str = "shards";

/// Both keys of the audit's item.
pub(super) const AUDIT: &str = "audit";

/// What every task's partition begins with.
pub(super) const TASK: &str = "task#";
const PART: &str = "part#";
const UNREADABLE: &str = "unreadable#";
const SWEEP: &str = "sweep#";

/// The agenda's partition of everything that could not be read. No shard has this name, and no queue, for a queue's has
/// no `#`.
pub(super) const UNREADABLES: &str = "agenda#unreadable";

/// The agenda's partition of the schedules, which a herd of due tasks must not hold up. No shard has this name, and no
/// queue.
pub(super) const SCHEDULES: &str = "agenda#cron";

/// The catalog's partition of the schedules. No queue's name begins so.
pub(super) const ALL_SCHEDULES: &str = "#schedules";

/// The sort key of a schedule.
pub(super) const SCHEDULE_RECORD: &str = "schedule";

const SCHEDULE: &str = "schedule#";

/// The sort key of a queue's own item.
pub(super) const QUEUE_RECORD: &str = "queue";

/// The catalog's partition of the queues themselves. No queue's partition has this name, for a queue's name begins with
/// a letter or a digit.
pub(super) const QUEUES: &str = "#queues";

const QUEUE: &str = "queue#";
const DEAD: &str = "dead#";
const DUE: &str = "due";
const LEASE: &str = "lease";

/// The partition of a task's record and parts.
pub(super) fn task(key: &TaskKey) -> String {
    format!("{TASK}{key}")
}

/// The task key in a partition key.
pub(super) fn parse_task(partition: &str) -> Option<TaskKey> {
    TaskKey::parse(partition.strip_prefix(TASK)?)
}

/// The sort key of a part: content of a task's that is too large for its record.
pub(super) fn part(digest: &Digest) -> String {
    format!("{PART}{digest}")
}

/// The partition of who goes through a shard of the agenda.
pub(super) fn sweep(shard: u16) -> String {
    format!("{SWEEP}{shard}")
}

/// The partition of a copy of a message that cannot be read.
pub(super) fn unreadable(message_id: &str) -> String {
    format!("{UNREADABLE}{message_id}")
}

/// The message id in the partition key of such a copy.
pub(super) fn parse_unreadable(partition: &str) -> Option<&str> {
    partition.strip_prefix(UNREADABLE)
}

/// Where such a copy stands in the agenda, whose ticks do not look there: by the time that its message was sent.
pub(super) fn unreadable_at(sent: Time, message_id: &str) -> String {
    format!("{}#{message_id}", moment(sent))
}

/// The time in the agenda's sort key of such a copy.
pub(super) fn parse_unreadable_at(sort: &str) -> Option<Time> {
    parse_moment(sort.split('#').next()?)
}

/// The partition of a schedule.
pub(super) fn schedule(name: &str) -> String {
    format!("{SCHEDULE}{name}")
}

/// The name in a schedule's partition key.
pub(super) fn parse_schedule(partition: &str) -> Option<&str> {
    partition.strip_prefix(SCHEDULE)
}

/// Where a schedule stands in the agenda.
pub(super) fn schedule_at(at: Time, name: &str) -> String {
    format!("{}#{name}", moment(at))
}

/// The catalog's partition of a queue's task.
pub(super) fn catalog(queue: &str, key: &TaskKey, shards: Shards) -> String {
    catalog_shard(queue, key.shard(shards.catalog))
}

/// A partition of a queue's catalog.
pub(super) fn catalog_shard(queue: &str, shard: u16) -> String {
    format!("{queue}#{shard}")
}

/// The partition of a queue's own item.
pub(super) fn queue(name: &str) -> String {
    format!("{QUEUE}{name}")
}

/// The queue's name in the partition key of its item.
pub(super) fn parse_queue(partition: &str) -> Option<&str> {
    partition.strip_prefix(QUEUE)
}

/// The agenda's sort keys of failed tasks, from the least to the greatest; or to that of one that failed then.
pub(super) fn dead(up_to: Option<(Time, &TaskKey)>) -> (String, String) {
    // Digits are below a letter, of which no time begins.
    let last = || format!("{DEAD}z");
    (DEAD.to_owned(), up_to.map_or_else(last, |(at, key)| dead_at(at, key)))
}

/// A partition of the agenda.
pub(super) enum AgendaPartition {
    /// What time must look at, in one order of time.
    Shard(String),
    /// What a person must look at: the task's queue, by its attribute. No shard is named like a queue, for a queue's
    /// name has no `#`.
    Queue,
}

/// Where an entry stands in the agenda.
pub(super) fn agenda(entry: &Agenda, key: &TaskKey, shards: Shards) -> (AgendaPartition, String) {
    let shard = || AgendaPartition::Shard(agenda_shard(key.shard(shards.agenda)));
    match entry {
        Agenda::Due(at) => (shard(), format!("{}#{DUE}#{key}", moment(*at))),
        Agenda::Lease(at) => (shard(), format!("{}#{LEASE}#{key}", moment(*at))),
        Agenda::Dead(at) => (AgendaPartition::Queue, dead_at(*at, key)),
    }
}

fn dead_at(at: Time, key: &TaskKey) -> String {
    format!("{DEAD}{}#{key}", moment(at))
}

/// The partition of a shard of the agenda.
pub(super) fn agenda_shard(shard: u16) -> String {
    format!("agenda#{shard}")
}

/// The sort key that is above all entries up to and at `until`.
pub(super) fn agenda_until(until: Time) -> String {
    moment(until.after(std::time::Duration::from_millis(1)))
}

/// The entry of an agenda's sort key.
pub(super) fn parse_agenda(sort: &str) -> Option<Agenda> {
    let mut words = sort.split('#');
    let (first, second) = (words.next()?, words.next()?);
    match (first, second) {
        ("dead", at) => parse_moment(at).map(Agenda::Dead),
        (at, DUE) => parse_moment(at).map(Agenda::Due),
        (at, LEASE) => parse_moment(at).map(Agenda::Lease),
        _ => None,
    }
}

/// Milliseconds with as many digits for each, so that their order as text is that of time.
fn moment(at: Time) -> String {
    format!("{:014}", at.as_millis())
}

fn parse_moment(text: &str) -> Option<Time> {
    text.parse().ok().map(Time::from_millis)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_built_is_parsed_back() {
        let key = TaskKey::from_bytes([7; 16]);
        assert_eq!(parse_task(&task(&key)), Some(key));
        let at = Time::from_millis(1_764_000_000_123);
        for entry in [Agenda::Due(at), Agenda::Lease(at), Agenda::Dead(at)] {
            assert_eq!(parse_agenda(&agenda(&entry, &key, Shards::default()).1), Some(entry));
        }
    }

    #[test]
    fn an_unreadable_message_stands_apart_from_tasks_and_queues() {
        let sent = Time::from_millis(1_764_000_000_123);
        assert_eq!(parse_unreadable(&unreadable("a-b")), Some("a-b"));
        assert_eq!(parse_unreadable_at(&unreadable_at(sent, "a-b")), Some(sent));
        assert_eq!(parse_task(&unreadable("a-b")), None);
        assert!((0..=u16::MAX).all(|shard| ![UNREADABLES, SCHEDULES].contains(&&*agenda_shard(shard))));
    }

    #[test]
    fn a_schedule_stands_apart_from_tasks_in_its_time() {
        assert_eq!(parse_schedule(&schedule("a-b")), Some("a-b"));
        assert_eq!((parse_schedule(&task(&TaskKey::from_bytes([7; 16]))), parse_task(&schedule("a-b"))), (None, None));
        let at = Time::from_millis;
        assert!(schedule_at(at(9), "z") < schedule_at(at(10), "a") && schedule_at(at(10), "z") < agenda_until(at(10)));
    }

    #[test]
    fn queues_stand_apart_from_tasks_and_their_catalogs() {
        assert_eq!(parse_queue(&queue("emails")), Some("emails"));
        assert_eq!(parse_task(&queue("emails")), None);
        assert!((0..=u16::MAX).all(|shard| catalog_shard("queues", shard) != QUEUES));
    }

    #[test]
    fn failed_tasks_are_between_their_bounds_and_nothing_else_is() {
        let (key, at) = (TaskKey::from_bytes([0xff; 16]), Time::from_millis(9));
        let (least, greatest) = dead(None);
        let within =
            |entry: Agenda| (least.clone()..=greatest.clone()).contains(&agenda(&entry, &key, Shards::default()).1);
        assert!(within(Agenda::Dead(at)) && within(Agenda::Dead(Time::default())));
        assert!(!within(Agenda::Due(at)) && !within(Agenda::Lease(at)));
        assert_eq!(dead(Some((at, &key))).1, agenda(&Agenda::Dead(at), &key, Shards::default()).1);
    }

    #[test]
    fn the_order_of_text_is_that_of_time() {
        let key = TaskKey::from_bytes([0xff; 16]);
        let sort = |ms| agenda(&Agenda::Due(Time::from_millis(ms)), &key, Shards::default()).1;
        assert!(sort(9) < sort(10));
        assert!(sort(10) < agenda_until(Time::from_millis(10)));
        assert!(agenda_until(Time::from_millis(9)) < sort(10));
    }
}
