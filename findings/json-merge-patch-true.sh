#!/usr/bin/env bash
# json-merge-patch for Python makes the merge patch (RFC 7396) from {"paused": 0} to {"paused": false}, and from {"count": 1} to {"count": true}.
# We expected {"paused": false} and {"count": true}, since these are other values in JSON. Both patches are empty, because Python's 0 == False and
# 1 == True, so whoever applies them keeps the old values. It is so in lists too. The Python library jsonpatch, for RFC 6902, sees the difference,
# and json-merge-patch for JavaScript too.
# Who sends the difference of two settings to Taskway's `PATCH`, where a field that is left out changes nothing (docs/api.md), or keeps documents
# of several languages in step by such patches, as handlers may, loses the change from a number to a boolean.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check json-merge-patch==0.3.0 jsonpatch==1.47
npm install --silent --no-audit --no-fund json-merge-patch@1.0.2 >/dev/null

cat >make.py <<'PY'
import json
import json_merge_patch
import jsonpatch
for old, new in [({"paused": 0}, {"paused": False}), ({"count": 1}, {"count": True}), ({"list": [0, 1]}, {"list": [False, True]})]:
    patch = json_merge_patch.create_patch(old, new)
    print(f"{json.dumps(new)}: {json.dumps(patch)}, by jsonpatch {len(jsonpatch.make_patch(old, new).patch)} steps")
PY
seen=$(venv/bin/python make.py
    node -p 'JSON.stringify(require("json-merge-patch").generate({paused: 0}, {paused: false})) + " in JavaScript"')
echo "json-merge-patch $(venv/bin/pip show json-merge-patch | sed -n 's/^Version: //p') for Python, 1.0.2 for JavaScript; expected: no empty patch"
echo "$seen"
[ "$seen" = '{"paused": false}: {}, by jsonpatch 1 steps
{"count": true}: {}, by jsonpatch 1 steps
{"list": [false, true]}: {}, by jsonpatch 2 steps
{"paused":false} in JavaScript' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: nothing to change'
