#!/usr/bin/env bash
# Two Rust crates with an exponential backoff "from 10 milliseconds": what is the fifth pause?
# We expected 160 ms of both, doubled four times. `retry::delay::Exponential::from_millis(10)` gives that. Of
# `tokio_retry2::strategy::ExponentialBackoff::from_millis(10)` the 10 is also the factor: 10 ms, 100 ms, 1 s, 10 s, 100 s. Whoever moves
# from the one to the other keeps the line and waits 600 times as long.
# Programs that call Taskway's API retry with such crates. Taskway has a field for each: `min_backoff_seconds`, `multiplier` (docs/api.md).
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
retry = "=2.2.0"
tokio-retry2 = "=0.9.1"
TOML
cat >src/main.rs <<'RUST'
use retry::delay::Exponential;
use tokio_retry2::strategy::ExponentialBackoff;

fn main() {
    println!("retry {:?}", Exponential::from_millis(10).take(5).collect::<Vec<_>>());
    println!("tokio-retry2 {:?}", ExponentialBackoff::from_millis(10).take(5).collect::<Vec<_>>());
}
RUST
cargo build -q
seen=$(target/debug/pauses)
echo 'from_millis(10) of retry 2.2.0 and tokio-retry2 0.9.1; expected: the same'
echo "$seen"
[ "$seen" = 'retry [10ms, 20ms, 40ms, 80ms, 160ms]
tokio-retry2 [10ms, 100ms, 1s, 10s, 100s]' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: they disagree'
