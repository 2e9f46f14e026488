#!/usr/bin/env bash
# The package uuid7 for Python makes UUIDs of version 7. When was one made, as other programs read it?
# We expected the time at which it was made: by the standard (RFC 9562) such a UUID begins with the milliseconds since 1970, in
# 48 bits, and uuid_utils, uuid6 and the uuid package for JavaScript write it so. uuid7 has the form of an early draft, with
# whole seconds in 36 bits. So others take it for one of February 2203. It says that it is of version 7 all the same. Among ids
# of another library, those of uuid7 come last, whenever they were made.
# Handlers in Python and in another language that write items under such ids into one table have two orders in it, and what is
# deleted by the age of its id never goes. As an `idempotency_key` of Taskway the form does not matter (docs/api.md).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check uuid7==0.1.0 uuid_utils==1.2.0 uuid6==2025.0.1
npm install --silent --no-audit --no-fund uuid@14.0.3 >/dev/null

cat >make.py <<'PY'
import uuid6
import uuid_extensions
import uuid_utils
moment = 1796126400  # 2026-12-01T12:00:00Z
print("uuid7", uuid_extensions.uuid7(moment * 10**9))
print("uuid_utils", uuid_utils.uuid7(nanoseconds=moment * 10**9))
# uuid6 takes no moment, so this is one of now.
print("uuid6", uuid6.uuid7())
PY
cat >read.mjs <<'JS'
import { readFileSync } from "node:fs";
import { v7, version } from "uuid";
const lines = readFileSync(0, "utf8").trim().split("\n").map((line) => line.split(" "));
lines.push(["uuid", v7({ msecs: Date.UTC(2026, 11, 1, 12) })]);
const now = new Date();
for (const [name, id] of lines) {
  const made = new Date(parseInt(id.replaceAll("-", "").slice(0, 12), 16));
  const day = Math.abs(made - now) < 60_000 ? "now" : made.toISOString().slice(0, 10);
  console.log(`${name}: version ${version(id)}, ${day}`);
}
console.log(`the last: ${lines.sort((a, b) => (a[1] < b[1] ? -1 : 1)).at(-1)[0]}`);
JS
version() { venv/bin/pip show "$1" | sed -n 's/^Version: //p'; }
seen=$(venv/bin/python make.py | node read.mjs)
echo "uuid7 $(version uuid7), uuid_utils $(version uuid_utils), uuid6 $(version uuid6); expected: 2026-12-01"
echo "$seen"
[ "$seen" = 'uuid7: version 7, 2203-02-18
uuid_utils: version 7, 2026-12-01
uuid6: version 7, now
uuid: version 7, 2026-12-01
the last: uuid7' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: uuid7 is of another form'
