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

/// The criteria of a first pass that has seen this wait in the normal lane.
fn criteria(wait: Duration) -> Criteria {
    Criteria { now: NOW, waits: Waits { normal: wait, ..Waits::default() }, last: None }
}

/// The criteria of a pass without waits, if the last one began this long ago.
fn criteria_after(ago: Duration) -> Criteria {
    let last = LastPass { began: NOW.before(ago), waits: Waits::default(), judged_by: Waits::default() };
    Criteria { last: Some(last), ..criteria(Duration::ZERO) }
}

fn found(task: &Task) -> Option<Finding> {
    criteria(Duration::ZERO).finding(task)
}

#[test]
fn a_task_is_found_once_it_is_overdue_for_long_enough() {
    let long = NOW.before(SHORTEST_WAIT);
    assert_eq!(found(&queued(long)), Some(Finding::Send { due: long }));
    let scheduled = |due| task(State::Scheduled { due, held: false });
    assert_eq!(found(&scheduled(long)), Some(Finding::Promote { due: long }));
    for not_long in [long.after(INSTANT), NOW, NOW.after(DAY)] {
        assert_eq!(found(&queued(not_long)), None);
        assert_eq!(found(&scheduled(not_long)), None);
    }
    let ended = State::Ended { end: End::Failed, at: NOW.before(DAY), retained_until: NOW.after(DAY), owes: false };
    assert_eq!(found(&task(ended)), None);
}

#[test]
fn a_lost_attempt_is_settled_as_a_tick_settles_it() {
    let long = NOW.before(SHORTEST_WAIT + SKEW);
    let settled = found(&running(long));
    assert_eq!(settled, overdue(&running(long), NOW).map(Finding::Settle));
    assert!(matches!(settled, Some(Finding::Settle(Step::LeaseExpired { fence: Fence(1), now: NOW, .. }))));
    assert_eq!(found(&running(long.after(INSTANT))), None, "its message still brings it back");
    assert_eq!(found(&running(NOW)), None, "an attempt may hold it");
    let mut last = running(long);
    last.attempts = 2;
    let Some(Finding::Settle(Step::Lost { error, .. })) = found(&last) else { panic!("it is lost") };
    assert_eq!((error.kind, error.attempt), (ErrorKind::Lost, 2));
}

