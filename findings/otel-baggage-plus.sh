#!/usr/bin/env bash
# OpenTelemetry's baggage, from the Python SDK to the JavaScript SDK and back: do the values "blue shirt" and "a+b" arrive?
# We expected so: by W3C's text a value in the header `baggage` is percent-encoded, and a `+` stands for itself. Python writes a
# space as `+`, as in a form, and reads a `+` as a space. JavaScript does neither, so it reads "blue+shirt". A `+` that another
# program left as it stands, which is allowed, Python reads as a space. It also takes what follows a `;`, a property, for a part
# of the value.
# Programs that hand baggage on with a task, in its payload or in the `headers` of an HTTP target, are often written in both
# languages. Of itself Taskway sends only `traceparent` on, which has no such characters: docs/http-targets.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check opentelemetry-api==1.45.2
npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.1 @opentelemetry/core@2.12.1 >/dev/null

cat >baggage.py <<'PY'
import json, sys
from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator
if sys.argv[1] == "write":
    headers = {}
    W3CBaggagePropagator().inject(headers, baggage.set_baggage("note", sys.argv[2]))
    print(headers["baggage"])
else:
    print(json.dumps(baggage.get_baggage("note", W3CBaggagePropagator().extract({"baggage": sys.argv[2]}))))
PY
cat >baggage.mjs <<'JS'
import { defaultTextMapGetter, defaultTextMapSetter, propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import { W3CBaggagePropagator } from "@opentelemetry/core";
const [what, text] = process.argv.slice(2), propagator = new W3CBaggagePropagator();
if (what === "write") {
  const headers = {}, baggage = propagation.createBaggage({ note: { value: text } });
  propagator.inject(propagation.setBaggage(ROOT_CONTEXT, baggage), headers, defaultTextMapSetter);
  console.log(headers.baggage);
} else {
  const context = propagator.extract(ROOT_CONTEXT, { baggage: text }, defaultTextMapGetter);
  console.log(JSON.stringify(propagation.getBaggage(context).getEntry("note").value));
}
JS
python() { venv/bin/python baggage.py "$@"; }
javascript() { node baggage.mjs "$@"; }
read_both() { echo "$1: Python reads $(python read "$1"), JavaScript reads $(javascript read "$1")"; }
seen=$(
    echo "Python writes $(read_both "$(python write 'blue shirt')")"
    echo "JavaScript writes $(read_both "$(javascript write 'blue shirt')")"
    read_both 'note=a+b'
    read_both 'note=a%2Bb;from=shop'
)
echo "opentelemetry-api $(venv/bin/pip show opentelemetry-api | sed -n 's/^Version: //p'), @opentelemetry/core" \
    "$(node -p 'require("@opentelemetry/core/package.json").version'); expected: \"blue shirt\" twice, \"a+b\" twice"
echo "$seen"
[ "$seen" = 'Python writes note=blue+shirt: Python reads "blue shirt", JavaScript reads "blue+shirt"
JavaScript writes note=blue%20shirt: Python reads "blue shirt", JavaScript reads "blue shirt"
note=a+b: Python reads "a b", JavaScript reads "a+b"
note=a%2Bb;from=shop: Python reads "a+b;from=shop", JavaScript reads "a+b"' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: they read another value'
