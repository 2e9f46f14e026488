//! `docs/architecture.md` has a diagram of the states and the steps between them. This test derives the diagram from
//! the transitions and compares the two.

#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

use std::collections::BTreeMap;

use taskway_protocol::{Expect, Set, StateName, Step, Time, Transition};

const AT: Time = Time::from_millis(1);

fn name(step: &Step) -> &'static str {
    match step {
        Step::Park { .. } => "park",
        Step::Mark { .. } => "promote, mark",
        Step::Claim { .. } => "claim",
        Step::Hold { .. } => "hold",
        Step::Heartbeat { .. } => "heartbeat",
        Step::Succeed { .. } => "succeed",
        Step::Fail { .. } => "fail",
        Step::Again { .. } => "retry soon",
        Step::AgainLater { .. } => "retry later",
        Step::GiveBack { .. } => "give back",
        Step::LeaseExpired { .. } => "lease expired",
        Step::Lost { .. } => "lost",
        Step::Cancel { .. } => "cancel",
        Step::Withdraw { .. } => "withdraw",
        Step::Reschedule { .. } => "reschedule",
        Step::Revive { .. } => "retry by a person",
        Step::Replace { .. } => "replace",
        Step::Expire { .. } => "expire",
        Step::Callback { .. } => "callback",
    }
}

/// The diagram, in Mermaid's language.
fn diagram() -> String {
    let mut edges: BTreeMap<(StateName, StateName), Vec<&str>> = BTreeMap::new();
    for step in Step::examples() {
        let transition = Transition { born: AT, step: step.clone() };
        let states = |expect: &Expect| match expect {
            Expect::State(states) => Some(*states),
            _ => None,
        };
        let from = transition.expects().iter().find_map(states).unwrap_or(StateName::ALL);
        let to = transition.sets().iter().find_map(|set| match set {
            Set::State(state) => Some(state.name()),
            _ => None,
        });
        for state in from {
            let names = edges.entry((*state, to.unwrap_or(*state))).or_default();
            if !names.contains(&name(&step)) {
                names.push(name(&step));
            }
        }
    }
    let mut text = "stateDiagram-v2\n    [*] --> queued: submit, at most 15 min ahead\n    [*] --> scheduled: submit, further ahead\n".to_owned();
    for ((from, to), names) in edges {
        text += &format!("    {} --> {}: {}\n", from.as_str(), to.as_str(), names.join(", "));
    }
    text
}

#[test]
fn the_page_shows_the_diagram_of_the_transitions() {
    let page = include_str!("../../../docs/architecture.md");
    let diagram = diagram();
    assert!(page.contains(&diagram), "docs/architecture.md must show this:\n\n```mermaid\n{diagram}```");
}
