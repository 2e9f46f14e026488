#!/usr/bin/env bash
# The AWS SDK for JavaScript with AWS_ENDPOINT_URL, and a queue whose URL names another host: where does ReceiveMessage go?
# We expected the endpoint, where boto3 sends it, and where both send it if the program's code sets the endpoint. The JavaScript SDK sends it
# to the host of the queue's URL, with a warning on standard error. So a program that has a queue's URL from AWS in its settings reads from
# that queue, though the environment points it to an emulator.
# docs/local.md: with `taskway dev`, programs in TypeScript need the queue's URL of the emulator as well.
set -euo pipefail
place=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check boto3==1.43.108
npm install --silent --no-audit --no-fund @aws-sdk/client-sqs@3.1175.0 >/dev/null

# Two servers: the endpoint, and the host that the queue's URL names.
cat >servers.js <<'JS'
const ports = [];
for (const name of ["the endpoint", "the queue's host"]) {
  const server = require("http").createServer((_, response) => {
    require("fs").appendFileSync("requests", name + "\n");
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end("{}");
  });
  server.listen(0, "127.0.0.1", () => ports.push(server.address().port) === 2 && console.log(ports.join(" ")));
}
JS
cat >receive.py <<'PY'
import sys
import boto3
boto3.client("sqs").receive_message(QueueUrl=sys.argv[1])
PY
cat >receive.mjs <<'JS'
import { SQSClient, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
const [QueueUrl, endpoint] = process.argv.slice(2);
await new SQSClient(endpoint ? { endpoint } : {}).send(new ReceiveMessageCommand({ QueueUrl }));
JS
node servers.js >ports & server=$!
until [ -s ports ]; do sleep 0.1; done
read -r endpoint queue <ports
endpoint=http://127.0.0.1:$endpoint queue=http://127.0.0.1:$queue/123456789012/mails
ask() {
    : >requests
    env AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 NO_PROXY=127.0.0.1 HOME="$place" "$@" 2>/dev/null
    sort -u requests
}
python=$(ask AWS_ENDPOINT_URL="$endpoint" venv/bin/python receive.py "$queue")
environment=$(ask AWS_ENDPOINT_URL="$endpoint" node receive.mjs "$queue")
code=$(ask A=b node receive.mjs "$queue" "$endpoint")
seen="boto3: $python | JavaScript: $environment | JavaScript, endpoint in the code: $code"
echo 'expected: the endpoint, three times'
echo "boto3 1.43.108 and @aws-sdk/client-sqs $(node -p 'require("@aws-sdk/client-sqs/package.json").version'): $seen"
[ "$seen" = "boto3: the endpoint | JavaScript: the queue's host | JavaScript, endpoint in the code: the endpoint" ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found: JavaScript goes elsewhere'
