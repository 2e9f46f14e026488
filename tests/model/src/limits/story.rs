//! A counterexample as a story: who does what, with the world after each step.

use std::fmt::Write as _;

use super::{
    machine::Action,
    right::{Right, Rights},
    situation::Situation,
};
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
        let permit = permits(place.rights).unwrap_or("no permit".into());
        let of_key = place.key.map_or(String::new(), |key| format!(" of key {key}"));
        let _ = write!(text, "task {number}{of_key} {}, {permit} | ", record(&place.record));
    }
    for (slot, one) in world.messages() {
        let permit = permits(one.rights).map_or(String::new(), |permits| format!(" with {permits}"));
        let _ = write!(text, "#{slot} task {} g{} {:+}{permit}, ", one.task, one.generation, one.visible);
    }
    let holds: Vec<String> =
        world.holds.iter().map(|(of, hold)| format!("{of:?}: task {} g{}", hold.life - 1, hold.generation)).collect();
    let _ = write!(text, "| holds {holds:?}");
    if let Some(late) = world.late {
        let _ = write!(text, " | on its way {late:?}");
    }
    text
}

fn permits(rights: Rights) -> Option<String> {
    let queue = rights.queue.map(right);
    let key = rights.key.map(|one| format!("key's {}", right(one)));
    let both: Vec<String> = queue.into_iter().chain(key).collect();
    (!both.is_empty()).then(|| both.join(" and "))
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
