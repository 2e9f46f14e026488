"""A stack in the account, deployed with the commands that an operator uses."""

import json
import os
import pathlib
import platform
import subprocess

import boto3

TASKWAY = os.environ.get("TASKWAY", "target/debug/taskway")
# The shortest timeout, in seconds, that the template allows. A message that a killed executor had just received stays hidden
# for this long. With the default the test would sometimes wait for 15 minutes.
EXECUTOR_TIMEOUT = 90
TEMPLATE = pathlib.Path("template.yaml")
BUILD = pathlib.Path("target/sam")
ARCHITECTURE = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]


def sam(account, *arguments):
    command = ["sam", *arguments]
    done = subprocess.run(command, env=account.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise SystemExit(f"$ {' '.join(command)}\n{done.stdout[-6000:]}\nexit {done.returncode}")
    return done.stdout


def build(account):
    """Builds the functions for this machine's processor, because they run on this machine."""
    sam(account, "build", "--template-file", str(TEMPLATE), "--build-dir", str(BUILD),
        "--parameter-overrides", f"ARCH={ARCHITECTURE}")


def batches(*documents):
    """Makes a policy for the batch calls of SQS that these policies permit on AWS, or None if they permit none. On AWS
    sqs:SendMessage also permits SendMessageBatch."""
    batched = ("sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
    statements = []
    for statement in (statement for document in documents for statement in document["Statement"]):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        actions = [action + "Batch" for action in actions if action in batched]
        if actions:
            statements.append({"Effect": statement["Effect"], "Action": actions, "Resource": statement["Resource"]})
    return json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else None


class Stack:
    def __init__(self, account, name):
        self.account, self.name = account, name
        self.session = boto3.Session("test", "test", region_name="us-east-1")

    def client(self, service):
        return self.session.client(service, endpoint_url=self.account.url, verify=str(self.account.certificate))

    def deploy(self, **parameters):
        overrides = [f"{name}={value}" for name, value in {"ARCH": ARCHITECTURE, **parameters}.items()]
        sam(self.account, "deploy", "--template-file", str(BUILD / "template.yaml"), "--stack-name", self.name,
            "--resolve-s3", "--s3-prefix", self.name, "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar",
            "--no-fail-on-empty-changeset", "--parameter-overrides", *overrides)
        self.as_on_aws()
        described = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
        return self.outputs

    def as_on_aws(self):
        """Corrects two differences between ministack and AWS in the account, so that the template stays unmodified."""
        # ministack keeps a mapping's concurrency as the text of the parameter, and then cannot calculate with it.
        functions = self.client("lambda")
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
            most = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
            if most:
                functions.update_event_source_mapping(
                    UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": int(most)})
        # ministack has separate permissions for batch calls.
        iam = self.client("iam")
        for kind, role in self.resources():
            if kind == "AWS::IAM::Role":
                written = set(iam.list_role_policies(RoleName=role)["PolicyNames"]) - {"batches", "denied"}
                policy = batches(
                    *(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in sorted(written)))
                if policy:
                    iam.put_role_policy(RoleName=role, PolicyName="batches", PolicyDocument=policy)

    def mappings(self):
        listed = self.client("lambda").list_event_source_mappings(FunctionName=self.outputs["ExecutorName"])
        return listed["EventSourceMappings"]

    def resources(self):
        """Type and physical id of every resource of the stack."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.name)
        return [(one["ResourceType"], one["PhysicalResourceId"]) for page in pages for one in page["StackResourceSummaries"]]

    def delete(self):
        sam(self.account, "delete", "--stack-name", self.name, "--no-prompts", "--region", "us-east-1")
