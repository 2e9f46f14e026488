#!/usr/bin/env bash
# saffron, Cloudflare's crate for cron expressions: which hours are `0 22-6 * * *`, and which days `0 0 * * FRI-MON`?
# We expected 22:00 to 06:00, and Friday to Monday, since it takes ranges that go past the end, or an error, as other crates have it. They begin one
# too early: 21:00 is one of the hours, Thursday one of the days, and October is in NOV-FEB. A range that does not go past the end is right.
# Its own description of the expression says "Friday through Monday".
# docs/schedules.md: Taskway takes such ranges too, from the value that is named, and its `description` and `next_runs` agree.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "ranges"
version = "0.0.0"
edition = "2024"
[dependencies]
chrono = "=0.4.45"
saffron = "=0.1.0"
TOML
cat >src/main.rs <<'RUST'
use chrono::{TimeZone, Utc};
use saffron::{
    Cron,
    parse::{CronExpr, English},
};

fn main() {
    let sunday = Utc.with_ymd_and_hms(2026, 11, 29, 0, 0, 0).unwrap();
    for (expression, part) in [("0 22-6 * * *", "%H"), ("0 0 * * FRI-MON", "%a"), ("0 0 * * MON-FRI", "%a")] {
        let mut seen = Vec::new();
        for time in expression.parse::<Cron>().unwrap().iter_from(sunday).take(30) {
            let value = time.format(part).to_string();
            if !seen.contains(&value) {
                seen.push(value);
            }
        }
        println!("{expression}: {}", seen.join(" "));
    }
    println!("{}", "0 0 * * FRI-MON".parse::<CronExpr>().unwrap().describe(English::default()));
}
RUST
cargo build -q
seen=$(target/debug/ranges)
echo 'saffron 0.1.0; expected: 22 to 06, Fri to Mon'
echo "$seen"
[ "$seen" = '0 22-6 * * *: 00 01 02 03 04 05 06 21 22 23
0 0 * * FRI-MON: Sun Mon Thu Fri Sat
0 0 * * MON-FRI: Mon Tue Wed Thu Fri
At 12:00 AM on Friday through Monday' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: one hour and one day too many'
