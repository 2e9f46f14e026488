#!/usr/bin/env bash
# AWS CDK: ScheduleExpression.at() with a Date and a time zone. When does EventBridge Scheduler run it?
# We expected at the moment of the Date: 09:00 in UTC is 10:00 in Paris, so `at(2026-12-01T10:00:00)` in Europe/Paris. CDK writes the
# Date's clock in UTC and names the zone beside it, so the schedule is due at 09:00 in Paris, an hour early. Only in UTC is it right. (The
# documentation says that the zone is "for interpreting the date", and a Date has none.)
# Whoever compares one-time schedules of EventBridge with Taskway's `run_at`, which is a moment: docs/api.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund aws-cdk-lib@2.276.0 constructs@10.8.1 >/dev/null

cat >at.js <<'JS'
const { TimeZone } = require("aws-cdk-lib");
const { ScheduleExpression } = require("aws-cdk-lib/aws-scheduler");
for (const zone of [TimeZone.ETC_UTC, TimeZone.EUROPE_PARIS]) {
  const expression = ScheduleExpression.at(new Date("2026-12-01T09:00:00Z"), zone);
  console.log(`${expression.expressionString} in ${expression.timeZone.timezoneName}`);
}
JS
seen=$(node at.js)
echo 'of 2026-12-01T09:00:00Z; expected: 09:00 in Etc/UTC, 10:00 in Europe/Paris'
echo "aws-cdk-lib $(node -p 'require("aws-cdk-lib/package.json").version'):"
echo "$seen"
[ "$seen" = 'at(2026-12-01T09:00:00) in Etc/UTC
at(2026-12-01T09:00:00) in Europe/Paris' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: two moments'
