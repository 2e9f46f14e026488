//! Checks that the interpreters of transitions agree: all do the same, or all refuse for the same reason.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use proptest::{collection::vec, prelude::*};

use super::{
    Table,
    arbitrary::{self, KINDS},
    cases, of_share, on_a_deep_stack, runtime, share,
};
use crate::dynamo::{
    AgendaItem, Shards, StoreError, attr,
    batches::Write,
    change::Change,
    keys,
    record::{from_item, s, to_item},
};
use taskway_protocol::{Agenda, Nonce, State, Task, TaskKey, Time, Transition, message::Message};

const FOREVER: Time = Time::from_millis(9_000_000_000_000);

#[test]
fn a_record_is_read_back_as_it_was_written() {
    let drawn = (arbitrary::task(), any::<u64>());
    cases(4_000)
        .run(&drawn, |(task, owner)| {
            prop_assert_eq!(from_item(&to_item(&task, Nonce(owner), Shards::default())).unwrap(), task);
            Ok(())
        })
        .unwrap();
}

#[test]
fn table_and_memory_agree() {
    on_a_deep_stack(|| compare_table_and_memory(Way::Alone));
}

#[test]
fn a_batch_of_the_table_and_memory_agree() {
    on_a_deep_stack(|| compare_table_and_memory(Way::InABatch));
}

/// How the table makes a transition.
#[derive(Clone, Copy)]
enum Way {
    Alone,
    InABatch,
}

impl Table {
    async fn apply(&self, way: Way, key: &TaskKey, transition: &Transition) -> Result<Task, StoreError> {
        let change = Change::new(key, transition, self.store.shards);
        if matches!(way, Way::Alone) || !change.fits_a_batch() {
            return change.alone(&self.client, &self.name).await;
        }
        let statement = change.statement(&self.name).unwrap();
        let answered = self.client.batch_execute_statement().statements(statement).send().await.unwrap();
        let [answer] = <[_; 1]>::try_from(answered.responses.unwrap()).unwrap();
        let error = format!("{:?} of {transition:?}", answer.error);
        change.answered(answer).unwrap_or_else(|| panic!("{error}"))
    }
}

fn compare_table_and_memory(way: Way) {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    let seen = RefCell::new(Seen::default());
    let drawn = (arbitrary::task(), any::<u64>(), vec(arbitrary::draft(), 1..6));
    cases(900)
        .run(&drawn, |(mut task, owner, drafts)| {
            runtime.block_on(async {
                // All cases use one key, so the agenda never shows the entry of another case.
                task.id.key = TaskKey::from_bytes([1; 16]);
                table.put(&task, Nonce(owner)).await;
                let mut world = World { table: &table, way, owner: claimant(&task, Nonce(owner)), task, seen: &seen };
                for draft in drafts {
                    let (kind, transition) = draft.fit(&world.task);
                    let was_over = world.task.state.name().is_ended();
                    world.step(kind, &transition).await;
                    if was_over {
                        break;
                    }
                }
                world.check_agenda().await;
                assert_eq!(table.store.get(&world.task.id.key).await.unwrap(), world.task);
            });
            Ok(())
        })
        .unwrap();
    seen.into_inner().is_enough();
}

/// The nonce that the record has. `before` is the nonce before the latest transition.
pub(super) fn claimant(task: &Task, before: Nonce) -> Nonce {
    match task.state {
        State::Running { owner, .. } => owner,
        State::Scheduled { .. } | State::Queued { .. } | State::Ended { .. } => before,
    }
}

/// A record in the table, and the record that the table should have.
struct World<'a> {
    table: &'a Table,
    way: Way,
    task: Task,
    owner: Nonce,
    seen: &'a RefCell<Seen>,
}

