#!/usr/bin/env bash
# Emulators of SQS: a message is received, becomes visible again, and is received again. What does a delete with the first handle do?
# We expected one answer of programs that stand for one service: AWS documents that the request succeeds and the message stays. Neither does
# that. moto deletes the message, though another consumer has it. MiniStack keeps it, but refuses the handle as invalid.
# So a consumer that is slower than its visibility timeout looks well on moto and fails on MiniStack, and on AWS it works twice in silence.
# Whoever has queues beside Taskway and tries them on the MiniStack of docs/local.md. The SQS of `taskway dev` does what AWS documents.
set -euo pipefail
place=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
python3 -m venv server
venv/bin/pip install -q --disable-pip-version-check boto3==1.43.108 'moto[sqs]==5.2.5'
server/bin/pip install -q --disable-pip-version-check ministack==1.5.33

cat >delete.py <<'PY'
import os
import sys
import time
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")
import boto3
from moto import mock_aws
def delete():
    sqs = boto3.client("sqs", endpoint_url=sys.argv[1] if len(sys.argv) > 1 else None)
    url = sqs.create_queue(QueueName="mails", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="send")
    first = sqs.receive_message(QueueUrl=url)["Messages"][0]
    time.sleep(1.5)
    sqs.receive_message(QueueUrl=url, VisibilityTimeout=2)["Messages"]
    try:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
        answer = "succeeds"
    except Exception as error:
        answer = error.response["Error"]["Code"]
    time.sleep(2.5)
    return f"{answer}, {len(sqs.receive_message(QueueUrl=url).get('Messages', []))} message left"
print(delete() if len(sys.argv) > 1 else mock_aws(delete)())
PY
moto=$(venv/bin/python delete.py)
port=$((20000 + RANDOM % 12000))
BIND_HOST=127.0.0.1 GATEWAY_PORT=$port IOT_MTLS_ENABLED=0 server/bin/ministack >log 2>&1 & server=$!
for _ in $(seq 100); do (: </dev/tcp/127.0.0.1/$port) 2>/dev/null && break; sleep 0.3; done
mini=$(venv/bin/python delete.py "http://127.0.0.1:$port")
echo 'a delete with the older handle; expected: succeeds, 1 message left'
echo "moto $(venv/bin/pip show moto | sed -n 's/^Version: //p'): $moto"
echo "MiniStack $(server/bin/pip show ministack | sed -n 's/^Version: //p'): $mini"
[ "$moto" = 'succeeds, 0 message left' ] && [ "$mini" = 'ReceiptHandleIsInvalid, 1 message left' ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found: they disagree, with each other and with AWS'
