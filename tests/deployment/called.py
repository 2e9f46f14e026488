"""A Lambda function beside the stack, which tasks call."""

import io
import json
import zipfile

NAME = "report"
ARN = f"arn:aws:lambda:us-east-1:000000000000:function:{NAME}"
# Of the function and of its versions and aliases. IAM compares both as one text.
ALLOWED = f"{ARN},{ARN}:*"

CODE = """
def handler(event, context):
    task, payload = event["taskway"], event["payload"]
    if payload == "fail" and task["attempt"] == 1:
        raise ValueError("on the first attempt")
    if payload == "give up":
        return {"taskway": {"fatal": "as told"}}
    return event
"""


def create(stack):
    """Creates the function, with a role that may do nothing."""
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = stack.client("iam").create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("report.py", CODE)
    functions = stack.client("lambda")
    functions.create_function(FunctionName=NAME, Runtime="python3.12", Role=role, Handler="report.handler",
                              Code={"ZipFile": packed.getvalue()}, Timeout=20, Publish=True)
    functions.create_alias(FunctionName=NAME, Name="live", FunctionVersion="1")


def delete(stack):
    stack.client("lambda").delete_function(FunctionName=NAME)
    stack.client("iam").delete_role(RoleName=NAME)
