#!/usr/bin/env bash
# human-interval, by which Agenda reads the interval of a job: how long is "an hour"?
# We expected an hour, as it knows "one hour" and "two hours", or NaN, which it has for "3 min". It is 0, and so are "half an hour" and
# "every minute". "1,5 hours" is one hour. An interval of 0 repeats a job without a pause.
# Whoever brings Agenda's jobs to Taskway as `every_seconds` sees it: 0 is refused (docs/schedules.md).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund human-interval@2.0.1 >/dev/null

cat >minutes.js <<'JS'
const humanInterval = require("human-interval");
const words = ["one hour", "3 min", "an hour", "half an hour", "every minute", "1,5 hours"];
console.log(words.map((text) => `${text}: ${humanInterval(text) / 60000}`).join(" | "));
JS
seen=$(node minutes.js)
echo 'expected, in minutes: what the words say, or NaN'
echo "human-interval $(node -p 'require("human-interval/package.json").version'): $seen"
[ "$seen" = 'one hour: 60 | 3 min: NaN | an hour: 0 | half an hour: 0 | every minute: 0 | 1,5 hours: 60' ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found: three are 0'
