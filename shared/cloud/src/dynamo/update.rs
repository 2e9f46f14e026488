//! The interpreter of transitions for the table: it compiles a transition to an `UpdateItem` with a condition.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    attr,
    keys::{self, AgendaPartition},
    record::{self, ms, n, s},
    shards::Shards,
};
use taskway_protocol::{Expect, SKEW, Set, State, StateName, Stored, TaskKey, Transition};

/// Most transitions name no more attributes or values than this. Maps of this capacity do not grow while they are
/// filled.
const CAPACITY: usize = 28;

/// The expressions of an `UpdateItem`, with the names and values that they refer to.
#[derive(Default)]
pub(super) struct Update {
    pub(super) condition: String,
    pub(super) change: String,
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
    shards: Shards,
}

/// Compiles a transition of the task under `key`.
pub(super) fn compile(transition: &Transition, key: &TaskKey, shards: Shards) -> Update {
    let (names, values) = (HashMap::with_capacity(CAPACITY), HashMap::with_capacity(CAPACITY));
    let mut update = Update { names, values, shards, ..Update::default() };
    let conditions: Vec<String> = transition.expects().iter().map(|expect| update.expect(expect)).collect();
    update.condition = conditions.join(" AND ");

    let mut changes = Changes::default();
    for set in transition.sets() {
        update.set(set, key, &mut changes);
    }
    update.change = changes.text();
    update
}

#[derive(Default)]
struct Changes {
    set: Vec<String>,
    remove: Vec<String>,
}

