//! What can be asked of many tasks at once: lists, and changes of all that match.
//!
//! A list is newest first over the partitions of an index (`merge`), never a scan. Its cursor (`cursor`) is a place in
//! an order that never changes, so that of what was there at the beginning each task is listed once, whatever is
//! submitted, changed or ends meanwhile. A request looks at a bounded number of tasks and ends in a bounded time; what it
//! did not come to is behind its cursor.

mod bulk;
mod cursor;
mod index;
mod list;
mod matching;
mod merge;
mod selection;
mod stretch;
mod walk;

pub(crate) use bulk::{cancel, change, redrive, selected};
pub(crate) use cursor::{Cursor, Seen};
pub(crate) use list::{dead, tasks};
pub use selection::{Ask, Filters, Selection};
pub(crate) use stretch::BREADTH;
