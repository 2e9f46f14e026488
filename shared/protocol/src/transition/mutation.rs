//! Breaks one rule of the protocol on purpose, to see that the model and the simulation notice.
//!
//! A rule is one part of a transition's data: one expectation, one change, or one that is missing there. The list of rules
//! is derived from that data, so a new step brings its rules along. At most one rule is broken in a process. The feature
//! `mutations` compiles this module; nothing that ships has that feature.

use std::{
    fmt::{self, Display},
    sync::OnceLock,
};

use super::{Expect, Set, StateName, Step};
use crate::SKEW;

static BROKEN: OnceLock<Broken> = OnceLock::new();

#[derive(Debug)]
struct Broken {
    rule: Rule,
    /// The states that the step accepts now, if that is what is broken.
    states: &'static [StateName],
}

/// The name of all steps together: [`Transition`](super::Transition) adds the expectation of the life to each of them.
const EVERY: &str = "every step";

/// One rule of the protocol. Its text says what its step does once the rule is broken: `claim/ignores/generation`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    step: &'static str,
    broken: Break,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Break {
    /// The step expects one thing less.
    Ignores(&'static str),
    /// The step takes a lease as over as soon as it has ended, without waiting for clocks that are behind.
    IgnoresSkew,
    /// The step also changes a record in this state.
    Allows(StateName),
    /// The step also changes a record that has ended.
    AllowsEnded,
    /// The step changes one thing less.
    Omits(&'static str),
    /// The step changes one thing more.
    Adds(Counter),
}

/// A counter of the record.
#[derive(Clone, Copy, PartialEq, Eq, Debug, strum::VariantArray)]
enum Counter {
    Generation,
    Fence,
    Attempts,
    GivenBack,
}

/// The one rule that is not part of a transition: an attempt starts only while its executor trusts its lease.
const START_IN_TIME: Rule = Rule { step: "start", broken: Break::Ignores("lease") };

/// The rule cannot be broken.
#[derive(Debug, thiserror::Error)]
pub enum BreakError {
    /// There is no such rule.
    #[error("no rule is called {0}; `--rules` lists them")]
    Unknown(String),
    /// A process breaks one rule at most.
    #[error("{0} is broken in this process already")]
    Another(Rule),
}

/// All rules, step by step.
pub fn rules() -> Vec<Rule> {
    let life = Expect::Born(Default::default()).into();
    let mut rules = vec![START_IN_TIME, Rule { step: EVERY, broken: Break::Ignores(life) }];
    for step in Step::examples() {
        let mut add = |broken| {
            let rule = Rule { step: step.name(), broken };
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        };
        for expect in step.expects() {
            match expect {
                Expect::State(states) => {
                    let open = [StateName::Scheduled, StateName::Queued, StateName::Running];
                    open.into_iter()
                        .filter(|state| !states.contains(state))
                        .for_each(|state| add(Break::Allows(state)));
                    if !states.iter().any(|state| state.is_ended()) {
                        add(Break::AllowsEnded);
                    }
                }
                Expect::NoLiveLease(_) => {
                    add(Break::Ignores(expect.into()));
                    add(Break::IgnoresSkew);
                }
                Expect::Born(_)
                | Expect::Generation(_)
                | Expect::Fence(_)
                | Expect::BeforeDeadline(_)
                | Expect::PastDeadline(_)
                | Expect::AttemptsLeft
                | Expect::AttemptsSpent
                | Expect::Due(_)
                | Expect::Timeout(_)
                | Expect::LeaseUpTo(_)
                | Expect::Kept(_)
                | Expect::Owes(_) => add(Break::Ignores(expect.into())),
            }
        }
        let sets = step.sets();
        sets.iter().for_each(|set| add(Break::Omits(set.into())));
        let missing = <Counter as strum::VariantArray>::VARIANTS.iter().filter(|counter| !counter.is_in(&sets));
        missing.for_each(|counter| add(Break::Adds(*counter)));
    }
    rules
}

/// From now on this process breaks the rule of that name.
///
/// # Errors
/// If there is no such rule, or the process breaks one already.
pub fn break_rule(name: &str) -> Result<(), BreakError> {
    let rule = rules().into_iter().find(|rule| rule.to_string() == name);
    let rule = rule.ok_or_else(|| BreakError::Unknown(name.to_owned()))?;
    let broken = Broken { rule, states: rule.states().leak() };
    BROKEN.set(broken).map_err(|_| BreakError::Another(BROKEN.get().map_or(rule, |broken| broken.rule)))
}

/// Whether attempts start under leases that are over.
pub(crate) fn starts_late() -> bool {
    BROKEN.get().is_some_and(|broken| broken.rule == START_IN_TIME)
}

/// What the step expects, with the broken rule left out.
pub(super) fn expects(step: &Step, mut expects: Vec<Expect>) -> Vec<Expect> {
    if let Some(broken) = BROKEN.get().filter(|broken| broken.rule.concerns(step)) {
        broken.change_expects(&mut expects);
    }
    expects
}

/// What the step sets, with the broken rule left out.
pub(super) fn sets(step: &Step, mut sets: Vec<Set>) -> Vec<Set> {
    if let Some(broken) = BROKEN.get().filter(|broken| broken.rule.concerns(step)) {
        broken.rule.change_sets(&mut sets);
    }
    sets
}

impl Broken {
    fn change_expects(&self, expects: &mut Vec<Expect>) {
        match self.rule.broken {
            Break::Ignores(name) => expects.retain(|expect| name != <&str>::from(expect)),
            Break::IgnoresSkew => expects.iter_mut().for_each(|expect| {
                if let Expect::NoLiveLease(now) = expect {
                    *now = now.after(SKEW);
                }
            }),
            Break::Allows(_) | Break::AllowsEnded => expects.iter_mut().for_each(|expect| {
                if let Expect::State(states) = expect {
                    *states = self.states;
                }
            }),
            Break::Omits(_) | Break::Adds(_) => {}
        }
    }
}

impl Rule {
    fn concerns(&self, step: &Step) -> bool {
        self.step == EVERY || self.step == step.name()
    }

    /// The states that its step accepts once the rule is broken.
    fn states(&self) -> Vec<StateName> {
        let step = Step::examples().into_iter().find(|step| step.name() == self.step);
        let expects = step.map(|step| step.expects()).unwrap_or_default();
        let accepted = expects.iter().find_map(|expect| match expect {
            Expect::State(states) => Some(states.to_vec()),
            Expect::Born(_)
            | Expect::Generation(_)
            | Expect::Fence(_)
            | Expect::NoLiveLease(_)
            | Expect::BeforeDeadline(_)
            | Expect::PastDeadline(_)
            | Expect::AttemptsLeft
            | Expect::AttemptsSpent
            | Expect::Due(_)
            | Expect::Timeout(_)
            | Expect::LeaseUpTo(_)
            | Expect::Kept(_)
            | Expect::Owes(_) => None,
        });
        let mut states = accepted.unwrap_or_default();
        match self.broken {
            Break::Allows(state) => states.push(state),
            Break::AllowsEnded => states.extend(StateName::ALL.iter().filter(|state| state.is_ended())),
            Break::Ignores(_) | Break::IgnoresSkew | Break::Omits(_) | Break::Adds(_) => {}
        }
        states
    }

    fn change_sets(&self, sets: &mut Vec<Set>) {
        match self.broken {
            Break::Omits(name) => sets.retain(|set| name != <&str>::from(set)),
            Break::Adds(counter) if !counter.is_in(sets) => sets.push(counter.next()),
            Break::Adds(_) | Break::Ignores(_) | Break::IgnoresSkew | Break::Allows(_) | Break::AllowsEnded => {}
        }
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = self.step.replace(' ', "-");
        match self.broken {
            Break::Ignores(name) => write!(f, "{step}/ignores/{name}"),
            Break::IgnoresSkew => write!(f, "{step}/ignores/skew"),
            Break::Allows(state) => write!(f, "{step}/allows/{}", state.as_str()),
            Break::AllowsEnded => write!(f, "{step}/allows/ended"),
            Break::Omits(name) => write!(f, "{step}/omits/{name}"),
            Break::Adds(counter) => write!(f, "{step}/adds/{}", <&str>::from(counter.next())),
        }
    }
}

impl Counter {
    fn next(self) -> Set {
        match self {
            Counter::Generation => Set::GenerationNext,
            Counter::Fence => Set::FenceNext,
            Counter::Attempts => Set::AttemptsPlusOne,
            Counter::GivenBack => Set::GivenBackPlusOne,
        }
    }

    /// Whether one of the changes concerns this counter. DynamoDB refuses two changes of one attribute.
    fn is_in(self, sets: &[Set]) -> bool {
        sets.iter().any(|set| match self {
            Counter::Generation => matches!(set, Set::GenerationNext),
            Counter::Fence => matches!(set, Set::FenceNext),
            Counter::Attempts => matches!(set, Set::AttemptsPlusOne | Set::AttemptsMinusOne | Set::AttemptsZero),
            Counter::GivenBack => matches!(set, Set::GivenBackPlusOne | Set::GivenBackZero | Set::Fresh),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_transition_is_a_rule() {
        let names: Vec<String> = rules().iter().map(Rule::to_string).collect();
        for name in [
            "start/ignores/lease",
            "claim/ignores/generation",
            "claim/ignores/timeout",
            "claim/ignores/skew",
            "claim/allows/ended",
            "reschedule/allows/running",
            "again-later/omits/attempts-minus-one",
            "heartbeat/omits/checkpoint",
            "give-back/omits/given-back-plus-one",
            "mark/adds/generation-next",
        ] {
            assert!(names.iter().any(|one| one == name), "{name} is not among {names:?}");
        }
        let mut distinct = names.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(names.len(), distinct.len());
    }

    #[test]
    fn a_broken_rule_changes_its_step() {
        for rule in rules().into_iter().filter(|rule| *rule != START_IN_TIME) {
            let broken = Broken { rule, states: rule.states().leak() };
            let changed = |step: &Step| {
                let (mut expects, mut sets) = (step.expects(), step.sets());
                expects.insert(0, Expect::Born(Default::default()));
                let before = (expects.clone(), sets.clone());
                broken.change_expects(&mut expects);
                rule.change_sets(&mut sets);
                (expects, sets) != before
            };
            assert!(Step::examples().iter().filter(|step| rule.concerns(step)).any(changed), "{rule}");
        }
        assert!(BROKEN.get().is_none(), "tests break no rule of the process that they share");
    }
}
