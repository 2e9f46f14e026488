#!/usr/bin/env bash
# Powertools for AWS Lambda: does a function that moves from Python to TypeScript still know the work that it has done?
# We expected one idempotency key for one event, since both hash the same part with MD5 and keep records of the same form in the same
# table. Even for a plain text the same digest is written in hexadecimal by Python and in base64 by TypeScript. So the ported function
# finds none of the records, and a task that is delivered again is done again.
# docs/targets.md: Taskway calls a Lambda function at least once, so functions keep such keys.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check 'aws-lambda-powertools[aws-sdk]==3.37.0'
npm install --silent --no-audit --no-fund @aws-lambda-powertools/idempotency@2.35.0 @aws/lambda-invoke-store@0.3.0 >/dev/null

cat >key.py <<'PY'
from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer

class Layer(BasePersistenceLayer):
    def _put_record(self, data_record):
        print(data_record.idempotency_key)

    _get_record = _update_record = _delete_record = print

layer = Layer()
layer.configure(IdempotencyConfig(event_key_jmespath="order"), "charge")
layer.save_inprogress(data={"order": "A-17"}, remaining_time_in_millis=1000)
PY
cat >key.mjs <<'JS'
import { IdempotencyConfig } from "@aws-lambda-powertools/idempotency";
import { BasePersistenceLayer } from "@aws-lambda-powertools/idempotency/persistence";
class Layer extends BasePersistenceLayer {
  async _putRecord(record) { console.log(record.idempotencyKey); }
}
const layer = new Layer();
layer.configure({ config: new IdempotencyConfig({ eventKeyJmesPath: "order" }), functionName: "charge" });
await layer.saveInProgress({ order: "A-17" }, 1000);
JS
export AWS_LAMBDA_FUNCTION_NAME=payments
python=$(venv/bin/python key.py)
typescript=$(node key.mjs)
echo 'expected: the same key for the order A-17'
echo "Python $(venv/bin/pip show aws-lambda-powertools | sed -n 's/^Version: //p'): $python"
echo "TypeScript $(node -p 'require("./node_modules/@aws-lambda-powertools/idempotency/package.json").version'): $typescript"
digest() { printf '"A-17"' | openssl dgst -md5 -binary; }
[ "$python" = "payments.charge#$(digest | od -An -tx1 | tr -d ' \n')" ] && [ "$typescript" = "payments.charge#$(digest | base64)" ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found: the same digest, written in two ways'
