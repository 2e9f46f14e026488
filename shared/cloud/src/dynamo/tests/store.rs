//! First puts, parts, missing records and unreadable messages.

use std::cell::Cell;

use proptest::{prelude::*, sample::select};

use super::{Table, agreement::claimant, arbitrary, cases, keys, of_share, on_a_deep_stack, runtime};
use crate::dynamo::{
    Created, StoreError, UnreadableMessage, attr,
    record::{n, s},
};
use taskway_protocol::{Digest, Nonce, Reason, Refusal, State, StateName, Step, Task, TaskKey, Time, Transition};

impl Table {
    /// Deletes a record, so that the next case begins with an empty table.
    pub(super) async fn remove(&self, key: &TaskKey) {
        let delete = self.client.delete_item().table_name(&self.name);
        let delete = delete.key(attr::PK, s(keys::task_partition(key))).key(attr::SK, s(keys::TASK_SORT));
        delete.send().await.unwrap();
    }
}

#[test]
fn a_first_put_is_refused_while_another_record_is_kept() {
    on_a_deep_stack(first_puts);
}

fn first_puts() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    let (absent, open, kept, over) = (Cell::new(0), Cell::new(0), Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<u32>| cell.set(cell.get() + 1);
    let ended = (arbitrary::task(), arbitrary::ended()).prop_map(|(task, state)| Some(Task { state, ..task }));
    let there = prop_oneof![1 => Just(None), 1 => arbitrary::task().prop_map(Some), 2 => ended];
    let drawn = (there, arbitrary::task(), select(vec![-1_000i64, -1, 0, 1, 999, 1_000]), any::<[u64; 2]>());
    cases(300)
        .run(&drawn, |(there, new, off_by_ms, [before, owner])| {
            runtime.block_on(async {
                let (before, owner) = (Nonce(before), Nonce(owner));
                let ended = there.as_ref().and_then(|task| match task.state {
                    State::Ended { retained_until, .. } => Some(retained_until),
                    State::Scheduled { .. } | State::Queued { .. } | State::Running { .. } => None,
                });
                let near = ended.unwrap_or(new.id.born).as_millis();
                let now = Time::from_millis(near.saturating_add_signed(off_by_ms));
                let there =
                    there.map(|task| Task { id: taskway_protocol::TaskId { key: new.id.key, ..task.id }, ..task });
                if let Some(there) = &there {
                    table.put(there, before).await;
                }
                let created = table.store.create(&new, owner, now).await.unwrap();
                let left = table.store.get(&new.id.key).await.unwrap();
                // A new life of the same birth would be the same task.
                let is_over = |there: &Task| there.is_forgotten(now) && there.id.born < new.id.born;
                match there {
                    None => count(&absent),
                    Some(ref there) if is_over(there) => count(&over),
                    Some(_) if ended.is_some() => count(&kept),
                    Some(_) => count(&open),
                }
                match there.filter(|there| !is_over(there)) {
                    None => {
                        assert!(matches!(created, Created::New), "{created:?}");
                        assert_eq!(left, new);
                        assert_eq!(
                            table.item(&new.id.key).await,
                            crate::dynamo::record::to_item(&new, owner, table.store.shards)
                        );
                    }
                    Some(there) => {
                        let Created::Exists(found, by) = created else { panic!("a kept record was overwritten") };
                        assert_eq!((&*found, &left), (&there, &there));
                        assert_eq!(by, Some(claimant(&there, before)));
                    }
                }
                table.remove(&new.id.key).await;
            });
            Ok(())
        })
        .unwrap();
    for (name, cell, share) in [("absent", absent, 15), ("open", open, 15), ("kept", kept, 15), ("over", over, 7)] {
        assert!(cell.get() >= of_share(share), "{name}: {}", cell.get());
    }
}

#[test]
fn a_missing_record_is_not_found() {
    on_a_deep_stack(absent_records);
}

