#!/usr/bin/env bash
# msgspec and Pydantic read a time with nanoseconds, as Go and Rust write it: 2026-11-29T23:59:59.999999900Z.
# We expected both to cut it to microseconds, as Python's own fromisoformat does: 23:59:59.999999. Pydantic does. msgspec rounds it, and so it
# is midnight of the next day.
# So two services have two days, and two idempotency keys, for one time. Taskway rounds times up to the millisecond, so that nothing is early,
# and answers with milliseconds: docs/api.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check msgspec==0.23.0 pydantic==2.13.5

cat >read.py <<'PY'
from datetime import datetime
import msgspec, pydantic
text = '"2026-11-29T23:59:59.999999900Z"'
print("msgspec", msgspec.json.decode(text, type=datetime))
print("Pydantic", pydantic.TypeAdapter(datetime).validate_json(text))
PY
seen=$(venv/bin/python read.py)
echo 'msgspec 0.23.0, Pydantic 2.13.5; expected: 2026-11-29 23:59:59.999999+00:00'
echo "$seen"
[ "$seen" = 'msgspec 2026-11-30 00:00:00+00:00
Pydantic 2026-11-29 23:59:59.999999+00:00' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: they disagree'
