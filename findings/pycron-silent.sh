#!/usr/bin/env bash
# pycron, by which Taskiq's scheduler reads cron expressions: when do `0 0 * * 7`, `5/15 * * * *`, `0 22-6 * * *` and `0 0 L * *` fire?
# We expected that each fires as in other crons, or is refused. They are taken, and never fire. Nothing says so, since pycron only answers
# whether an expression names the present minute. Of a range, the part that it does not know is lost: of `5-7` Sunday.
# People who come from Taskiq find their expressions' times in `next_runs`, and Taskway refuses what never fires: docs/schedules.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pycron==3.3.0

cat >count.py <<'PY'
from datetime import datetime, timedelta
import pycron

def count(expression):
    """How often it fires in the 28 days from Monday, 1 February 2027."""
    minutes = (datetime(2027, 2, 1) + timedelta(minutes=n) for n in range(28 * 24 * 60))
    return sum(pycron.is_now(expression, minute) for minute in minutes)

for expression in ("0 0 * * 0", "0 0 * * 7", "0 0 * * 5-7", "5/15 * * * *", "0 22-6 * * *", "0 0 L * *"):
    print(f"{expression}: {count(expression)}")
PY
seen=$(venv/bin/python count.py)
echo 'pycron 3.3.0, firings in four weeks; expected: 4, 4, 12, 5376 or refused, 252 or refused, 1 or refused'
echo "$seen"
[ "$seen" = '0 0 * * 0: 4
0 0 * * 7: 0
0 0 * * 5-7: 8
5/15 * * * *: 0
0 22-6 * * *: 0
0 0 L * *: 0' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: four never fire'
