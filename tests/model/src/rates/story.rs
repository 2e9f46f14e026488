//! A counterexample as a story: who does what, with the world after each step.

use std::fmt::Write as _;

use super::{machine::Action, situation::Situation};
use crate::record::{Record, Standing};

/// Tells the way to a situation in which `property` does not hold.
pub(super) fn tell(property: &str, path: Vec<(Situation, Option<Action>)>) -> String {
    let mut text = format!("does not hold: {property}\n");
    let mut done: Option<Action> = None;
    for (number, (situation, action)) in path.into_iter().enumerate() {
        if let Some(done) = done {
            let _ = writeln!(text, "{number:>4}. {done:?}\n        {}", world(&situation));
        }
        if action.is_none() {
            let Situation { executors, tick, api, world } = &situation;
            let _ =
                writeln!(text, "      then {executors:?}\n      tick {tick:?}, api {api:?}\n      {:?}", world.notes);
        }
        done = action;
    }
    text
}

fn world(situation: &Situation) -> String {
    let world = &situation.world;
    let mut text = String::new();
    for (number, place) in world.tasks.iter().enumerate() {
        let _ = write!(text, "task {number} {} | ", record(&place.record));
    }
    for (number, one) in world.messages() {
        let mark = one.mark.map_or(String::new(), |version| format!(" expected by v{version}"));
        let _ = write!(text, "#{number} task {} g{} {:+}{mark}, ", one.task, one.generation, one.visible);
    }
    let holds: Vec<String> =
        world.holds.iter().map(|hold| format!("task {} g{}", hold.life - 1, hold.generation)).collect();
    let item = world.item;
    let _ = write!(
        text,
        "| holds {holds:?} | v{} started {:+} expected {:+} waits {:+}",
        item.version, item.started, item.expected, item.waits
    );
    if let Some(late) = world.late {
        let _ = write!(text, " | on its way {late:?}");
    }
    text
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
