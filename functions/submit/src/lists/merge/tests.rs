//! The merge over partitions in memory, that answer as the table does.
#![allow(clippy::unwrap_used)]

use std::{cell::RefCell, cmp::Reverse, collections::BTreeSet, convert::Infallible, future::ready};

use futures::FutureExt;
use proptest::prelude::*;
use taskway_protocol::TaskId;

use super::*;

/// A task: when, which one, and in which partition.
type Entry = (u64, u8, u8);

fn listed(&(at, key, _): &Entry) -> Listed {
    let at = Time::from_millis(at);
    let id = TaskId { key: TaskKey::from_bytes([key; 16]), born: at };
    Listed { id, at }
}

fn partition(number: u8) -> Partition {
    Partition { queue: format!("q{}", number / 2).into(), shard: u16::from(number % 2) }
}

/// Where an entry stands in its partition: those of a millisecond by the texts of their keys, which is an order as good
/// as any where the table has one of its own.
fn own(at: Time, key: &TaskKey) -> (Time, String) {
    (at, key.to_string())
}

/// One page of one partition, at most three entries long, and its last entry where others follow.
fn page(
    table: &BTreeSet<Entry>,
    ties: Ties,
    partition_: &Partition,
    start: &Start,
    limit: i32,
) -> (Vec<Listed>, Option<Listed>) {
    let entries = table.iter().filter(|entry| partition(entry.2) == *partition_);
    let mut entries: Vec<Listed> = entries.map(listed).collect();
    entries.sort_by_key(|entry| Reverse(own(entry.at, &entry.id.key)));
    let within = |entry: &Listed| {
        let rank = |at, key: &TaskKey| ties.rank(at, key);
        match start {
            Start::Latest => true,
            Start::At(place) => rank(entry.at, &entry.id.key) <= rank(place.at, &place.key),
            Start::Below(place) => rank(entry.at, &entry.id.key) < rank(place.at, &place.key),
            Start::After(place) => own(entry.at, &entry.id.key) < own(place.at, &place.key),
            Start::Next(_) => unreachable!("a partition in memory has no cursors of the table"),
        }
    };
    let most = (limit as usize).min(3);
    let found: Vec<Listed> = entries.into_iter().filter(within).collect();
    let page = found[..found.len().min(most)].to_vec();
    let last = (found.len() > most).then(|| page[most - 1]);
    (page, last)
}

/// The merge of all partitions from a place on, as a list of everything; `Start::Next` is made of the last entry.
fn walk(table: &BTreeSet<Entry>, ties: Ties, behind: Option<&Position>, most: usize) -> Vec<(Listed, Position)> {
    // The table's own cursors cannot be made here, so each page is asked for until nothing is left of it.
    let read = |partition: Partition, start: Start, limit: i32| {
        let (mut all, mut last) = page(table, ties, &partition, &start, limit);
        while let Some(from) = last {
            let place = Place { at: from.at, key: from.id.key };
            let (more, next) = page(table, ties, &partition, &Start::After(place), limit);
            all.extend(more);
            last = next;
        }
        ready(Ok::<_, Infallible>(Page { items: all, next: None }))
    };
    let partitions = (0..6).map(partition).collect();
    let mut merge = Merge::new(partitions, ties, behind, 1, read);
    let mut found = Vec::new();
    while found.len() < most
        && let Some(next) = merge.next().now_or_never().unwrap().unwrap()
    {
        found.push(next);
    }
    found
}

fn entries(most: usize) -> impl Strategy<Value = BTreeSet<Entry>> {
    // Few moments and few partitions, so that much falls together.
    proptest::collection::btree_set((0_u64..4, any::<u8>(), 0_u8..6), 0..most)
}

proptest! {
    #[test]
    fn page_by_page_it_is_the_whole_list(
        table in entries(60),
        ties in prop_oneof![Just(Ties::Table), Just(Ties::Keys)],
        sizes in proptest::collection::vec(1_usize..7, 1..4),
    ) {
        let whole = walk(&table, ties, None, usize::MAX);
        prop_assert_eq!(whole.len(), table.len());
        let order = |(listed, position): &(Listed, Position)| {
            (Reverse(ties.rank(listed.at, &listed.id.key)), position.partition.clone())
        };
        prop_assert!(whole.is_sorted_by_key(order));
        let (mut paged, mut sizes) = (Vec::new(), sizes.iter().cycle());
        loop {
            let behind = paged.last().map(|(_, position): &(Listed, Position)| position.clone());
            let page = walk(&table, ties, behind.as_ref(), *sizes.next().unwrap());
            if page.is_empty() {
                break;
            }
            paged.extend(page);
            prop_assert!(paged.len() <= whole.len(), "it comes around again");
        }
        prop_assert_eq!(paged, whole);
    }

    #[test]
    fn what_stays_is_listed_once_whatever_else_comes_and_goes(
        stays in entries(40),
        ties in prop_oneof![Just(Ties::Table), Just(Ties::Keys)],
        size in 1_usize..7,
        meanwhile in proptest::collection::vec(entries(12), 60),
    ) {
        let (mut listed, mut behind) = (Vec::new(), None);
        for others in meanwhile {
            let now: BTreeSet<Entry> = stays.union(&others).copied().collect();
            let page = walk(&now, ties, behind.as_ref(), size);
            let Some((_, last)) = page.last() else { break };
            behind = Some(last.clone());
            listed.extend(page);
        }
        // 60 pages may not have come to the end of so much that comes and goes.
        let end = walk(&stays, ties, behind.as_ref(), usize::MAX);
        listed.extend(end);
        let of = |entry: &Entry| {
            listed.iter().filter(|(l, p)| *l == super::tests::listed(entry) && p.partition == partition(entry.2)).count()
        };
        for entry in &stays {
            prop_assert_eq!(of(entry), 1, "{:?}", entry);
        }
    }
}

#[test]
fn a_partition_is_read_on_only_when_nothing_is_left_of_it() {
    let reads = RefCell::new(Vec::new());
    let read = |partition: Partition, _: Start, limit: i32| {
        reads.borrow_mut().push((partition.shard, limit));
        let at = if partition.shard == 0 { 9 } else { 1 };
        let items = vec![listed(&(at, 1, 0)), listed(&(at, 2, 0))];
        ready(Ok::<_, Infallible>(Page { items, next: None }))
    };
    let mut merge = Merge::new((0..2).map(partition).collect(), Ties::Table, None, 50, read);
    assert!(!merge.is_over(), "nothing is known yet");
    for at in [9, 9, 1, 1] {
        assert_eq!(merge.next().now_or_never().unwrap().unwrap().unwrap().0.at, Time::from_millis(at));
    }
    assert!(merge.is_over());
    assert_eq!(merge.next().now_or_never().unwrap().unwrap(), None);
    assert_eq!(*reads.borrow(), [(0, 50), (1, 50)]);
}
