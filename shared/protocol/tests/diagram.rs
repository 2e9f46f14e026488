//! `docs/architecture.md` shows the states and what leads from one to another. The picture is derived from the
//! transitions themselves here, and must be the one that the page shows.

#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

use std::collections::BTreeMap;

use taskway_protocol::{
    AttemptError, Count, ErrorKind, Expect, Fence, Generation, Nonce, Priority, Set, StateName, Step, Time, Transition,
};

const AT: Time = Time::from_millis(1);

/// One of each. The match in `name` does not compile when a step is missing there, and the test fails when one is here.
fn steps() -> Vec<Step> {
    let (fence, generation) = (Fence(1), Generation::FIRST);
    let error = || AttemptError { kind: ErrorKind::Handler, message: "x".into(), attempt: 1, at: AT };
    let again = (fence, AT, Count::Keep);
    vec![
        Step::Park { due: AT },
        Step::Mark { generation, due: AT },
        Step::Claim { generation, owner: Nonce(1), now: AT, lease_end: AT },
        Step::Heartbeat { fence, lease_end: AT, hard_end: AT, progress: None, checkpoint: None },
        Step::Succeed { fence, at: AT, retained_until: AT, result: None, progress: None },
        Step::Fail { fence, at: AT, retained_until: AT, error: error() },
        Step::Again { fence: again.0, due: again.1, count: again.2, error: None, checkpoint: None },
        Step::AgainLater { fence: again.0, due: again.1, count: again.2, error: None, checkpoint: None },
        Step::LeaseExpired { fence, now: AT },
        Step::Lost { now: AT, retained_until: AT, error: error() },
        Step::Cancel { at: AT, retained_until: AT },
        Step::Withdraw { at: AT, retained_until: AT },
        Step::Reschedule { generation, now: AT, due: AT, run_at: None, deadline: None, priority: Priority::Normal },
        Step::Revive { generation, now: AT, deadline: None },
        Step::Expire { now: AT, retained_until: AT },
    ]
}

fn name(step: &Step) -> &'static str {
    match step {
        Step::Park { .. } => "park",
        Step::Mark { .. } => "promote, mark",
        Step::Claim { .. } => "claim",
        Step::Heartbeat { .. } => "heartbeat",
        Step::Succeed { .. } => "succeed",
        Step::Fail { .. } => "fail",
        Step::Again { .. } => "retry soon",
        Step::AgainLater { .. } => "retry later",
        Step::LeaseExpired { .. } => "lease expired",
        Step::Lost { .. } => "lost",
        Step::Cancel { .. } => "cancel",
        Step::Withdraw { .. } => "withdraw",
        Step::Reschedule { .. } => "reschedule",
        Step::Revive { .. } => "retry by a person",
        Step::Expire { .. } => "expire",
    }
}

/// The picture, in Mermaid's language.
fn diagram() -> String {
    let mut edges: BTreeMap<(StateName, StateName), Vec<&str>> = BTreeMap::new();
    for step in steps() {
        let transition = Transition { born: AT, step: step.clone() };
        let states = |expect: &Expect| match expect {
            Expect::State(states) => Some(*states),
            _ => None,
        };
        let from = transition.expects().iter().find_map(states).unwrap();
        let to = transition.sets().iter().find_map(|set| match set {
            Set::State(state) => Some(state.name()),
            _ => None,
        });
        for state in from {
            edges.entry((*state, to.unwrap_or(*state))).or_default().push(name(&step));
        }
    }
    let mut text = "stateDiagram-v2\n    [*] --> queued: submit, at most 15 min ahead\n    [*] --> scheduled: submit, further ahead\n".to_owned();
    for ((from, to), names) in edges {
        text += &format!("    {} --> {}: {}\n", from.as_str(), to.as_str(), names.join(", "));
    }
    text
}

#[test]
fn the_page_shows_the_states_as_they_are() {
    let page = include_str!("../../../docs/architecture.md");
    let diagram = diagram();
    assert!(page.contains(&diagram), "docs/architecture.md must show this:\n\n```mermaid\n{diagram}```");
}

#[test]
fn every_step_is_in_the_picture() {
    let names: Vec<&str> = steps().iter().map(name).collect();
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    // As many as `name` knows.
    assert_eq!((names.len(), distinct.len()), (15, 15));
}
