#!/usr/bin/env bash
# Taskiq and Celery: a task whose parameter has a Pydantic model as its type hint, and a payload that does not fit the model.
# We expected that the task fails, since both libraries make the model of a payload that fits. Celery, with `pydantic=True`,
# fails it with the model's error. Taskiq logs a warning and runs the task with the dict that came. It does so for plain types
# too: for an `int` it makes 4 of "4", and hands "4.5" over as it is. So a task that doubles a number succeeds with "4.54.5".
# People who bring such tasks to Taskway: its Python handlers check the payload by the type hint, and what does not fit fails
# the task (docs/coming-from.md).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check taskiq==0.13.0 celery==5.7.0 pydantic==2.13.5

cat >tasks.py <<'PY'
import asyncio, logging
from celery import Celery
from pydantic import BaseModel
from taskiq import InMemoryBroker

logging.disable(logging.CRITICAL)

class Order(BaseModel):
    number: int

def double(count: int):
    return count * 2

def kind(order: Order):
    return type(order).__name__

broker, app = InMemoryBroker(), Celery("orders", broker="memory://")

async def by_taskiq(work, payload):
    result = await (await broker.task(work).kiq(payload)).wait_result(timeout=10)
    return "failed" if result.is_err else repr(result.return_value)

def by_celery(work, payload):
    result = app.task(work, name=work.__name__, pydantic=True).apply([payload])
    return "failed" if result.failed() else repr(result.result)

async def main():
    await broker.startup()
    for payload in [{"number": 7}, {"number": "A-7"}]:
        print(f"kind({payload}): Taskiq {await by_taskiq(kind, payload)} | Celery {by_celery(kind, payload)}")
    for payload in ["4", "4.5"]:
        print(f"double({payload!r}): Taskiq {await by_taskiq(double, payload)}")

asyncio.run(main())
PY
seen=$(venv/bin/python tasks.py)
version() { venv/bin/pip show "$1" | sed -n 's/^Version: //p'; }
echo "Taskiq $(version taskiq), Celery $(version celery); expected: failed, where the payload does not fit"
echo "$seen"
[ "$seen" = "kind({'number': 7}): Taskiq 'Order' | Celery 'Order'
kind({'number': 'A-7'}): Taskiq 'dict' | Celery failed
double('4'): Taskiq 8
double('4.5'): Taskiq '4.54.5'" ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: Taskiq runs the task all the same'
