//! Limits of whole requests. What limits a field stands at the field.

/// The longest body of a task or a schedule, in bytes: a payload of 256 KiB, the target, the labels, and whitespace between
/// them.
pub const LONGEST_TASK_BODY: usize = 1024 * 1024;

/// The longest body of a batch, in bytes: below what a function can be given.
pub const LONGEST_BATCH_BODY: usize = 5 * 1024 * 1024;

/// The longest body of a change of a task, or of a queue's settings, in bytes: a few short fields.
pub const LONGEST_CHANGE_BODY: usize = 16 * 1024;

/// The longest body of a change of many tasks, in bytes: 500 ids and the filters.
pub const LONGEST_BULK_BODY: usize = 128 * 1024;

/// The most tasks of a batch.
pub const MOST_OF_A_BATCH: usize = 500;

/// How many tasks, schedules or queues a page of a list has, unless the request says how many.
pub const PAGE: u32 = 50;

/// The most schedules or queues of a page.
pub const MOST_NAMES: u32 = 100;

/// The longest wait for a task's end, in seconds: API Gateway hangs up at 30.
pub const LONGEST_WAIT: u64 = 25;
