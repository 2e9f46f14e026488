#!/usr/bin/env bash
# Pydantic writes a timedelta of 400 days as JSON. Is it 400 days for whoever reads it?
# We expected `P400D`, since a timedelta knows no years. Pydantic counts 365 days as a year and writes `P1Y35D`. A reader that knows calendars
# adds a real year: from 1 December 2027 it is 401 days, for 2028 has a 29 February. jiff refuses a year in an exact duration.
# So a time that one service plans by such a text is a day off in another. Taskway has whole seconds in fields like `retain_seconds`, whose
# limit is 366 days (docs/api.md), and Pydantic would write that limit as `P1Y1D`.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pydantic==2.13.5
npm install --silent --no-audit --no-fund temporal-polyfill@1.0.8 >/dev/null

text=$(venv/bin/python -c '
from datetime import timedelta
from pydantic import TypeAdapter
print(TypeAdapter(timedelta).dump_python(timedelta(days=400), mode="json"))')
cat >add.mjs <<'JS'
import { Temporal } from "temporal-polyfill";
const from = Temporal.PlainDate.from("2027-12-01");
console.log(from.until(from.add(process.argv[2])).days);
JS
days=$(node add.mjs "$text")
echo 'expected: P400D, and 400 days'
echo "Pydantic $(venv/bin/pip show pydantic | sed -n 's/^Version: //p') wrote $text; Temporal adds $days days to 2027-12-01"
[ "$text $days" = 'P1Y35D 401' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: a day more'
