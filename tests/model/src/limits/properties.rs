//! What must hold in every situation of a limited queue.

use stateright::Property;

use super::{
    machine::{Machine, is_lost},
    situation::Situation,
};

/// All of them.
pub(super) fn all() -> Vec<Property<Machine>> {
    vec![
        Property::always("each write of a record keeps the rules of its task", |_, situation: &Situation| {
            situation.world.broken.is_none()
        }),
        Property::always("a ledger has no more permits than its limit", |machine: &Machine, situation: &Situation| {
            situation.world.out() <= machine.bounds.limit.unwrap_or(0)
        }),
        Property::always(
            "each attempt that runs with a permit has it in the ledger",
            |machine: &Machine, situation: &Situation| situation.is_permitted(machine.bounds.limit.unwrap_or(0)),
        ),
        Property::always("no message is ahead of its record", |_, situation: &Situation| situation.world.none_ahead()),
        Property::always(
            "a queue without a limit has no permits and holds nothing",
            |machine: &Machine, situation: &Situation| {
                let never = machine.bounds.limit.is_none();
                !never || situation.world.out() == 0 && situation.world.holds.is_empty()
            },
        ),
        Property::always(
            "without crashes no task waits for a tick while there is room",
            |machine: &Machine, situation: &Situation| {
                let room = situation.world.out() < machine.bounds.limit.unwrap_or(0);
                let dies = machine.bounds.crashes + machine.bounds.late_writes > 0;
                machine.bounds.tick || dies || !room || !situation.is_idle_with_holds()
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
