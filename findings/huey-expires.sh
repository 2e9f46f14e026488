#!/usr/bin/env bash
# Huey and Celery: a task that is to run in three seconds and expires after two. Does it run?
# We expected that it never runs, in either, since the two seconds begin when the task is submitted. So Celery has it. In Huey it runs: they
# begin anew when the three are over and the task is put into the queue.
# People who bring such tasks to Taskway: its `deadline` is a moment, and one that is not after `run_at` is refused (docs/api.md).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check huey==3.5.4 celery==5.7.0

cat >by_huey.py <<'PY'
import logging, time
from huey import MemoryHuey

logging.disable(logging.CRITICAL)
huey, ran = MemoryHuey(), []

@huey.task()
def mail():
    ran.append(1)

consumer = huey.create_consumer(workers=1, periodic=False, initial_delay=0.1, scheduler_interval=1)
consumer.start()
mail.schedule(delay=3, expires=2)
time.sleep(7)
consumer.stop()
print("ran" if ran else "did not run")
PY
cat >by_celery.py <<'PY'
import logging
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.exceptions import TaskRevokedError

app = Celery("mails", broker="memory://", backend="cache+memory://")

@app.task
def mail():
    return "ran"

logging.disable(logging.CRITICAL)
with start_worker(app, perform_ping_check=False, pool="solo"):
    try:
        print(mail.apply_async(countdown=3, expires=2).get(timeout=10))
    except TaskRevokedError:
        print("did not run")
PY
seen="Huey 3.5.4: $(venv/bin/python by_huey.py) | Celery 5.7.0: $(venv/bin/python by_celery.py 2>log)"
echo 'expected: did not run, in both'
echo "$seen"
[ "$seen" = 'Huey 3.5.4: ran | Celery 5.7.0: did not run' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: they disagree'
