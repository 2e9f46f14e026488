#!/usr/bin/env bash
# moto: a message to a FIFO queue of SQS is sent, handled and deleted, and then sent again with the same MessageDeduplicationId.
# We expected that the second is accepted and not delivered, as AWS documents it: the id counts for five minutes, also after the message was
# received and deleted. moto delivers it. While the first is still in the queue, the id counts there too. MiniStack does both right.
# So a test on moto of a sender that repeats itself sees a second message that AWS does not deliver.
# A handler that runs twice sends twice. It can take the task's id for such an id (docs/handlers.md on effects outside), and cannot test that on moto.
set -euo pipefail
place=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
python3 -m venv server
venv/bin/pip install -q --disable-pip-version-check boto3==1.43.108 'moto[sqs]==5.2.5'
server/bin/pip install -q --disable-pip-version-check ministack==1.5.33

cat >send.py <<'PY'
import os
import sys
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")
import boto3
from moto import mock_aws
def twice(name, delete):
    sqs = boto3.client("sqs", endpoint_url=sys.argv[1] if len(sys.argv) > 1 else None)
    url = sqs.create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true", "VisibilityTimeout": "0"})["QueueUrl"]
    def send():
        sqs.send_message(QueueUrl=url, MessageBody="pay", MessageGroupId="ann", MessageDeduplicationId="task-1")
    def receive():
        return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    send()
    [first] = receive()
    if delete:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    send()
    return len(receive())
def seen():
    return f"{twice('kept', False)} after a resend, {twice('deleted', True)} after a delete and a resend"
print(seen() if len(sys.argv) > 1 else mock_aws(seen)())
PY
moto=$(venv/bin/python send.py)
port=$((20000 + RANDOM % 12000))
BIND_HOST=127.0.0.1 GATEWAY_PORT=$port IOT_MTLS_ENABLED=0 server/bin/ministack >log 2>&1 & server=$!
for _ in $(seq 100); do (: </dev/tcp/127.0.0.1/$port) 2>/dev/null && break; sleep 0.3; done
mini=$(venv/bin/python send.py "http://127.0.0.1:$port")
echo 'messages in the queue; expected: 1 after a resend, 0 after a delete and a resend'
echo "moto $(venv/bin/pip show moto | sed -n 's/^Version: //p'): $moto"
echo "MiniStack $(server/bin/pip show ministack | sed -n 's/^Version: //p'): $mini"
[ "$moto" = '1 after a resend, 1 after a delete and a resend' ] &&
    [ "$mini" = '1 after a resend, 0 after a delete and a resend' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: moto forgets the id with the message'
