"""A queue of the account, and a role by which tasks may send messages to it."""

import json

ROLE = "calls"
ARN = f"arn:aws:iam::000000000000:role/{ROLE}"
# The emulator serves every API of the account at one address.
ADDRESS = "127.0.0.1"
HOSTS = f"sqs/us-east-1@{ADDRESS}"


def create(stack):
    """Makes the queue and the role. Returns the queue's URL."""
    sqs, iam = stack.client("sqs"), stack.client("iam")
    url = sqs.create_queue(QueueName="elsewhere")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=policy(trust))
    iam.put_role_policy(RoleName=ROLE, PolicyName="send", PolicyDocument=policy(
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue}))
    return url


def policy(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def sends(account, queue, text, action="SendMessage"):
    """The target and the payload of a task that sends a message."""
    http = {"url": account.url, "auth": "aws", "service": "sqs", "region": "us-east-1", "headers": {
        "content-type": "application/x-amz-json-1.0", "x-amz-target": f"AmazonSQS.{action}"}}
    return {"target": {"http": http}, "payload": {"QueueUrl": queue, "MessageBody": text}}


def received(stack, queue):
    messages = stack.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
    return [message["Body"] for message in messages]


def delete(stack, queue):
    stack.client("sqs").delete_queue(QueueUrl=queue)
    iam = stack.client("iam")
    iam.delete_role_policy(RoleName=ROLE, PolicyName="send")
    iam.delete_role(RoleName=ROLE)
