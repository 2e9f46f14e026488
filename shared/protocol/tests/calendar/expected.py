#!/usr/bin/env python3
"""Prints when cron expressions fire around changes of the clock, for the test `calendar` of `taskway-protocol`.

    cd shared/protocol/tests/calendar
    python3 expected.py > expected.txt

It shares nothing with the code that it checks. The rules of the zones come from Python's `zoneinfo`, the lines below read
the expressions, and the script tries every minute (or second) in turn.

A line has the zone, the expression, the first and the last instant that the script tried, and the instants at which the
expression fires. The first and the last are minutes since the epoch, or seconds if the expression has six fields. The
firings are counted from the first instant, in the same unit.
"""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

UTC = timezone.utc

# The days of changes. The zones' rules for these days are the same in 2025b and in 2026e.
WINDOWS = {
    # Ireland declares winter, and not summer, as daylight saving: an hour less than standard time.
    "Europe/Dublin": ["2026-03-29", "2026-10-25"],
    # The clock changed at midnight, until Brazil gave up summer time in 2019.
    "America/Sao_Paulo": ["2017-02-19", "2017-10-15", "2018-02-18", "2018-11-04", "2019-02-17", "2026-11-01"],
    # The clock skipped 15 minutes in 1986 and has not changed since.
    "Asia/Kathmandu": ["1986-01-01", "2026-03-29"],
    # The clock changes by half an hour.
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],
    "America/New_York": ["2026-03-08", "2026-11-01"],
    # The clock goes back before Ramadan and forward after it.
    "Africa/Casablanca": ["2026-02-15", "2026-03-22"],
    "UTC": ["2028-02-29"],
    # The clock skips midnight, and in Havana it shows midnight twice.
    "Africa/Cairo": ["2027-04-30", "2027-10-29"],
    "Asia/Beirut": ["2027-03-28", "2027-10-31"],
    "America/Havana": ["2027-03-14", "2027-11-07"],
}

EXPRESSIONS = [
    "30 2 * * *",
    "15 2 * * *",
    "0 0 * * *",
    "30 1 * * *",
    "0 1-3 * * *",
    "0,20,45 2,3 * * *",
    "10-50/20 2 * * *",
    "*/30 2 * * *",
    "*/20 * * * *",
    "45 */2 * * *",
    "5 0 29,1 * SUN",
    "0 12 */2 * SUN",
    "0 3 L * *",
    "30 2 * 2,3,10 7",
    "30 59 1 * * *",
    "*/20 30 2 * * *",
    "5/20 22-2 * * *",
    "40-10/15 23/1 28-3 11-4 FRI-MON",
]

LIMITS = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
NAMES = {"SUN": "0", "MON": "1", "FRI": "5"}


def values(field, low, high):
    found = set()
    for part in field.split(","):
        part, _, step = part.partition("/")
        first, _, last = (NAMES.get(name, name) for name in part.partition("-"))
        if part == "*":
            first, last = low, high
        elif step and not last:
            last = high
        first, last = int(first), int(last or first)
        # A range whose end is before its beginning goes past the highest value. 7 is 0 in the days of the week.
        size = 7 if high == 7 else high - low + 1
        last += size if last < first else 0
        found |= {(value - low) % size + low for value in range(first, last + 1, int(step or 1))}
    return found


class Cron:
    def __init__(self, expression):
        fields = expression.split()
        self.seconds = len(fields) == 6
        fields = fields if self.seconds else ["0"] + fields
        self.last_day = fields[3] == "L"
        self.sets = [values("31" if f == "L" else f, *limits) for f, limits in zip(fields, LIMITS)]
        self.either = not (fields[3].startswith("*") or fields[5].startswith("*"))
        self.interval = len(self.sets[2]) == 24

    def names(self, clock):
        second, minute, hour, day, month, weekday = self.sets
        on_day = (clock + timedelta(days=1)).day == 1 if self.last_day else clock.day in day
        on_weekday = clock.isoweekday() in weekday or clock.isoweekday() % 7 in weekday
        return (
            clock.second in second
            and clock.minute in minute
            and clock.hour in hour
            and clock.month in month
            and ((on_day or on_weekday) if self.either else (on_day and on_weekday))
        )


def walk(first, last, step):
    while first <= last:
        yield first
        first += step


def firings(cron, zone, first, last, step):
    def clock(instant):
        return instant.astimezone(zone).replace(tzinfo=None, fold=0)

    if cron.interval:
        return [instant for instant in walk(first, last, step) if cron.names(clock(instant))]
    found = set()
    # Begin a day earlier, for times that were skipped right before the first instant.
    for wanted in walk(clock(first) - timedelta(days=1), clock(last), step):
        if not cron.names(wanted):
            continue
        instant = wanted.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if clock(instant) != wanted:
            # The time is skipped. Look for the first instant at which the clock is past it.
            instant -= timedelta(hours=3)
            while clock(instant) < wanted:
                instant += step
        if first <= instant <= last:
            found.add(instant)
    return sorted(found)


def main():
    print("# Printed by expected.py, which describes the form of a line.")
    for name, days in WINDOWS.items():
        for day in days:
            for expression in EXPRESSIONS:
                cron = Cron(expression)
                step = timedelta(seconds=1 if cron.seconds else 60)
                middle = datetime.fromisoformat(day).replace(tzinfo=UTC)
                first, last = middle - timedelta(hours=20), middle + timedelta(hours=28)
                fire = firings(cron, ZoneInfo(name), first, last, step)
                unit = int(step.total_seconds())
                begin, end = int(first.timestamp()) // unit, int(last.timestamp()) // unit
                times = " ".join(str(int(instant.timestamp()) // unit - begin) for instant in fire)
                print(f"{name};{expression};{begin};{end};{times}")


if __name__ == "__main__":
    main()
