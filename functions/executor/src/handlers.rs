//! The handlers of the shipped executor, for trying things out. **Put your own here.**

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use taskway::{Context, Failure, Handlers, Task};

/// The handlers of the shipped executor.
pub fn shipped() -> Handlers {
    Handlers::new().on("echo", echo).on("sleep", sleep).on("fail", fail).on_blocking("hash", hash)
}

/// Returns its payload.
async fn echo(task: Task<Box<RawValue>>, _cx: Context) -> Result<Box<RawValue>, Failure> {
    Ok(task.payload)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sleep {
    seconds: f64,
}

/// Waits for the given seconds and reports its progress.
async fn sleep(task: Task<Sleep>, cx: Context) -> Result<(), Failure> {
    let whole = Duration::try_from_secs_f64(task.payload.seconds).map_err(Failure::fatal)?;
    let steps = (whole.as_secs() / 10).clamp(1, 100) as u32;
    for done in 0..steps {
        tokio::time::sleep(whole / steps).await;
        if steps > 1 {
            cx.progress(u64::from(done) + 1, u64::from(steps));
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Fail {
    times: u32,
    fatal: bool,
    panic: bool,
}

impl Default for Fail {
    fn default() -> Self {
        Fail { times: u32::MAX, fatal: false, panic: false }
    }
}

/// Fails the first `times` attempts, or all of them, and then succeeds. `fatal` and `panic` choose how it fails.
#[allow(clippy::panic)]
async fn fail(task: Task<Option<Fail>>, cx: Context) -> Result<String, Failure> {
    let Fail { times, fatal, panic } = task.payload.unwrap_or_default();
    let attempt = cx.attempt();
    if attempt > times {
        return Ok(format!("succeeded on attempt {attempt}"));
    }
    let reason = format!("failing attempt {attempt}, as told");
    match (panic, fatal) {
        (true, _) => panic!("{reason}"),
        (false, true) => Err(Failure::fatal(reason)),
        (false, false) => Err(Failure::retry(reason)),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hash {
    rounds: u64,
}

/// Hashes a hash with SHA-256, `rounds` times, on a thread.
fn hash(task: Task<Hash>, cx: Context) -> Result<String, Failure> {
    let rounds = task.payload.rounds;
    let mut sum = Sha256::digest(b"taskway");
    for round in 0..rounds {
        sum = Sha256::digest(sum);
        if round % 65_536 == 0 {
            if cx.cancelled() {
                return Err(Failure::retry("stopped"));
            }
            cx.progress(round, rounds);
        }
    }
    Ok(sum.iter().map(|byte| format!("{byte:02x}")).collect())
}
