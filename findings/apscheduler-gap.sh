#!/usr/bin/env bash
# APScheduler's CronTrigger and an hour that the clock skips: how many of its times fire?
# We expected that it treats all times of the skipped hour alike, as it treats one: 02:40 fires at 03:40. Of `*/20 2 * * *`
# it fires only the first, at 03:00, and drops the two others. Where the clock skips midnight, as in Cairo, it fires none, so
# a daily job of that hour loses the day.
# docs/schedules.md and the notes of a schedule tell people who come from APScheduler (shared/protocol/src/calendar/notes.rs).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check apscheduler==3.11.3 tzdata==2026.3

cat >fires.py <<'PY'
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo
from apscheduler.triggers.cron import CronTrigger

def fires(zone, day, **fields):
    """The times at which the trigger fires in the twelve hours around the gap, by the clock that the zone then shows."""
    zone = ZoneInfo(zone)
    trigger, before = CronTrigger(timezone=zone, **fields), None
    now = day.replace(tzinfo=zone) - timedelta(hours=3)
    until, times = now + timedelta(hours=12), []
    while (due := trigger.get_next_fire_time(before, now)) and due < until:
        times.append(due.astimezone(timezone.utc).astimezone(zone).strftime("%H:%M"))
        before, now = due, due + timedelta(microseconds=1)
    return " ".join(times) or "never"

new_york, cairo = ("America/New_York", datetime(2027, 3, 14)), ("Africa/Cairo", datetime(2027, 4, 30))
print("New York 40 2:", fires(*new_york, hour=2, minute=40), end="; ")
print("*/20 2:", fires(*new_york, hour=2, minute="*/20"), end="; ")
print("Cairo 30 0:", fires(*cairo, hour=0, minute=30), end="; ")
print("*/20 0:", fires(*cairo, hour=0, minute="*/20"))
PY
seen=$(venv/bin/python fires.py)
echo "APScheduler 3.11.3, tzdata 2026.3: $seen"
[ "$seen" = 'New York 40 2: 03:40; */20 2: 03:00; Cairo 30 0: never; */20 0: never' ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found'
