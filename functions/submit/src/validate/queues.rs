//! Which queues a list is asked for.

use taskway_cloud::dynamo::QueueName;
use taskway_strict::{Errors, FieldError};

use super::{MOST_ERRORS, NO_CURSOR, parameters};
use crate::queues::cursor;

/// Queues that are told of at a time, unless that is said.
const PAGE: u32 = 50;

/// And at most.
const MOST: u32 = 100;

/// Behind what the list goes on, and how many are asked for.
///
/// # Errors
/// Everything that is wrong with the parameters.
pub fn queues(query: &str) -> Result<(Option<QueueName>, usize), Vec<FieldError>> {
    let mut errors = Errors::at_most(MOST_ERRORS);
    let (mut after, mut limit) = (None, PAGE);
    parameters::each(query, &mut errors, |name, value| {
        match name {
            "limit" => limit = parameters::limit(value, MOST)?,
            "cursor" => after = Some(cursor::parse(value).ok_or(NO_CURSOR)?),
            _ => return parameters::unknown(),
        }
        Ok(())
    });
    errors.settle(Some((after, limit as usize)))
}
