//! Every key of the table and its indexes. Only this file builds and parses keys.

use std::time::Duration;

use super::shards::Shards;
use taskway_protocol::{Agenda, Digest, Generation, HoldEntry, Part, Scope, TaskKey, Time};

/// The index of everything that a tick or a person must look at.
pub const AGENDA_INDEX: &str = "agenda";

/// The index of all tasks by queue and birth, of all queues, and of all schedules.
pub const CATALOG_INDEX: &str = "catalog";

/// The beginning of the partition key of every task.
pub const TASK_PREFIX: &str = "task#";

/// The sort key of a task's record, and of the copy of an unreadable message.
pub const TASK_SORT: &str = "task";

/// The beginning of the sort key of every part.
pub const PART_PREFIX: &str = "part#";

const UNREADABLE_PREFIX: &str = "unreadable#";

/// The beginning of the partition key of every sweep's lease.
pub const SWEEP_PREFIX: &str = "sweep#";

/// The beginning of the partition key of every place of a waiting request.
const WAIT_PREFIX: &str = "wait#";

/// The sort key of a lease.
pub const LEASE_SORT: &str = "lease";

/// The beginning of the partition key of every schedule.
pub const SCHEDULE_PREFIX: &str = "schedule#";

/// The sort key of a schedule.
pub(super) const SCHEDULE_SORT: &str = "schedule";

/// The beginning of the partition key of every queue's item.
pub const QUEUE_PREFIX: &str = "queue#";

/// The sort key of a queue's item.
pub(super) const QUEUE_SORT: &str = "queue";

/// The partition key of the item with the numbers of shards.
pub(super) const STACK_PARTITION: &str = "stack";

/// The sort key of the item with the numbers of shards.
pub(super) const SHARDS_SORT: &str = "shards";

/// Both keys of the audit's position.
pub const AUDIT_KEY: &str = "audit";

/// The agenda's partition of unreadable messages. No shard has this name, and no queue, because the name of a queue has
/// no `#`.
pub const UNREADABLE_AGENDA: &str = "agenda#unreadable";

/// The agenda's partition of schedules. It is separate from the tasks, so many due tasks do not delay the schedules. No
/// shard and no queue has this name.
pub const SCHEDULE_AGENDA: &str = "agenda#cron";

/// The catalog's partition of schedules. No queue's partition begins with `#`.
pub(super) const SCHEDULE_CATALOG: &str = "#schedules";

/// The catalog's partition of queues. No queue's partition begins with `#`, because the name of a queue begins with a
/// letter or a digit.
pub(super) const QUEUE_CATALOG: &str = "#queues";

/// The sort key of a queue's settings. They share the partition of the queue's item.
pub const SETTINGS_SORT: &str = "settings";

/// The agenda's partition of queues whose hold lists a tick reads. No shard and no queue has this name.
pub(super) const QUEUE_AGENDA: &str = "agenda#queues";

/// The beginning of the partition key of every hold list.
const HOLD_PREFIX: &str = "hold#";

/// The beginning of the last word of the partition keys in which the hold lists of fairness keys stand. No share's number has it.
const KEYS: char = 'k';

/// In how many partitions the hold lists of a queue's fairness keys stand. A partition takes some 1,000 writes a second.
pub(super) const KEY_PLACES: u8 = 8;

/// The sort key of a fairness key's ledger.
const KEY_LEDGER_SORT: &str = "-";

/// The beginning of the partition key of a queue's ledgers.
const LIMIT_PREFIX: &str = "limit#";

/// The beginning of the partition key of a queue's slots.
const RATE_PREFIX: &str = "rate#";

/// The sort key of the item that says how far the slots of a queue or of a fairness key are given out.
pub(super) const RATE_SORT: &str = "-";

/// The partition of the programs that executors have announced. The sort key is the digest of the handlers' names.
pub const PROGRAMS_PARTITION: &str = "programs";

/// The partition of the counts of ended tasks, and of what AWS bills. The sort key is the minute, or the month.
pub(super) const ENDED_PARTITION: &str = "ended";

