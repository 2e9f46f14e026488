#!/usr/bin/env bash
# rrule.js says a rule in words, and says first whether it can: isFullyConvertibleToText(). Do the words name the same times?
# We expected so where the answer is true. "The last working day of the month" becomes "every month on weekdays", 09:30 becomes
# "at 9", and on the first of the month the hour is left out, each with true. The way back is as loose: fromText makes 05:00 of
# "at 5pm", without an error.
# A page that shows such words to whoever plans a task shows other times than those at which it runs. In Taskway, `description`
# of a schedule names the clock times exactly, and `next_runs` lists them: docs/schedules.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund rrule@2.8.1 >/dev/null

cat >words.js <<'JS'
const { RRule } = require("rrule");
const rules = [
  "FREQ=DAILY;BYHOUR=9;BYMINUTE=30",
  "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
  "FREQ=MONTHLY;BYMONTHDAY=1;BYHOUR=9",
];
for (const text of rules) {
  const rule = RRule.fromString(text);
  console.log(`${text}: ${rule.isFullyConvertibleToText()}, ${rule.toText()}`);
}
for (const text of ["every day at 9:30", "every day at 5pm"]) console.log(`${text}: ${RRule.fromText(text).toString()}`);
JS
seen=$(node words.js)
echo "rrule $(node -p 'require("rrule/package.json").version'); expected: false, or words for all of the rule"
echo "$seen"
[ "$seen" = 'FREQ=DAILY;BYHOUR=9;BYMINUTE=30: true, every day at 9
FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1: true, every month on weekdays
FREQ=MONTHLY;BYMONTHDAY=1;BYHOUR=9: true, every month on the 1st
every day at 9:30: RRULE:FREQ=DAILY;BYHOUR=9
every day at 5pm: RRULE:FREQ=DAILY;BYHOUR=5' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: the words leave out a part of the rule'
