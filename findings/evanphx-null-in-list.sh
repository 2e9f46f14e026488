#!/usr/bin/env bash
# A merge patch (RFC 7396) with a list, {"steps": [{"limit": null}]}, applied by Go's evanphx/json-patch. What is in the list?
# We expected the list of the patch as it is: null takes a member away in objects of the patch, and a list is put in place as a whole. So
# json-merge-patch for JavaScript has it. Go leaves [{}], since it takes away what is null in the objects of a list too. A null that stands in the
# list itself stays.
# Of two services that apply the same patches, one has "no limit" and the other has nothing said about it. Taskway takes null as "no limit" in the
# `PATCH` of a queue (docs/api.md), and has no list there. A payload is any JSON, and stays as it was sent.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund json-merge-patch@1.0.2 >/dev/null

cat >go.mod <<'MOD'
module merge
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
	merged, err := jsonpatch.MergePatch([]byte(os.Args[1]), []byte(os.Args[2]))
	if err != nil {
		panic(err)
	}
	fmt.Println(string(merged))
}
GO
GOFLAGS=-mod=mod go build -o merge . 2>log || { cat log; exit 1; }
old='{"steps":[]}'
seen=$(for patch in '{"steps":[{"limit":null}]}' '{"steps":[null]}'; do
    echo "Go: $(./merge "$old" "$patch")"
    echo "JavaScript: $(node -p 'JSON.stringify(require("json-merge-patch").apply(...process.argv.slice(1).map((text) => JSON.parse(text))))' "$old" "$patch")"
done)
echo 'evanphx/json-patch 5.9.11, json-merge-patch 1.0.2; expected: {"steps":[{"limit":null}]} and {"steps":[null]} of both'
echo "$seen"
[ "$seen" = 'Go: {"steps":[{}]}
JavaScript: {"steps":[{"limit":null}]}
Go: {"steps":[null]}
JavaScript: {"steps":[null]}' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: they disagree'
