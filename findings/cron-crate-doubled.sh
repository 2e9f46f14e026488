#!/usr/bin/env bash
# The Rust crate cron: every half hour in New York, in the night in which 01:00 to 02:00 comes twice. Which times does it name?
# We expected each half hour of real time, in order. `after()` gives an iterator that goes back in time: 05:00Z, 06:00Z, 05:30Z,
# 06:30Z. A scheduler that asks for the next time after each one gets 05:00Z and 05:30Z, and then nothing until 07:00Z, so an
# hourly job pauses for two hours. croner, another crate, has each half hour, in order.
# docs/schedules.md: `*/30 * * * *`, and whatever names every hour, means real time in Taskway and keeps its half hours.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "doubled"
version = "0.0.0"
edition = "2024"
[dependencies]
chrono = "=0.4.45"
chrono-tz = "=0.10.4"
cron = "=0.17.0"
croner = "=4.0.3"
TOML
cat >src/main.rs <<'RUST'
use chrono::{DateTime, TimeZone};
use chrono_tz::{America::New_York, Tz};
use std::{iter::successors, str::FromStr};

fn show(name: &str, times: impl Iterator<Item = DateTime<Tz>>) {
    let times: Vec<_> = times.take(6).map(|time| time.to_utc().format("%H:%M").to_string()).collect();
    println!("{name}: {}", times.join(" "));
}

fn main() {
    let start = New_York.with_ymd_and_hms(2027, 11, 7, 0, 45, 0).unwrap();
    let cron = cron::Schedule::from_str("0 */30 * * * *").unwrap();
    let croner = croner::Cron::from_str("*/30 * * * *").unwrap();
    show("cron, the iterator", cron.after(&start));
    show("cron, one by one", successors(Some(start), |time| cron.after(time).next()).skip(1));
    show("croner, the iterator", croner.iter_after(start));
}
RUST
cargo build -q 2>log || { cat log; exit 1; }
seen=$(target/debug/doubled)
echo 'cron 0.17.0, croner 4.0.3, in UTC; expected: 05:00 05:30 06:00 06:30 07:00 07:30'
echo "$seen"
[ "$seen" = 'cron, the iterator: 05:00 06:00 05:30 06:30 07:00 07:30
cron, one by one: 05:00 05:30 07:00 07:30 08:00 08:30
croner, the iterator: 05:00 05:30 06:00 06:30 07:00 07:30' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: out of order, or without the second hour'
