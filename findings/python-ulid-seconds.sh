#!/usr/bin/env bash
# python-ulid: a ULID for noon of 1 December 2026, from the time in whole seconds. Which moment is in it?
# We expected that moment, as for the same number with a fraction: time.time() gives 1796126400.25, and 1796126400 is what int() makes of it.
# The float is read as seconds, and the int as milliseconds, which only the method's own text says. So the id is of 21 January 1970, without
# an error, and sorts before all others.
# datetime.fromtimestamp of Python takes both numbers for seconds.
# Handlers in Python that keep their records under such ids (docs/handlers.md on effects outside) find these first, or delete them as old. The
# API of Taskway takes a moment as text (`run_at`) and has the unit in the names of its numbers (`delay_seconds`): docs/api.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check python-ulid==4.1.0

cat >make.py <<'PY'
from datetime import datetime, timezone
from ulid import ULID
for seconds in [1796126400.25, int(1796126400.25)]:
    same = datetime.fromtimestamp(seconds, timezone.utc)
    print(f"{seconds}: Python {same:%Y-%m-%dT%H:%M}, python-ulid {ULID.from_timestamp(seconds).datetime:%Y-%m-%dT%H:%M}")
PY
seen=$(venv/bin/python make.py)
echo "python-ulid $(venv/bin/pip show python-ulid | sed -n 's/^Version: //p'); expected: 2026-12-01T12:00 everywhere"
echo "$seen"
[ "$seen" = '1796126400.25: Python 2026-12-01T12:00, python-ulid 2026-12-01T12:00
1796126400: Python 2026-12-01T12:00, python-ulid 1970-01-21T18:55' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: whole seconds are taken for milliseconds'
