//! The body of a change of many tasks.

use taskway_api::BulkRequest;

use crate::{
    failure::Failure,
    filters::{Filters, object},
};

/// What the options select. `all` says that every task is meant.
pub(crate) fn selection(filters: Filters, all: bool) -> Result<BulkRequest, Failure> {
    let queue = filters.queue.map(Into::into);
    Ok(BulkRequest { queue, labels: object(filters.labels)?, all, ..BulkRequest::default() })
}
