#!/usr/bin/env bash
# Standard Webhooks allows a timestamp to be five minutes old. The two reference libraries disagree about the last second of it.
# A delivery that was signed 300 whole seconds ago, and half a second: the Python library refuses it, the JavaScript library
# accepts it. Python compares with the clock's fraction, JavaScript cuts the fraction off first. So the same delivery can pass in
# one receiver and fail in another.
# We expected whole seconds in both, since the header has whole seconds. docs/receivers.md says what a receiver sees.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check standardwebhooks==1.1.0
npm install --silent --no-audit --no-fund standardwebhooks@1.1.1 >/dev/null

cat >verify.py <<'PY'
import sys
from standardwebhooks import Webhook
try:
    Webhook(sys.argv[1]).verify(sys.argv[2], {"webhook-id": "msg_1", "webhook-timestamp": sys.argv[3], "webhook-signature": sys.argv[4]})
    print("accepted")
except Exception as error:
    print("refused:", error)
PY
cat >verify.js <<'JS'
const { Webhook } = require("standardwebhooks");
const [secret, body, timestamp, signature] = process.argv.slice(2);
try {
  new Webhook(secret).verify(body, { "webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": signature });
  console.log("accepted");
} catch (error) {
  console.log("refused: " + error.message);
}
JS
cat >sign.py <<'PY'
# Waits for the middle of a second, so that the programs' start does not cross into the next one.
import sys, time
from datetime import datetime, timezone
from standardwebhooks import Webhook
time.sleep((1.05 - time.time() % 1) % 1)
at = int(time.time()) - int(sys.argv[3])
print(at, Webhook(sys.argv[1]).sign("msg_1", datetime.fromtimestamp(at, timezone.utc), sys.argv[2]))
PY
secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw body='{"a":1}'
try() {
    read -r at signature < <(venv/bin/python sign.py "$secret" "$body" "$1")
    echo "$1 s: Python $(venv/bin/python verify.py "$secret" "$body" "$at" "$signature") | JavaScript $(node verify.js "$secret" "$body" "$at" "$signature")"
}
echo "standardwebhooks: PyPI $(venv/bin/pip show standardwebhooks | sed -n 's/^Version: //p'), npm $(node -p 'require("standardwebhooks/package.json").version')"
try 298
seen=$(try 300)
echo "$seen"
case $seen in
*'Python refused: '*'too old'*'JavaScript accepted') echo 'as found: they disagree' ;;
*) echo 'this has changed' >&2; exit 1 ;;
esac
