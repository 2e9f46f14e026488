//! What must hold in every situation of a queue with a rate.

use stateright::Property;

use super::{machine::Machine, situation::Situation, world::Fault};

/// A property that fails if this was wrong with a start.
macro_rules! starts {
    ($name:literal, $fault:ident) => {
        Property::<Machine>::always($name, |_, situation: &Situation| {
            situation.world.notes.fault != Some(Fault::$fault)
        })
    };
}

/// All of them.
pub(super) fn all() -> Vec<Property<Machine>> {
    vec![
        Property::always("each write of a record keeps the rules of its task", |_, situation: &Situation| {
            situation.world.notes.broken.is_none()
        }),
        Property::always("no message is ahead of its record", |_, situation: &Situation| situation.world.none_ahead()),
        starts!("no attempt starts if the settings have forbidden it for five seconds", OldSettings),
        starts!("no window sees more starts than the rate allows", TooMany),
        starts!("no two attempts start by the same slot", SlotAgain),
        Property::always("all tasks can end, and the hold list empties", |machine: &Machine, situation: &Situation| {
            machine.healer.ends(situation, &machine.bounds)
        }),
        Property::always("new tasks pass no held task for ever", |machine: &Machine, situation: &Situation| {
            machine.healer.ends_in_a_crowd(situation, &machine.bounds)
        }),
    ]
}
