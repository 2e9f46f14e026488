#!/usr/bin/env bash
# json-schema-to-typescript: does a description change the type that a schema stands for?
# We expected no: an annotation says nothing about values. But `{}`, which any JSON meets, becomes `unknown`, and the same with a
# description becomes an object type, so that TypeScript refuses the payload 7 or "text" of a task. `true` becomes `unknown` with or
# without. A `oneOf` beside `properties` opens an object that `additionalProperties: false` closes.
# Taskway's types are made by openapi-typescript, which makes `unknown` of both: clients/typescript/types.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund json-schema-to-typescript@16.0.0 >/dev/null

cat >types.mjs <<'JS'
import { compile } from "json-schema-to-typescript";
const typed = async (schema) => {
  const text = await compile({ title: "T", type: "object", additionalProperties: false, ...schema }, "T", { bannerComment: "" });
  return text.replace(/\/\*.*?\*\//gs, "").replace(/\s+/g, " ").replace(/^ ?export (type T =|interface T) ?/, "").replace(/;? ?$/, "");
};
const one = { a: { type: "string" } };
console.log([
  `bare: ${await typed({ properties: { payload: {} } })}`,
  `described: ${await typed({ properties: { payload: { description: "Any JSON." } } })}`,
  `closed: ${await typed({ properties: one })}`,
  `closed with oneOf: ${await typed({ properties: one, oneOf: [{ required: ["a"] }] })}`,
].join(" | "));
JS
seen=$(node types.mjs)
echo 'expected: unknown for both payloads, and no other members than a'
echo "json-schema-to-typescript $(node -p 'require("json-schema-to-typescript/package.json").version'): $seen"
wanted='bare: { payload?: unknown; } | described: { payload?: { [k: string]: unknown; }; }'
wanted+=' | closed: { a?: string; } | closed with oneOf: { a?: string; } & { [k: string]: unknown; }'
[ "$seen" = "$wanted" ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: a description makes any JSON an object, and oneOf opens what was closed'
