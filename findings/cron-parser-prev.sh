#!/usr/bin/env bash
# cron-parser, which BullMQ uses: does prev() find the times that next() gave, where the clock changes?
# We expected one set of times, walked in either direction. For `30 2 * * *` in New York, next() moves the time that the clock skips
# on 14 March 2027 to 03:30, and prev() has no time on that day. For `30 1 * * *`, next() takes the first 01:30 of 7 November, and
# prev() takes both. includesDate() denies the moved time.
# So whoever asks prev() what a stopped scheduler missed loses one firing and repeats another. Taskway finds missed times with the
# same search that finds the next one: docs/schedules.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund cron-parser@5.10.6 >/dev/null

cat >walk.js <<'JS'
const { CronExpressionParser } = require("cron-parser");
const walk = (cron, step, from, until) => {
  const times = CronExpressionParser.parse(cron, { tz: "America/New_York", currentDate: step === "next" ? from : until });
  const found = [];
  for (let at = times[step](); at.toISOString() > from && at.toISOString() < until; at = times[step]()) {
    found.push(at.toISOString().slice(11, 16) + "Z");
  }
  return found.sort().join(" ") || "none";
};
const march = ["2027-03-14T05:00:00Z", "2027-03-15T04:00:00Z"], november = ["2027-11-07T04:00:00Z", "2027-11-08T05:00:00Z"];
const march14 = CronExpressionParser.parse("30 2 * * *", { tz: "America/New_York", currentDate: march[0] });
console.log([
  `skipped 02:30: next ${walk("30 2 * * *", "next", ...march)}, prev ${walk("30 2 * * *", "prev", ...march)}`,
  `includesDate of that next: ${march14.includesDate(march14.next())}`,
  `doubled 01:30: next ${walk("30 1 * * *", "next", ...november)}, prev ${walk("30 1 * * *", "prev", ...november)}`,
].join(" | "));
JS
seen=$(node walk.js)
echo 'expected: next and prev name the same times'
echo "cron-parser $(node -p 'require("cron-parser/package.json").version'): $seen"
[ "$seen" = 'skipped 02:30: next 07:30Z, prev none | includesDate of that next: false | doubled 01:30: next 05:30Z, prev 05:30Z 06:30Z' ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found: they disagree'
