"""Times and durations, in Python and on the wire."""

from __future__ import annotations

import math
import numbers
import re
from datetime import datetime, timedelta, timezone
from typing import Optional, Union

# A timedelta, or a number of seconds.
Duration = Union[timedelta, float]

_RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|([+-]\d\d:\d\d))", re.ASCII)


def to_instant(time: datetime) -> str:
    """The time in UTC as the API takes it. Raises ValueError if it has no zone, and TypeError if it is no datetime."""
    if not isinstance(time, datetime):
        raise TypeError(f"a time must be a datetime with a time zone, not {time!r}")
    if time.utcoffset() is None:
        raise ValueError(
            f"{time!r} has no time zone: give it one, such as datetime.timezone.utc or zoneinfo.ZoneInfo('Europe/Berlin')"
        )
    return time.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def from_instant(text: str) -> datetime:
    """A time of RFC 3339, with its offset. Digits beyond microseconds are cut off. Raises ValueError for anything else."""
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time of RFC 3339")
    date, clock, fraction, offset = match.groups()
    return datetime.fromisoformat(f"{date}T{clock}.{(fraction or '')[:6]:0<6}{offset or '+00:00'}")


def from_seconds(seconds: Optional[float]) -> Optional[timedelta]:
    return None if seconds is None else timedelta(seconds=seconds)


def to_seconds(duration: Duration) -> float:
    """The seconds of a duration. Raises TypeError if it is neither a timedelta nor a number."""
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    if isinstance(duration, bool) or not isinstance(duration, numbers.Real):
        raise TypeError(f"a duration must be a timedelta or a number of seconds, not {duration!r}")
    return duration


def whole_seconds(duration: Duration) -> int:
    """The API takes whole seconds. Rounded up, so that nothing is earlier or shorter than asked."""
    return math.ceil(to_seconds(duration))
