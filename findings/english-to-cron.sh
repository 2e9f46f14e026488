#!/usr/bin/env bash
# The Rust crate english-to-cron: what does it make of plain phrases that its words do not cover?
# We expected an error, which it has for "every year". Of a phrase whose words it knows in part it drops the rest and succeeds: "every 2
# weeks" becomes every minute, "on the last day of the month" every midnight, "every weekday at noon" every noon.
# Whoever lets people write a schedule for Taskway in words should show them the answer's `description` and `next_runs`: docs/schedules.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "words"
version = "0.0.0"
edition = "2024"
[dependencies]
english-to-cron = "=0.1.7"
TOML
cat >src/main.rs <<'RUST'
fn main() {
    for words in ["every friday at 5pm", "every year", "every 2 weeks", "on the last day of the month", "every weekday at noon"] {
        println!("{words}: {}", english_to_cron::str_cron_syntax(words).unwrap_or("refused".to_owned()));
    }
}
RUST
cargo build -q
seen=$(target/debug/words)
echo 'english-to-cron 0.1.7; expected: what the words say, or a refusal'
echo "$seen"
[ "$seen" = 'every friday at 5pm: 0 0 17 ? * FRI *
every year: refused
every 2 weeks: 0 * * * * ? *
on the last day of the month: 0 0 0 */1 * ? *
every weekday at noon: 0 0 12 */1 * ? *' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: three mean something else'
