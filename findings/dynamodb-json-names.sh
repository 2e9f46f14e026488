#!/usr/bin/env bash
# dynamodb-json, which turns DynamoDB's JSON into plain JSON: an item with a map of shirts by their sizes, {"S": 4, "M": 2, "XXL": 7}.
# We expected the map, as boto3's own deserializer has it. It is the text "4". An object with a member that is called like one of DynamoDB's types is taken
# for a value of that type, also where names stand, and whatever else is in it is dropped. So it cannot read what it wrote itself, and
# an item with an attribute "S" is only a text. Its documentation says that it works like `dumps` and `loads` of json.
# Handlers in Python may have tables of their own, as docs/local.md says, and may read exports and streams, which have that JSON.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check dynamodb-json==1.4.2 boto3==1.43.108

cat >read.py <<'PY'
import json
from boto3.dynamodb.types import TypeDeserializer
from dynamodb_json import json_util
for item in [{"stock": {"XS": 4, "XXL": 7}}, {"stock": {"S": 4, "M": 2, "XXL": 7}}, {"id": "7", "S": "large"}]:
    written = json_util.dumps(item)
    boto3 = {name: TypeDeserializer().deserialize(value) for name, value in json.loads(written).items()}
    print(f"{item}: {'the same' if boto3 == item else boto3} by boto3, {json_util.loads(written)!r} by dynamodb-json")
PY
seen=$(venv/bin/python read.py)
echo "dynamodb-json $(venv/bin/pip show dynamodb-json | sed -n 's/^Version: //p'); expected: each item as it was"
echo "$seen"
[ "$seen" = "{'stock': {'XS': 4, 'XXL': 7}}: the same by boto3, {'stock': {'XS': 4, 'XXL': 7}} by dynamodb-json
{'stock': {'S': 4, 'M': 2, 'XXL': 7}}: the same by boto3, {'stock': '4'} by dynamodb-json
{'id': '7', 'S': 'large'}: the same by boto3, 'large' by dynamodb-json" ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: names are taken for types'
