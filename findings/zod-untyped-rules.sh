#!/usr/bin/env bash
# Zod's z.fromJSONSchema: "exactly one of `cron` and `every_seconds`", said by a `oneOf` of two rules that name no `type`.
# We expected that it takes what the schema takes, or that it throws, as it does for `if` and `not`. In a rule without a `type`
# it drops everything, so each of the two holds for any value. Under `oneOf` both match, and every valid value is refused. Under
# `anyOf` every value passes, even {}. With `"type": "object"` in the rules it reads both right. Ajv does so without the type.
# An OpenAPI document says such things inside a schema that has its type already, and whoever made Zod validators of it could
# put no schedule. So Taskway's names the type in each rule too (docs/openapi.json, ScheduleRequest).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund zod@4.6.7 ajv@8.20.0 >/dev/null

cat >read.mjs <<'JS'
import Ajv from "ajv/dist/2020.js";
import { z } from "zod";
const ajv = new Ajv.default({ strict: false });
const properties = { cron: { type: "string" }, every_seconds: { type: "integer" } };
const values = [{ cron: "0 3 * * *" }, { every_seconds: 60 }, {}];
for (const word of ["oneOf", "anyOf"]) {
  for (const type of [{}, { type: "object" }]) {
    const rules = [{ properties: { cron: { type: "string" } }, required: ["cron"] },
                   { properties: { every_seconds: { type: "integer" } }, required: ["every_seconds"] }];
    const schema = { type: "object", properties, [word]: rules.map((rule) => ({ ...type, ...rule })) };
    const [zod, check] = [z.fromJSONSchema(schema), ajv.compile(schema)];
    const said = (takes) => values.map((value) => (takes(value) ? "yes" : "no")).join(" ");
    const read = said((value) => zod.safeParse(value).success);
    console.log(`${word}, ${type.type ?? "no type"}: Ajv ${said(check)} | Zod ${read}`);
  }
}
JS
version() { node -p "require('./node_modules/$1/package.json').version"; }
seen=$(node read.mjs)
echo "Zod $(version zod), Ajv $(version ajv): does it take a cron, an interval, neither? expected: yes yes no"
echo "$seen"
[ "$seen" = 'oneOf, no type: Ajv yes yes no | Zod no no no
oneOf, object: Ajv yes yes no | Zod yes yes no
anyOf, no type: Ajv yes yes no | Zod yes yes yes
anyOf, object: Ajv yes yes no | Zod yes yes no' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: without a type, nothing of the rules is read'
