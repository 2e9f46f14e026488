use std::time::Duration;

use taskway_protocol::{AttemptError, ErrorKind, Fence, Generation};

use super::*;

const NOW: Time = Time::from_millis(1_764_000_000_000);

/// Every step that ends a task, with a record that it can be made of.
fn ends() -> [(Step, Task); 7] {
    let (at, now, retained_until, fence) = (NOW, NOW, NOW.after(Duration::from_secs(60)), Fence(3));
    let error = AttemptError { kind: ErrorKind::Lost, message: "no".into(), attempt: 1, at };
    let waiting = Task { state: State::Queued { due: NOW }, ..Task::example(NOW) };
    let state = State::Running { owner: Nonce(7), lease_end: Time::default(), hard_end: Some(NOW) };
    let attempts = waiting.spec.options.retry.max_attempts;
    let mut running = Task { state, fence, attempts, error: Some(error.clone()), ..waiting.clone() };
    running.spec.deadline = Some(NOW);
    [
        (Step::Succeed { fence, at, retained_until, result: None, progress: None, owes: true }, running.clone()),
        (Step::Fail { fence, at, retained_until, error: error.clone(), owes: false }, running.clone()),
        (Step::Lost { now, retained_until, error, owes: true }, running.clone()),
        (Step::Expire { now, retained_until, owes: true }, running.clone()),
        (Step::Cancel { at, retained_until }, running),
        (Step::Withdraw { fence: None, at, retained_until }, waiting.clone()),
        (Step::Withdraw { fence: Some(Fence::NONE), at, retained_until }, waiting),
    ]
}

fn transition(step: &Step) -> Transition {
    Transition { born: NOW, step: step.clone() }
}

fn made(step: &Step, task: &Task) -> Task {
    transition(step).apply(task).unwrap_or_else(|refusal| panic!("{step:?}: {refusal}"))
}

#[test]
fn an_ending_step_is_recognised_in_the_record_that_it_left() {
    for (step, before) in ends() {
        assert!(has_ended(&transition(&step), &made(&step, &before)), "{step:?}");
        assert!(!has_ended(&transition(&step), &before), "{step:?}: the task is open");
        let after = made(&step, &before);
        if let Some(called_back) = after.called_back() {
            assert!(has_ended(&transition(&step), &made(&called_back, &after)), "{step:?}, then its callback");
        }
    }
}

#[test]
fn an_end_of_another_kind_attempt_time_or_life_is_not_recognised() {
    let [(succeed, before), (fail, _), ..] = ends();
    let after = made(&succeed, &before);
    let succeed = transition(&succeed);
    assert!(!has_ended(&transition(&fail), &after));
    assert!(!has_ended(&succeed, &Task { fence: Fence(4), ..after.clone() }));
    let State::Ended { end, at, retained_until, owes } = after.state else { panic!("it has ended") };
    let later = State::Ended { end, at: at.after(Duration::from_millis(1)), retained_until, owes };
    assert!(!has_ended(&succeed, &Task { state: later, ..after.clone() }));
    let another = TaskId { born: NOW.after(Duration::from_secs(1)), ..after.id };
    assert!(!has_ended(&succeed, &Task { id: another, ..after }));
}

#[test]
fn a_step_that_leaves_the_task_open_is_not_recognised_as_an_end() {
    let [(succeed, before), ..] = ends();
    let ended = made(&succeed, &before);
    for step in [
        Step::Claim { generation: Generation::FIRST, owner: Nonce(7), now: NOW, timeout_seconds: 60, fence: None },
        Step::LeaseExpired { fence: before.fence, now: NOW, past: Vec::new() },
        Step::Mark { generation: Generation::FIRST, due: NOW },
    ] {
        assert!(!has_ended(&transition(&step), &ended), "{step:?}");
    }
}
