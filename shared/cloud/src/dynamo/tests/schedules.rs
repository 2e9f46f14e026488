//! Schedules in the table: they are read back as they were written, and a write expects the version that was read.

use std::num::NonZeroU32;

use proptest::{prelude::*, sample::select, strategy::ValueTree};

use super::{Table, arbitrary::spec, cases, runtime};
use crate::dynamo::{Saved, ScheduleCursor, Slot, StoreError};
use taskway_protocol::{
    TaskId, TaskKey, Time,
    calendar::Zone,
    schedule::{Definition, LastRun, Misfire, Overlap, Pending, Phase, Schedule, Template, Then, Timing},
};
use taskway_runtime::clock::SystemClock;

fn time() -> impl Strategy<Value = Time> {
    (0..=253_402_300_799_999u64).prop_map(Time::from_millis)
}

fn timing() -> impl Strategy<Value = Timing> {
    let zones = ["UTC", "Europe/Dublin", "Asia/Kathmandu"];
    let cron = (select(vec!["* * * * *", "@daily", "*/5 0 0 L * *"]), select(zones.to_vec()))
        .prop_map(|(text, zone)| Timing::Cron { expression: text.into(), zone: Zone::parse(zone).unwrap() });
    let every = (1..=u32::MAX, time())
        .prop_map(|(seconds, anchor)| Timing::Every { seconds: NonZeroU32::new(seconds).unwrap(), anchor });
    prop_oneof![cron, every]
}

fn definition() -> impl Strategy<Value = Definition> {
    let text = || "\\PC{0,40}".prop_map(String::into_boxed_str);
    let template = (spec(), text()).prop_map(|(spec, text)| Template { spec, text });
    let policies = (select(Overlap::ALL.to_vec()), select(Misfire::ALL.to_vec()), any::<u32>(), any::<bool>());
    let bounds = (prop::option::of(time()), prop::option::of(time()));
    (timing(), template, policies, bounds).prop_map(|(timing, template, policies, (start_at, end_at))| {
        let (overlap, misfire, jitter_seconds, paused) = policies;
        Definition { timing, template, overlap, misfire, start_at, end_at, jitter_seconds, paused }
    })
}

fn phase() -> impl Strategy<Value = Phase> {
    prop_oneof![
        time().prop_map(|next| Phase::Active { next }),
        Just(Phase::Idle),
        (time(), prop::option::of(time()), select(vec![Then::Change, Then::Pause, Then::Remove]))
            .prop_map(|(since, next, then)| Phase::Withdrawing { since, next, then }),
    ]
}

fn schedule() -> impl Strategy<Value = Schedule> {
    let last = prop::option::of((time(), any::<[u8; 16]>()));
    let started = prop::collection::vec(time(), 0..3);
    let stands =
        (time(), phase(), last, started, prop::collection::vec((time(), prop::option::of(any::<u64>())), 0..20));
    let name = "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}";
    (name, time(), any::<u64>(), definition(), stands).prop_map(|(name, born, revision, definition, stands)| {
        let (since, phase, last, started, pending) = stands;
        let last = last.map(|(at, key)| LastRun { at, id: TaskId { key: TaskKey::from_bytes(key), born: at } });
        let times = definition.times().unwrap();
        let pending = pending.into_iter().map(|(at, before)| Pending { at, revision: before.unwrap_or(revision) });
        let pending = pending.collect();
        Schedule {
            name: name.into(),
            born,
            version: 1,
            revision,
            definition,
            times,
            since,
            phase,
            last,
            pending,
            started,
        }
    })
}

