#!/usr/bin/env bash
# Celery: a group and then a task that collects its results, for a list that happens to be empty.
# We expected that the collecting task gets [], as it does of `chord([], collect.s())`. Of `chain(group([]), collect.s())`, which Celery
# turns into that chord when the list has an item, it is called with no argument.
# People who bring such a workflow to Taskway submit the collecting task themselves, and should know which of the two they had.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check celery==5.7.0

cat >collect.py <<'PY'
import logging
from celery import Celery, chain, chord, group
from celery.contrib.testing.worker import start_worker

app = Celery("collect", broker="memory://", backend="cache+memory://")

@app.task
def send(number):
    return number

@app.task
def collect(*arguments):
    return f"collect{arguments}"

logging.disable(logging.CRITICAL)
with start_worker(app, perform_ping_check=False, pool="solo"):
    for numbers in ([1, 2], []):
        sends = [send.s(number) for number in numbers]
        print(numbers, "chord:", chord(sends, collect.s())().get(timeout=10), "| chain:", chain(group(sends), collect.s())().get(timeout=10))
PY
seen=$(venv/bin/python collect.py 2>log) || { cat log; exit 1; }
echo 'expected: collect([],) twice for the empty list'
echo "Celery $(venv/bin/pip show celery | sed -n 's/^Version: //p'):"
echo "$seen"
[ "$seen" = '[1, 2] chord: collect([1, 2],) | chain: collect([1, 2],)
[] chord: collect([],) | chain: collect()' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: the chain calls it without an argument'