#[test]
fn a_task_past_its_deadline_is_expired_at_once() {
    let late = |state| {
        let mut task = task(state);
        task.spec.deadline = Some(NOW);
        task
    };
    let waiting = [
        State::Scheduled { due: NOW.after(DAY), held: false },
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
fn the_longer_tasks_wait_in_a_lane_the_later_the_audit_finds_them() {
    let long = SHORTEST_WAIT + 10 * MINUTE * WAIT_FACTOR;
    let at = |age| criteria(10 * MINUTE).finding(&queued(NOW.before(age)));
    assert_eq!(at(long - INSTANT), None);
    assert!(at(long).is_some());
    let mut high = queued(NOW.before(SHORTEST_WAIT));
    high.spec.options.priority = Priority::High;
    assert!(criteria(10 * MINUTE).finding(&high).is_some(), "the wait was seen in another lane");
    let weeks = criteria(7 * DAY);
    assert_eq!(weeks.finding(&queued(NOW.before(LONGEST_WAIT - INSTANT))), None);
    assert!(weeks.finding(&queued(NOW.before(LONGEST_WAIT))).is_some(), "no lane keeps a message for longer");
}

#[test]
fn waits_are_learnt_from_recent_first_attempts_only() {
    let started = |ago: Duration| {
        let mut task = Task { generation: Generation::FIRST, ..running(NOW) };
        (task.started_at, task.spec.run_at) = (Some(NOW.before(ago)), NOW.before(ago + 7 * MINUTE));
        task
    };
    let learnt = |task: &Task| {
        let mut waits = Waits { normal: MINUTE, ..Waits::default() };
        waits.learn(task, NOW);
        waits.normal / MINUTE.as_secs() as u32
    };
    let seven = Duration::from_secs(7);
    assert_eq!((learnt(&started(Duration::ZERO)), learnt(&started(RECENT))), (seven, seven));
    let mut second = started(MINUTE);
    second.attempts = 2;
    let mut again = started(MINUTE);
    again.fence = Fence(2);
    let mut held = started(MINUTE);
    held.generation = Generation(2);
    let mut early = started(MINUTE);
    early.spec.run_at = NOW;
    for other in [started(RECENT + INSTANT), second, again, held, early, queued(NOW.before(DAY))] {
        assert_eq!(learnt(&other), Duration::from_secs(1), "{other:?}");
    }
    let mut ended = started(MINUTE);
    ended.state = State::Ended { end: End::Succeeded, at: NOW, retained_until: NOW, owes: false };
    assert_eq!(learnt(&ended), seven);
}

#[test]
fn a_held_task_that_was_sent_lately_is_not_lost() {
    let due = NOW.before(DAY);
    let held = task(State::Scheduled { due, held: true });
    let is_lost = |ago: Duration| criteria(Duration::ZERO).held_is_lost(&held, due, NOW.before(ago));
    assert_eq!(found(&held), Some(Finding::Held { due }));
    assert!(!is_lost(Duration::ZERO) && !is_lost(SHORTEST_WAIT - INSTANT));
    assert!(is_lost(SHORTEST_WAIT) && is_lost(DAY * 2));
    let again = |last: Duration| criteria_after(last).held_is_lost(&held, due, NOW.before(DAY * 2));
    assert!(!again(MINUTE) && again(DAY), "not before its wait has doubled");
}

#[test]
fn a_task_is_sent_again_once_its_wait_has_doubled() {
    let sends = |age: Duration, last: Duration| criteria_after(last).finding(&queued(NOW.before(age))).is_some();
    assert!(sends(SHORTEST_WAIT, INSTANT), "it passed the threshold after the last pass began");
    assert!(!sends(SHORTEST_WAIT + INSTANT, INSTANT), "the last pass has sent it");
    assert!(sends(2 * SHORTEST_WAIT, INSTANT) && !sends(2 * SHORTEST_WAIT + INSTANT, INSTANT));
    assert!(
        !sends(4 * SHORTEST_WAIT - INSTANT, 2 * SHORTEST_WAIT - INSTANT)
            && sends(4 * SHORTEST_WAIT, 2 * SHORTEST_WAIT - INSTANT)
    );
    // One pass a day.
    let ages: Vec<u32> = (1..=40).filter(|age| sends(DAY * *age + 10 * MINUTE, DAY)).collect();
    assert_eq!(ages, [1, 2, 3, 6, 11, 22], "the day after doublings at 32, 64, 128, 256 and 512 hours");
}

#[test]
fn a_task_left_during_a_backlog_is_sent_when_the_backlog_ends() {
    let mut criteria = criteria_after(DAY);
    criteria.last.as_mut().unwrap().judged_by.normal = DAY;
    let age = DAY + DAY / 4;
    assert_eq!(doublings(age), doublings(age - MINUTE));
    assert!(criteria.finding(&queued(NOW.before(age))).is_some());
    criteria.last.as_mut().unwrap().began = NOW.before(MINUTE);
    assert!(criteria.finding(&queued(NOW.before(age))).is_some());
    criteria.last.as_mut().unwrap().judged_by.normal = MINUTE;
    assert!(criteria.finding(&queued(NOW.before(age))).is_none(), "the last pass has sent it");
}

#[test]
fn a_pass_judges_by_its_own_waits_and_those_of_the_last_pass() {
    let mut audit = Audit::beginning(NOW);
    assert_eq!(audit.resume(NOW.before(INSTANT)), None);
    let wait = |normal| Waits { normal, ..Waits::default() };
    for (begins, waits, judged_by) in [(NOW, 20, 20), (NOW.after(DAY), 5, 20), (NOW.after(DAY * 2), 1, 5)] {
        audit.resume(begins).unwrap().waits = wait(MINUTE * waits);
        assert_eq!(audit.resume(begins.after(DAY)).unwrap().began, begins, "it is the same pass");
        assert_eq!(audit.criteria(begins).waits, wait(MINUTE * judged_by));
        audit.finish(DAY);
        let last = LastPass { began: begins, waits: wait(MINUTE * waits), judged_by: wait(MINUTE * judged_by) };
        assert_eq!(audit, Audit { next: begins.after(DAY), pass: None, last: Some(last) });
    }
}

proptest! {
    /// Whatever the times between the passes: a task that waits through all of them is sent at most twice for each
    /// doubling of its wait, and once more each time the lane's waits become shorter.
    #[test]
    fn a_backlog_does_not_multiply_messages(
        passes in prop::collection::vec((0..3_000_000_u64, 0..100_000_u64, 0..20_000_u64), 1..60),
        steady in any::<bool>(),
    ) {
        let due = NOW;
        let (mut now, mut audit, mut sent, mut shorter) = (NOW, Audit::beginning(NOW), 0, 0);
        let mut judged_by = Duration::ZERO;
        for (until_it_begins, until_it_reads, wait) in passes {
            now = now.after(Duration::from_secs(until_it_begins));
            let wait = if steady { 3600 } else { wait };
            audit.resume(now).unwrap().waits.normal = Duration::from_secs(wait);
            now = now.after(Duration::from_secs(until_it_reads));
            let criteria = audit.criteria(now);
            shorter += u32::from(criteria.waits.normal < judged_by);
            judged_by = criteria.waits.normal;
            sent += u32::from(criteria.finding(&queued(due)).is_some());
            audit.finish(Duration::ZERO);
        }
        let most = 1 + 2 * (1 + doublings(now.since(due))) + shorter;
        prop_assert!(sent <= most, "{sent} messages, at most {most}");
    }

    /// A task whose message is lost is sent again by the first pass after its wait has doubled, or sooner.
    #[test]
    fn a_task_whose_message_is_lost_is_sent_again(age in 0..4_000_000_u64, every in 60..200_000_u64) {
        let (every, lost_at) = (Duration::from_secs(every), NOW.after(Duration::from_secs(age)));
        let (mut now, mut audit) = (NOW.after(every / 2), Audit::beginning(NOW));
        loop {
            audit.resume(now).unwrap();
            let sends = audit.criteria(now).finding(&queued(NOW)).is_some();
            audit.finish(Duration::ZERO);
            if sends && now >= lost_at {
                break;
            }
            now = now.after(every);
        }
        let age = lost_at.since(NOW).max(SHORTEST_WAIT);
        prop_assert!(now.since(NOW) <= 2 * age + every, "lost at {age:?}, sent again at {:?}", now.since(NOW));
    }
}
