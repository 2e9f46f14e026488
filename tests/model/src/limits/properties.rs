//! What must hold in every situation of a limited queue.

use stateright::Property;

use super::{
    bounds::LimitBounds,
    machine::{Machine, is_lost},
    scope::Scope,
    situation::Situation,
};

/// All of them.
pub(super) fn all() -> Vec<Property<Machine>> {
    vec![
        Property::always("each write of a record keeps the rules of its task", |_, situation: &Situation| {
            situation.world.broken.is_none()
        }),
        Property::always("a ledger has no more permits than its limit", |machine: &Machine, situation: &Situation| {
            let world = &situation.world;
            world.all_scopes().into_iter().all(|scope| world.out(scope) <= machine.bounds.most(scope))
        }),
        Property::always(
            "each attempt that runs with a permit has it in the ledger",
            |machine: &Machine, situation: &Situation| situation.is_permitted(&machine.bounds),
        ),
        Property::always("no message is ahead of its record", |_, situation: &Situation| situation.world.none_ahead()),
        Property::always(
            "a queue without a limit has no permits and holds nothing",
            |machine: &Machine, situation: &Situation| {
                let (bounds, world) = (&machine.bounds, &situation.world);
                let pauses = bounds.pauses > 0;
                let none = |scope: Scope| world.out(scope) == 0 && (pauses || world.list(scope).next().is_none());
                world.all_scopes().into_iter().all(|scope| bounds.has(scope) || none(scope))
            },
        ),
        Property::always(
            "without crashes no task waits for a tick while there is room",
            |machine: &Machine, situation: &Situation| {
                let bounds = &machine.bounds;
                // The next permit of a key also follows from that of the queue.
                let idle = is_left_to_ticks(bounds, situation) && bounds.key_limit.is_none();
                !idle
                    || situation.world.out(Scope::Queue) >= bounds.most(Scope::Queue)
                    || !situation.holds(Scope::Queue)
            },
        ),
        Property::always(
            "without crashes and cancels no task waits for a tick when nobody works",
            |machine: &Machine, situation: &Situation| {
                let (bounds, world) = (&machine.bounds, &situation.world);
                let excepted = !bounds.idle || world.settings.paused;
                let holds = || world.all_scopes().into_iter().any(|scope| situation.holds(scope));
                excepted || !is_left_to_ticks(bounds, situation) || !holds()
            },
        ),
        Property::always(
            "all tasks can end, and nothing is left of the limit",
            |machine: &Machine, situation: &Situation| {
                is_lost(situation) || machine.healer.ends(situation, &machine.bounds)
            },
        ),
    ]
}

/// Whether no process has died, nobody works and no message carries a task, so that nothing happens without a tick.
fn is_left_to_ticks(bounds: &LimitBounds, situation: &Situation) -> bool {
    !bounds.tick && bounds.crashes + bounds.late_writes == 0 && situation.is_idle()
}
