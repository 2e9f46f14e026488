//! Ledgers in the table: they change as a ledger in memory does, and a full one costs two units an update.

use std::cell::Cell;

use proptest::{prelude::*, sample::select};

use super::{Table, cases, runtime};
use crate::dynamo::{Granted, Wish, keys, record};
use taskway_protocol::{Change, Fence, Ledger, Permit, Scope, TaskId, TaskKey, Time};

/// How many permits the share has here.
const MOST: u32 = 2;

fn task(n: u8) -> TaskId {
    TaskId { key: TaskKey::from_bytes([n; 16]), born: Time::from_millis(1_764_000_000_000) }
}

fn permit(fence: u32, until: u64, nonce: u32) -> Permit {
    Permit { fence: Fence(fence), until: Time::from_millis(until), nonce }
}

fn wish() -> impl Strategy<Value = Wish> {
    let drawn = (1..4u32, select(vec![5, 1_764_000_000_000, 4_000_000_000_000]), select(vec![0, 1, u32::MAX]));
    let permit = drawn.prop_map(|(fence, until, nonce)| permit(fence, until, nonce));
    prop_oneof![
        (permit.clone(), any::<bool>()).prop_map(|(permit, replaces)| Wish::Take { permit, replaces }),
        permit.clone().prop_map(Wish::Add),
        (0..4u32).prop_map(|fence| Wish::Release(Fence(fence))),
        permit.prop_map(Wish::Free),
    ]
}

/// What a ledger in memory makes of a wish: whether the task has a permit then that is the wished one, or one in place of
/// another.
fn in_memory(ledger: &mut Ledger, id: TaskId, wish: Wish) -> bool {
    let own = ledger.0.get(&id).copied();
    let change = match wish {
        Wish::Take { permit, .. } | Wish::Add(permit) if own == Some(permit) => return true,
        Wish::Add(_) if own.is_some() => return false,
        Wish::Take { permit, replaces }
            if own.is_some_and(|own| own.fence > permit.fence || own.fence < permit.fence && !replaces) =>
        {
            return false;
        }
        Wish::Take { permit, .. } | Wish::Add(permit) => match own {
            Some(before) => Change::Replace { before, after: permit.after(before) },
            None if ledger.0.len() < MOST as usize => Change::Add(permit),
            None => return false,
        },
        Wish::Release(fence) => Change::Release(fence),
        Wish::Free(permit) => Change::Free(permit),
    };
    if ledger.fits(&id, change) {
        ledger.apply(id, change);
    }
    true
}

#[test]
fn the_table_and_memory_agree() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    let queue = Cell::new(0);
    cases(60)
        .run(&prop::collection::vec((0..4u8, wish()), 1..25), |wishes| {
            queue.set(queue.get() + 1);
            let scope = Scope::share(&format!("q{}", queue.get()), 0);
            runtime.block_on(async {
                let mut ledger = Ledger::default();
                for (n, wish) in wishes {
                    let granted = table.store.ask_ledger(&scope, MOST, task(n), wish).await.unwrap();
                    let expected = in_memory(&mut ledger, task(n), wish);
                    let is = matches!(granted, Granted::Permit { .. } | Granted::Gone(_));
                    prop_assert_eq!(is, expected, "{:?} of {:?} gives {:?}", wish, ledger, granted);
                    if let Granted::Permit { permit, .. } = granted {
                        prop_assert_eq!(ledger.0.get(&task(n)), Some(&permit));
                    }
                    let out = table.store.ledger_out(&scope).await.unwrap();
                    prop_assert_eq!(out.permits, ledger.0.len());
                }
                let ledgers = table.store.queue_ledgers(&scope.queue).await.unwrap();
                prop_assert_eq!(ledgers.get(&0).map(|(ledger, _)| ledger.clone()).unwrap_or_default(), ledger);
                Ok(())
            })
        })
        .unwrap();
}

#[test]
fn ledgers_that_share_requests_and_memory_agree() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    let store = table.store.clone().with_batches();
    let queue = Cell::new(0);
    cases(60)
        .run(&prop::collection::vec((0..4u8, wish(), wish()), 1..25), |wishes| {
            queue.set(queue.get() + 1);
            let scopes = [0, 1].map(|share| Scope::share(&format!("q{}", queue.get()), share));
            runtime.block_on(async {
                let mut ledgers = [Ledger::default(), Ledger::default()];
                for (n, one, other) in wishes {
                    let ask = |place: usize, wish| store.ask_ledger(&scopes[place], MOST, task(n), wish);
                    let granted = tokio::join!(ask(0, one), ask(1, other));
                    for (ledger, (wish, granted)) in ledgers.iter_mut().zip([(one, granted.0), (other, granted.1)]) {
                        let granted = granted.unwrap();
                        let expected = in_memory(ledger, task(n), wish);
                        let is = matches!(granted, Granted::Permit { .. } | Granted::Gone(_));
                        prop_assert_eq!(is, expected, "{:?} of {:?} gives {:?}", wish, ledger, granted);
                    }
                }
                for (scope, ledger) in scopes.iter().zip(ledgers) {
                    prop_assert_eq!(store.ledger(scope).await.unwrap().0, ledger);
                }
                Ok(())
            })
        })
        .unwrap();
}

#[test]
fn wishes_of_one_moment_share_the_room() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    runtime.block_on(async {
        let scope = Scope::share("calls", 0);
        let asked = (0..30u8).map(|n| {
            table.store.ask_ledger(&scope, 7, task(n), Wish::Take { permit: permit(1, 9_000, 0), replaces: false })
        });
        let answers = futures::future::join_all(asked).await;
        let got = answers.iter().filter(|answer| matches!(answer, Ok(Granted::Permit { is_new: true, .. }))).count();
        let full = answers.iter().filter(|answer| matches!(answer, Ok(Granted::Full))).count();
        assert_eq!((got, full), (7, 23));
    });
}

#[test]
fn a_full_ledger_of_a_long_name_has_less_than_two_kilobytes() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    runtime.block_on(async {
        let scope = Scope::share(&"q".repeat(64), 24);
        let most = 40;
        for n in 0..most {
            let wish = Wish::Add(permit(99, 1_764_000_000_000, u32::MAX));
            let granted = table.store.ask_ledger(&scope, most.into(), task(n), wish).await.unwrap();
            assert!(matches!(granted, Granted::Permit { .. }), "{granted:?}");
        }
        table.store.note_waits(&scope, Time::from_millis(1_764_000_000_000)).await.unwrap();
        let got = table.client.get_item().table_name(&table.name);
        let got = got.key("PK", record::s(keys::limit_partition(&scope))).key("SK", record::s("00024"));
        let item = got.send().await.unwrap().item.unwrap();
        assert!(record::size(&item) < 2_048, "{} bytes", record::size(&item));
    });
}
