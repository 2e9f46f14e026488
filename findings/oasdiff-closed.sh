#!/usr/bin/env bash
# oasdiff, which compares two OpenAPI documents: a request's object gets `"additionalProperties": false`. Does that break clients?
# We expected that it is listed, since a client that sends one more field is refused from then on. oasdiff finds no breaking change, and has no line
# in its changelog. It lists it in its plain diff only. `unevaluatedProperties: false` and a new `not` it does not list as breaking either. A new
# `maxProperties`, which refuses fewer requests, it does.
# Taskway's API refuses fields that it does not know (docs/api.md), and its document says so (docs/openapi.json). Whoever watches that
# document, or one of their own, with oasdiff does not learn when an object is closed.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

cat >go.mod <<'MOD'
module compare
go 1.25
tool github.com/oasdiff/oasdiff
require github.com/oasdiff/oasdiff v1.38.0
MOD
GOFLAGS=-mod=mod go build -o oasdiff github.com/oasdiff/oasdiff 2>log || { cat log; exit 1; }
document() {
    cat <<JSON
{"openapi": "3.1.0", "info": {"title": "tasks", "version": "1"}, "paths": {"/tasks": {"post": {
  "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"$1}}}},
  "responses": {"204": {"description": "accepted"}}}}}}
JSON
}
document '' >before.json
show() {
    document ", $1" >after.json
    echo "$1: $(./oasdiff "$2" before.json after.json -f json | grep -o '"id": *"[^"]*"' | sed 's/.*: *//; s/"//g' | paste -sd ' ')"
}
seen=$(
    show '"maxProperties": 5' breaking
    for kind in breaking changelog; do
        for rule in '"additionalProperties": false' '"unevaluatedProperties": false'; do show "$rule" "$kind"; done
    done
)
echo 'oasdiff 1.38.0, what it lists of each new rule; expected: something of each'
echo "$seen"
[ "$seen" = '"maxProperties": 5: request-body-max-properties-set
"additionalProperties": false: 
"unevaluatedProperties": false: 
"additionalProperties": false: 
"unevaluatedProperties": false: ' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: a closed object is no change'
