//! A queue with a rate: several tasks, one item that says how far its slots are given out, one hold list.
//!
//! Only [`Transition::apply`](taskway_protocol::Transition::apply) changes a record, and
//! [`Rate`](taskway_protocol::Rate) has the arithmetic of the slots. Each write of a record keeps the rules of the other
//! models.
//!
//! The model adds one or two executors, a tick and a person. A process may die or wait between any two of its requests. Its
//! last update of the item may be made at any later time. SQS delays and duplicates messages. Executors may know the settings
//! that were changed in the last five seconds. All clocks agree.
//!
//! The starts under each version of the rate are counted by the same arithmetic. So two starts, or one more than the burst,
//! stand apart by the interval. That is stricter than the promise for a period.
//!
//! A step of time is five seconds, and several times are shorter than the real ones, in the same order. A slot can be used in
//! its own step. An executor waits in its process for a slot of the next step. Newcomers get slots two steps ahead and
//! dispatches three. A tick comes every second step in the checks that all tasks end, and otherwise at any time.
//!
//! The model leaves this out:
//!
//! - Heartbeats, deadlines, cancellation, limits, losses, dead letters and two ticks at once. A person's dispatch may meet a
//!   tick's.
//! - Clocks that differ. They move starts by as much.
//! - Rates that differ from version to version. Each version has its own slots, of the same interval.
//! - A pause between the reads of one decision: a dispatch reads the settings, the item, entries and records at once.
//! - A batch of which some messages are sent and others are not.
//! - Late claims and other late writes of records. The other models have them.
//! - Messages that always arrive after their slots.

mod bounds;
mod broken;
mod check;
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
mod world;

pub use bounds::{RATES_BRIEF, RATES_FULL, RateBounds};
pub use broken::Broken as BrokenRate;
pub use check::{check_rates, first_rate_violation};
