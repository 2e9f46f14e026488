//! Programs that make only the SDK calls of a worker, of a tick and of a submit, word for word.
//!
//! They show what Taskway cannot cost less than, so they do nothing else: they watch no lease, and they handle no refusal
//! and no failure. They measure the bare table. So they cannot use Taskway's store, and [`table`] repeats its expressions.

mod table;
pub(crate) mod tick;
pub(crate) mod worker;

pub(crate) use table::Table;
