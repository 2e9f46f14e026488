//! A queue with a rate: several tasks, one hold list, and one item that gives out slots, by which attempts start, and times at
//! which tasks are expected.
//!
//! Only [`Transition::apply`](taskway_protocol::Transition::apply) changes a record, and
//! [`Rate`](taskway_protocol::Rate) has the arithmetic of the slots. Each write of a record keeps the rules of the other
//! models.
//!
//! The model adds one or two executors, a tick and a person. A process may die or wait between any two of its requests. Its
//! last update of the item may be made at any later time. SQS delays and duplicates messages, and those that are sent ahead may
//! come a step early. Executors may know the settings that were changed in the last five seconds. All clocks agree.
//!
//! The starts under each version of the rate are counted by the same arithmetic. So two starts, or one more than the burst,
//! stand apart by the interval, less the time that an attempt may start after its slot. That is stricter than the promise for a
//! period.
//!
//! In the checks that all tasks end, every message comes on time, or every one a step late, or every one a step early, or only
//! some are late. A crowd of other tasks takes each slot and each time that new tasks can get, and is always asked first. Another
//! crowd is lucky: none of its tasks ever has to wait.
//!
//! A step of time is five seconds, and several times are shorter than the real ones, in the same order. A slot can be used in
//! its own step, or one step later where a space says so. An executor waits in its process for a time of the next step. New tasks
//! are expected two steps ahead and held ones three. A tick comes every second step in the checks that all tasks end, and
//! otherwise at any time.
//!
//! A task that is expected is only sure to come before new tasks if its message comes less than an interval for each of the
//! burst later than the messages of others. A message that is always later can be passed for ever. The checks leave that out.
//!
//! The model leaves this out:
//!
//! - Heartbeats, deadlines, cancellation, limits, losses, dead letters and two ticks at once. A person's dispatch may meet a
//!   tick's.
//! - Clocks that differ. They move starts by as much.
//! - Rates that differ from version to version. Each version has its own slots, of the same interval.
//! - What a process remembers of the item. It is never ahead of the item, so what it refuses the item would refuse too. A time at
//!   which a task is expected may then lie before the starts that others have got, which is one of the rules to break.
//! - One write for several tasks of a process, and the end of its tries when others always come first.
//! - A pause between the reads of one decision: a dispatch reads the settings, the item, entries and records at once.
//! - A batch of which some messages are sent and others are not. A dispatch that runs out of time before it has looked whether
//!   tasks wait.
//! - Late claims and other late writes of records. The other models have them.

mod bounds;
mod broken;
mod check;
mod crowd;
mod dispatch;
mod executor;
mod heal;
mod item;
mod machine;
mod person;
mod properties;
mod scene;
mod situation;
mod story;
mod tick;
mod turn;
mod world;

pub use bounds::{RATES_BRIEF, RATES_FULL, RateBounds};
pub use broken::Broken as BrokenRate;
pub use check::{check_rates, first_rate_violation};
