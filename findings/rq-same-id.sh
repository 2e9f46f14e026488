#!/usr/bin/env bash
# RQ: two jobs are enqueued with one job_id before a worker runs, for Ann and then for Bob. What runs?
# We expected one of them, or both. Bob's runs twice, and Ann's never: the id is in the queue twice, and the second enqueue has replaced
# what the first is to do. (`unique=True` makes the second an error.)
# People who bring an RQ job_id to Taskway as `idempotency_key`: there the second is refused as another task, or answered with the first if
# it is the same (docs/api.md).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check rq==3.0.0 'fakeredis[lua]==2.41.0'

cat >mails.py <<'PY'
def send(name):
    print("sent to", name)
PY
cat >work.py <<'PY'
import fakeredis
import rq
redis = fakeredis.FakeStrictRedis()
queue = rq.Queue(connection=redis)
queue.enqueue("mails.send", "Ann", job_id="welcome")
queue.enqueue("mails.send", "Bob", job_id="welcome")
rq.SimpleWorker([queue], connection=redis).work(burst=True, logging_level="CRITICAL")
PY
seen=$(PYTHONPATH=. venv/bin/python work.py | paste -sd ';')
echo "RQ $(venv/bin/pip show rq | sed -n 's/^Version: //p'); expected: sent to Ann, or to Ann and to Bob"
echo "seen: $seen"
[ "$seen" = 'sent to Bob;sent to Bob' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: Bob twice'
