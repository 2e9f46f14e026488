#!/usr/bin/env bash
# Celery's transport for SQS, kombu: messages for the queues "mail.eu" and "mail-eu". Who gets which?
# We expected two queues, as with Redis, or a refusal, since a queue of SQS may not have a dot in its name. kombu writes a hyphen for a dot,
# so both are one queue of SQS, and a worker of the one gets the messages of both. "mail:eu" and "mail_eu" are one as well.
# People who bring such queues to Taskway: there the two names are two queues, each with its own limits and pauses (docs/api.md,
# docs/coming-from.md).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check 'kombu[sqs]==5.7.0' 'moto[server,sqs]==5.2.5'

cat >send.py <<'PY'
import os
import sys
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")
import kombu
from moto.server import ThreadedMotoServer
def exchange(name, url, **options):
    with kombu.Connection(url, transport_options=options) as connection:
        for queue in ["mail.eu", "mail-eu"]:
            connection.SimpleQueue(queue).put(f"for {queue}")
        inbox, seen = connection.SimpleQueue("mail-eu"), []
        while True:
            try:
                message = inbox.get(timeout=2)
            except inbox.Empty:
                break
            seen.append(message.payload)
            message.ack()
    print(f"{name}: mail-eu gets {', '.join(sorted(seen))}")
exchange("in memory", "memory://")
sys.stderr = open(os.devnull, "w")
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
exchange("SQS", f"sqs://test:test@{host}:{port}", region="us-east-1", is_secure=False, wait_time_seconds=0)
server.stop()
PY
seen=$(venv/bin/python send.py)
version() { venv/bin/pip show "$1" | sed -n 's/^Version: //p'; }
echo "kombu $(version kombu), moto $(version moto); expected: only what is for mail-eu"
echo "$seen"
[ "$seen" = 'in memory: mail-eu gets for mail-eu
SQS: mail-eu gets for mail-eu, for mail.eu' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: one queue of SQS'
