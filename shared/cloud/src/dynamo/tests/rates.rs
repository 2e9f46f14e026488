//! Rates in the table: several processes ask, and the starts that they get together conform to the rate.

use std::{cell::Cell, num::NonZeroU32, time::Duration};

use proptest::{prelude::*, sample::select};

use super::{Table, cases, runtime};
use crate::dynamo::{Ask, Given, Store, Wanted};
use taskway_protocol::{Pace, Rate, Scope, Time};

const START: Time = Time::from_millis(1_764_000_000_000);

fn pace(tasks: u32, per_seconds: u32, burst: u32, set_at: u64) -> Pace {
    let number = |number| NonZeroU32::new(number).unwrap();
    let rate = Rate { tasks: number(tasks), per_seconds: number(per_seconds), burst: number(burst) };
    Pace { rate, set_at: Time::from_millis(set_at) }
}

fn calls() -> Scope {
    Scope::share("calls", 0)
}

fn wanted(count: u32, from: Time, within: u64) -> Wanted {
    Wanted { count, from, by: from.after(Duration::from_millis(within)) }
}

async fn ask(store: &Store, scope: &Scope, pace: Pace, ask: Ask, wanted: Wanted) -> Option<Vec<Time>> {
    match store.ask_rate_for_many(scope, pace, ask, wanted).await.unwrap() {
        Given::Times(times) => Some(times),
        Given::Behind => None,
    }
}

fn any_ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        any::<bool>().prop_map(|expected| Ask::Start { expected }),
        any::<bool>().prop_map(|held| Ask::Expect { held }),
    ]
}

#[test]
fn the_starts_of_three_processes_conform_to_the_rate() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    // Three processes, each of which remembers what it has seen itself.
    let stores = [(); 3].map(|()| Store::new(table.client.clone(), &table.name));
    let queue = Cell::new(0);
    let asks =
        prop::collection::vec((0..3usize, any_ask(), 1..6u32, 0..4_000u64, select(vec![0, 1_500, 60_000])), 1..30);
    let rates = select(vec![(1, 1, 1), (3, 1, 2), (10, 5, 10), (2, 60, 1)]);
    cases(60)
        .run(&(asks, rates), |(asks, (tasks, per_seconds, burst))| {
            queue.set(queue.get() + 1);
            // The rate of a queue, or of one of its fairness keys.
            let name = format!("q{}", queue.get());
            let scope = if queue.get() % 2 == 0 { Scope::share(&name, 0) } else { Scope::key(&name, "a#b") };
            let pace = pace(tasks, per_seconds, burst, 7);
            let (mut now, mut starts) = (START, Vec::new());
            for (who, asked, count, passed, within) in asks {
                now = now.after(Duration::from_millis(passed));
                let wanted = wanted(count, now, within);
                let times = runtime.block_on(ask(&stores[who], &scope, pace, asked, wanted)).unwrap();
                prop_assert!(times.len() <= count as usize);
                prop_assert!(
                    times.iter().all(|time| now <= *time && *time <= wanted.by),
                    "{:?} of {:?}",
                    times,
                    wanted
                );
                prop_assert!(times.is_sorted());
                if let Ask::Start { .. } = asked {
                    starts.extend(times);
                }
            }
            starts.sort();
            let period = Duration::from_secs(per_seconds.into());
            let within = |i: usize| starts[i..].iter().take_while(|time| time.since(starts[i]) < period).count();
            let most = (0..starts.len()).map(within).max().unwrap_or_default();
            prop_assert!(most <= (tasks + burst) as usize, "{} starts within {:?}: {:?}", most, period, starts);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_lone_process_gets_all_starts_of_a_rate() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    let pace = pace(4, 1, 1, 7);
    let times =
        runtime.block_on(ask(&table.store, &calls(), pace, Ask::Start { expected: false }, wanted(9, START, 1_500)));
    // One in 0.254 s.
    assert_eq!(times.unwrap().len(), 6);
}

#[test]
fn those_who_are_expected_go_first_and_a_new_rate_forgets_them() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    let (old, new) = (pace(1, 10, 1, 7), pace(1, 10, 1, 8));
    let (any, known) = (Ask::Start { expected: false }, Ask::Start { expected: true });
    let now = wanted(1, START, 0);
    runtime.block_on(async {
        let ask = async |pace, asked, wanted| ask(&table.store, &calls(), pace, asked, wanted).await;
        let far = wanted(1, START.after(Duration::from_secs(3)), 20_000);
        assert_eq!(ask(old, Ask::Expect { held: true }, far).await.unwrap().len(), 1);
        assert_eq!(ask(old, any, now).await.unwrap(), [], "another is expected first");
        assert_eq!(ask(old, known, now).await.unwrap(), [START]);
        assert_eq!(ask(new, any, now).await.unwrap(), [START], "the new rate has its own starts");
        assert_eq!(ask(old, any, now).await, None);
        // Another process, which remembers nothing.
        let other = Store::new(table.client.clone(), &table.name);
        assert_eq!(super::rates::ask(&other, &calls(), old, any, now).await, None);
    });
}

#[test]
fn new_tasks_get_nothing_while_held_ones_wait() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    let pace = pace(10, 1, 10, 7);
    runtime.block_on(async {
        table.store.note_rate_waits(&calls(), START.after(Duration::from_secs(90))).await.unwrap();
        let later = |seconds| wanted(1, START.after(Duration::from_secs(seconds)), 0);
        let ask = async |asked, seconds| ask(&table.store, &calls(), pace, asked, later(seconds)).await.unwrap().len();
        assert_eq!(ask(Ask::Start { expected: false }, 1).await, 0);
        assert_eq!(ask(Ask::Expect { held: false }, 1).await, 0);
        assert_eq!(ask(Ask::Start { expected: true }, 1).await, 1);
        assert_eq!(ask(Ask::Start { expected: false }, 91).await, 1);
        table.store.note_rate_waits(&calls(), START.after(Duration::from_secs(200))).await.unwrap();
        assert_eq!(ask(Ask::Expect { held: false }, 92).await, 0);
        table.store.note_rate_waits(&calls(), START.after(Duration::from_secs(93))).await.unwrap();
        assert_eq!(ask(Ask::Expect { held: false }, 93).await, 1, "the note was taken back");
        let (room, waits) = table.store.rate_room(&calls(), pace, START, START).await.unwrap();
        assert_eq!((room, waits), (0, START.after(Duration::from_secs(93))));
    });
}

#[test]
fn what_is_asked_at_one_moment_is_asked_once() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    let pace = pace(10, 1, 5, 7);
    runtime.block_on(async {
        let scope = calls();
        let asked = (0..8).map(|_| table.store.ask_rate(&scope, pace, Ask::Start { expected: false }, START, START));
        let given = futures::future::join_all(asked).await;
        let got = given.iter().filter(|given| matches!(given, Ok(Given::Times(times)) if !times.is_empty())).count();
        assert_eq!(got, 5, "the burst");
    });
}
