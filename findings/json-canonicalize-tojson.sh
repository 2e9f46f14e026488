#!/usr/bin/env bash
# Canonical JSON (RFC 8785) of an object with toJSON, by the npm packages canonicalize and json-canonicalize.
# We expected the names in order, whatever toJSON returns. canonicalize sorts them. json-canonicalize leaves them as they come, so two equal
# amounts have two texts, and two hashes.
# Whoever makes idempotency keys as a hash of the request, for Taskway's `idempotency_key`, submits the task twice: docs/api.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund canonicalize@4.0.0 json-canonicalize@3.0.1 >/dev/null

cat >texts.mjs <<'JS'
import canonicalize from "canonicalize";
import { canonicalize as jsonCanonicalize } from "json-canonicalize";
class Amount {
  constructor(parts) { this.parts = parts; }
  toJSON() { return this.parts; }
}
const order = (parts) => ({ order: 7, amount: new Amount(parts) });
for (const [name, write] of [["canonicalize", canonicalize], ["json-canonicalize", jsonCanonicalize]]) {
  console.log(name, write(order({ currency: "EUR", cents: 5 })), write(order({ cents: 5, currency: "EUR" })));
}
JS
seen=$(node texts.mjs)
version() { node -p "require('./node_modules/$1/package.json').version"; }
echo "canonicalize $(version canonicalize), json-canonicalize $(version json-canonicalize); expected: one text"
echo "$seen"
[ "$seen" = 'canonicalize {"amount":{"cents":5,"currency":"EUR"},"order":7} {"amount":{"cents":5,"currency":"EUR"},"order":7}
json-canonicalize {"amount":{"currency":"EUR","cents":5},"order":7} {"amount":{"cents":5,"currency":"EUR"},"order":7}' ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found: one of them does not sort'
