#!/usr/bin/env bash
# The CloudEvents SDK for JavaScript: an event whose data is 0, false or "", sent as one JSON document and read back by the same SDK.
# We expected the data to come back, as 1, true and "a" do. The document has it: `"data":0`. The reader takes it for absent, and
# `event.data` is undefined.
# A service that passes the results of tasks on as events loses such results: a handler's result may be 0 or false (docs/handlers.md).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund cloudevents@10.0.0 >/dev/null

cat >back.js <<'JS'
const { CloudEvent, HTTP } = require("cloudevents");
for (const data of [1, 0, true, false, "a", ""]) {
  const event = new CloudEvent({ id: "1", source: "/tasks", type: "task.ended", datacontenttype: "application/json", data });
  const message = HTTP.structured(event);
  console.log(`${JSON.stringify(JSON.parse(message.body).data)} comes back as ${JSON.stringify(HTTP.toEvent(message).data)}`);
}
JS
seen=$(node back.js)
echo "cloudevents $(node -p 'require("cloudevents/package.json").version'); expected: all come back"
echo "$seen"
[ "$seen" = '1 comes back as 1
0 comes back as undefined
true comes back as true
false comes back as undefined
"a" comes back as "a"
"" comes back as undefined' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: three are lost'
