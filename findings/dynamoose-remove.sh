#!/usr/bin/env bash
# Dynamoose, a library for DynamoDB: `Model.update(key, {$REMOVE: ["note"]})`, where the schema has a default for `note`. What is sent?
# We expected REMOVE, as for an attribute without a default: a default is for items that are made without the attribute, and an update of another
# attribute does not send it. For `note` it sends SET with the default, and so it does for `{note: undefined}`. Only
# `{note: dynamoose.type.UNDEFINED}` removes it.
# So a mark like "claimed by", with "nobody" as its default, cannot be taken off by the operation whose name says so, and a condition
# attribute_not_exists never holds again. Handlers may have tables of their own, as docs/local.md says.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund dynamoose@4.2.0 >/dev/null 2>&1

cat >update.mjs <<'JS'
import dynamoose from "dynamoose";
const schema = new dynamoose.Schema({ id: String, count: Number, text: String, note: { type: String, default: "nobody" } });
const Task = dynamoose.model("tasks", schema, { create: false, waitForActive: false });
const show = async (name, change) => {
  const request = await Task.update({ id: "1" }, change, { return: "request" });
  const texts = { ...request.ExpressionAttributeNames };
  for (const [value, typed] of Object.entries(request.ExpressionAttributeValues ?? {})) texts[value] = Object.values(typed)[0];
  console.log(`${name}: ${request.UpdateExpression.replace(/[#:]\w+/g, (part) => texts[part])}`);
};
await show("count 5", { count: 5 });
await show("$REMOVE text", { $REMOVE: ["text"] });
await show("$REMOVE note", { $REMOVE: ["note"] });
await show("note UNDEFINED", { note: dynamoose.type.UNDEFINED });
JS
seen=$(AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test node update.mjs 2>/dev/null)
echo "Dynamoose $(node -p "JSON.parse(require('fs').readFileSync('node_modules/dynamoose/package.json')).version"); expected: REMOVE note"
echo "$seen"
[ "$seen" = 'count 5: SET count = 5
$REMOVE text: REMOVE text
$REMOVE note: SET note = nobody
note UNDEFINED: REMOVE note' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: the default is written'
