#!/usr/bin/env bash
# The Rust crate iso8601-duration: how many seconds are in P366DT1S, 366 days and a second?
# We expected 31622401, or an error. It is 31622400, without an error: the parts are fractional numbers of 32 bits, and so is
# their sum. From 195 days on a second is lost, and after an hour a tenth of a second is 0.100097656 s. jiff, another crate,
# keeps both.
# So a program that reads such a text, and submits a task to Taskway for the time that comes of it (`run_at`, docs/api.md), is
# off by a second. As a part of an idempotency key, two different durations are the same.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "seconds"
version = "0.0.0"
edition = "2024"
[dependencies]
iso8601-duration = "=0.2.0"
jiff = { version = "=0.2.46", default-features = false, features = ["std"] }
TOML
cat >src/main.rs <<'RUST'
use jiff::{Span, SpanRelativeTo};

fn main() {
    for text in ["P30DT1S", "P194DT1S", "P195DT1S", "P366DT1S", "PT16777217S", "PT1H0.1S"] {
        let span: Span = text.parse().unwrap();
        let jiff = span.to_duration(SpanRelativeTo::days_are_24_hours()).unwrap();
        let crate_ = text.parse::<iso8601_duration::Duration>().unwrap().to_std().unwrap();
        println!("{text}: jiff {}, iso8601-duration {}", jiff.as_secs_f64(), crate_.as_secs_f64());
    }
}
RUST
cargo build -q 2>log || { cat log; exit 1; }
seen=$(target/debug/seconds)
echo 'iso8601-duration 0.2.0, jiff 0.2.46, in seconds; expected: the same'
echo "$seen"
[ "$seen" = 'P30DT1S: jiff 2592001, iso8601-duration 2592001
P194DT1S: jiff 16761601, iso8601-duration 16761601
P195DT1S: jiff 16848001, iso8601-duration 16848000
P366DT1S: jiff 31622401, iso8601-duration 31622400
PT16777217S: jiff 16777217, iso8601-duration 16777216
PT1H0.1S: jiff 3600.1, iso8601-duration 3600.100097656' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: the second is lost'
