//! Handlers for Taskway's tasks: a typed payload in, a typed result out, registered by name.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use crate::attempt::{Context, Failure, Handlers, Task};
//!
//! #[derive(Deserialize)]
//! struct Welcome { user: u64 }
//!
//! #[derive(Serialize)]
//! struct Sent { to: String }
//!
//! async fn send_welcome(task: Task<Welcome>, _cx: Context) -> Result<Sent, Failure> {
//!     let user = u32::try_from(task.payload.user)?; // any error means: try again
//!     Ok(Sent { to: format!("user-{user}@example.com") })
//! }
//!
//! let handlers = Handlers::new().on("send_welcome", send_welcome);
//! assert!(handlers.get("send_welcome").is_some());
//! ```

pub mod attempt;

mod context;
mod failure;
mod registry;

pub use context::Context;
pub use failure::Failure;
pub use registry::{Handlers, Task};
