#!/usr/bin/env bash
# chrono reads the leap second 2016-12-31T23:59:60Z: which second is it in Unix time?
# We expected one answer of `timestamp()` and `timestamp_millis()`. The first says 1483228799, the second 1483228800000, a whole second later.
# And the time is less than the 00:00:00 after it, though both have the same `timestamp_millis()`.
# Taskway reads the leap second as the second after it (shared/api/src/instant.rs). A client in Rust that stores seconds and one that stores
# milliseconds disagree about such a `run_at`.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "leap"
version = "0.0.0"
edition = "2024"
[dependencies]
chrono = { version = "=0.4.45", default-features = false, features = ["std"] }
TOML
cat >src/main.rs <<'RUST'
use chrono::DateTime;

fn main() {
    let [leap, next] = ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"].map(|text| DateTime::parse_from_rfc3339(text).unwrap());
    println!("timestamp {}, timestamp_millis {}", leap.timestamp(), leap.timestamp_millis());
    println!("of the next second: {}, {}; less than it: {}", next.timestamp(), next.timestamp_millis(), leap < next);
}
RUST
cargo build -q
seen=$(target/debug/leap)
echo 'chrono 0.4.45; expected: the same second by both'
echo "$seen"
[ "$seen" = 'timestamp 1483228799, timestamp_millis 1483228800000
of the next second: 1483228800, 1483228800000; less than it: true' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: a second apart'
