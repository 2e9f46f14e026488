#!/usr/bin/env bash
# Readers of durations, in three languages: how long is "30M"?
# We expected one answer, or a refusal, as all agree on "30m", half an hour. For duration-str (Rust), pytimeparse (Python) and
# parse-duration (npm) it is half an hour too, and "1h 30M" is an hour and a half. For humantime (Rust) and timelength (Python)
# M is a month: two and a half years. Nothing is refused, and the two crates document it so.
# Whoever moves a settings file from one program to another, or a program from one crate to the other, moves a timeout by a
# factor of 43,834. Taskway's durations are numbers with the unit in the name, such as `timeout_seconds`: docs/api.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pytimeparse==1.1.10 timelength==3.0.4
npm install --silent --no-audit --no-fund parse-duration@2.1.9 >/dev/null

mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "seconds"
version = "0.0.0"
edition = "2024"
[dependencies]
duration-str = { version = "=0.21.0", default-features = false }
humantime = "=2.4.0"
TOML
cat >src/main.rs <<'RUST'
fn main() {
    for text in std::env::args().skip(1) {
        println!("{text}: duration-str {}", duration_str::parse(&text).unwrap().as_secs());
        println!("{text}: humantime {}", humantime::parse_duration(&text).unwrap().as_secs());
    }
}
RUST
cat >seconds.py <<'PY'
import sys
import pytimeparse
from timelength import TimeLength
for text in sys.argv[1:]:
    print(f"{text}: pytimeparse {pytimeparse.parse(text)}")
    print(f"{text}: timelength {round(TimeLength(text).result.seconds)}")
PY
cat >seconds.mjs <<'JS'
import parseDuration from "parse-duration";
for (const text of process.argv.slice(2)) console.log(`${text}: parse-duration ${parseDuration(text, "s")}`);
JS
cargo build -q 2>log || { cat log; exit 1; }
texts=('30m' '30M' '1h 30M')
ask() { target/debug/seconds "$@"; venv/bin/python seconds.py "$@"; node seconds.mjs "$@"; }
seen=$(ask "${texts[@]}" | LC_ALL=C sort)
echo 'duration-str 0.21.0, humantime 2.4.0, pytimeparse 1.1.10, timelength 3.0.4, parse-duration 2.1.9, in seconds'
echo "$seen"
[ "$seen" = '1h 30M: duration-str 5400
1h 30M: humantime 78904080
1h 30M: parse-duration 5400
1h 30M: pytimeparse 5400
1h 30M: timelength 79059600
30M: duration-str 1800
30M: humantime 78900480
30M: parse-duration 1800
30M: pytimeparse 1800
30M: timelength 79056000
30m: duration-str 1800
30m: humantime 1800
30m: parse-duration 1800
30m: pytimeparse 1800
30m: timelength 1800' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: minutes for three, months for two'
