//! A counterexample as a story: who does what, with the record and the queue after each step.

use std::fmt::Write as _;

use crate::{
    actors::{EXECUTOR_CLOCKS, Executor},
    machine::Action,
    message::Message,
    record::{Record, Standing},
    situation::Situation,
};

/// Tells the way to a situation in which `property` does not hold.
pub(crate) fn tell(property: &str, path: Vec<(Situation, Option<Action>)>) -> String {
    let mut text = format!("does not hold: {property}\n");
    let mut done = None;
    for (number, (situation, action)) in path.into_iter().enumerate() {
        if let Some(done) = done {
            let _ = writeln!(text, "{number:>4}. {:<44} {}", sentence(&done), world(&situation));
        }
        if action.is_none() {
            let _ = writeln!(text, "      then {}", people(&situation));
        }
        done = action;
    }
    text
}

fn sentence(action: &Action) -> String {
    match action {
        Action::Receive(who, slot) => format!("executor {} receives message {slot}", who + 1),
        Action::Executor(who, choice) => format!("executor {}: {choice:?}", who + 1),
        Action::Tick(who, choice) => format!("tick {}: {choice:?}", who + 1),
        Action::Submitter(choice) => format!("submit: {choice:?}"),
        Action::Person(choice) => format!("person: {choice:?}"),
        Action::Crash(who) => format!("crash: {who:?}"),
        Action::Pass => "5 s pass".into(),
        Action::PassFar => "a long time passes".into(),
        Action::Duplicate(slot) => format!("the queue duplicates message {slot}"),
        Action::Lose(slot) => format!("the queue loses message {slot}"),
        Action::Forget => "the table sweeps the record away".into(),
    }
}

fn world(situation: &Situation) -> String {
    let world = &situation.world;
    let record = world.record.as_ref().map_or("no record".into(), record);
    let messages: Vec<String> = world.messages().map(|(slot, one)| message(slot, one)).collect();
    let callbacks = match world.children.count() {
        0 => String::new(),
        count => format!(", callbacks made: {count}"),
    };
    format!("| {record}{callbacks} | {}", if messages.is_empty() { "no message".into() } else { messages.join(", ") })
}

fn record(record: &Record) -> String {
    let standing = match record.standing {
        Standing::Scheduled { due, .. } => format!("scheduled, due {due:+}"),
        Standing::Queued { due } => format!("queued, due {due:+}"),
        Standing::Running { lease_end, hard_end: None, .. } => format!("running, lease {lease_end:+}"),
        Standing::Running { lease_end, hard_end: Some(end), .. } => {
            format!("running, lease {lease_end:+}, watched {end:+}")
        }
        Standing::Ended { end, owes, .. } => {
            let end = ["succeeded", "failed", "cancelled", "expired"][usize::from(end)];
            format!("{end}{}", if owes { ", owes" } else { "" })
        }
    };
    let Record { life, generation, fence, attempts, .. } = record;
    let deadline = record.deadline.map_or(String::new(), |at| format!(" dl {at:+}"));
    format!("life {life} g{generation} f{fence} a{attempts}{deadline} {standing}")
}

fn message(slot: u8, message: &Message) -> String {
    let Message { life, generation, visible, dead, .. } = message;
    let place = if *dead { "dead".into() } else { format!("{visible:+}") };
    format!("#{slot} life {life} g{generation} {place}")
}

fn people(situation: &Situation) -> String {
    let trusts: Vec<usize> = (0..2)
        .filter(|who| situation.executors[*who].trusted(EXECUTOR_CLOCKS[*who]).is_some())
        .map(|who| who + 1)
        .collect();
    let busy = situation.executors.iter().filter(|one| **one != Executor::Idle).count();
    let accepted = if situation.world.ghost.accepted { "accepted" } else { "not accepted" };
    format!(
        "the task is {accepted}; executors busy: {busy}, that trust their lease: {trusts:?}; times are in steps of 5 s"
    )
}
