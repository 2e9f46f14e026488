//! What must be so in every situation.

use stateright::Property;

use crate::{heal::Fate, machine::Machine, rules::Rule, situation::Situation};

/// A property that fails where a write broke this rule.
macro_rules! unbroken {
    ($name:literal, $rule:ident) => {
        Property::<Machine>::always($name, |_, situation: &Situation| situation.world.broken != Some(Rule::$rule))
    };
}

/// All of them.
pub(crate) fn all() -> Vec<Property<Machine>> {
    vec![
        unbroken!("every move is one of the protocol's", Move),
        unbroken!("nobody changes what he read at another generation", Stale),
        unbroken!("entering the agenda makes a generation, nothing else does", Generation),
        unbroken!("a claim makes a fence, nothing else does", Fence),
        unbroken!("an attempt records one outcome, and none once it is another's", Outcome),
        unbroken!("nothing starts before it is due", Early),
        unbroken!("nothing starts after its deadline", Late),
        unbroken!("nothing starts beyond its attempts, and they are counted right", Attempts),
        unbroken!("no attempt is taken from an executor that trusts its lease", Overlap),
        unbroken!("nothing is lost with attempts left, or expires early", Settled),
        Property::always("no message is ahead of its record", |_, situation: &Situation| situation.world.none_ahead()),
        Property::always("the agenda or a message carries what was accepted", |_, situation: &Situation| {
            situation.world.is_carried()
        }),
        Property::always("what was accepted can end without the audit", |machine: &Machine, situation| {
            machine.healer.fate(situation, &machine.bounds) != Fate::Stuck
        }),
    ]
}
