//! The names of the table's attributes.
//!
//! The names are short, because DynamoDB bills each item for its attribute names too. An item over 1 KB costs a second
//! write unit.

/// Partition key of the table.
pub const PK: &str = "PK";
/// Sort key of the table.
pub const SK: &str = "SK";
/// Version of the item's form.
pub const VERSION: &str = "v";
/// The time at which DynamoDB may delete the item, in seconds: its TTL.
pub const TTL: &str = "ttl";

/// Partition key of the index `agenda`.
pub const AGENDA: &str = "ap";
/// Sort key of the index `agenda`.
pub const AGENDA_AT: &str = "as";
/// Partition key of the index `catalog`.
pub const CATALOG: &str = "cp";

/// Name of the state.
pub const STATE: &str = "st";
/// Birth, ms. Sort key of the index `catalog`.
pub const BORN: &str = "born";
/// Generation.
pub const GENERATION: &str = "g";
/// Fence.
pub const FENCE: &str = "f";
/// Nonce of the latest claim, or of the first put if nobody has claimed the task. Also the holder of a sweep's lease.
pub const OWNER: &str = "own";
/// Number of attempts that count.
pub const ATTEMPTS: &str = "att";
/// How many times in a row the task was given back. Missing while that is 0.
pub const GIVEN_BACK: &str = "gb";
/// Attempts that failed and that another followed. Missing if there are none.
pub const PAST: &str = "pa";
/// Number of attempts that the retry policy allows.
pub const MAX_ATTEMPTS: &str = "mx";
/// Due time, ms. Only while the task waits.
pub const DUE: &str = "due";
/// 1 while the task's queue holds it back.
pub const HELD: &str = "hd";
/// Whether a queue is paused.
pub const PAUSED: &str = "paused";
/// When a queue's settings were changed, ms.
pub const CHANGED: &str = "changed";
/// When a queue's pause or limit ended last, or its tasks came to belong to other shares, ms. Missing if that never was.
pub const EASED: &str = "eased";
/// What earlier shares of a queue's limit may have out beyond their permits: `permits/first later share`. Missing if nothing.
pub const OVERHANG: &str = "over";
/// Whether a hold list of a queue may have tasks of other shares. Missing if not.
pub const MIXED: &str = "mixed";
/// How many attempts of a queue run at once. Missing if it has no limit.
pub const CONCURRENCY: &str = "conc";
/// How many attempts of each fairness key of a queue run at once. Missing if they have no limit.
pub const KEY_CONCURRENCY: &str = "kc";
/// The rate of each fairness key of a queue: `tasks/seconds/burst`. Missing if they have none.
pub const KEY_RATE: &str = "kr";
/// When the rate of a queue's fairness keys was set, ms.
pub const KEY_RATE_SET: &str = "krset";
/// Whether a queue's fairness keys have ever had a limit. Missing if not.
pub const KEYED: &str = "keyed";
/// The most shares that a queue's limit has had. Missing if it never had one.
pub const SHARES: &str = "shares";
/// Until when those who give a permit of this ledger back look for held tasks, ms. Missing while nothing was held.
pub const WAITS: &str = "w";
/// A ledger's permits: a map from the keys of tasks to numbers.
pub const PERMITS: &str = "p";
/// A queue's rate: `tasks/seconds/burst`. Missing if it has none.
pub const RATE: &str = "rate";
/// When a queue's rate was set, ms.
pub const RATE_SET: &str = "rset";
/// How far the starts of a queue's rate are given out, microseconds.
pub const STARTED_OUT: &str = "tat";
/// How far times are given out at which tasks of a queue with a rate are expected, microseconds.
pub const EXPECTED_OUT: &str = "exp";
/// When a hold list's entry was put, ms.
pub const PUT: &str = "put";
/// 1 while the callback of the task's end is still to be made.
pub const OWES: &str = "ow";
/// The ends that a callback follows: `s` a success, `f` a failure. Missing if none has one.
pub const CALLBACKS: &str = "cb";
/// The ids of the callbacks that were made, with commas between them. Missing if none was.
pub const CHILDREN: &str = "ch";
/// Deadline, ms.
pub const DEADLINE: &str = "dl";
/// End of the lease, ms. Only while the task runs. Also the end of a sweep's lease.
pub const LEASE_END: &str = "le";
/// Time of the end, ms. Only after the task has ended.
pub const ENDED_AT: &str = "fin";
/// Start of the latest attempt, ms.
pub const STARTED_AT: &str = "sa";
/// Progress: `done/total/at`.
pub const PROGRESS: &str = "pg";
/// Text of the checkpoint.
pub const CHECKPOINT: &str = "ck";
/// Digest of the checkpoint, if its text is in a part.
pub const CHECKPOINT_DIGEST: &str = "ckd";
/// Text of the result.
pub const RESULT: &str = "res";
/// Digest of the result, if its text is in a part.
pub const RESULT_DIGEST: &str = "resd";
/// Error: a map of kind, message, attempt and time.
pub const ERROR: &str = "err";
/// Name of the queue.
pub const QUEUE: &str = "q";
/// Name of the lane.
pub const LANE: &str = "lane";
/// Name of the handler. Missing for an HTTP target.
pub const HANDLER: &str = "h";
/// Text of the content.
pub const BODY: &str = "b";
/// Digest of the content, if its text is in a part.
pub const BODY_DIGEST: &str = "bd";
/// Requested start, ms. In the copy of an unreadable message, the time when it was sent.
pub const RUN_AT: &str = "ra";
/// Timeout of an attempt, s.
pub const TIMEOUT: &str = "to";
/// Backoff: `min/max/multiplier`.
pub const BACKOFF: &str = "rp";
/// Idempotency key.
pub const IDEMPOTENCY_KEY: &str = "ik";
/// Fingerprint of the request with the idempotency key.
pub const FINGERPRINT: &str = "fp";
/// Fairness key.
pub const FAIRNESS_KEY: &str = "fk";
/// Expected duration, ms.
pub const EXPECTED: &str = "x";
/// Retention after the end, s.
pub const RETAIN: &str = "rt";

