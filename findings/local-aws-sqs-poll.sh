#!/usr/bin/env bash
# local-aws-sqs, an emulator of SQS: a long poll for ten messages, and one message is there. When is the answer there, and what is in it?
# We expected the message at once: AWS ends a long poll as soon as there is a message. The emulator goes on until it has ten or the wait is
# over. With a visibility timeout of a second it takes the message again each second, so the answer has it five or six times.
# So a consumer of batches does one message several times, and its tests wait. With a poll for one message all is right.
# Whoever has queues beside Taskway may try them on such an emulator. The SQS of `taskway dev` answers at once: docs/local.md has its port.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund local-aws-sqs@2.0.2 @aws-sdk/client-sqs@3.1169.0 >/dev/null

cat >poll.mjs <<'JS'
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createSqsServer } from "local-aws-sqs";
const port = 20000 + Math.floor(Math.random() * 12000);
await createSqsServer({ port, hostname: "127.0.0.1" });
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const sqs = new SQSClient({ endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials });
for (const [VisibilityTimeout, MaxNumberOfMessages] of [["30", 1], ["30", 10], ["1", 10]]) {
  const QueueName = `visibility-${VisibilityTimeout}-poll-for-${MaxNumberOfMessages}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout } }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "send" }));
  const started = Date.now();
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5, MaxNumberOfMessages }));
  const ids = new Set(Messages.map((message) => message.MessageId)).size;
  const pause = Date.now() - started < 1000 ? "at once" : "after 5 s";
  console.log(`${QueueName}: ${Messages.length === ids ? "once" : "several times"}, ${pause}`);
}
process.exit();
JS
seen=$(node poll.mjs 2>/dev/null)
echo "local-aws-sqs $(node -p "JSON.parse(require('fs').readFileSync('node_modules/local-aws-sqs/package.json')).version"), one message;" \
    'expected: once, at once'
echo "$seen"
[ "$seen" = 'visibility-30-poll-for-1: once, at once
visibility-30-poll-for-10: once, after 5 s
visibility-1-poll-for-10: several times, after 5 s' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: late, and several times'
