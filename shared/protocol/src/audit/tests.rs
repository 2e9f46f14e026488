#![allow(clippy::unwrap_used, clippy::panic)]
use proptest::prelude::*;

use super::*;
use crate::{End, ErrorKind, Fence, Generation, Nonce, RetryPolicy, Transition};

const NOW: Time = Time::from_millis(1_764_000_000_000);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const INSTANT: Duration = Duration::from_millis(1);

fn task(state: State) -> Task {
    let example = Task::example(NOW.before(DAY));
    let retry = RetryPolicy { max_attempts: 2, ..RetryPolicy::default() };
    let mut spec = example.spec.clone();
    spec.options.retry = retry;
    Task { spec, state, generation: Generation(2), fence: Fence(1), attempts: 1, ..example }
}

fn queued(due: Time) -> Task {
    task(State::Queued { due })
}

fn running(lease_end: Time) -> Task {
    task(State::Running { owner: Nonce(1), lease_end, hard_end: None })
}

/// Of a first pass, in which tasks of the normal lane have waited for so long.
fn look(wait: Duration) -> Look {
    Look { now: NOW, waits: Waits { normal: wait, ..Waits::default() }, last: None }
}

/// Of a pass in a quiet stack, after one that began so long ago.
fn look_after(ago: Duration) -> Look {
    let last = LastPass { began: NOW.before(ago), waits: Waits::default(), went_by: Waits::default() };
    Look { last: Some(last), ..look(Duration::ZERO) }
}

fn found(task: &Task) -> Option<Finding> {
    look(Duration::ZERO).finding(task)
}

#[test]
fn what_is_long_past_its_time_is_found_and_what_is_not_is_left() {
    let long = NOW.before(LEAST);
    assert_eq!(found(&queued(long)), Some(Finding::Send { due: long }));
    let scheduled = |due| task(State::Scheduled { due });
    assert_eq!(found(&scheduled(long)), Some(Finding::Promote { due: long }));
    for not_long in [long.after(INSTANT), NOW, NOW.after(DAY)] {
        assert_eq!(found(&queued(not_long)), None);
        assert_eq!(found(&scheduled(not_long)), None);
    }
    let ended = State::Ended { end: End::Failed, at: NOW.before(DAY), retained_until: NOW.after(DAY) };
    assert_eq!(found(&task(ended)), None);
}

#[test]
fn a_lost_attempt_is_settled_as_a_tick_would() {
    let long = NOW.before(LEAST + SKEW);
    assert_eq!(found(&running(long)), Some(Finding::Settle(Step::LeaseExpired { fence: Fence(1), now: NOW })));
    assert_eq!(found(&running(long.after(INSTANT))), None, "its message brings it back in seconds");
    assert_eq!(found(&running(NOW)), None, "somebody may hold it");
    let mut last = running(long);
    last.attempts = 2;
    let Some(Finding::Settle(Step::Lost { error, .. })) = found(&last) else { panic!("it is lost") };
    assert_eq!((error.kind, error.attempt), (ErrorKind::Lost, 2));
}

#[test]
fn what_reads_as_expired_is_written_at_once_whatever_waits_for_it() {
    let late = |state| {
        let mut task = task(state);
        task.spec.deadline = Some(NOW);
        task
    };
    let waiting = [
        State::Scheduled { due: NOW.after(DAY) },
        State::Queued { due: NOW },
        State::Running { owner: Nonce(1), lease_end: NOW.before(SKEW), hard_end: None },
    ];
    for task in waiting.map(late) {
        let Some(Finding::Expire(step)) = found(&task) else { panic!("it is expired: {task:?}") };
        assert_eq!(Transition { born: task.id.born, step }.refusal(&task), None);
    }
    let held = late(State::Running { owner: Nonce(1), lease_end: NOW, hard_end: None });
    assert_eq!(found(&held), None);
}

#[test]
fn where_tasks_wait_for_long_nothing_is_found_sooner() {
    let long = LEAST + 10 * MINUTE * TIMES;
    let at = |age| look(10 * MINUTE).finding(&queued(NOW.before(age)));
    assert_eq!(at(long - INSTANT), None);
    assert!(at(long).is_some());
    let mut high = queued(NOW.before(LEAST));
    high.spec.options.priority = Priority::High;
    assert!(look(10 * MINUTE).finding(&high).is_some(), "another lane's wait");
    let weeks = look(7 * DAY);
    assert_eq!(weeks.finding(&queued(NOW.before(MOST - INSTANT))), None);
    assert!(weeks.finding(&queued(NOW.before(MOST))).is_some(), "no lane keeps a message for longer");
}

#[test]
fn only_a_first_attempt_that_started_lately_tells_how_long_tasks_wait() {
    let started = |ago: Duration| {
        let mut task = running(NOW);
        (task.started_at, task.spec.run_at) = (Some(NOW.before(ago)), NOW.before(ago + 7 * MINUTE));
        task
    };
    let learnt = |task: &Task| {
        let mut waits = Waits { normal: MINUTE, ..Waits::default() };
        waits.learn(task, NOW);
        waits.normal / MINUTE.as_secs() as u32
    };
    let seven = Duration::from_secs(7);
    assert_eq!((learnt(&started(Duration::ZERO)), learnt(&started(LATELY))), (seven, seven));
    let mut second = started(MINUTE);
    second.attempts = 2;
    let mut again = started(MINUTE);
    again.fence = Fence(2);
    let mut early = started(MINUTE);
    early.spec.run_at = NOW;
    for other in [started(LATELY + INSTANT), second, again, early, queued(NOW.before(DAY))] {
        assert_eq!(learnt(&other), Duration::from_secs(1), "{other:?}");
    }
    let mut ended = started(MINUTE);
    ended.state = State::Ended { end: End::Succeeded, at: NOW, retained_until: NOW };
    assert_eq!(learnt(&ended), seven);
}

