#!/usr/bin/env bash
# AWS CDK's assertions: a queue has a visibility timeout of 45 seconds, and a test says it has not, by Match.not.
# We expected the test to fail, since `{VisibilityTimeout: 45}` without Match.not holds, whatever else the queue has. With Match.not it holds
# too: inside, the object must be equal and not just be contained, and the queue has one more property. So the test cannot fail. It takes
# Match.not(Match.objectLike(…)).
# Whoever tests a stack that holds Taskway's queues, whose visibility timeouts must fit the executor's: docs/deploying.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund aws-cdk-lib@2.276.0 constructs@10.8.1 >/dev/null

cat >match.js <<'JS'
const { App, Duration, Stack } = require("aws-cdk-lib");
const { Match, Template } = require("aws-cdk-lib/assertions");
const { Queue } = require("aws-cdk-lib/aws-sqs");
const stack = new Stack(new App(), "Stack");
new Queue(stack, "Mails", { visibilityTimeout: Duration.seconds(45), fifo: true });
const template = Template.fromStack(stack);
const holds = (pattern) => {
  try {
    template.hasResourceProperties("AWS::SQS::Queue", pattern);
    return "holds";
  } catch {
    return "fails";
  }
};
const timeout = { VisibilityTimeout: 45 };
console.log(`{45}: ${holds(timeout)}, not {45}: ${holds(Match.not(timeout))}, not objectLike {45}: ${holds(Match.not(Match.objectLike(timeout)))}`);
JS
seen=$(node match.js)
echo 'expected: not {45} fails'
echo "aws-cdk-lib $(node -p 'require("aws-cdk-lib/package.json").version'): $seen"
[ "$seen" = '{45}: holds, not {45}: holds, not objectLike {45}: fails' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: a pattern and its opposite both hold'