/// The sort key of the counts of the minute that begins at this time.
pub(super) fn ended_sort(minute: Time) -> String {
    format!("{:014}", minute.as_millis())
}

/// What the sort key of a month's counts begins with. It comes after all minutes.
pub(super) const MONTH_PREFIX: &str = "month#";

/// The sort key of the counts of a month such as `2026-11`.
pub(super) fn month_sort(month: &str) -> String {
    format!("{MONTH_PREFIX}{month}")
}

/// Reads what [`ended_sort`] writes.
pub(super) fn parse_ended_sort(text: &str) -> Option<Time> {
    text.parse().ok().map(Time::from_millis)
}

const DEAD: &str = "dead";
const DUE: &str = "due";
const LEASE: &str = "lease";
const OWED: &str = "owed";

/// The partition of a task's record and parts.
pub fn task_partition(key: &TaskKey) -> String {
    format!("{TASK_PREFIX}{key}")
}

/// The task key in a partition key.
pub fn parse_task_partition(partition: &str) -> Option<TaskKey> {
    TaskKey::parse(partition.strip_prefix(TASK_PREFIX)?)
}

/// The sort key of a part: an item with a text that is too large for its task's record.
pub fn part_sort(digest: &Digest) -> String {
    format!("{PART_PREFIX}{digest}")
}

/// The partition of the lease on the sweep of a shard.
pub fn sweep_partition(shard: u16) -> String {
    format!("{SWEEP_PREFIX}{shard}")
}

/// The partition of a place of a waiting request.
pub(super) fn wait_partition(place: u16) -> String {
    format!("{WAIT_PREFIX}{place}")
}

/// The partition of the copy of an unreadable message.
pub fn unreadable_partition(message_id: &str) -> String {
    format!("{UNREADABLE_PREFIX}{message_id}")
}

/// The message id in the partition key of such a copy.
pub fn parse_unreadable_partition(partition: &str) -> Option<&str> {
    partition.strip_prefix(UNREADABLE_PREFIX)
}

/// The agenda's sort key of such a copy. The copies stand in the order in which their messages were sent.
pub(super) fn unreadable_sort(sent: Time, message_id: &str) -> String {
    format!("{}#{message_id}", moment(sent))
}

/// The time in the agenda's sort key of such a copy.
pub(super) fn parse_unreadable_sort(sort: &str) -> Option<Time> {
    parse_moment(sort.split('#').next()?)
}

/// The partition of a schedule.
pub fn schedule_partition(name: &str) -> String {
    format!("{SCHEDULE_PREFIX}{name}")
}

/// The name in the partition key of a schedule.
pub fn parse_schedule_partition(partition: &str) -> Option<&str> {
    partition.strip_prefix(SCHEDULE_PREFIX)
}

/// The agenda's sort key of a schedule.
pub(super) fn schedule_sort(at: Time, name: &str) -> String {
    format!("{}#{name}", moment(at))
}

/// The partition of a queue's item.
pub fn queue_partition(name: &str) -> String {
    format!("{QUEUE_PREFIX}{name}")
}

/// The queue's name in the partition key of its item.
pub(super) fn parse_queue_partition(partition: &str) -> Option<&str> {
    partition.strip_prefix(QUEUE_PREFIX)
}

/// The partition of a hold list. The first share of a queue has no number in it. The lists of a queue's fairness keys stand in a
/// few partitions, one behind the other.
pub fn hold_partition(scope: &Scope) -> String {
    let queue = &scope.queue;
    match &scope.part {
        Part::Share(0) => format!("{HOLD_PREFIX}{queue}"),
        Part::Share(share) => format!("{HOLD_PREFIX}{queue}#{share}"),
        Part::Key(key) => key_holds_partition(queue, key_place(key)),
    }
}

/// A partition with the hold lists of some fairness keys.
pub(super) fn key_holds_partition(queue: &str, place: u8) -> String {
    format!("{HOLD_PREFIX}{queue}#{KEYS}{place}")
}

