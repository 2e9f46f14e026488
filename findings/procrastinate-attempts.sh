#!/usr/bin/env bash
# Procrastinate: how often does a task with RetryStrategy(max_attempts=3) run, if it always fails?
# We expected three times, since the number is one of attempts. It runs four times: the first run is not counted. `retry=2`, which reads
# as two retries, runs three times, and tenacity's stop_after_attempt(3) tries three times.
# People who bring their tasks to Taskway: its `max_attempts` counts the first attempt too (docs/api.md), so it is one more than there.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check procrastinate==3.10.0 tenacity==9.2.1

cat >runs.py <<'PY'
import asyncio, logging
import procrastinate, tenacity
from procrastinate.testing import InMemoryConnector

app = procrastinate.App(connector=InMemoryConnector())
runs = {"max_attempts=3": 0, "retry=2": 0, "stop_after_attempt(3)": 0}

def fail(name):
    runs[name] += 1
    raise ValueError

limited = app.task(fail, name="limited", retry=procrastinate.RetryStrategy(max_attempts=3))
number = app.task(fail, name="number", retry=2)

async def main():
    async with app.open_async():
        await limited.defer_async(name="max_attempts=3")
        await number.defer_async(name="retry=2")
        await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

logging.disable(logging.CRITICAL)
asyncio.run(main())
try:
    tenacity.Retrying(stop=tenacity.stop_after_attempt(3))(fail, "stop_after_attempt(3)")
except tenacity.RetryError:
    pass
print(", ".join(f"{name}: {count}" for name, count in runs.items()))
PY
seen=$(venv/bin/python runs.py 2>log)
echo 'Procrastinate 3.10.0 and tenacity 9.2.1; expected: 3 runs of each'
echo "seen: $seen"
[ "$seen" = 'max_attempts=3: 4, retry=2: 3, stop_after_attempt(3): 3' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: the first run is not an attempt'
