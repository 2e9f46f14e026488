#!/usr/bin/env bash
# CloudWatch's metric format, by AWS's two libraries for Python: one metric gets a value in milliseconds, and then one in seconds.
# We expected a refusal, or two entries, since the format has one unit for a metric. Both keep both values and one unit. In Powertools it
# is the unit of the last value, in aws-embedded-metrics that of the first. So 250 ms become 250 s in the one, and 3 s become 3 ms in the
# other. Powertools for TypeScript refuses the second value.
# Handlers that measure their own time beside Taskway's metrics log such lines: docs/handlers.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check aws-lambda-powertools==3.37.0 aws-embedded-metrics==3.5.0
npm install --silent --no-audit --no-fund @aws-lambda-powertools/metrics@2.35.0 @aws/lambda-invoke-store@0.3.0 >/dev/null

cat >powertools.py <<'PY'
from aws_lambda_powertools import Metrics
metrics = Metrics(namespace="shop", service="mail")
metrics.add_metric("wait", "Milliseconds", 250)
metrics.add_metric("wait", "Seconds", 3)
metrics.flush_metrics()
PY
cat >embedded.py <<'PY'
import asyncio
from aws_embedded_metrics.logger.metrics_logger_factory import create_metrics_logger
metrics = create_metrics_logger()
metrics.put_metric("wait", 250, "Milliseconds")
metrics.put_metric("wait", 3, "Seconds")
asyncio.run(metrics.flush())
PY
cat >powertools.mjs <<'JS'
import { Metrics } from "@aws-lambda-powertools/metrics";
const metrics = new Metrics({ namespace: "shop", serviceName: "mail" });
metrics.addMetric("wait", "Milliseconds", 250);
try {
  metrics.addMetric("wait", "Seconds", 3);
  console.log("accepted");
} catch {
  console.log("refused");
}
JS
cat >show.py <<'PY'
import json, sys
line = json.loads(sys.stdin.readline())
print([int(value) for value in line["wait"]], line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"])
PY
powertools=$(venv/bin/python powertools.py | python3 show.py)
embedded=$(AWS_EMF_ENVIRONMENT=local venv/bin/python embedded.py | python3 show.py)
typescript=$(node powertools.mjs 2>/dev/null)
seen="Powertools 3.37.0 for Python: $powertools | aws-embedded-metrics 3.5.0: $embedded | Powertools 2.35.0 for TypeScript: $typescript"
echo 'expected: refused, or 250 Milliseconds and 3 Seconds'
echo "$seen"
[ "$powertools; $embedded; $typescript" = '[250, 3] Seconds; [250, 3] Milliseconds; refused' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: one unit for both values'