/// The partition in which a fairness key's hold list stands.
fn key_place(key: &str) -> u8 {
    Digest::of(key.as_bytes()).as_bytes()[0] % KEY_PLACES
}

/// The partition of the ledgers of a queue's shares, or of the ledger of a fairness key.
pub fn limit_partition(scope: &Scope) -> String {
    match &scope.part {
        Part::Share(_) => share_ledgers_partition(&scope.queue),
        Part::Key(key) => format!("{LIMIT_PREFIX}{}#{key}", scope.queue),
    }
}

/// The partition of the ledgers of a queue's shares.
pub(super) fn share_ledgers_partition(queue: &str) -> String {
    format!("{LIMIT_PREFIX}{queue}")
}

/// The scope of a ledger.
pub fn parse_ledger(partition: &str, sort: &str) -> Option<Scope> {
    let queue = partition.strip_prefix(LIMIT_PREFIX)?;
    match queue.split_once('#') {
        Some((queue, key)) => Some(Scope::key(queue, key)),
        None => Some(Scope::share(queue, parse_ledger_sort(sort)?)),
    }
}

/// The sort key of a ledger.
pub(super) fn ledger_sort(scope: &Scope) -> String {
    match scope.part {
        Part::Share(share) => format!("{share:05}"),
        Part::Key(_) => KEY_LEDGER_SORT.to_owned(),
    }
}

/// The share in the sort key of its ledger.
pub(super) fn parse_ledger_sort(sort: &str) -> Option<u16> {
    sort.parse().ok()
}

/// The partition of the slots of a queue or of a fairness key.
pub fn rate_partition(scope: &Scope) -> String {
    let queue = &scope.queue;
    match &scope.part {
        Part::Share(_) => format!("{RATE_PREFIX}{queue}"),
        Part::Key(key) => format!("{RATE_PREFIX}{queue}#{key}"),
    }
}

/// The sort key of an entry in a hold list. The entries of a list stand in the order of their ranks.
pub(super) fn hold_sort(scope: &Scope, entry: &HoldEntry) -> String {
    let place = format!("{}#{}#{}", moment(entry.rank), entry.id.key, entry.generation.0);
    match &scope.part {
        Part::Share(_) => place,
        Part::Key(key) => format!("{}{place}", key_holds_prefix(key)),
    }
}

/// The beginning of the sort keys of a fairness key's hold list. No fairness key has a space.
pub(super) fn key_holds_prefix(key: &str) -> String {
    format!("{key} ")
}

/// A sort key after the hold list of a fairness key, and before that of any other that comes later. It has the character
/// that follows the space.
pub(super) fn key_holds_after(key: &str) -> String {
    format!("{key}!")
}

/// The fairness key whose hold list has an entry with this sort key.
pub(super) fn parse_key_of_hold(sort: &str) -> Option<&str> {
    sort.split_once(' ').map(|(key, _)| key)
}

/// The scope of a hold list's entry.
pub fn parse_hold(partition: &str, sort: &str) -> Option<Scope> {
    let scope = partition.strip_prefix(HOLD_PREFIX)?;
    match scope.split_once('#') {
        Some((queue, place)) if place.starts_with(KEYS) => Some(Scope::key(queue, parse_key_of_hold(sort)?)),
        Some((queue, share)) => Some(Scope::share(queue, share.parse().ok()?)),
        None => Some(Scope::share(scope, 0)),
    }
}

/// The rank, the task's key and the generation in the sort key of such an entry.
pub fn parse_hold_sort(sort: &str) -> Option<(Time, TaskKey, Generation)> {
    let place = sort.split_once(' ').map_or(sort, |(_, place)| place);
    let mut words = place.split('#');
    let (rank, key, generation) = (words.next()?, words.next()?, words.next()?);
    Some((parse_moment(rank)?, TaskKey::parse(key)?, Generation(generation.parse().ok()?)))
}

/// The catalog's partition of a task.
pub(super) fn catalog_partition_of(queue: &str, key: &TaskKey, shards: Shards) -> String {
    catalog_partition(queue, key.shard(shards.catalog))
}

