//! A transition in terms of the table: which attributes it compares, and which it changes.
//!
//! Two files write this down for DynamoDB: `update` as an `UpdateItem`, `statement` as a PartiQL statement. Neither form
//! needs an OR: a comparison with an attribute that the record lacks is false, so its negation holds.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    attr,
    keys::{self, AgendaPartition},
    record::{self, ms, n, s},
    shards::Shards,
};
use taskway_protocol::{Agenda, Expect, SKEW, Set, Spec, State, Stored, TaskKey, Transition};

/// What a transition compares and changes.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// All must hold.
    pub(super) clauses: Vec<Clause>,
    /// No two change the same attribute.
    pub(super) changes: Vec<Change>,
}

/// A comparison of an attribute.
#[derive(Debug)]
pub(super) enum Clause {
    /// The record has the attribute, and it compares so with the value.
    Is(&'static str, Comparison, AttributeValue),
    /// The record lacks the attribute, or it does not compare so with the value.
    IsNot(&'static str, Comparison, AttributeValue),
    /// The attribute has one of these values.
    OneOf(&'static str, Vec<AttributeValue>),
    /// The first attribute compares so with the second.
    Attributes(&'static str, Comparison, &'static str),
}

/// How two values compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Comparison {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Comparison {
    /// The operator, which is the same in both forms.
    pub(super) fn operator(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::Less => "<",
            Comparison::AtMost => "<=",
            Comparison::More => ">",
            Comparison::AtLeast => ">=",
        }
    }
}

/// A change of an attribute.
#[derive(Debug)]
pub(super) enum Change {
    /// Sets it to a value.
    Assign(&'static str, AttributeValue),
    /// Sets it to the value that another attribute has.
    Copy(&'static str, &'static str),
    /// Raises it by one.
    Raise(&'static str),
    /// Lowers it by one.
    Lower(&'static str),
    /// Raises it by one. An attribute that is missing counts as zero.
    Count(&'static str),
    /// Removes it, if it is there.
    Remove(&'static str),
}

/// The terms of a transition of the task under `key`.
pub(super) fn of(transition: &Transition, key: &TaskKey, shards: Shards) -> Terms {
    let mut terms = Terms { clauses: transition.expects().iter().map(clause).collect(), changes: Vec::new() };
    for set in transition.sets() {
        terms.set(set, key, shards);
    }
    terms
}

/// `le`, `due` and `ttl` are there only in the states that have them. So their absence says what the state would say.
fn clause(expect: &Expect) -> Clause {
    use Comparison::{AtLeast, AtMost, Equal, Less, More};
    match *expect {
        Expect::Born(born) => Clause::Is(attr::BORN, Equal, ms(born)),
        Expect::State(states) => Clause::OneOf(attr::STATE, states.iter().map(|state| s(state.as_str())).collect()),
        Expect::Generation(generation) => Clause::Is(attr::GENERATION, Equal, n(generation.0)),
        Expect::Fence(fence) => Clause::Is(attr::FENCE, Equal, n(fence.0)),
        Expect::NoLiveLease(now) => Clause::IsNot(attr::LEASE_END, More, ms(now.before(SKEW))),
        Expect::BeforeDeadline(now) => Clause::IsNot(attr::DEADLINE, AtMost, ms(now)),
        Expect::PastDeadline(now) => Clause::Is(attr::DEADLINE, AtMost, ms(now)),
        Expect::AttemptsLeft => Clause::Attributes(attr::ATTEMPTS, Less, attr::MAX_ATTEMPTS),
        Expect::AttemptsSpent => Clause::Attributes(attr::ATTEMPTS, AtLeast, attr::MAX_ATTEMPTS),
        Expect::Due(now) => Clause::IsNot(attr::DUE, More, ms(now)),
        Expect::Timeout(seconds) => Clause::Is(attr::TIMEOUT, Equal, n(seconds)),
        Expect::LeaseUpTo(end) => Clause::IsNot(attr::LEASE_END, More, ms(end)),
        Expect::Owes(true) => Clause::Is(attr::OWES, Equal, n(1)),
        Expect::Owes(false) => Clause::IsNot(attr::OWES, Equal, n(1)),
        Expect::Kept(now) => Clause::IsNot(attr::TTL, AtMost, n(now.as_secs())),
    }
}

impl Terms {
    fn set(&mut self, set: Set, key: &TaskKey, shards: Shards) {
        match set {
            Set::State(state) => self.state(&state, key, shards),
            Set::Lease { end, hard_end } => {
                self.assign(attr::LEASE_END, ms(end));
                self.agenda(&Agenda::Lease(hard_end), key, shards);
            }
            Set::GenerationNext => self.changes.push(Change::Raise(attr::GENERATION)),
            Set::FenceNext => self.changes.push(Change::Raise(attr::FENCE)),
            Set::AttemptsPlusOne => self.changes.push(Change::Raise(attr::ATTEMPTS)),
            Set::AttemptsMinusOne => self.changes.push(Change::Lower(attr::ATTEMPTS)),
            Set::AttemptsZero => self.assign(attr::ATTEMPTS, n(0)),
            Set::GivenBackPlusOne => self.changes.push(Change::Count(attr::GIVEN_BACK)),
            Set::GivenBackZero => self.remove(attr::GIVEN_BACK),
            Set::StartedAt(at) => self.assign(attr::STARTED_AT, ms(at)),
            Set::Progress(progress) => self.assign(attr::PROGRESS, record::progress(&progress)),
            Set::Checkpoint(text) => self.store(&text, attr::CHECKPOINT, attr::CHECKPOINT_DIGEST),
            Set::Result(text) => self.store(&text, attr::RESULT, attr::RESULT_DIGEST),
            Set::Children(children) => self.assign(attr::CHILDREN, record::children(&children)),
            Set::Error(error) => self.assign(attr::ERROR, record::error(&error)),
            Set::Past(past) if past.is_empty() => self.remove(attr::PAST),
            Set::Past(past) => self.assign(attr::PAST, record::past(&past)),
            Set::NoError => self.remove(attr::ERROR),
            Set::Fresh => {
                let life = [
                    attr::STARTED_AT,
                    attr::PROGRESS,
                    attr::CHECKPOINT,
                    attr::CHECKPOINT_DIGEST,
                    attr::RESULT,
                    attr::RESULT_DIGEST,
                    attr::ERROR,
                    attr::PAST,
                    attr::GIVEN_BACK,
                ];
                life.into_iter().for_each(|attribute| self.remove(attribute));
            }
            Set::RunAt(at) => self.assign(attr::RUN_AT, ms(at)),
            Set::Deadline(Some(deadline)) => self.assign(attr::DEADLINE, ms(deadline)),
            Set::Deadline(None) => self.remove(attr::DEADLINE),
            Set::Priority(priority) => self.assign(attr::LANE, s(priority.as_str())),
            Set::Spec(spec) => self.spec(&spec, key, shards),
        }
    }

    fn state(&mut self, state: &State, key: &TaskKey, shards: Shards) {
        let carried = record::state(state);
        let entry = state.agenda();
        for attribute in record::STATE_ATTRIBUTES {
            let in_agenda = entry.is_some() && (attribute == attr::AGENDA || attribute == attr::AGENDA_AT);
            if !in_agenda && carried.iter().all(|(name, _)| *name != attribute) {
                self.remove(attribute);
            }
        }
        for (attribute, value) in carried {
            self.assign(attribute, value);
        }
        if let Some(entry) = entry {
            self.agenda(&entry, key, shards);
        }
    }

    fn spec(&mut self, spec: &Spec, key: &TaskKey, shards: Shards) {
        let mut carried = record::spec(spec);
        for attribute in record::SPEC_ATTRIBUTES {
            match carried.remove(attribute) {
                Some(value) => self.assign(attribute, value),
                None => self.remove(attribute),
            }
        }
        self.assign(attr::CATALOG, s(keys::catalog_partition_of(&spec.options.queue, key, shards)));
    }

    fn agenda(&mut self, entry: &Agenda, key: &TaskKey, shards: Shards) {
        match keys::agenda_partition_of(entry, key, shards) {
            AgendaPartition::Shard(shard) => self.assign(attr::AGENDA, s(shard)),
            AgendaPartition::Queue => self.changes.push(Change::Copy(attr::AGENDA, attr::QUEUE)),
        }
        self.assign(attr::AGENDA_AT, s(keys::agenda_sort(entry, key)));
    }

    fn store(&mut self, text: &Stored, inline: &'static str, digest: &'static str) {
        let (used, value) = record::stored(text, inline, digest);
        self.assign(used, value);
        self.remove(if used == inline { digest } else { inline });
    }

    fn assign(&mut self, attribute: &'static str, value: AttributeValue) {
        self.changes.push(Change::Assign(attribute, value));
    }

    fn remove(&mut self, attribute: &'static str) {
        self.changes.push(Change::Remove(attribute));
    }
}
