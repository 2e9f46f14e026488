//! Looking through the table, and where the audit stands in it.

use std::{collections::BTreeSet, time::Duration};

use proptest::prelude::*;

use super::{Table, cases, on_a_deep_stack, runtime};
use crate::dynamo::{
    Position,
    keys::attr,
    record::{n, s},
};
use taskway_protocol::{
    Audit, Digest, End, Fence, LATELY, LastPass, Nonce, Pass, State, Task, TaskId, TaskKey, Time, Waits,
};

const NOW: Time = Time::from_millis(1_764_000_000_000);

prop_compose! {
    fn waits()(ms in any::<[u32; 3]>()) -> Waits {
        let [high, normal, low] = ms.map(|ms| Duration::from_millis(ms.into()));
        Waits { high, normal, low }
    }
}

prop_compose! {
    fn audit()(
        next in any::<u32>(),
        pass in prop::option::of((any::<u32>(), waits(), any::<u32>(), any::<u32>())),
        last in prop::option::of((any::<u32>(), waits(), waits())),
    ) -> Audit {
        let at = |ms: u32| Time::from_millis(ms.into());
        Audit {
            next: at(next),
            pass: pass.map(|(began, waits, looked, found)| {
                Pass { began: at(began), waits, looked: looked.into(), found: found.into() }
            }),
            last: last.map(|(began, waits, went_by)| LastPass { began: at(began), waits, went_by }),
        }
    }
}

#[test]
fn a_position_is_read_as_it_was_written() {
    on_a_deep_stack(positions);
}

fn positions() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    cases(100)
        .run(&(audit(), any::<u32>()), |(audit, until)| {
            runtime.block_on(async {
                let mut position = table.store.audit().await.unwrap().unwrap_or(Position::beginning(NOW));
                position.audit = audit.clone();
                position.until = Time::from_millis(until.into());
                assert!(table.store.put_audit(&mut position).await.unwrap());
                let read = table.store.audit().await.unwrap().unwrap();
                assert_eq!((read.audit, read.until), (audit, position.until));
            });
            Ok(())
        })
        .unwrap();
}

#[test]
fn of_two_that_read_the_same_position_one_writes() {
    on_a_deep_stack(two_auditors);
}

fn two_auditors() {
    runtime().block_on(async {
        let table = Table::start().await;
        assert!(table.store.audit().await.unwrap().is_none());
        let (mut first, mut second) = (Position::beginning(NOW), Position::beginning(Time::default()));
        assert!(table.store.put_audit(&mut first).await.unwrap());
        assert!(!table.store.put_audit(&mut second).await.unwrap(), "there is one");
        let (mut one, mut other) =
            (table.store.audit().await.unwrap().unwrap(), table.store.audit().await.unwrap().unwrap());
        assert!(table.store.put_audit(&mut one).await.unwrap());
        assert!(!table.store.put_audit(&mut other).await.unwrap(), "it was overtaken");
        assert!(table.store.put_audit(&mut one).await.unwrap(), "its own writes do not overtake it");
        assert_eq!(table.store.audit().await.unwrap().unwrap().audit.next, NOW);
    });
}

fn task(n: u8, state: State) -> Task {
    Task {
        id: TaskId { key: TaskKey::from_bytes([n; 16]), born: NOW },
        state,
        fence: Fence(1),
        attempts: 1,
        started_at: Some(NOW.before(LATELY)),
        ..Task::example(NOW)
    }
}

#[test]
fn a_look_through_the_table_sees_each_task_once_and_nothing_else() {
    on_a_deep_stack(scans);
}

fn scans() {
    runtime().block_on(async {
        let table = Table::start().await;
        let ended = || State::Ended { end: End::Succeeded, at: NOW, retained_until: NOW };
        let mut expected = BTreeSet::new();
        for n in 0..30 {
            let mut task = task(n, if n % 3 == 0 { State::Queued { due: NOW } } else { ended() });
            match n {
                4 => task.attempts = 2,
                5 => task.fence.0 = 2,
                7 => task.started_at = None,
                8 => task.started_at = Some(NOW.before(LATELY + Duration::from_millis(1))),
                _ => drop(expected.insert(task.id.key)),
            }
            table.put(&task, Nonce(1)).await;
            table.store.put_part(&task.id.key, &Digest::from_bytes([n; 16]), "[]", NOW).await.unwrap();
        }
        let _ = table.store.put_unreadable("a-1", "poison", NOW, NOW).await.unwrap();
        table.store.put_audit(&mut Position::beginning(NOW)).await.unwrap();
        // What others keep in the table, under names that are almost a task's.
        for (partition, sort) in [("schedule#task#1", "task"), ("task#x", "schedule"), ("tasks", "task")] {
            let put = table.client.put_item().table_name(&table.name);
            let put = put.item(attr::PK, s(partition)).item(attr::SK, s(sort)).item(attr::STATE, s("queued"));
            put.send().await.unwrap();
        }
        // Records that nobody can read are told, and hold up no other.
        for (n_, name, value) in [(40, attr::VERSION, n(2)), (41, attr::STATE, s("dreaming")), (42, attr::DUE, s("x"))]
        {
            let task = task(n_, State::Queued { due: NOW });
            table.put(&task, Nonce(1)).await;
            let mut item = table.item(&task.id.key).await;
            item.insert(name.to_owned(), value);
            table.client.put_item().table_name(&table.name).set_item(Some(item)).send().await.unwrap();
        }
        for most in [None, Some(1), Some(7)] {
            let (mut from, mut seen, mut looked) = (None, Vec::new(), 0);
            loop {
                let scanned = table.store.look_through(from, NOW.before(LATELY), most).await.unwrap();
                seen.extend(scanned.page.items.iter().map(|task| task.id.key));
                looked += scanned.looked;
                // From tick to tick it is in the table.
                let mut position = table.store.audit().await.unwrap().unwrap();
                position.from = scanned.page.next;
                assert!(table.store.put_audit(&mut position).await.unwrap());
                from = table.store.audit().await.unwrap().unwrap().from;
                if from.is_none() {
                    break;
                }
            }
            assert_eq!((seen.len(), looked), (expected.len(), 30 * 2 + 2 + 3 + 3), "{most:?}");
            assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);
        }
        // The item that a pass goes on behind may be gone by then.
        let first = table.store.look_through(None, NOW, Some(20)).await.unwrap();
        let behind = first.page.next.clone().unwrap();
        let delete = table.client.delete_item().table_name(&table.name).set_key(Some(behind.0.clone()));
        delete.send().await.unwrap();
        let rest = table.store.look_through(Some(behind), NOW, None).await.unwrap();
        assert_eq!(first.looked + rest.looked, 68);
        let open: Vec<_> = table.store.open_tasks(None).await.unwrap().items;
        assert!(open.iter().all(|task| !task.state.name().is_ended()) && open.len() == 10, "{open:?}");
    });
}
