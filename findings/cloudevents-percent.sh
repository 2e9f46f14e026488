#!/usr/bin/env bash
# CloudEvents in HTTP headers, from the Python SDK to the JavaScript SDK and back: does the subject "50% of mails" arrive?
# We expected so: the binding for HTTP has a writer encode spaces and percent signs, and a reader decode them. Python does both. JavaScript
# does neither. So JavaScript reads "50%25%20of%20mails", and a subject that holds such a text, as a URL's path may, is decoded by
# Python though JavaScript never encoded it: "/files/a%20b" arrives as "/files/a b".
# Taskway's handlers are often written in both languages. One that hands its result on as an event in headers meets this in the other.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check cloudevents==2.2.0
npm install --silent --no-audit --no-fund cloudevents@10.0.0 >/dev/null

cat >event.py <<'PY'
import json, sys
from cloudevents.core.bindings.http import HTTPMessage, from_http_event, to_binary_event
from cloudevents.core.v1.event import CloudEvent
if sys.argv[1] == "write":
    event = CloudEvent({"id": "1", "source": "/tasks", "type": "t", "specversion": "1.0", "subject": sys.argv[2]}, {"a": 1})
    print(json.dumps(to_binary_event(event).headers))
else:
    print(from_http_event(HTTPMessage(json.load(sys.stdin), b'{"a": 1}')).get_subject())
PY
cat >event.js <<'JS'
const { CloudEvent, HTTP } = require("cloudevents");
if (process.argv[2] === "write") {
  const event = new CloudEvent({ id: "1", source: "/tasks", type: "t", subject: process.argv[3], data: { a: 1 } });
  console.log(JSON.stringify(HTTP.binary(event).headers));
} else {
  const headers = JSON.parse(require("fs").readFileSync(0));
  console.log(HTTP.toEvent({ headers, body: '{"a": 1}' }).subject);
}
JS
py() { venv/bin/python event.py "$@"; }
js() { node event.js "$@"; }
seen=
for subject in '50% of mails' '/files/a%20b'; do
    seen+="$subject: Python to JavaScript $(py write "$subject" | js read), JavaScript to Python $(js write "$subject" | py read)"$'\n'
done
echo "cloudevents: PyPI $(venv/bin/pip show cloudevents | sed -n 's/^Version: //p'), npm $(node -p 'require("cloudevents/package.json").version'); expected: the subject arrives as it was"
echo "$seen"
[ "$seen" = '50% of mails: Python to JavaScript 50%25%20of%20mails, JavaScript to Python 50% of mails
/files/a%20b: Python to JavaScript /files/a%2520b, JavaScript to Python /files/a b
' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: only one of the two encodes and decodes'
