#!/usr/bin/env bash
# ElectroDB, a library for DynamoDB: are "Kx81Qa" and "kX81qA" two items, if `id` is the key?
# We expected two, since DynamoDB's keys are case-sensitive, and dynamodb-toolbox leaves them as they are. ElectroDB writes keys
# in small letters, unless an index says `casing: "none"`. The attribute keeps its letters, so nothing looks wrong in an item.
# But a `put` of the second replaces the first, and `create` refuses it as one that exists.
# Handlers that note under an order's id what they did, where ids have letters of both sizes, as in Base64, take two orders for
# one and leave the second undone. docs/handlers.md says to make effects idempotent by the task's id.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund electrodb@3.9.3 dynamodb-toolbox@2.10.6 >/dev/null 2>&1

cat >keys.mjs <<'JS'
import { Entity as Toolbox, item, string, Table } from "dynamodb-toolbox";
import { PutItemCommand } from "dynamodb-toolbox/entity/actions/put";
import { Entity as Electro } from "electrodb";
const ids = ["Kx81Qa", "kX81qA"];
const electro = (casing) => new Electro({
  model: { entity: "order", service: "shop", version: "1" },
  attributes: { id: { type: "string" } },
  indexes: { order: { pk: { field: "pk", composite: ["id"], casing }, sk: { field: "sk", composite: [], casing } } },
}, { table: "orders" });
const table = new Table({ name: "orders", partitionKey: { name: "id", type: "string" } });
const schema = item({ id: string().key() });
const toolbox = new Toolbox({ name: "order", table, schema, timestamps: false, entityAttribute: false });
const show = (name, put) => console.log(`${name}: ${ids.map((id) => `${id} under ${put(id)}`).join(", ")}`);
show("dynamodb-toolbox", (id) => toolbox.build(PutItemCommand).item({ id }).params().Item.id);
for (const casing of [undefined, "none"]) {
  show(`ElectroDB, casing ${casing}`, (id) => electro(casing).put({ id }).params().Item.pk);
}
JS
seen=$(node keys.mjs 2>/dev/null)
version() { node -p "JSON.parse(require('fs').readFileSync('node_modules/$1/package.json')).version"; }
echo "ElectroDB $(version electrodb), dynamodb-toolbox $(version dynamodb-toolbox); expected: two keys a line"
echo "$seen"
[ "$seen" = 'dynamodb-toolbox: Kx81Qa under Kx81Qa, kX81qA under kX81qA
ElectroDB, casing undefined: Kx81Qa under $shop#id_kx81qa, kX81qA under $shop#id_kx81qa
ElectroDB, casing none: Kx81Qa under $shop#id_Kx81Qa, kX81qA under $shop#id_kX81qA' ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found: one key in ElectroDB'
