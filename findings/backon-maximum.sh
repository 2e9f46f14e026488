#!/usr/bin/env bash
# The Rust crate backon, an exponential backoff with `with_max_delay(10 s)` and `with_jitter()`: how long is the longest pause?
# We expected 10 seconds. The jitter comes after the limit and adds up to the pause again, so pauses of nearly 20 seconds come, and none is
# shorter than without jitter. The crate exponential-backoff keeps its limit with jitter.
# Programs that call Taskway's API or that are its handlers retry with such crates, within a task's timeout: docs/handlers.md. Taskway's own
# `max_backoff_seconds` is a limit: docs/api.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "pauses"
version = "0.0.0"
edition = "2024"
[dependencies]
backon = { version = "=1.6.0", default-features = false }
exponential-backoff = "=2.1.1"
TOML
cat >src/main.rs <<'RUST'
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

fn main() {
    let (min, max) = (Duration::from_secs(1), Duration::from_secs(10));
    let builder = ExponentialBuilder::default().with_min_delay(min).with_max_delay(max).with_max_times(8).with_jitter();
    // A seed for each of the runs, so that the longest pause of all is the same every time.
    let longest = (0..200).flat_map(|seed| builder.with_jitter_seed(seed).build()).max();
    let other = (0..200).flat_map(|_| exponential_backoff::Backoff::new(8, min, max).into_iter().flatten()).max();
    println!("backon {} s, exponential-backoff {} s", longest.unwrap().as_secs(), other.unwrap().as_secs());
}
RUST
cargo build -q
seen=$(target/debug/pauses)
echo 'the longest of many pauses with a limit of 10 s; expected: 10 s'
echo "backon 1.6.0 and exponential-backoff 2.1.1: $seen"
[ "$seen" = 'backon 19 s, exponential-backoff 10 s' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: jitter doubles the limit'
