#!/usr/bin/env bash
# Signing a test delivery with a time that has a zone: the reference library of Standard Webhooks for Python takes the digits of the
# clock on the wall and calls them UTC. So one moment has two signatures, and one that was given with a zone two hours east of UTC is
# stamped two hours ahead: the same library then refuses it as too new. The JavaScript library signs the moment.
# We expected an aware datetime to be a moment. Whoever writes tests for a receiver of Taskway's deliveries signs with these
# libraries: docs/receivers.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check standardwebhooks==1.1.0
npm install --silent --no-audit --no-fund standardwebhooks@1.1.1 >/dev/null

cat >sign.py <<'PY'
import sys
from datetime import datetime, timedelta, timezone
from standardwebhooks import Webhook
webhook = Webhook(sys.argv[1])
moment = datetime.fromtimestamp(int(sys.argv[3]), timezone.utc)
for zone in (timezone.utc, timezone(timedelta(hours=2))):
    print(webhook.sign("msg_1", moment.astimezone(zone), sys.argv[2]))
PY
cat >sign.js <<'JS'
const { Webhook } = require("standardwebhooks");
const [secret, body, seconds] = process.argv.slice(2);
for (const zone of ["+00:00", "+02:00"]) {
  const shift = zone === "+02:00" ? 7200 : 0;
  const text = new Date((Number(seconds) + shift) * 1000).toISOString().replace(".000Z", zone);
  console.log(new Webhook(secret).sign("msg_1", new Date(text), body));
}
JS
secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw body='{"a":1}' at=1795420860
mapfile -t python < <(venv/bin/python sign.py "$secret" "$body" "$at")
mapfile -t javascript < <(node sign.js "$secret" "$body" "$at")
echo "standardwebhooks: PyPI $(venv/bin/pip show standardwebhooks | sed -n 's/^Version: //p'), npm $(node -p 'require("standardwebhooks/package.json").version')"
echo 'expected: the same signature for the same moment, in UTC and at +02:00'
echo "JavaScript: ${javascript[0]} | ${javascript[1]}"
echo "Python:     ${python[0]} | ${python[1]}"
ahead=$(venv/bin/python - "$secret" "$body" "$((at + 7200))" <<'PY'
import sys
from datetime import datetime, timezone
from standardwebhooks import Webhook
print(Webhook(sys.argv[1]).sign("msg_1", datetime.fromtimestamp(int(sys.argv[3]), timezone.utc), sys.argv[2]))
PY
)
if [ "${javascript[0]}" = "${javascript[1]}" ] && [ "${javascript[0]}" = "${python[0]}" ] &&
    [ "${python[1]}" != "${python[0]}" ] && [ "${python[1]}" = "$ahead" ]; then
    echo 'as found: with a zone, Python signs another moment, two hours ahead'
else
    echo 'this has changed' >&2
    exit 1
fi
