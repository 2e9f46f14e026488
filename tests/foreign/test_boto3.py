"""boto3 at the stack's endpoints: foreign and stale messages in a lane, and a scan of the table."""

import json
import os

import boto3

from stack import stack


def main():
    with stack() as running:
        os.environ.update(running.environment)
        sqs, dynamodb = boto3.client("sqs"), boto3.client("dynamodb")
        lane = running.environment["TASKWAY_QUEUE_NORMAL"]

        for body in ["hello", "{}", '{"v":1}', "\u2028" * 10, "[" * 1000]:
            sqs.send_message(QueueUrl=lane, MessageBody=body)
        good = running.submit("echo", {"n": 12345678901234567890})
        assert running.ended(good)["result"] == {"n": 12345678901234567890}
        print("a task ends although foreign messages are in its lane")

        stale = {"v": 1, "id": good, "g": 1, "due": 0, "to": 60, "h": "echo"}
        entries = [{"Id": str(i), "MessageBody": json.dumps(stale)} for i in range(10)]
        assert len(sqs.send_message_batch(QueueUrl=lane, Entries=entries)["Successful"]) == 10
        fence_task = running.submit("echo", "after")
        running.ended(fence_task)
        assert running.call("GET", f"/v1/tasks/{good}")[1]["attempt"] == 1
        print("duplicates of an ended task change nothing")

        item = dynamodb.scan(TableName=running.environment["TASKWAY_TABLE"])["Items"]
        assert {i["st"]["S"] for i in item if "st" in i} == {"succeeded"}
        print("the table is an ordinary DynamoDB table")


main()