impl Changes {
    fn text(&self) -> String {
        let set = (!self.set.is_empty()).then(|| format!("SET {}", self.set.join(", ")));
        let remove = (!self.remove.is_empty()).then(|| format!("REMOVE {}", self.remove.join(", ")));
        [set, remove].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

impl Update {
    fn name(&mut self, attribute: &'static str) -> String {
        let placeholder = ["#", attribute].concat();
        if !self.names.contains_key(&placeholder) {
            self.names.insert(placeholder.clone(), attribute.to_owned());
        }
        placeholder
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    fn compare(&mut self, attribute: &'static str, operator: &str, value: AttributeValue) -> String {
        // Each task needs dozens of these. `format!` takes several times as long.
        [&self.name(attribute), " ", operator, " ", &self.value(value)].concat()
    }

    fn absent(&mut self, attribute: &'static str) -> String {
        format!("attribute_not_exists({})", self.name(attribute))
    }

    fn expect(&mut self, expect: &Expect) -> String {
        match *expect {
            Expect::Born(born) => self.compare(attr::BORN, "=", ms(born)),
            Expect::State(states) => {
                let states: Vec<String> = states.iter().map(|state| self.value(s(state.as_str()))).collect();
                format!("{} IN ({})", self.name(attr::STATE), states.join(", "))
            }
            Expect::Generation(generation) => self.compare(attr::GENERATION, "=", n(generation.0)),
            Expect::Fence(fence) => self.compare(attr::FENCE, "=", n(fence.0)),
            Expect::NoLiveLease(now) => {
                let idle = self.compare(attr::STATE, "<>", s(StateName::Running.as_str()));
                let over = self.compare(attr::LEASE_END, "<=", ms(now.before(SKEW)));
                format!("({idle} OR {over})")
            }
            Expect::BeforeDeadline(now) => {
                format!("({} OR {})", self.absent(attr::DEADLINE), self.compare(attr::DEADLINE, ">", ms(now)))
            }
            Expect::PastDeadline(now) => self.compare(attr::DEADLINE, "<=", ms(now)),
            Expect::AttemptsLeft => format!("{} < {}", self.name(attr::ATTEMPTS), self.name(attr::MAX_ATTEMPTS)),
            Expect::AttemptsSpent => format!("{} >= {}", self.name(attr::ATTEMPTS), self.name(attr::MAX_ATTEMPTS)),
            Expect::Due(now) => format!("({} OR {})", self.absent(attr::DUE), self.compare(attr::DUE, "<=", ms(now))),
            Expect::Timeout(seconds) => self.compare(attr::TIMEOUT, "=", n(seconds)),
            Expect::LeaseUpTo(end) => {
                let idle = self.compare(attr::STATE, "<>", s(StateName::Running.as_str()));
                format!("({idle} OR {})", self.compare(attr::LEASE_END, "<=", ms(end)))
            }
            Expect::Kept(now) => {
                format!("({} OR {})", self.absent(attr::TTL), self.compare(attr::TTL, ">", n(now.as_secs())))
            }
        }
    }

    fn set(&mut self, set: Set, key: &TaskKey, changes: &mut Changes) {
        match set {
            Set::State(state) => self.state(&state, key, changes),
            Set::Lease { end, hard_end } => {
                self.assign(attr::LEASE_END, ms(end), changes);
                self.agenda(&taskway_protocol::Agenda::Lease(hard_end), key, changes);
            }
            Set::GenerationNext => self.add(attr::GENERATION, "+", changes),
            Set::FenceNext => self.add(attr::FENCE, "+", changes),
            Set::AttemptsPlusOne => self.add(attr::ATTEMPTS, "+", changes),
            Set::AttemptsMinusOne => self.add(attr::ATTEMPTS, "-", changes),
            Set::AttemptsZero => self.assign(attr::ATTEMPTS, n(0), changes),
            Set::GivenBackPlusOne => {
                let (name, zero, one) = (self.name(attr::GIVEN_BACK), self.value(n(0)), self.value(n(1)));
                changes.set.push(format!("{name} = if_not_exists({name}, {zero}) + {one}"));
            }
            Set::GivenBackZero => self.remove(attr::GIVEN_BACK, changes),
            Set::StartedAt(at) => self.assign(attr::STARTED_AT, ms(at), changes),
            Set::Progress(progress) => self.assign(attr::PROGRESS, record::progress(&progress), changes),
            Set::Checkpoint(text) => self.store(&text, attr::CHECKPOINT, attr::CHECKPOINT_DIGEST, changes),
            Set::Result(text) => self.store(&text, attr::RESULT, attr::RESULT_DIGEST, changes),
            Set::Error(error) => self.assign(attr::ERROR, record::error(&error), changes),
            Set::NoError => self.remove(attr::ERROR, changes),
            Set::Fresh => {
                let life = [
                    attr::STARTED_AT,
                    attr::PROGRESS,
                    attr::CHECKPOINT,
                    attr::CHECKPOINT_DIGEST,
                    attr::RESULT,
                    attr::RESULT_DIGEST,
                    attr::ERROR,
                    attr::GIVEN_BACK,
                ];
                life.into_iter().for_each(|attribute| self.remove(attribute, changes));
            }
            Set::RunAt(at) => self.assign(attr::RUN_AT, ms(at), changes),
            Set::Deadline(Some(deadline)) => self.assign(attr::DEADLINE, ms(deadline), changes),
            Set::Deadline(None) => self.remove(attr::DEADLINE, changes),
            Set::Priority(priority) => self.assign(attr::LANE, s(priority.as_str()), changes),
        }
    }

    fn state(&mut self, state: &State, key: &TaskKey, changes: &mut Changes) {
        let carried = record::state(state);
        let entry = state.agenda();
        for attribute in record::STATE_ATTRIBUTES {
            let in_agenda = entry.is_some() && (attribute == attr::AGENDA || attribute == attr::AGENDA_AT);
            if !in_agenda && carried.iter().all(|(name, _)| *name != attribute) {
                self.remove(attribute, changes);
            }
        }
        for (attribute, value) in carried {
            self.assign(attribute, value, changes);
        }
        if let Some(entry) = entry {
            self.agenda(&entry, key, changes);
        }
    }

    fn agenda(&mut self, entry: &taskway_protocol::Agenda, key: &TaskKey, changes: &mut Changes) {
        match keys::agenda_partition_of(entry, key, self.shards) {
            AgendaPartition::Shard(shard) => self.assign(attr::AGENDA, s(shard), changes),
            AgendaPartition::Queue => {
                let change = format!("{} = {}", self.name(attr::AGENDA), self.name(attr::QUEUE));
                changes.set.push(change);
            }
        }
        self.assign(attr::AGENDA_AT, s(keys::agenda_sort(entry, key)), changes);
    }

    fn assign(&mut self, attribute: &'static str, value: AttributeValue, changes: &mut Changes) {
        let change = self.compare(attribute, "=", value);
        changes.set.push(change);
    }

    fn add(&mut self, attribute: &'static str, sign: &str, changes: &mut Changes) {
        let name = self.name(attribute);
        changes.set.push(format!("{name} = {name} {sign} {}", self.value(n(1))));
    }

    fn remove(&mut self, attribute: &'static str, changes: &mut Changes) {
        changes.remove.push(self.name(attribute));
    }

    fn store(&mut self, text: &Stored, inline: &'static str, digest: &'static str, changes: &mut Changes) {
        let (used, value) = record::stored(text, inline, digest);
        self.assign(used, value, changes);
        self.remove(if used == inline { digest } else { inline }, changes);
    }
}
