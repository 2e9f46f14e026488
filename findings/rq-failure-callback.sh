#!/usr/bin/env bash
# RQ: a job with Retry(max=2) and on_failure, which fails twice and then succeeds. How often is on_failure called?
# We expected never, since the job did not fail: RQ's own webhook for `failed` is not sent for it, being for the end of a job.
# on_failure is called after each failed attempt, three times for a job that fails. So whoever refunds or alerts in it does so
# for a job that succeeds a moment later. (`job.retries_left` tells whether another attempt follows.)
# People who bring such callbacks to Taskway: `on_failure` there follows the end of the task, once (docs/callbacks.md).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check rq==3.0.0 'fakeredis[lua]==2.41.0'

cat >jobs.py <<'PY'
heard, attempts = [], []

def work(failures):
    attempts.append(1)
    if len(attempts) <= failures:
        raise ValueError("not yet")

def failure(job, connection, kind, error, traceback):
    heard.append("on_failure")

def success(job, connection, result):
    heard.append("on_success")
PY
cat >work.py <<'PY'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
import fakeredis
import jobs
import rq

class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        jobs.heard.append("webhook")
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass

server = HTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=server.serve_forever, daemon=True).start()
redis = fakeredis.FakeStrictRedis()
queue = rq.Queue(connection=redis)
for failures in [2, 3]:
    jobs.heard.clear(), jobs.attempts.clear()
    hook = rq.Webhook(f"http://127.0.0.1:{server.server_port}/", "failed", method="POST")
    job = queue.enqueue("jobs.work", failures, retry=rq.Retry(max=2), on_failure=rq.Callback("jobs.failure"),
                        on_success=rq.Callback("jobs.success"), webhooks=[hook])
    rq.SimpleWorker([queue], connection=redis).work(burst=True, logging_level="CRITICAL")
    print(f"{failures} failures, then {job.get_status().value}: {' '.join(jobs.heard)}")
PY
seen=$(no_proxy=127.0.0.1 PYTHONPATH=. venv/bin/python work.py)
echo "RQ $(venv/bin/pip show rq | sed -n 's/^Version: //p'); expected: on_failure once, where the job failed"
echo "$seen"
[ "$seen" = '2 failures, then finished: on_failure on_failure on_success
3 failures, then failed: on_failure on_failure on_failure webhook' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: on_failure after each attempt, the webhook at the end'