#[test]
fn a_schedule_is_read_back_and_a_write_expects_the_version_before() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    let store = &table.store;
    cases(100)
        .run(&(schedule(), schedule()), |(first, other)| {
            runtime.block_on(async {
                prop_assert_eq!(store.save_schedule(&first).await.unwrap(), Saved::Now);
                prop_assert_eq!(&store.schedule(&first.name).await.unwrap(), &first);
                // A repeated write succeeds. Another first write does not.
                prop_assert_eq!(store.save_schedule(&first).await.unwrap(), Saved::Now);
                let same_name = Schedule { name: first.name.clone(), ..other.clone() };
                prop_assert_eq!(store.save_schedule(&same_name).await.unwrap(), Saved::NotAsExpected);

                let due = match first.next_visit() {
                    Some(at) => {
                        let before = store.due_schedules(at.before(std::time::Duration::from_millis(1)), None).await;
                        prop_assert!(at == Time::default() || before.unwrap().items.is_empty());
                        store.due_schedules(at, None).await.unwrap().items
                    }
                    None => store.due_schedules(Time::from_millis(99_999_999_999_998), None).await.unwrap().items,
                };
                let expected: Vec<Box<str>> = first.next_visit().map(|_| first.name.clone()).into_iter().collect();
                prop_assert_eq!(due, expected);

                let second = Schedule { version: 2, born: first.born, name: first.name.clone(), ..other };
                let of_another_life =
                    Schedule { born: Time::from_millis(first.born.as_millis() + 1), ..second.clone() };
                prop_assert_eq!(store.save_schedule(&of_another_life).await.unwrap(), Saved::NotAsExpected);
                prop_assert_eq!(store.save_schedule(&second).await.unwrap(), Saved::Now);
                prop_assert_eq!(&store.schedule(&first.name).await.unwrap(), &second);
                let now = Time::from_millis(5_000);
                prop_assert_eq!(store.schedule_slot(&first.name).await.unwrap(), Slot::Taken(second.clone().into()));
                prop_assert_eq!(store.delete_schedule(&first, now).await.unwrap(), Saved::NotAsExpected);
                prop_assert_eq!(store.delete_schedule(&second, now).await.unwrap(), Saved::Now);
                prop_assert_eq!(store.delete_schedule(&second, now).await.unwrap(), Saved::NotAsExpected);
                prop_assert!(matches!(store.schedule(&first.name).await, Err(StoreError::NotFound)));
                prop_assert_eq!(
                    store.save_schedule(&second).await.unwrap(),
                    Saved::NotAsExpected,
                    "the schedule is deleted"
                );
                // A write that was on its way all the time.
                prop_assert_eq!(store.save_schedule(&first).await.unwrap(), Saved::NotAsExpected);
                prop_assert_eq!(store.schedule_slot(&first.name).await.unwrap(), Slot::Free { next: 4 });
                let listed = store.schedules(None, 10, &SystemClock).await.unwrap().0;
                prop_assert!(listed.iter().all(|schedule| schedule.name != first.name));
                let again = Schedule { version: 4, ..first.clone() };
                prop_assert_eq!(store.save_schedule(&again).await.unwrap(), Saved::Now);
                prop_assert_eq!(&store.schedule(&first.name).await.unwrap(), &again);
                prop_assert_eq!(store.delete_schedule(&again, now).await.unwrap(), Saved::Now);
                Ok(())
            })
        })
        .unwrap();
}

#[test]
fn schedules_are_listed_once_each_and_the_newest_first() {
    let runtime = runtime();
    let table = runtime.block_on(Table::start());
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    runtime.block_on(async {
        let mut expected = Vec::new();
        for n in 0..25u64 {
            let drawn = schedule().new_tree(&mut runner).unwrap().current();
            // Three schedules each have the same birth.
            let named = Schedule { name: format!("s{n}").into(), born: Time::from_millis(1_000 + n / 3), ..drawn };
            assert_eq!(table.store.save_schedule(&named).await.unwrap(), Saved::Now);
            expected.push(named);
        }
        let (mut listed, mut after): (Vec<Schedule>, Option<ScheduleCursor>) = (Vec::new(), None);
        loop {
            let (page, next) = table.store.schedules(after.as_ref(), 4, &SystemClock).await.unwrap();
            listed.extend(page);
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert!(listed.windows(2).all(|pair| pair[0].born >= pair[1].born));
        listed.sort_by_key(|schedule| expected.iter().position(|other| other.name == schedule.name));
        assert_eq!(listed, expected);
    });
}
