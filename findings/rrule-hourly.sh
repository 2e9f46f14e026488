#!/usr/bin/env bash
# RRULE in python-dateutil and in the Rust crate rrule: every half hour, and every hour, in New York where the clock changes.
# We expected equal pauses of real time, and no time twice. Both count on the clock. In spring the skipped 02:00 and 02:30 become 03:00 and
# 03:30, and then come 03:00 and 03:30 themselves: the list goes back in time and has two moments twice. In autumn it leaves out the
# second pass, so an hour has no times.
# People who bring such rules need `every_seconds` or a cron expression of every hour; docs/schedules.md says what those do.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check python-dateutil==2.9.0.post0 tzdata==2026.3

cat >times.py <<'PY'
from datetime import datetime, timezone
from zoneinfo import ZoneInfo
from dateutil.rrule import HOURLY, MINUTELY, rrule

new_york = ZoneInfo("America/New_York")
for start, every in ((datetime(2027, 3, 14, 0, 30), (MINUTELY, 30)), (datetime(2027, 11, 7, 0, 30), (HOURLY, 1))):
    times = rrule(every[0], interval=every[1], dtstart=start.replace(tzinfo=new_york), count=7)
    print(*(time.astimezone(timezone.utc).strftime("%H:%M") for time in times))
PY
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "times"
version = "0.0.0"
edition = "2024"
[dependencies]
rrule = "=0.14.0"
[profile.dev]
debug = false
TOML
cat >src/main.rs <<'RUST'
use rrule::{RRuleSet, Tz};

fn main() {
    for rule in ["20270314T003000\nRRULE:FREQ=MINUTELY;INTERVAL=30;COUNT=7", "20271107T003000\nRRULE:FREQ=HOURLY;COUNT=7"] {
        let rule: RRuleSet = format!("DTSTART;TZID=America/New_York:{rule}").parse().unwrap();
        let times = rule.all(7).dates.into_iter();
        println!("{}", times.map(|time| time.with_timezone(&Tz::UTC).format("%H:%M").to_string()).collect::<Vec<_>>().join(" "));
    }
}
RUST
cargo build -q
python=$(venv/bin/python times.py)
rust=$(target/debug/times)
echo 'UTC, every half hour of 14 March 2027 and every hour of 7 November; expected: 05:30 06:00 … 08:30, and 04:30 05:30 … 10:30'
echo "python-dateutil 2.9.0.post0: $python"
echo "rrule 0.14.0: $rust"
found='05:30 06:00 06:30 07:00 07:30 07:00 07:30
04:30 05:30 07:30 08:30 09:30 10:30 11:30'
[ "$python" = "$found" ] && [ "$rust" = "$found" ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: both go back in March and leave out 06:30 in November'
