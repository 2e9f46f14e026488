//! The attributes and keys of the table, for code that reads or writes items without [`Store`](super::Store): tests,
//! the simulation's witness and benchmarks.

pub use super::keys::{
    AGENDA_INDEX, AUDIT_KEY, CATALOG_INDEX, LEASE_SORT, PART_PREFIX, PROGRAMS_PARTITION, QUEUE_PREFIX, SCHEDULE_AGENDA,
    SCHEDULE_PREFIX, SETTINGS_SORT, SWEEP_PREFIX, TASK_PREFIX, TASK_SORT, UNREADABLE_AGENDA, agenda_partition,
    agenda_sort, agenda_until, catalog_partition, hold_partition, limit_partition, parse_hold, parse_hold_sort,
    parse_ledger, parse_schedule_partition, parse_task_partition, parse_unreadable_partition, part_sort,
    queue_partition, rate_partition, schedule_partition, sweep_partition, task_partition, unreadable_partition,
};

/// The names of the attributes.
pub mod attr {
    pub use crate::dynamo::attr::*;
}
