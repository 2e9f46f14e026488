//! An executor of your own, with three handlers: an async one, one that computes on a thread, and one that resumes from
//! its checkpoint.
//!
//! `examples/README.md` says how to run it against the embedded stack.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use taskway::{Context, Failure, Handlers, Task};

#[derive(Deserialize)]
struct Welcome {
    user: u64,
}

#[derive(Serialize)]
struct Sent {
    to: String,
}

/// A short piece of I/O. It sends the fence along with the mail, so that the mail system can refuse a late attempt.
async fn send_welcome(task: Task<Welcome>, cx: Context) -> Result<Sent, Failure> {
    if task.payload.user == 0 {
        return Err(Failure::fatal("there is no user 0"));
    }
    println!("mail to user {} (attempt {}, fence {})", task.payload.user, cx.attempt(), cx.fence());
    Ok(Sent { to: format!("user-{}@example.com", task.payload.user) })
}

#[derive(Deserialize)]
struct Image {
    pixels: u64,
}

/// A computation. It looks now and then whether the task was cancelled.
fn thumbnail(task: Task<Image>, cx: Context) -> Result<u64, Failure> {
    let mut sum = 0_u64;
    for pixel in 0..task.payload.pixels {
        sum = sum.wrapping_mul(31).wrapping_add(pixel);
        if pixel % 1_000_000 == 0 && cx.cancelled() {
            return Err(Failure::retry("stopped before the end"));
        }
    }
    Ok(sum)
}

#[derive(Deserialize)]
struct Import {
    rows: u64,
}

/// Takes longer than one attempt may take. It does 100 rows, leaves a checkpoint, and continues in another attempt.
async fn import(task: Task<Import>, cx: Context) -> Result<u64, Failure> {
    let begin = cx.resume::<u64>()?.unwrap_or(0);
    for row in begin..task.payload.rows {
        if row > begin && row % 100 == 0 {
            cx.checkpoint(&row)?;
            cx.progress(row, task.payload.rows);
            return Err(Failure::continue_after(Duration::from_secs(1)));
        }
    }
    Ok(task.payload.rows)
}

fn main() -> anyhow::Result<()> {
    let handlers =
        Handlers::new().on("send_welcome", send_welcome).on_blocking("thumbnail", thumbnail).on("import", import);
    taskway_executor::main(handlers)
}
