#!/usr/bin/env bash
# JSON Patch (RFC 6902): the step `{"op": "test", "path": "/limit", "value": 90.0}` for {"limit": 90}. Does it pass?
# We expected so in each language: two numbers are equal there if they are numerically equal. jsonpatch for Python and fast-json-patch for
# JavaScript pass it. Go's evanphx/json-patch compares the texts of the numbers, so 90.0 fails, and 9e1 too.
# So a patch that Python wrote of a float is refused in Go, with an error as if somebody else had changed the document.
# Taskway takes a number by its value: in a field of a request 90, 90.0 and 9e1 are the same (docs/api.md).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check jsonpatch==1.47
npm install --silent --no-audit --no-fund fast-json-patch@3.1.1 >/dev/null

cat >go.mod <<'MOD'
module test
go 1.24
require github.com/evanphx/json-patch/v5 v5.9.11
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	jsonpatch "github.com/evanphx/json-patch/v5"
)

func main() {
	patch, err := jsonpatch.DecodePatch([]byte(os.Args[2]))
	if err != nil {
		panic(err)
	}
	if _, err = patch.Apply([]byte(os.Args[1])); err != nil {
		fmt.Println("fails")
	} else {
		fmt.Println("passes")
	}
}
GO
GOFLAGS=-mod=mod go build -o evanphx . 2>log || { cat log; exit 1; }
cat >apply.py <<'PY'
import json
import sys
import jsonpatch
try:
    jsonpatch.apply_patch(json.loads(sys.argv[1]), json.loads(sys.argv[2]))
    print("passes")
except jsonpatch.JsonPatchTestFailed:
    print("fails")
PY
cat >apply.cjs <<'JS'
const { applyPatch } = require("fast-json-patch");
const [document, patch] = process.argv.slice(2).map((text) => JSON.parse(text));
try {
  applyPatch(document, patch);
  console.log("passes");
} catch (error) {
  console.log("fails");
}
JS
seen=$(for number in 90 90.0 9e1 91; do
    patch="[{\"op\": \"test\", \"path\": \"/limit\", \"value\": $number}]"
    document='{"limit": 90}'
    echo "$number: Python $(venv/bin/python apply.py "$document" "$patch"), JavaScript $(node apply.cjs "$document" "$patch")," \
        "Go $(./evanphx "$document" "$patch")"
done)
echo "jsonpatch 1.47, fast-json-patch 3.1.1, evanphx/json-patch 5.9.11; expected: 91 fails, the others pass"
echo "$seen"
[ "$seen" = '90: Python passes, JavaScript passes, Go passes
90.0: Python passes, JavaScript passes, Go fails
9e1: Python passes, JavaScript passes, Go fails
91: Python fails, JavaScript fails, Go fails' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: Go compares the texts'
