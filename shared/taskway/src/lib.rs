//! Handlers for the tasks of Taskway, a task queue on DynamoDB and SQS.
//!
//! A handler is a function. It takes a [`Task`] with a typed payload and a [`Context`], and returns a typed result or a
//! [`Failure`]. A program registers its handlers by name in [`Handlers`] and starts with `taskway_executor::main`.
//!
//! # A handler
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use taskway::{Context, Failure, Handlers, Task};
//!
//! #[derive(Deserialize)]
//! struct Welcome { user: u64 }
//!
//! #[derive(Serialize)]
//! struct Sent { to: String }
//!
//! async fn send_welcome(task: Task<Welcome>, _cx: Context) -> Result<Sent, Failure> {
//!     let user = u32::try_from(task.payload.user)?; // an error of any kind asks for another attempt
//!     Ok(Sent { to: format!("user-{user}@example.com") })
//! }
//!
//! let handlers = Handlers::new().on("send_welcome", send_welcome);
//! # assert!(handlers.get("send_welcome").is_some());
//! // taskway_executor::main(handlers)
//! ```
//!
//! The payload and the result are JSON: any type that serde can read and write. If the payload does not fit the handler's
//! type, the task fails without another attempt.
//!
//! A payload can have 100 MiB. A handler that does not want it in memory takes a [`PayloadReader`], and is registered with
//! [`Handlers::on_reader`].
//!
//! ```
//! use taskway::{Context, Failure, Handlers, PayloadReader, Task};
//! use tokio::io::AsyncBufReadExt;
//!
//! async fn count_lines(task: Task<PayloadReader>, _cx: Context) -> Result<u64, Failure> {
//!     let mut lines = task.payload.lines();
//!     let mut count = 0;
//!     while lines.next_line().await?.is_some() {
//!         count += 1;
//!     }
//!     Ok(count)
//! }
//!
//! let handlers = Handlers::new().on_reader("count_lines", count_lines);
//! ```
//!
//! # State
//!
//! A handler that needs a database pool, a client or settings takes it as its first argument. A closure gives it a clone
//! at every call. A value that is cheap to clone, such as a pool or an [`Arc`](std::sync::Arc), fits best.
//!
//! ```
//! # #[derive(Clone)] struct Pool;
//! # impl Pool {
//! #     async fn connect() -> std::io::Result<Self> { Ok(Pool) }
//! #     async fn email_of(&self, user: u64) -> std::io::Result<String> { Ok(format!("{user}@example.com")) }
//! # }
//! # use taskway::{Context, Failure, Handlers, Task};
//! async fn send_welcome(pool: Pool, task: Task<u64>, _cx: Context) -> Result<String, Failure> {
//!     Ok(pool.email_of(task.payload).await?)
//! }
//!
//! async fn handlers() -> std::io::Result<Handlers> {
//!     let pool = Pool::connect().await?;
//!     Ok(Handlers::new().on("send_welcome", move |task, cx| send_welcome(pool.clone(), task, cx)))
//! }
//! // taskway_executor::main_with(async || Ok(handlers().await?))
//! ```
//!
//! `taskway_executor::main_with` runs such an async function on the executor's own runtime, before the first task.
//!
//! # Handlers that compute or block
//!
//! [`Handlers::on`] takes async functions, which must not block their thread. [`Handlers::on_blocking`] takes ordinary
//! functions and runs each call on a thread. The executor cannot stop a thread, so a long function must look at
//! [`Context::cancelled`] now and then.
//!
//! ```
//! # use taskway::{Context, Failure, Handlers, Task};
//! fn checksum(task: Task<Vec<u32>>, cx: Context) -> Result<u32, Failure> {
//!     let mut sum = 0_u32;
//!     for part in task.payload.chunks(1_000) {
//!         if cx.cancelled() {
//!             return Err(Failure::retry("stopped before the end"));
//!         }
//!         sum = part.iter().fold(sum, |sum, number| sum.wrapping_mul(31).wrapping_add(*number));
//!     }
//!     Ok(sum)
//! }
//!
//! let handlers = Handlers::new().on_blocking("checksum", checksum);
//! ```
//!
//! # Checkpoints
//!
//! A handler that takes longer than one attempt may take does a part, leaves a [checkpoint](Context::checkpoint), and asks
//! to [continue](Failure::continue_after). The next attempt [resumes](Context::resume) from it. If an attempt fails or its
//! process dies, the next attempt resumes from the latest checkpoint that was written.
//!
//! ```
//! use std::time::Duration;
//! # use taskway::{Context, Failure, Handlers, Task};
//! # async fn import_row(_row: u64) -> std::io::Result<()> { Ok(()) }
//!
//! async fn import(task: Task<u64>, cx: Context) -> Result<u64, Failure> {
//!     let (first, rows) = (cx.resume::<u64>()?.unwrap_or(0), task.payload);
//!     for row in first..rows {
//!         import_row(row).await?;
//!         cx.checkpoint(&(row + 1))?;
//!         cx.progress(row + 1, rows);
//!         if cx.remaining() < Duration::from_secs(10) {
//!             return Err(Failure::continue_after(Duration::ZERO));
//!         }
//!     }
//!     Ok(rows)
//! }
//!
//! let handlers = Handlers::new().on("import", import);
//! ```
//!
//! # Failures
//!
//! [`Failure`] says what happens next: another attempt, none, or the same attempt later.
//!
//! ```
//! use std::time::Duration;
//! # use taskway::{Context, Failure, Handlers, Task};
//! # struct Answer { status: u16 }
//! # async fn charge(_order: &str) -> std::io::Result<Answer> { Ok(Answer { status: 200 }) }
//!
//! async fn pay(task: Task<String>, _cx: Context) -> Result<(), Failure> {
//!     match charge(&task.payload).await?.status {
//!         200 => Ok(()),
//!         402 => Err(Failure::fatal("the card was refused")),
//!         429 => Err(Failure::snooze(Duration::from_secs(30))),
//!         503 => Err(Failure::retry_after("the bank is down", Duration::from_secs(600))),
//!         status => Err(Failure::retry(format!("the bank answered {status}"))),
//!     }
//! }
//!
//! let handlers = Handlers::new().on("pay", pay);
//! ```

#![warn(missing_docs)]

pub mod attempt;

mod context;
mod failure;
mod handlers;
mod payload;
mod task;

pub use context::Context;
pub use failure::Failure;
pub use handlers::{Handlers, SameName};
pub use payload::PayloadReader;
pub use task::Task;
pub use taskway_protocol::{TaskId, Time};
