//! The interpreter of transitions for a single write: an `UpdateItem` with a condition.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    record::n,
    terms::{Change, Clause, Terms},
};

/// Most transitions name no more attributes or values than this. Maps of this capacity do not grow while they are
/// filled.
const CAPACITY: usize = 28;

/// The expressions of an `UpdateItem`, with the names and values that they refer to.
pub(super) struct Update {
    pub(super) condition: String,
    pub(super) change: String,
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
}

/// Writes these terms as an `UpdateItem`.
pub(super) fn compile(terms: &Terms) -> Update {
    let mut placeholders =
        Placeholders { names: HashMap::with_capacity(CAPACITY), values: HashMap::with_capacity(CAPACITY) };
    let clauses: Vec<String> = terms.clauses.iter().map(|clause| placeholders.clause(clause)).collect();
    let (mut set, mut remove) = (Vec::new(), Vec::new());
    for change in &terms.changes {
        match change {
            Change::Assign(attribute, value) => {
                set.push([&placeholders.name(attribute), " = ", &placeholders.value(value.clone())].concat());
            }
            Change::Copy(attribute, from) => {
                set.push([&placeholders.name(attribute), " = ", &placeholders.name(from)].concat());
            }
            Change::Raise(attribute) => set.push(placeholders.step(attribute, " + ")),
            Change::Lower(attribute) => set.push(placeholders.step(attribute, " - ")),
            Change::Count(attribute) => {
                let (name, zero, one) =
                    (placeholders.name(attribute), placeholders.value(n(0)), placeholders.value(n(1)));
                set.push(format!("{name} = if_not_exists({name}, {zero}) + {one}"));
            }
            Change::Remove(attribute) => remove.push(placeholders.name(attribute)),
        }
    }
    let set = (!set.is_empty()).then(|| format!("SET {}", set.join(", ")));
    let remove = (!remove.is_empty()).then(|| format!("REMOVE {}", remove.join(", ")));
    Update {
        condition: clauses.join(" AND "),
        change: [set, remove].into_iter().flatten().collect::<Vec<_>>().join(" "),
        names: placeholders.names,
        values: placeholders.values,
    }
}

/// The names and values so far, each under its placeholder. Each task needs dozens of these texts, and `format!` takes
/// several times as long as `concat`.
struct Placeholders {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Placeholders {
    fn name(&mut self, attribute: &str) -> String {
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

    fn clause(&mut self, clause: &Clause) -> String {
        match clause {
            Clause::Is(attribute, comparison, value) => {
                [&self.name(attribute), " ", comparison.operator(), " ", &self.value(value.clone())].concat()
            }
            Clause::IsNot(attribute, comparison, value) => {
                ["NOT ", &self.name(attribute), " ", comparison.operator(), " ", &self.value(value.clone())].concat()
            }
            Clause::OneOf(attribute, values) => {
                let values: Vec<String> = values.iter().map(|value| self.value(value.clone())).collect();
                format!("{} IN ({})", self.name(attribute), values.join(", "))
            }
            Clause::Attributes(one, comparison, other) => {
                [&self.name(one), " ", comparison.operator(), " ", &self.name(other)].concat()
            }
        }
    }

    fn step(&mut self, attribute: &str, sign: &str) -> String {
        let name = self.name(attribute);
        [&name, " = ", &name, sign, &self.value(n(1))].concat()
    }
}
