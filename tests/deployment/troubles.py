"""What goes wrong in a deployment, or is changed under way, and how the stack gets over it."""

import concurrent.futures
import datetime
import json
import os
import signal
import subprocess
import time

from api import until
from seen import seen
from stack import EXECUTOR_TIMEOUT
from tasks import AT_ONCE

# That timeout, and a lease and a retry after it, in seconds.
AFTER_A_KILL = EXECUTOR_TIMEOUT + 150


def deny(stack, logical_id, *actions):
    """Denies actions to a function's role. Returns a function that allows them again."""
    roles = [name for kind, name in stack.resources() if kind == "AWS::IAM::Role" and logical_id in name]
    (role,) = roles
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": list(actions), "Resource": "*"}]}
    stack.client("iam").put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=json.dumps(policy))
    return lambda: stack.client("iam").delete_role_policy(RoleName=role, PolicyName="denied")


def promoted_by_the_rule(stack, api):
    """Moves a task from hours ahead to seconds ahead while its messages are refused, so that only a tick can send it."""
    task = api.get(api.submit("echo", "in time", delay_seconds=7200))
    assert task["state"] == "scheduled", task
    allow = deny(stack, "SubmitRole", "sqs:SendMessage")
    try:
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=20)
        status, _, task = api.call("PATCH", f"/v1/tasks/{task['id']}", {"run_at": soon.isoformat()})
        assert (status, task["state"]) == (200, "scheduled"), task
        parked = api.submit("echo", "parked")
        assert api.get(parked)["state"] == "scheduled"
    finally:
        allow()
    done = api.succeeded(task["id"], within=150)
    assert done["started_at"] >= done["run_at"], done
    assert api.succeeded(parked)
    seen("EventBridge's tick promotes a delayed task, and one that was accepted while SQS refused")


def poison(stack, api):
    """A batch of readable messages and two unreadable ones, in one invocation."""
    functions, queues = stack.client("lambda"), stack.client("sqs")
    lane = stack.outputs["NormalQueueUrl"]
    normal = [m for m in stack.mappings() if "NormalLane" in m["EventSourceArn"]][0]["UUID"]
    functions.update_event_source_mapping(UUID=normal, Enabled=False)
    time.sleep(2)
    good = [api.submit("echo", n) for n in range(5)]
    for body in "hello", '{"v":1,"nonsense":true}':
        queues.send_message(QueueUrl=lane, MessageBody=body)
    functions.update_event_source_mapping(UUID=normal, Enabled=True)
    for task in good:
        api.succeeded(task, attempts=1)
    seen("unreadable messages fail alone: each task of their batch ran once")

    table = stack.client("dynamodb")
    query = {"TableName": stack.outputs["TableName"], "IndexName": "agenda", "KeyConditionExpression": "ap = :p",
             "ExpressionAttributeValues": {":p": {"S": "agenda#unreadable"}}}
    kept = until(lambda: table.query(**query)["Items"], lambda items: len(items) == 2, 240, "not kept aside")
    bodies = {table.get_item(TableName=query["TableName"], Key={"PK": item["PK"], "SK": item["SK"]})["Item"]["text"]["S"] for item in kept}
    assert bodies == {"hello", '{"v":1,"nonsense":true}'}, bodies
    counted = until(lambda: sum(line.get("KeptAside", 0) for line in logged(stack, '"_aws"')), lambda n: n >= 2, 60, "no metric")
    assert counted == 2, counted
    seen("unreadable messages are kept in the table, listed by one query, and counted in the alarm's metric")


def logged(stack, what, since=0):
    """The scheduler's log lines that contain `what`, written since this time in seconds."""
    (group,) = [name for kind, name in stack.resources() if kind == "AWS::Logs::LogGroup" and "SchedulerLogs" in name]
    pages = stack.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group, startTime=int(since * 1000))
    return [json.loads(event["message"]) for page in pages for event in page["events"] if what in event["message"]]


def killed_in_a_batch(stack, api):
    """Kills the executor's process while it runs tasks."""
    tasks = [api.submit("sleep", {"seconds": 3}, timeout_seconds=6, priority="high") for _ in range(4)]
    until(lambda: [api.get(task)["state"] for task in tasks], lambda states: "running" in states, 30, "none runs")
    os.kill(executor_process(stack), signal.SIGKILL)
    ended = [api.ended(task, within=AFTER_A_KILL) for task in tasks]
    assert all(task["state"] == "succeeded" for task in ended), ended
    assert any(task["attempt"] > 1 for task in ended), ended
    seen("killing an executor in the middle of a batch loses no task")


def executor_process(stack):
    """The process id of the executor. The emulator runs each function as a process with the function's name in its environment."""
    name = stack.outputs["ExecutorName"].encode()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as environ, open(f"/proc/{pid}/comm") as command:
                if b"AWS_LAMBDA_FUNCTION_NAME=" + name in environ.read() and command.read().strip() == "bootstrap":
                    return int(pid)
        except OSError:
            continue
    raise AssertionError("the executor has no process")


