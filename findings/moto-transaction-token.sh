#!/usr/bin/env bash
# moto: a DynamoDB transaction that is sent twice with the same ClientRequestToken, as an SDK does after a lost answer.
# We expected that the second does nothing, as DynamoDB's documentation promises for ten minutes. moto applies both: a counter that was to
# count one shows two. So a test on moto of how a program survives lost answers fails for a correct program.
# README.md asks handlers to make their effects safe to repeat. One that writes to DynamoDB in a transaction cannot be tested so on moto.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check 'moto[dynamodb]==5.2.5' boto3==1.43.108

cat >twice.py <<'PY'
import boto3
from moto import mock_aws

with mock_aws():
    table = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    table.create_table(TableName="counts", KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
                       AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}])
    count = {"TableName": "counts", "Key": {"PK": {"S": "x"}}, "UpdateExpression": "ADD n :one",
             "ExpressionAttributeValues": {":one": {"N": "1"}}}
    for _ in range(2):
        table.transact_write_items(ClientRequestToken="the-same-token", TransactItems=[{"Update": count}])
    print(table.get_item(TableName="counts", Key={"PK": {"S": "x"}})["Item"]["n"]["N"])
PY
seen=$(venv/bin/python twice.py)
echo "moto $(venv/bin/pip show moto | sed -n 's/^Version: //p'): expected a count of 1, saw $seen"
[ "$seen" = 2 ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: both were applied'
