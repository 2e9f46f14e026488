//! The scan of the audit, and its position in the table.

use std::{collections::BTreeSet, time::Duration};

use proptest::prelude::*;

use super::{Table, cases, on_a_deep_stack, runtime};
use crate::dynamo::{
    Position, attr, keys,
    record::{n, s},
};
use taskway_protocol::{
    Audit, Digest, End, Fence, LastPass, Nonce, Pass, RECENT, State, Task, TaskId, TaskKey, Time, Waits,
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
            pass: pass.map(|(began, waits, scanned, found)| {
                Pass { began: at(began), waits, scanned: scanned.into(), found: found.into() }
            }),
            last: last.map(|(began, waits, judged_by)| LastPass { began: at(began), waits, judged_by }),
        }
    }
}

#[test]
fn a_position_is_read_back_as_it_was_written() {
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
fn of_two_ticks_that_read_the_same_position_one_writes() {
    on_a_deep_stack(two_auditors);
}

fn two_auditors() {
    runtime().block_on(async {
        let table = Table::start().await;
        assert!(table.store.audit().await.unwrap().is_none());
        let (mut first, mut second) = (Position::beginning(NOW), Position::beginning(Time::default()));
        assert!(table.store.put_audit(&mut first).await.unwrap());
        assert!(!table.store.put_audit(&mut second).await.unwrap(), "the table has a position");
        let (mut one, mut other) =
            (table.store.audit().await.unwrap().unwrap(), table.store.audit().await.unwrap().unwrap());
        assert!(table.store.put_audit(&mut one).await.unwrap());
        assert!(!table.store.put_audit(&mut other).await.unwrap(), "the position was written since");
        assert!(table.store.put_audit(&mut one).await.unwrap(), "a tick may write several times");
        assert_eq!(table.store.audit().await.unwrap().unwrap().audit.next, NOW);
    });
}

fn task(n: u8, state: State) -> Task {
    Task {
        id: TaskId { key: TaskKey::from_bytes([n; 16]), born: NOW },
        state,
        fence: Fence(1),
        attempts: 1,
        started_at: Some(NOW.before(RECENT)),
        ..Task::example(NOW)
    }
}

#[test]
fn a_scan_returns_each_matching_task_once() {
    on_a_deep_stack(scans);
}

fn scans() {
    runtime().block_on(async {
        let table = Table::start().await;
        let ended = || State::Ended { end: End::Succeeded, at: NOW, retained_until: NOW, owes: false };
        let mut expected = BTreeSet::new();
        for n in 0..30 {
            let mut task = task(n, if n % 3 == 0 { State::Queued { due: NOW } } else { ended() });
            match n {
                4 => task.attempts = 2,
                5 => task.fence.0 = 2,
                7 => task.started_at = None,
                8 => task.started_at = Some(NOW.before(RECENT + Duration::from_millis(1))),
                _ => drop(expected.insert(task.id.key)),
            }
            table.put(&task, Nonce(1)).await;
            table.store.put_part(&task.id.key, &Digest::from_bytes([n; 16]), "[]", NOW).await.unwrap();
        }
        let _ = table.store.put_unreadable("a-1", "poison", NOW, NOW).await.unwrap();
        table.store.put_audit(&mut Position::beginning(NOW)).await.unwrap();
        // Other items whose keys resemble those of a task.
        for (partition, sort) in
            [("schedule#task#1", keys::TASK_SORT), ("task#x", "schedule"), ("tasks", keys::TASK_SORT)]
        {
            let put = table.client.put_item().table_name(&table.name);
            let put = put.item(attr::PK, s(partition)).item(attr::SK, s(sort)).item(attr::STATE, s("queued"));
            put.send().await.unwrap();
        }
        // Records that cannot be read are logged, and do not stop the scan.
        for (n_, name, value) in [(40, attr::VERSION, n(2)), (41, attr::STATE, s("dreaming")), (42, attr::DUE, s("x"))]
        {
            let task = task(n_, State::Queued { due: NOW });
            table.put(&task, Nonce(1)).await;
            let mut item = table.item(&task.id.key).await;
            item.insert(name.to_owned(), value);
            table.client.put_item().table_name(&table.name).set_item(Some(item)).send().await.unwrap();
        }
        for most in [None, Some(1), Some(7)] {
            let (mut from, mut seen, mut item_count) = (None, Vec::new(), 0);
            loop {
                let scanned = table.store.scan_for_audit(from, NOW.before(RECENT), most).await.unwrap();
                seen.extend(scanned.page.items.iter().map(|task| task.id.key));
                item_count += scanned.item_count;
                // Between two ticks the table has the position.
                let mut position = table.store.audit().await.unwrap().unwrap();
                position.from = scanned.page.next;
                assert!(table.store.put_audit(&mut position).await.unwrap());
                from = table.store.audit().await.unwrap().unwrap().from;
                if from.is_none() {
                    break;
                }
            }
            assert_eq!((seen.len(), item_count), (expected.len(), 30 * 2 + 2 + 3 + 3), "{most:?}");
            assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);
        }
        // The item after which the pass goes on may be deleted in the meantime.
        let first = table.store.scan_for_audit(None, NOW, Some(20)).await.unwrap();
        let behind = first.page.next.clone().unwrap();
        let delete = table.client.delete_item().table_name(&table.name).set_key(Some(behind.0.clone()));
        delete.send().await.unwrap();
        let rest = table.store.scan_for_audit(Some(behind), NOW, None).await.unwrap();
        assert_eq!(first.item_count + rest.item_count, 68);
        let open: Vec<_> = table.store.open_tasks(None).await.unwrap().items;
        assert!(open.iter().all(|task| !task.state.name().is_ended()) && open.len() == 10, "{open:?}");
    });
}