#[test]
fn what_was_sent_again_is_left_until_twice_as_much_time_has_passed() {
    let sends = |age: Duration, last: Duration| look_after(last).finding(&queued(NOW.before(age))).is_some();
    assert!(sends(LEAST, INSTANT), "it was not long when the last pass began");
    assert!(!sends(LEAST + INSTANT, INSTANT), "it was");
    assert!(sends(2 * LEAST, INSTANT) && !sends(2 * LEAST + INSTANT, INSTANT));
    assert!(!sends(4 * LEAST - INSTANT, 2 * LEAST - INSTANT) && sends(4 * LEAST, 2 * LEAST - INSTANT));
    // Once a day.
    let ages: Vec<u32> = (1..=40).filter(|age| sends(DAY * *age + 10 * MINUTE, DAY)).collect();
    assert_eq!(ages, [1, 2, 3, 6, 11, 22], "the day after doublings at 32, 64, 128, 256 and 512 hours");
}

#[test]
fn what_was_left_for_a_backlog_is_sent_once_that_is_over() {
    let mut look = look_after(DAY);
    look.last.as_mut().unwrap().went_by.normal = DAY;
    let age = DAY + DAY / 4;
    assert_eq!(doublings(age), doublings(age - MINUTE));
    assert!(look.finding(&queued(NOW.before(age))).is_some());
    look.last.as_mut().unwrap().began = NOW.before(MINUTE);
    assert!(look.finding(&queued(NOW.before(age))).is_some());
    look.last.as_mut().unwrap().went_by.normal = MINUTE;
    assert!(look.finding(&queued(NOW.before(age))).is_none(), "the last pass has sent it");
}

#[test]
fn a_pass_begins_so_long_after_the_last_and_knows_what_that_saw() {
    let mut audit = Audit::beginning(NOW);
    assert_eq!(audit.resume(NOW.before(INSTANT)), None);
    let wait = |normal| Waits { normal, ..Waits::default() };
    for (begins, waits, went_by) in [(NOW, 20, 20), (NOW.after(DAY), 5, 20), (NOW.after(DAY * 2), 1, 5)] {
        audit.resume(begins).unwrap().waits = wait(MINUTE * waits);
        assert_eq!(audit.resume(begins.after(DAY)).unwrap().began, begins, "it is the same pass");
        assert_eq!(audit.look(begins).waits, wait(MINUTE * went_by));
        audit.finish(DAY);
        let last = LastPass { began: begins, waits: wait(MINUTE * waits), went_by: wait(MINUTE * went_by) };
        assert_eq!(audit, Audit { next: begins.after(DAY), pass: None, last: Some(last) });
    }
}

proptest! {
    /// However passes follow each other, and however long each takes to come to the task: a task that waits through them
    /// all is sent again at most twice for each time that its wait has doubled, and once more for each time that the
    /// lane's waits have become shorter.
    #[test]
    fn a_backlog_does_not_breed_messages(
        passes in prop::collection::vec((0..3_000_000_u64, 0..100_000_u64, 0..20_000_u64), 1..60),
        steady in any::<bool>(),
    ) {
        let due = NOW;
        let (mut now, mut audit, mut sent, mut shorter) = (NOW, Audit::beginning(NOW), 0, 0);
        let mut went_by = Duration::ZERO;
        for (until_it_begins, until_it_looks, wait) in passes {
            now = now.after(Duration::from_secs(until_it_begins));
            let wait = if steady { 3600 } else { wait };
            audit.resume(now).unwrap().waits.normal = Duration::from_secs(wait);
            now = now.after(Duration::from_secs(until_it_looks));
            let look = audit.look(now);
            shorter += u32::from(look.waits.normal < went_by);
            went_by = look.waits.normal;
            sent += u32::from(look.finding(&queued(due)).is_some());
            audit.finish(Duration::ZERO);
        }
        let most = 1 + 2 * (1 + doublings(now.since(due))) + shorter;
        prop_assert!(sent <= most, "{sent} messages, at most {most}");
    }

    /// And one whose only message is lost is sent again before it has waited for twice as long, but for the pass that has
    /// to come by.
    #[test]
    fn what_is_lost_is_sent_again(age in 0..4_000_000_u64, every in 60..200_000_u64) {
        let (every, lost_at) = (Duration::from_secs(every), NOW.after(Duration::from_secs(age)));
        let (mut now, mut audit) = (NOW.after(every / 2), Audit::beginning(NOW));
        loop {
            audit.resume(now).unwrap();
            let sends = audit.look(now).finding(&queued(NOW)).is_some();
            audit.finish(Duration::ZERO);
            if sends && now >= lost_at {
                break;
            }
            now = now.after(every);
        }
        let age = lost_at.since(NOW).max(LEAST);
        prop_assert!(now.since(NOW) <= 2 * age + every, "lost at {age:?}, sent again at {:?}", now.since(NOW));
    }
}
