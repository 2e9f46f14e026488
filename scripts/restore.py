"""Copies the items that one table lacks from another: restore.py FROM TO. See docs/deploying.md."""

import base64
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

# Tasks in these states need a message or a process, which are gone. A tick sends scheduled tasks, so they need no help.
STRANDED = ("queued", "running")


def task_id(item):
    """The public id: the task's key, which is in the partition key, and its birth."""
    key = item["PK"]["S"].removeprefix("task#")
    raw = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)) + int(item["born"]["N"]).to_bytes(6, "big")
    return "t" + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def main(source, target):
    dynamodb = boto3.client("dynamodb")
    copied = there = 0
    for page in dynamodb.get_paginator("scan").paginate(TableName=source):
        for item in page["Items"]:
            try:
                dynamodb.put_item(TableName=target, Item=item, ConditionExpression="attribute_not_exists(PK)")
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
                there += 1
                continue
            copied += 1
            state = item.get("st", {}).get("S")
            if state in STRANDED:
                print(state, task_id(item), flush=True)
    print(f"copied {copied}; {there} were there", file=sys.stderr)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"restore: {error}")
