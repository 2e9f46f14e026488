//! How much fits in a task's record before each write costs a second unit.

use super::{record, shards::Shards};
use taskway_protocol::{NewTask, Nonce, Task};

/// A write of an item costs one write unit per this many bytes.
pub(super) const WRITE_UNIT: usize = 1024;

/// With the most shards, the numbers in the record's two partition keys have a digit more each than by default.
const LONGER_SHARDS: usize = 2;

/// The space that a new record keeps free for what a task's life adds: owner, lease, agenda entry, and an error or a
/// small result. With it, every later write costs one unit.
const LIFE: usize = 420;

/// How many bytes are left in the task's record before a write costs a second unit.
pub fn room(task: &Task) -> usize {
    let size = record::size(&record::to_item(task, Nonce(u64::MAX), Shards::default()));
    WRITE_UNIT.saturating_sub(size + LONGER_SHARDS)
}

/// The same task, with its content in a separate item if it would leave too little room in the record.
pub fn fitted(new: NewTask) -> NewTask {
    if room(&new.task) < LIFE { new.with_text_apart() } else { new }
}