impl World<'_> {
    async fn step(&mut self, kind: &'static str, transition: &Transition) {
        let key = self.task.id.key;
        let (expected, done) = (transition.apply(&self.task), self.table.apply(self.way, &key, transition).await);
        self.seen.borrow_mut().count(kind, &expected);
        match (expected, done) {
            (Ok(expected), Ok(written)) => {
                assert_eq!(written, expected, "written by {transition:?} on {:?}", self.task);
                self.task = expected;
                self.owner = claimant(&self.task, self.owner);
                // Compare the whole item, so that no attribute of the state before is left.
                assert_eq!(
                    self.table.item(&key).await,
                    to_item(&self.task, self.owner, self.table.store.shards),
                    "after {transition:?}"
                );
            }
            (Err(expected), Err(StoreError::Conflict(conflict))) => {
                assert_eq!(conflict.refusal, expected, "of {transition:?} on {:?}", self.task);
                assert_eq!((&conflict.task, conflict.owner), (&self.task, Some(self.owner)));
            }
            (expected, done) => panic!("memory: {expected:?}\ntable: {done:?}\n{transition:?} on {:?}", self.task),
        }
    }

    async fn check_agenda(&self) {
        let Task { id, spec, state, .. } = &self.task;
        let entry = state.agenda();
        let (timed, dead) = match entry {
            Some(Agenda::Due(at) | Agenda::Lease(at) | Agenda::Owed(at)) => (Some(at), false),
            Some(Agenda::Dead(_)) => (None, true),
            None => (None, false),
        };
        let shard = id.key.shard(self.table.store.shards.agenda);
        let shown = |until| async move { self.table.store.agenda(shard, until, None).await.unwrap().items };
        let expected = timed.and(entry).map(|entry| AgendaItem {
            entry,
            lane: spec.options.priority,
            message: Message { fence: None, ..Message::of(&self.task, timed.unwrap_or_default()) },
        });
        let expected = format!("{:?}", expected.as_slice());
        if let Some(at) = timed {
            assert_eq!(format!("{:?}", shown(at).await), expected, "at its time");
            let before = at.as_millis().checked_sub(1).map(Time::from_millis);
            assert!(before.is_none() || shown(before.unwrap()).await.is_empty(), "before its time");
        } else {
            assert_eq!(format!("{:?}", shown(FOREVER).await), expected);
        }
        let of_queue = self.table.agenda_of(&spec.options.queue).await;
        assert_eq!(
            of_queue,
            if dead { vec![keys::task_partition(&id.key)] } else { vec![] },
            "failed tasks of its queue"
        );
    }
}

impl Table {
    /// The partition keys of a queue's failed tasks.
    async fn agenda_of(&self, queue: &str) -> Vec<String> {
        let query = self.client.query().table_name(&self.name).index_name(keys::AGENDA_INDEX);
        let query = query.key_condition_expression("#ap = :queue").expression_attribute_names("#ap", attr::AGENDA);
        let query = query.expression_attribute_values(":queue", s(queue));
        let found = query.send().await.unwrap().items.unwrap_or_default();
        found.iter().map(|item| item[attr::PK].as_s().unwrap().clone()).collect()
    }
}

/// Counts what the cases have tried, so that the test fails if they try too little.
#[derive(Default)]
struct Seen {
    accepted: BTreeMap<&'static str, u32>,
    refused: BTreeMap<&'static str, u32>,
    reasons: BTreeSet<String>,
}

impl Seen {
    fn count(&mut self, kind: &'static str, outcome: &Result<Task, taskway_protocol::Refusal>) {
        match outcome {
            Ok(_) => *self.accepted.entry(kind).or_default() += 1,
            Err(refusal) => {
                *self.refused.entry(kind).or_default() += 1;
                let reason = format!("{refusal:?}");
                let reason = reason.split('(').next().unwrap_or_default();
                self.reasons.insert(format!("{kind} {reason}"));
            }
        }
    }

    fn is_enough(&self) {
        let counts = format!("accepted {:?}\nrefused {:?}\n{:?}", self.accepted, self.refused, self.reasons);
        for kind in KINDS {
            for count in [&self.accepted, &self.refused] {
                assert!(count.get(kind).is_some_and(|&count| count >= of_share(8)), "too few of {kind}:\n{counts}");
            }
        }
        // Some refusals are rare. Only a run of all cases meets them.
        if share() < 100 {
            return;
        }
        for reason in [
            "claim AttemptsSpent",
            "claim DeadlinePassed",
            "claim Ended",
            "claim Generation",
            "claim LiveLease",
            "claim NotDue",
            "claim OtherLife",
            "claim Timeout",
            "expire DeadlineAhead",
            "expire LiveLease",
            "heartbeat Fence",
            "lease_expired AttemptsSpent",
            "lease_expired LiveLease",
            "lost AttemptsLeft",
            "lost LiveLease",
            "park Fence",
            "reschedule DeadlinePassed",
            "revive Forgotten",
            "succeed State",
            "withdraw Fence",
        ] {
            assert!(self.reasons.contains(reason), "never {reason}:\n{counts}");
        }
        println!("{counts}");
    }
}