/// Text of a part, of a schedule's content, or of an unreadable message.
pub const TEXT: &str = "text";

/// A schedule's version.
pub const SCHEDULE_VERSION: &str = "ver";
/// A schedule's revision.
pub const REVISION: &str = "rev";
/// A schedule's definition without its template: JSON.
pub const DEFINITION: &str = "def";
/// The spec of a schedule's template: a map with the attributes of a task's record.
pub const TEMPLATE: &str = "tpl";
/// Times at which a schedule does not fire, because firings of the previous definition had started for them.
pub const STARTED: &str = "ran";
/// The time after which a schedule's definition applies, ms.
pub const SINCE: &str = "since";
/// A schedule's phase.
pub const PHASE: &str = "ph";
/// A schedule's latest firing: `time/id`.
pub const LAST_RUN: &str = "last";
/// A schedule's pending firings, divided by `/`: `time`, or `time@revision` for an earlier revision.
pub const PENDING: &str = "pend";

/// The largest number of partitions that the agenda has ever had.
pub const AGENDA_SHARDS: &str = "agendas";
/// The largest number of partitions that a queue's catalog has ever had.
pub const CATALOG_SHARDS: &str = "catalogs";

/// The names of a program's handlers, a list.
pub const HANDLERS: &str = "hs";
/// When a program was first announced, ms.
pub const FIRST_SEEN: &str = "fs";
/// When a program was last announced, ms.
pub const LAST_SEEN: &str = "ls";

/// How many tasks succeeded in a minute.
pub const SUCCEEDED: &str = "es";
/// How many failed.
pub const FAILED: &str = "ef";
/// How many were cancelled.
pub const CANCELLED: &str = "ec";
/// Of how many the deadline passed.
pub const EXPIRED: &str = "ee";

/// How many write units the processes have used in a month.
pub const WRITE_UNITS: &str = "uw";
/// How many halves of read units.
pub const HALF_READ_UNITS: &str = "ur";
/// How many requests to SQS they have made.
pub const SQS_REQUESTS: &str = "us";

/// How often the audit's position was written.
pub const WRITES: &str = "n";
/// Until when one tick has the audit for itself, ms.
pub const UNTIL: &str = "until";
/// How often the audit has tried its next page without success.
pub const TRIES: &str = "tries";
/// When the audit's next pass begins, ms.
pub const NEXT: &str = "next";
/// When the audit's pass began, ms. Only while a pass is under way.
pub const PASS_BEGAN: &str = "pb";
/// The longest waits that the pass has seen, ms: `high/normal/low`.
pub const PASS_WAITS: &str = "pw";
/// How much the pass has scanned and found: `items/tasks`.
pub const PASS_COUNTS: &str = "pn";
/// Partition key of the item after which the pass goes on.
pub const FROM_PARTITION: &str = "at";
/// Sort key of the item after which the pass goes on.
pub const FROM_SORT: &str = "ats";
/// When the last complete pass began, ms.
pub const LAST_BEGAN: &str = "lb";
/// The longest waits that the last pass saw, ms: `high/normal/low`.
pub const LAST_WAITS: &str = "lw";
/// The waits by which the last pass judged, ms: `high/normal/low`.
pub const LAST_JUDGED_BY: &str = "lg";