fn absent_records() {
    let drawn = (arbitrary::task(), arbitrary::draft());
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    cases(64)
        .run(&drawn, |(task, draft)| {
            runtime.block_on(async {
                let (_, transition) = draft.fit(&task);
                let refused = table.store.apply(&task.id.key, &transition).await;
                assert!(matches!(refused, Err(StoreError::NotFound)), "{transition:?}: {refused:?}");
                let got = table.store.get(&task.id.key).await;
                assert!(matches!(got, Err(StoreError::NotFound)), "{got:?}");
            });
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_part_is_kept_for_the_longest_time_that_was_asked_for() {
    on_a_deep_stack(parts);
}

fn parts() {
    runtime().block_on(async {
        let table = Table::start().await;
        let (key, digest) = (TaskKey::from_bytes([1; 16]), Digest::from_bytes([2; 16]));
        assert!(matches!(table.store.get_part(&key, &digest).await, Err(StoreError::NotFound)));
        let ttl = || async {
            let get = table.client.get_item().table_name(&table.name).key(attr::PK, s(keys::task_partition(&key)));
            let item = get.key(attr::SK, s(keys::part_sort(&digest))).send().await.unwrap().item.unwrap();
            item[attr::TTL].as_n().unwrap().parse::<u64>().unwrap()
        };
        // The order of the writes does not matter.
        for (until, kept) in [(5_000, 5), (9_500, 9), (7_000, 9)] {
            table.store.put_part(&key, &digest, "{\"long\":true}", Time::from_millis(until)).await.unwrap();
            assert_eq!(table.store.get_part(&key, &digest).await.unwrap(), "{\"long\":true}");
            assert!(ttl().await > kept, "{until}");
        }
        assert!(ttl().await <= 11);
    });
}

#[test]
fn a_part_and_the_record_of_a_task_do_not_affect_each_other() {
    on_a_deep_stack(parts_and_records);
}

fn parts_and_records() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    cases(20)
        .run(&arbitrary::task(), |task| {
            runtime.block_on(async {
                let digest = Digest::from_bytes([3; 16]);
                table.store.put_part(&task.id.key, &digest, "[]", Time::from_millis(1)).await.unwrap();
                assert!(matches!(table.store.get(&task.id.key).await, Err(StoreError::NotFound)));
                table.put(&task, Nonce(1)).await;
                let cancel = Step::Cancel { at: task.id.born, retained_until: Time::from_millis(9_000) };
                let cancelled = table.store.apply(&task.id.key, &Transition { born: task.id.born, step: cancel }).await;
                match cancelled {
                    Ok(cancelled) => assert_eq!(cancelled.state.name(), StateName::Cancelled),
                    Err(StoreError::Conflict(refused)) => assert!(matches!(refused.refusal, Refusal::Ended(_))),
                    Err(error) => panic!("{error}"),
                }
                assert_eq!(table.store.get_part(&task.id.key, &digest).await.unwrap(), "[]");
            });
            Ok(())
        })
        .unwrap();
}

#[test]
fn unreadable_messages_are_listed_in_order_and_not_in_the_agenda() {
    on_a_deep_stack(unreadable_messages);
}

fn unreadable_messages() {
    runtime().block_on(async {
        let table = Table::start().await;
        let at = Time::from_millis;
        let kept = |message_id: &str, sent| UnreadableMessage { message_id: message_id.to_owned(), sent: at(sent) };
        let long = "é".repeat(300 * 1024);
        for (message_id, body, sent) in [("b-1", "poison", 10), ("a-2", &*long, 9), ("c-3", "", 9)] {
            let ack = table.store.put_unreadable(message_id, body, at(sent), at(5_000)).await.unwrap();
            assert_eq!(ack.reason(), Reason::KeptAside);
        }
        // A second delivery changes nothing.
        let ack = table.store.put_unreadable("b-1", "other", at(99), at(9_000)).await.unwrap();
        assert_eq!(ack.reason(), Reason::KeptAside);
        let listed = table.store.unreadable(None).await.unwrap();
        assert_eq!(listed.items, [kept("a-2", 9), kept("c-3", 9), kept("b-1", 10)]);
        let due = table.store.agenda(0, at(9_000_000_000_000), None).await.unwrap();
        assert!(due.items.is_empty(), "{due:?}");

        let get = table.client.get_item().table_name(&table.name).key(attr::PK, s(keys::unreadable_partition("b-1")));
        let item = get.key(attr::SK, s(keys::TASK_SORT)).send().await.unwrap().item.unwrap();
        assert_eq!((&item[attr::TEXT], &item[attr::TTL]), (&s("poison"), &n(5)));
    });
}
