//! The interpreter of transitions for a batch of writes: a PartiQL statement with a condition.
//!
//! The words are those that DynamoDB, the embedded engine and MiniStack understand alike. An attribute to the left of `=`
//! is quoted; one in a sum is not, because the embedded engine takes it for a text there.

use aws_sdk_dynamodb::{
    error::BuildError,
    types::{AttributeValue, BatchStatementRequest, ReturnValuesOnConditionCheckFailure},
};

use super::{
    attr, keys,
    record::{Item, n, s},
    terms::{Change, Clause, Terms},
};
use taskway_protocol::TaskKey;

/// Most statements have no more parameters than this.
const CAPACITY: usize = 24;

/// Whether a statement can say this. PartiQL has no `if_not_exists`, and engines disagree about copying an attribute.
pub(super) fn can_say(terms: &Terms) -> bool {
    !terms.changes.iter().any(|change| matches!(change, Change::Copy(..) | Change::Count(_)))
}

/// An `UPDATE` of the record under `key`. It returns the record after the write, or, if refused, the record that refused
/// it.
pub(super) fn update(table: &str, key: &TaskKey, terms: &Terms) -> Result<BatchStatementRequest, BuildError> {
    let mut statement = Statement { text: String::with_capacity(512), parameters: Vec::with_capacity(CAPACITY) };
    statement.push(&["UPDATE \"", table, "\""]);
    for change in &terms.changes {
        statement.change(change);
    }
    statement.push(&[" WHERE \"", attr::PK, "\"=? AND \"", attr::SK, "\"=?"]);
    statement.parameters.push(s(keys::task_partition(key)));
    statement.parameters.push(s(keys::TASK_SORT));
    for clause in &terms.clauses {
        statement.clause(clause);
    }
    statement.push(&[" RETURNING ALL NEW *"]);
    BatchStatementRequest::builder()
        .statement(statement.text)
        .set_parameters(Some(statement.parameters))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
}

/// An `INSERT` of an item. It is refused if the key has an item, and does not return that item.
pub(super) fn insert(table: &str, item: &Item) -> Result<BatchStatementRequest, BuildError> {
    let mut statement = Statement { text: String::with_capacity(512), parameters: Vec::with_capacity(item.len()) };
    statement.push(&["INSERT INTO \"", table, "\" VALUE {"]);
    for (attribute, value) in item {
        let comma = if statement.parameters.is_empty() { "" } else { "," };
        statement.push(&[comma, "'", attribute, "':?"]);
        statement.parameters.push(value.clone());
    }
    statement.push(&["}"]);
    BatchStatementRequest::builder().statement(statement.text).set_parameters(Some(statement.parameters)).build()
}

struct Statement {
    text: String,
    parameters: Vec<AttributeValue>,
}

impl Statement {
    fn push(&mut self, words: &[&str]) {
        words.iter().for_each(|word| self.text.push_str(word));
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Assign(attribute, value) => {
                self.push(&[" SET \"", attribute, "\"=?"]);
                self.parameters.push(value.clone());
            }
            Change::Raise(attribute) => self.step(attribute, "+?"),
            Change::Lower(attribute) => self.step(attribute, "-?"),
            Change::Remove(attribute) => self.push(&[" REMOVE \"", attribute, "\""]),
            // Callers ask `can_say` first. No engine reads this, so the write would be made alone.
            Change::Copy(..) | Change::Count(_) => self.push(&[" SET"]),
        }
    }

    fn step(&mut self, attribute: &str, by: &str) {
        self.push(&[" SET \"", attribute, "\"=", attribute, by]);
        self.parameters.push(n(1));
    }

    fn clause(&mut self, clause: &Clause) {
        match clause {
            Clause::Is(attribute, comparison, value) => {
                self.push(&[" AND \"", attribute, "\"", comparison.operator(), "?"]);
                self.parameters.push(value.clone());
            }
            Clause::IsNot(attribute, comparison, value) => {
                self.push(&[" AND NOT \"", attribute, "\"", comparison.operator(), "?"]);
                self.parameters.push(value.clone());
            }
            Clause::OneOf(attribute, values) => {
                let places = vec!["?"; values.len()].join(",");
                self.push(&[" AND \"", attribute, "\" IN [", &places, "]"]);
                self.parameters.extend(values.iter().cloned());
            }
            Clause::Attributes(one, comparison, other) => {
                self.push(&[" AND \"", one, "\"", comparison.operator(), "\"", other, "\""]);
            }
        }
    }
}
