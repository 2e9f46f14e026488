#!/usr/bin/env bash
# Structured fields (RFC 9651): structured-headers for JavaScript writes the decimal 2.9999, and reads it back.
# We expected `3.0`: a decimal has three digits after the point at most, and one at least, so what is beyond them is rounded. It
# writes `3.`, without a digit. Its own parser refuses that, and so does http-sf for Python. 0.0004 becomes `0.`. A measured
# time or a weight does so now and then, and the reader then has no header at all.
# Handlers write such headers of their own. The Idempotency-Key of a submit, which is such a field too, is a text (docs/api.md),
# so nothing of it is rounded.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check http-sf==1.5.0
npm install --silent --no-audit --no-fund structured-headers@2.1.0 >/dev/null

cat >write.mjs <<'JS'
import { parseItem, serializeItem } from "structured-headers";
for (const number of [0.25, 1.2345, 2.9999, 0.0004, 1.0001]) {
  const text = serializeItem([number, new Map([["unit", "s"]])]);
  let read;
  try { read = parseItem(text)[0]; } catch { read = "refused"; }
  console.log(number, text, read);
}
JS
cat >read.py <<'PY'
import sys
import http_sf

def text(number):
    return http_sf.ser((number, {"unit": "s"}))

for line in sys.stdin:
    number, written, read = line.split()
    try:
        other = http_sf.parse(written.encode(), tltype="item")[0]
    except ValueError:
        other = "refused"
    print(f"{number}: Python writes {text(float(number))} | JavaScript writes {written}, reads {read}, Python reads {other}")
PY
seen=$(node write.mjs | venv/bin/python read.py)
echo "structured-headers $(node -p 'require("./node_modules/structured-headers/package.json").version')," \
    "http-sf $(venv/bin/pip show http-sf | sed -n 's/^Version: //p'); expected: the same text of both"
echo "$seen"
[ "$seen" = '0.25: Python writes 0.25;unit="s" | JavaScript writes 0.25;unit="s", reads 0.25, Python reads 0.25
1.2345: Python writes 1.234;unit="s" | JavaScript writes 1.234;unit="s", reads 1.234, Python reads 1.234
2.9999: Python writes 3.0;unit="s" | JavaScript writes 3.;unit="s", reads refused, Python reads refused
0.0004: Python writes 0.0;unit="s" | JavaScript writes 0.;unit="s", reads refused, Python reads refused
1.0001: Python writes 1.0;unit="s" | JavaScript writes 1.;unit="s", reads refused, Python reads refused' ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found: a point with nothing after it'
