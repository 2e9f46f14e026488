//! Shared by the batch actions: the check of the entries' ids, and an answer with a result for each entry.

use std::collections::BTreeSet;

use serde::Serialize;

use super::error;
use crate::emulator::sqs::SqsError;

/// The most entries of a batch.
const MOST: usize = 10;

/// A batch's answer: which entries succeeded and which failed.
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

/// The result of an entry that succeeded without data.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Done {
    pub(super) id: String,
}

/// Checks that a batch has 1 to 10 entries with different ids.
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
