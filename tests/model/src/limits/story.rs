//! A counterexample as a story: who does what, with the world after each step.

use std::fmt::Write as _;

use super::{machine::Action, right::Right, situation::Situation};
use crate::{
    actors::EXECUTOR_CLOCKS,
    record::{Record, Standing},
};

/// Tells the way to a situation in which `property` does not hold.
pub(super) fn tell(property: &str, path: Vec<(Situation, Option<Action>)>) -> String {
    let mut text = format!("does not hold: {property}\n");
    let mut done: Option<Action> = None;
    for (number, (situation, action)) in path.into_iter().enumerate() {
        if let Some(done) = done {
            let _ = writeln!(text, "{number:>4}. {done:?}\n        {}", world(&situation));
        }
        if action.is_none() {
            let trusts: Vec<_> =
                situation.executors.iter().zip(EXECUTOR_CLOCKS).map(|(one, clock)| one.attempt(clock)).collect();
            let _ = writeln!(text, "      then {:?}\n      {:?}", situation.executors, situation.tick);
            let _ = writeln!(text, "      trusted {trusts:?}, broken {:?}", situation.world.broken);
        }
        done = action;
    }
    text
}

fn world(situation: &Situation) -> String {
    let world = &situation.world;
    let mut text = String::new();
    for (number, place) in world.tasks.iter().enumerate() {
        let permit = place.right.map_or("no permit".into(), right);
        let _ = write!(text, "task {number} {}, {permit} | ", record(&place.record));
    }
    for (slot, one) in world.messages() {
        let permit = one.right.map_or(String::new(), |one| format!(" with {}", right(one)));
        let _ = write!(text, "#{slot} task {} g{} {:+}{permit}, ", one.task, one.generation, one.visible);
    }
    let holds: Vec<String> =
        world.holds.iter().map(|hold| format!("task {} g{}", hold.life - 1, hold.generation)).collect();
    let _ = write!(text, "| holds {holds:?}");
    if let Some(late) = world.late {
        let _ = write!(text, " | on its way {late:?}");
    }
    text
}

fn right(right: Right) -> String {
    format!("f{} until {:+}.{}", right.fence, right.until, right.extra)
}

fn record(record: &Record) -> String {
    let standing = match record.standing {
        Standing::Scheduled { due, held } => format!("{} due {due:+}", if held { "held" } else { "scheduled" }),
        Standing::Queued { due } => format!("queued due {due:+}"),
        Standing::Running { lease_end, .. } => format!("running lease {lease_end:+}"),
        Standing::Ended { end, .. } => ["succeeded", "failed", "cancelled", "expired"][usize::from(end)].into(),
    };
    format!("g{} f{} {standing}", record.generation, record.fence)
}
