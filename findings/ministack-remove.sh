#!/usr/bin/env bash
# MiniStack, DynamoDB's UpdateItem: `REMOVE l[1], l[2]` of a list of five. What is left?
# We expected that the second and the third element go, as DynamoDB's guide has it of `REMOVE RelatedItems[1], RelatedItems[2]`:
# both numbers are those of the list before the update. moto does that. MiniStack removes the second, counts anew, and then
# removes what was the fourth. The answer is a success, so a program that is right on AWS loses another element here.
# Taskway's handlers may write to tables of their own, and are tried out on such an emulator: docs/local.md.
set -euo pipefail
place=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
python3 -m venv server
venv/bin/pip install -q --disable-pip-version-check boto3==1.43.108 'moto[dynamodb]==5.2.5'
server/bin/pip install -q --disable-pip-version-check ministack==1.5.33

cat >remove.py <<'PY'
import sys
import boto3
from moto import mock_aws

def left(url):
    table = boto3.resource("dynamodb", endpoint_url=url, region_name="us-east-1", aws_access_key_id="test",
                           aws_secret_access_key="test").create_table(
        TableName="tools", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    seen = []
    for change in ["REMOVE l[1], l[2]", "REMOVE l[2], l[1]"]:
        table.put_item(Item={"id": "x", "l": ["a", "b", "c", "d", "e"]})
        answer = table.update_item(Key={"id": "x"}, UpdateExpression=change, ReturnValues="ALL_NEW")
        seen.append(f"{change} leaves {' '.join(answer['Attributes']['l'])}")
    return "; ".join(seen)

if len(sys.argv) > 1:
    print(left(sys.argv[1]))
else:
    with mock_aws():
        print(left(None))
PY
port=$((20000 + RANDOM % 12000))
BIND_HOST=127.0.0.1 GATEWAY_PORT=$port IOT_MTLS_ENABLED=0 server/bin/ministack >log 2>&1 & server=$!
for _ in $(seq 100); do (: </dev/tcp/127.0.0.1/$port) 2>/dev/null && break; sleep 0.3; done
mini=$(venv/bin/python remove.py "http://127.0.0.1:$port")
moto=$(venv/bin/python remove.py)
echo 'a list of a b c d e; expected: both leave a d e'
echo "moto $(venv/bin/pip show moto | sed -n 's/^Version: //p'): $moto"
echo "MiniStack $(server/bin/pip show ministack | sed -n 's/^Version: //p'): $mini"
[ "$moto" = 'REMOVE l[1], l[2] leaves a d e; REMOVE l[2], l[1] leaves a d e' ] &&
    [ "$mini" = 'REMOVE l[1], l[2] leaves a c e; REMOVE l[2], l[1] leaves a d e' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: MiniStack counts anew after each removal'
