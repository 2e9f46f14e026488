//! What must hold in every situation.

use stateright::Property;

use crate::{heal::Fate, machine::Machine, rules::Rule, situation::Situation};

/// A property that fails if a write broke this rule.
macro_rules! unbroken {
    ($name:literal, $rule:ident) => {
        Property::<Machine>::always($name, |_, situation: &Situation| situation.world.broken != Some(Rule::$rule))
    };
}

/// All of them.
pub(crate) fn all() -> Vec<Property<Machine>> {
    vec![
        unbroken!("every step leads from and to states that it may", Move),
        unbroken!("no step changes a record whose generation has changed since it was read", Stale),
        unbroken!("entering the agenda makes a generation, and nothing else does", Generation),
        unbroken!("a claim makes a fence, and nothing else does", Fence),
        unbroken!("an attempt records one outcome, and writes nothing after it has lost its claim", Outcome),
        unbroken!("no attempt starts before the task is due", Early),
        unbroken!("no attempt starts after the deadline", Late),
        unbroken!("no attempt starts when none is left, and attempts are counted right", Attempts),
        unbroken!("no task is taken from an executor that trusts its lease", Overlap),
        unbroken!("no task is lost with attempts left or expires early", Settled),
        unbroken!("an end owes the callback that follows it, and says once that it is made", Owed),
        unbroken!("a record that owes a callback is kept, and no other is kept longer", Kept),
        unbroken!("a record lists the callbacks of its ends", Listed),
        unbroken!("a record has what was asked for last", Asked),
        Property::always("no message is ahead of its record", |_, situation: &Situation| situation.world.none_ahead()),
        Property::always("the agenda or a message carries each accepted task", |_, situation: &Situation| {
            situation.world.is_carried()
        }),
        Property::always(
            "each end owes its callback, or the callback is made and carried",
            |_, situation: &Situation| situation.world.children.is_complete(situation.world.record.as_ref()),
        ),
        Property::always("no other end has a callback", |_, situation: &Situation| situation.world.children.are_due()),
        Property::always(
            "each accepted task can end, and owes nothing then, without the audit",
            |machine: &Machine, now| !matches!(machine.healer.fate(now, &machine.bounds), Fate::Stuck | Fate::Owes),
        ),
    ]
}