/// A partition of a queue's catalog.
pub fn catalog_partition(queue: &str, shard: u16) -> String {
    format!("{queue}#{shard}")
}

/// The partition of a shard of the agenda.
pub fn agenda_partition(shard: u16) -> String {
    format!("agenda#{shard}")
}

/// The agenda's partition of an entry.
pub(super) enum AgendaPartition {
    /// A shard, with the entries that a tick must look at, in order of time.
    Shard(String),
    /// The partition of the task's queue, with the tasks that failed. Its key is the queue's name. No shard has that
    /// name, because the name of a queue has no `#`.
    Queue,
}

/// The agenda's partition of an entry.
pub(super) fn agenda_partition_of(entry: &Agenda, key: &TaskKey, shards: Shards) -> AgendaPartition {
    match entry {
        Agenda::Due(_) | Agenda::Lease(_) | Agenda::Owed(_) => {
            AgendaPartition::Shard(agenda_partition(key.shard(shards.agenda)))
        }
        Agenda::Dead(_) => AgendaPartition::Queue,
    }
}

/// The agenda's sort key of an entry.
pub fn agenda_sort(entry: &Agenda, key: &TaskKey) -> String {
    match entry {
        Agenda::Due(at) => format!("{}#{DUE}#{key}", moment(*at)),
        Agenda::Lease(at) => format!("{}#{LEASE}#{key}", moment(*at)),
        Agenda::Owed(at) => format!("{}#{OWED}#{key}", moment(*at)),
        Agenda::Dead(at) => format!("{DEAD}#{}#{key}", moment(*at)),
    }
}

/// A sort key that is greater than those of all entries at or before `until`, and less than those of all later ones.
pub fn agenda_until(until: Time) -> String {
    moment(until.after(Duration::from_millis(1)))
}

/// The agenda's sort keys of failed tasks, from the least to the greatest. With `up_to`, the greatest is the key of the
/// task that failed at this time.
pub(super) fn dead_range(up_to: Option<(Time, &TaskKey)>) -> (String, String) {
    // A time begins with a digit, which is less than a letter.
    let last = || format!("{DEAD}#z");
    (format!("{DEAD}#"), up_to.map_or_else(last, |(at, key)| agenda_sort(&Agenda::Dead(at), key)))
}

/// The entry that an agenda's sort key stands for.
pub(super) fn parse_agenda_sort(sort: &str) -> Option<Agenda> {
    let mut words = sort.split('#');
    let (first, second) = (words.next()?, words.next()?);
    match (first, second) {
        (DEAD, at) => parse_moment(at).map(Agenda::Dead),
        (at, DUE) => parse_moment(at).map(Agenda::Due),
        (at, LEASE) => parse_moment(at).map(Agenda::Lease),
        (at, OWED) => parse_moment(at).map(Agenda::Owed),
        _ => None,
    }
}

