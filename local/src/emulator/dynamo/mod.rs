//! DynamoDB in this process: the engine dynoxide, in memory or in a data directory.
//!
//! **What survives a crash.** In a data directory the database is one SQLite file in WAL mode with SQLite's default
//! `synchronous = FULL`. The engine answers a write after it is on the disk. So every answered write survives `kill -9`
//! of this process. It survives a power cut too, unless the disk reports writes that it has not made. A write without an
//! answer is there completely or not at all. In memory nothing survives the process.
//!
//! **One process for each directory.** SQLite would let two processes in, but each caches the tables' schemas, and each
//! would run its own stack on the other's tasks. So a process locks a file in the directory, and a second process is
//! refused. The operating system releases the lock when the process ends in any way. A leftover lock file without a lock
//! does not matter.

mod data_directory;
mod database;
mod error;
mod front_door;
pub(crate) mod private;
mod tables;
#[cfg(test)]
mod tests;

pub use database::Dynamo;
pub use error::DynamoError;
pub use front_door::hidden;
