"""Stacks as a whole: one with every parameter changed, and the end of each."""

import json
import subprocess
import time

import signed
from api import Caller
from doors import dashboard, guarded, preflight, routes
from issuer import issuer
from seen import seen
from stack import Stack, TASKWAY, batches
from tasks import AT_ONCE

# A tick that began is over after this time.
TICK_SECONDS = 10


def gone(stack):
    """Deletes the stack. Only the table is left, until somebody removes its protection and deletes it."""
    resources, table = stack.resources(), stack.outputs["TableName"]
    queue_urls = [name for kind, name in resources if kind == "AWS::SQS::Queue"]
    # A tick that runs on while the stack is deleted would make its log group again, as a function does on AWS.
    events = stack.client("events")
    for rule in events.list_rules()["Rules"]:
        if stack.name in rule["Name"]:
            events.disable_rule(Name=rule["Name"])
    time.sleep(TICK_SECONDS)
    stack.delete()
    left = stack.client("dynamodb").describe_table(TableName=table)["Table"]["TableName"]
    assert left == table
    stack.client("dynamodb").update_table(TableName=table, DeletionProtectionEnabled=False)
    stack.client("dynamodb").delete_table(TableName=table)
    queues = stack.client("sqs").list_queues().get("QueueUrls", [])
    assert queue_urls and not set(queue_urls) & set(queues), queues
    mine = lambda names: [name for name in names if stack.name in name]
    assert not mine(f["FunctionName"] for f in stack.client("lambda").list_functions()["Functions"])
    assert not mine(r["RoleName"] for r in stack.client("iam").list_roles()["Roles"])
    groups = mine(g["logGroupName"] for g in stack.client("logs").describe_log_groups()["logGroups"])
    assert not groups, groups
    assert not mine(r["Name"] for r in stack.client("events").list_rules()["Rules"])
    assert not mine(a["AlarmName"] for a in stack.client("cloudwatch").describe_alarms()["MetricAlarms"])
    assert not [b["Name"] for b in stack.client("s3").list_buckets()["Buckets"] if b["Name"].startswith(stack.name + "-")]
    seen("a deleted stack leaves only its table")


def other_stage(account):
    """Deploys with every parameter changed: tokens, workers, a key, a topic, traces, and CORS."""
    stack = Stack(account, "taskway-dev")
    key = stack.client("kms").create_key()["KeyMetadata"]["Arn"]
    topic = stack.client("sns").create_topic(Name="alarms")["TopicArn"]
    with issuer(account) as issuing:
        outputs = stack.deploy(
            Auth="JWT", JwtIssuer=issuing.url, JwtAudience="taskway,ops", Executor="worker", KmsKeyArn=key,
            AlarmTopicArn=topic, Tracing="Active", CorsOrigins="https://ops.example.com",
            HttpAllow=signed.ADDRESS, AwsHosts=signed.HOSTS, AwsRole=signed.ARN, ServeDashboard="on")
        assert "ExecutorName" not in outputs, outputs
        alarms = stack.client("cloudwatch").describe_alarms(AlarmNamePrefix=stack.name)["MetricAlarms"]
        assert alarms and all(alarm["AlarmActions"] == [topic] for alarm in alarms), alarms

        url = outputs["ApiUrl"]
        refused = [None, issuing.token(aud="others"), issuing.token(aud="ops", iss="https://elsewhere.example"),
                   issuing.token(aud="ops", exp=1), issuing.token(aud="ops")[:-6] + "AAAAAA"]
        for token in refused:
            status, _, body = Caller(url, account, token=token).call("GET", "/v1/tasks/x")
            assert status in (401, 403), (status, body)
        api = Caller(url, account, token=issuing.token(aud="ops"))
        assert api.call("GET", "/v1/tasks/x")[0] == 404
        # The API's CORS answers cannot be tested here: ministack ignores the template's CORS settings.
        guards = routes(stack)
        assert guards == {**guarded("JWT"), "GET /dashboard": "NONE", "GET /dashboard/{proxy+}": "NONE"}, guards
        dashboard(Caller(url, account), outputs["DashboardUrl"].removeprefix(url))
        preflight(Caller(url, account))
        seen("with JWT, the API admits only a token of the issuer for the audience")

        # A user with the worker's policy stands in for the worker's role.
        iam = stack.client("iam")
        iam.create_user(UserName="worker")
        iam.attach_user_policy(UserName="worker", PolicyArn=outputs["WorkerPolicyArn"])
        version = iam.get_policy(PolicyArn=outputs["WorkerPolicyArn"])["Policy"]["DefaultVersionId"]
        policy = iam.get_policy_version(PolicyArn=outputs["WorkerPolicyArn"], VersionId=version)["PolicyVersion"]["Document"]
        iam.put_user_policy(UserName="worker", PolicyName="batches", PolicyDocument=batches(policy))
        keys = iam.create_access_key(UserName="worker")["AccessKey"]
        environment = {
            **account.environment, "AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "TASKWAY_TABLE": outputs["TableName"], "TASKWAY_QUEUE_HIGH": outputs["HighQueueUrl"],
            "TASKWAY_QUEUE_NORMAL": outputs["NormalQueueUrl"], "TASKWAY_QUEUE_LOW": outputs["LowQueueUrl"],
            "TASKWAY_HTTP_ALLOW": signed.ADDRESS, "TASKWAY_AWS_HOSTS": signed.HOSTS, "TASKWAY_AWS_ROLE": signed.ARN,
        }
        elsewhere = signed.create(stack)
        worker = subprocess.Popen([TASKWAY, "worker"], env=environment, stdout=subprocess.DEVNULL)
        try:
            api.succeeded(api.submit("fail", {"times": 1}, retry=AT_ONCE, timeout_seconds=3600), attempts=2)
            large = "x" * 200_000
            assert api.succeeded(api.submit("echo", large))["result"] == large
            sent = api.submit_task(signed.sends(account, elsewhere, "by a task"))
            assert json.loads(api.succeeded(sent)["result"]["body"])["MessageId"]
            assert signed.received(stack, elsewhere) == ["by a task"]
            # What the role may not do, a task may not do: also not with the worker's own queues.
            for task in (signed.sends(account, elsewhere, "", action="PurgeQueue"),
                         signed.sends(account, outputs["NormalQueueUrl"], "forged")):
                refused = api.ended(api.submit_task(task))
                assert refused["state"] == "failed" and "403" in refused["error"]["message"], refused
        finally:
            worker.terminate()
            assert worker.wait(timeout=60) == 0
            signed.delete(stack, elsewhere)
        seen("with workers, no executor is deployed, and a worker with the stack's policy runs the tasks")
        seen("a task calls an AWS API by the permissions of a role of its own, and by no others")
    gone(stack)