def updated_in_flight(stack, api):
    """Updates the stack while tasks wait, run, and wait for another attempt."""
    waiting = [api.submit("sleep", {"seconds": 0.5}, retry=AT_ONCE) for _ in range(30)]
    running = [api.submit("sleep", {"seconds": 8}, priority="low") for _ in range(4)]
    failing = [api.submit("fail", {"times": 1}, retry={"min_backoff_seconds": 5, "max_backoff_seconds": 5}) for _ in range(5)]
    delayed = [api.submit("echo", delay_seconds=15) for _ in range(5)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        update = pool.submit(stack.deploy, LogLevel="taskway=debug,info", ExecutorMemory=640, BatchSize=5, OldestMessageSeconds=900, AgendaShards=2, BatchWrites="off")
        during = []
        while not update.done():
            during.append(api.submit_surely("echo", len(during), f"during-{len(during)}"))
            time.sleep(0.2)
        update.result()
    for task in waiting + running + failing + delayed + during:
        done = api.ended(task, within=AFTER_A_KILL)
        assert done["state"] == "succeeded", done
    functions = stack.client("lambda")
    assert functions.get_function_configuration(FunctionName=stack.outputs["ExecutorName"])["MemorySize"] == 640
    seen(f"an update with {len(waiting + running + failing + delayed)} open tasks and {len(during)} submitted meanwhile loses none")


# More than two pages of the agenda, so each of two shards has more than a page, except once in a hundred million runs.
HERD = 1_200


def more_than_a_tick_does(stack, api):
    """Two shards with more due tasks than a page holds. The test disables the rule and ticks itself, so that no other tick
    comes while the shards fill."""
    (rule,) = [name for kind, name in stack.resources() if kind == "AWS::Events::Rule"]
    events = stack.client("events")
    events.disable_rule(Name=rule)
    try:
        allow, began = deny(stack, "SchedulerRole", "lambda:InvokeFunction"), time.time()
        try:
            kept = parked(stack, api)
            report = tick(stack)
        finally:
            allow()
        assert report["handed_over"] == 0 and report["promoted"] > 0, report
        until(lambda: logged(stack, "cannot hand over", began), bool, 30, "no word of it")
        # On a slow machine, the first tick leaves some tasks.
        until(lambda: tick(stack), lambda report: report["promoted"] + report["failed"] == 0, 120, "still due")

        began = time.time()
        handed = parked(stack, api)
        report = tick(stack)
        assert report["handed_over"] >= 1 and report["promoted"] > 0, report
        sweeps = lambda: {line["span"]["requestId"]: line["tick.promoted"] for line in logged(stack, '"tick.promoted"', began)}
        sent = until(sweeps, lambda sent: sum(n > 0 for n in sent.values()) > 1, 120, "nobody went on")
        assert report["promoted"] in sent.values(), (report, sent)
    finally:
        events.enable_rule(Name=rule)
    left = lambda: set(kept + handed) - {task["id"] for task in api.listed(queue="herd", state="succeeded", limit=500)}
    until(lambda: len(left()), lambda number: number == 0, AFTER_A_KILL, "tasks have not run")
    seen(f"with {HERD} tasks due in two shards, the tick hands one shard to another invocation, or sends all if its role forbids that")


def parked(stack, api):
    """Submits tasks whose messages are refused, so that they wait in the agenda and are due."""
    allow = deny(stack, "SubmitRole", "sqs:SendMessage", "sqs:SendMessageBatch")
    batch = [{"target": {"handler": "echo"}, "queue": "herd"}] * (HERD // 4)
    try:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            herd = [task for ids in pool.map(api.submit_batch, [batch] * 4) for task in ids]
    finally:
        allow()
    return herd


def tick(stack):
    """Ticks with the rule's event and returns the report."""
    with open("events/eventbridge-tick.json", "rb") as event:
        invoked = stack.client("lambda").invoke(FunctionName=stack.outputs["SchedulerName"], Payload=event.read())
    report = json.loads(invoked["Payload"].read())
    assert "FunctionError" not in invoked, report
    return report


def restored(stack, api):
    """Deletes records and restores them from an earlier copy of the table, as point-in-time recovery makes one."""
    table, dynamodb = stack.outputs["TableName"], stack.client("dynamodb")
    waiting, ended = api.submit("echo", "again", delay_seconds=600), api.submit("echo", "done")
    api.succeeded(ended)
    now = dynamodb.describe_table(TableName=table)["Table"]
    dynamodb.create_table(TableName="restored", KeySchema=now["KeySchema"], BillingMode="PAY_PER_REQUEST",
                          AttributeDefinitions=[a for a in now["AttributeDefinitions"] if a["AttributeName"] in ("PK", "SK")])
    items = dynamodb.scan(TableName=table)["Items"]
    for item in items:
        dynamodb.put_item(TableName="restored", Item=item)
    of = lambda state: [item for item in items if item.get("st", {}).get("S") == state]
    aside = [item for item in items if item["PK"]["S"].startswith("unreadable#")]
    lost = of("queued") + of("succeeded")[:5] + aside
    assert aside and len(of("queued")) == 1, items
    for item in lost:
        dynamodb.delete_item(TableName=table, Key={"PK": item["PK"], "SK": item["SK"]})
    assert api.call("GET", f"/v1/tasks/{waiting}")[0] == 404
    done = subprocess.run(["scripts/restore", "restored", table], env=stack.account.environment, check=True,
                          capture_output=True, text=True)
    assert done.stderr.startswith(f"copied {len(lost)};"), done
    assert done.stdout.splitlines() == [f"queued {waiting}"], (done, waiting)
    assert api.call("POST", f"/v1/tasks/{waiting}/run")[0] == 200
    assert api.succeeded(waiting)["result"] == "again"
    dynamodb.delete_table(TableName="restored")
    seen("lost records come back from a restored table, and their tasks run")