/// Milliseconds with a fixed number of digits, so that the order of the texts is the order of the times.
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
    use taskway_protocol::TaskId;

    #[test]
    fn keys_are_parsed_back() {
        let key = TaskKey::from_bytes([7; 16]);
        assert_eq!(parse_task_partition(&task_partition(&key)), Some(key));
        let at = Time::from_millis(1_764_000_000_123);
        for entry in [Agenda::Due(at), Agenda::Lease(at), Agenda::Owed(at), Agenda::Dead(at)] {
            assert_eq!(parse_agenda_sort(&agenda_sort(&entry, &key)), Some(entry));
        }
    }

    #[test]
    fn an_unreadable_message_has_a_partition_of_its_own() {
        let sent = Time::from_millis(1_764_000_000_123);
        assert_eq!(parse_unreadable_partition(&unreadable_partition("a-b")), Some("a-b"));
        assert_eq!(parse_unreadable_sort(&unreadable_sort(sent, "a-b")), Some(sent));
        assert_eq!(parse_task_partition(&unreadable_partition("a-b")), None);
        assert!(
            (0..=u16::MAX)
                .all(|shard| ![UNREADABLE_AGENDA, SCHEDULE_AGENDA, QUEUE_AGENDA].contains(&&*agenda_partition(shard)))
        );
    }

    #[test]
    fn a_schedule_has_a_partition_of_its_own_and_stands_in_order_of_time() {
        assert_eq!(parse_schedule_partition(&schedule_partition("a-b")), Some("a-b"));
        assert_eq!(parse_schedule_partition(&task_partition(&TaskKey::from_bytes([7; 16]))), None);
        assert_eq!(parse_task_partition(&schedule_partition("a-b")), None);
        let at = Time::from_millis;
        assert!(schedule_sort(at(9), "z") < schedule_sort(at(10), "a"));
        assert!(schedule_sort(at(10), "z") < agenda_until(at(10)));
    }

    #[test]
    fn a_hold_list_stands_in_the_order_of_ranks() {
        let id = TaskId { key: TaskKey::from_bytes([7; 16]), born: Time::default() };
        let entry = |rank| HoldEntry { id, generation: Generation(3), rank: Time::from_millis(rank) };
        let scopes = [Scope::share("emails", 0), Scope::share("emails", 7), Scope::key("emails", "a#b")];
        for scope in scopes {
            let sort = |rank| hold_sort(&scope, &entry(rank));
            assert_eq!(parse_hold_sort(&sort(9)), Some((Time::from_millis(9), id.key, Generation(3))));
            assert!(sort(9) < sort(10));
            assert_eq!(parse_hold(&hold_partition(&scope), &sort(9)), Some(scope.clone()));
            assert_eq!(parse_ledger(&limit_partition(&scope), &ledger_sort(&scope)), Some(scope));
        }
    }

    #[test]
    fn the_hold_lists_of_fairness_keys_stand_one_behind_the_other() {
        let id = TaskId { key: TaskKey::from_bytes([7; 16]), born: Time::default() };
        let sort = |key: &str, rank| {
            let entry = HoldEntry { id, generation: Generation(3), rank: Time::from_millis(rank) };
            hold_sort(&Scope::key("emails", key), &entry)
        };
        let mut keys = ["a", "a!", "a#", "a0", "aa", "~"];
        keys.sort_unstable();
        for (one, next) in keys.iter().zip(&keys[1..]) {
            assert!(sort(one, u64::MAX) < key_holds_after(one), "{one}");
            assert!(key_holds_after(one) < sort(next, 0), "{one} {next}");
        }
        assert_eq!(parse_key_of_hold(&sort("a#b", 9)), Some("a#b"));
    }

    #[test]
    fn a_queue_has_a_partition_of_its_own() {
        assert_eq!(parse_queue_partition(&queue_partition("emails")), Some("emails"));
        assert_eq!(parse_task_partition(&queue_partition("emails")), None);
        assert!((0..=u16::MAX).all(|shard| catalog_partition("queues", shard) != QUEUE_CATALOG));
    }

    #[test]
    fn only_failed_tasks_are_in_the_range_of_failed_tasks() {
        let (key, at) = (TaskKey::from_bytes([0xff; 16]), Time::from_millis(9));
        let (least, greatest) = dead_range(None);
        let within = |entry: Agenda| (least.clone()..=greatest.clone()).contains(&agenda_sort(&entry, &key));
        assert!(within(Agenda::Dead(at)) && within(Agenda::Dead(Time::default())));
        assert!(!within(Agenda::Due(at)) && !within(Agenda::Lease(at)) && !within(Agenda::Owed(at)));
        assert_eq!(dead_range(Some((at, &key))).1, agenda_sort(&Agenda::Dead(at), &key));
    }

    #[test]
    fn sort_keys_are_in_order_of_time() {
        let key = TaskKey::from_bytes([0xff; 16]);
        let sort = |ms| agenda_sort(&Agenda::Due(Time::from_millis(ms)), &key);
        assert!(sort(9) < sort(10));
        assert!(sort(10) < agenda_until(Time::from_millis(10)));
        assert!(agenda_until(Time::from_millis(9)) < sort(10));
    }
}
