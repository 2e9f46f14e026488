//! What the batch actions share: their entries' ids, and an answer for each entry.

use std::collections::BTreeSet;

use serde::Serialize;

use super::error;
use crate::sqs::SqsError;

const MOST: usize = 10;

/// A batch's answer: what went well and what did not, by entry.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Outcome<T> {
    successful: Vec<T>,
    failed: Vec<Failed>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    id: String,
    sender_fault: bool,
    code: &'static str,
    message: String,
}

/// The answer of an entry of which there is nothing more to say.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Done {
    pub(super) id: String,
}

/// Checks what must hold of the whole batch: 1 to 10 entries, each with an id of its own.
pub(super) fn check<'a>(
    entry: &'static str,
    ids: impl ExactSizeIterator<Item = Option<&'a str>>,
) -> Result<(), SqsError> {
    match ids.len() {
        0 => return Err(SqsError::EmptyBatchRequest { entry }),
        1..=MOST => {}
        sent => return Err(SqsError::TooManyEntriesInBatchRequest { sent }),
    }
    let mut seen = BTreeSet::new();
    for (index, id) in ids.enumerate() {
        let id = id.ok_or_else(|| SqsError::MissingParameter(format!("{entry}.{}.Id", index + 1)))?;
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if id.is_empty() || id.len() > 80 || !id.bytes().all(legal) {
            return Err(SqsError::InvalidBatchEntryId);
        }
        if !seen.insert(id) {
            return Err(SqsError::BatchEntryIdsNotDistinct { id: id.to_owned() });
        }
    }
    Ok(())
}

impl<T> Outcome<T> {
    pub(super) fn new() -> Self {
        Outcome { successful: Vec::new(), failed: Vec::new() }
    }

    pub(super) fn add(&mut self, id: String, result: Result<impl FnOnce(String) -> T, SqsError>) {
        match result {
            Ok(done) => self.successful.push(done(id)),
            Err(refusal) => self.failed.push(Failed {
                id,
                sender_fault: true,
                code: error::code(&refusal),
                message: refusal.to_string(),
            }),
        }
    }
}
