#!/usr/bin/env bash
# Bree's scheduler, @breejs/later: on which days does `0 0 * * 5-7` fire?
# We expected Friday, Saturday and Sunday, since it takes 0 for Sunday and 1 for Monday as crontabs do, and both 0 and 7 are Sunday there.
# It takes 7 for Saturday. So 5-7 leaves Sunday out, and a job of `* * 7` runs a day early, without an error.
# The table of docs/schedules.md for people who come from another cron: Taskway takes 0 and 7 for Sunday.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund @breejs/later@4.2.0 >/dev/null

cat >days.js <<'JS'
const later = require("@breejs/later");
const days = (cron) => {
  const dates = later.schedule(later.parse.cron(cron)).next(7, new Date("2026-11-29T00:00:01Z"));
  return [...new Set(dates.map((date) => date.toUTCString().slice(0, 3)))].join(" ");
};
console.log(["0 0 * * 0", "0 0 * * 1", "0 0 * * 6", "0 0 * * 7", "0 0 * * 5-7", "0 0 * * SUN"].map((cron) => `${cron}: ${days(cron)}`).join(" | "));
JS
seen=$(node days.js)
echo 'expected: 7 is Sunday, as 0 is'
echo "@breejs/later $(node -p 'require("@breejs/later/package.json").version'): $seen"
[ "$seen" = '0 0 * * 0: Sun | 0 0 * * 1: Mon | 0 0 * * 6: Sat | 0 0 * * 7: Sat | 0 0 * * 5-7: Fri Sat | 0 0 * * SUN: Sun' ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found: 7 is Saturday'
