"""Builds and deploys the unmodified template as an operator does, in an account that checks permissions.

Run by `scripts/test-deployment`. Each printed line names something that the test has seen.
"""

import concurrent.futures
import datetime
import gzip
import json
import os
import signal
import subprocess
import sys
import time

import called
import payloads
import signed
from account import user
from api import Caller, until
from emulator import emulator
from issuer import issuer
from stack import Stack, batches, build

TASKWAY = os.environ.get("TASKWAY", "target/debug/taskway")
# The shortest timeout, in seconds, that the template allows. A message that a killed executor had just received stays hidden
# for this long. With the default the test would sometimes wait for 15 minutes.
EXECUTOR_TIMEOUT = 90
# That timeout, and a lease and a retry after it, in seconds.
AFTER_A_KILL = EXECUTOR_TIMEOUT + 150
AT_ONCE = {"min_backoff_seconds": 0, "max_backoff_seconds": 0}
# A tick that began is over after this time.
TICK_SECONDS = 10


def seen(what):
    print(f"  {what}", flush=True)


def routes(stack):
    """The authorization type of each route of the API."""
    apis = stack.client("apigatewayv2")
    (api,) = [api["ApiId"] for api in apis.get_apis()["Items"] if api["Name"] == stack.name]
    return {route["RouteKey"]: route["AuthorizationType"] for route in apis.get_routes(ApiId=api)["Items"]}


def guarded(by):
    """The routes that the API must have. None is for OPTIONS: API Gateway itself answers a browser's preflight."""
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    return {"GET /healthz": "NONE", **{method + " /{proxy+}": by for method in methods}}


def preflight(caller):
    """Checks that a browser's question does not reach the function, whose answers all have a request id."""
    status, headers, body = caller.call("OPTIONS", "/v1/tasks", headers={"origin": "https://evil.example.com", "access-control-request-method": "POST"})
    assert status in (403, 404) and "x-request-id" not in {name.lower() for name in headers}, (status, headers, body)


def dashboard(stranger, path):
    """Checks that the API serves the page to everybody, and nothing else with it."""
    status, headers, _ = stranger.call("GET", path)
    assert (status, path) == (302, "/dashboard"), (status, path)
    index = "/" + {name.lower(): value for name, value in headers.items()}["location"]
    status, headers, page = stranger.call("GET", index)
    assert status == 200 and "data-sign-in" in page and "content-security-policy" in {name.lower() for name in headers}, (status, page)
    for file, holds in ("app.js", "v1"), ("style.css", "{"), ("icon.svg", "<svg"), ("licences.txt", "MIT"):
        status, _, text = stranger.call("GET", index.removesuffix("index.html") + file)
        assert status == 200 and holds in text, (file, status, text[:200])
    status, _, packed = stranger.call("GET", index.replace("index.html", "app.js"), headers={"accept-encoding": "gzip"}, parse=gzip.decompress)
    assert status == 200 and b"v1" in packed
    for path in "/", "/app.js", "/dashboard/../v1/stats", "/dashboard/x/app.js", "/v1/stats":
        assert stranger.call("GET", path)[0] in (401, 403, 404), path
    seen("with ServeDashboard=on, the API serves the dashboard to everybody, and nothing else")


def doors(stack):
    """Checks which callers the API admits."""
    url, account = stack.outputs["ApiUrl"], stack.account
    guards = routes(stack)
    assert guards == guarded("AWS_IAM"), guards

    status, headers, body = Caller(url, account).call("GET", "/healthz")
    assert (status, body) == (200, {"status": "ok"}), body
    assert not any("access-control" in name.lower() for name in headers) and "x-request-id" in {name.lower() for name in headers}, headers
    for odd in "x y", "://", "https://e/v1/tasks?":
        assert Caller(url, account).call("GET", "/healthz", headers={"x-forwarded-proto": odd})[0] == 200, odd
    nobody, stranger = Caller(url, account), Caller(url, account, keys=user(stack, "stranger"))
    forger = Caller(url, account, keys=(stranger.credentials.access_key, "another secret"))
    for caller in nobody, stranger, forger:
        for method, path in [("POST", "/v1/tasks"), ("GET", "/v1/tasks/x"), ("GET", "/nowhere"), ("POST", "/healthz")]:
            status, _, body = caller.call(method, path, {} if method == "POST" else None)
            assert status in (401, 403), (method, path, status, body)
        preflight(caller)
    seen("nobody gets in without a signature, with a wrong one, or without execute-api:Invoke; /healthz answers")

    # An event without an authorizer, as if the API had let an unproven caller in, or somebody had invoked the function.
    event = {"version": "2.0", "routeKey": "GET /{proxy+}", "rawPath": "/v1/tasks/x", "rawQueryString": "", "headers": {},
             "requestContext": {"accountId": "1", "apiId": "x", "domainName": "x", "domainPrefix": "x", "requestId": "x",
                                "routeKey": "GET /{proxy+}", "stage": "$default", "time": "x", "timeEpoch": 1,
                                "http": {"method": "GET", "path": "/v1/tasks/x", "protocol": "HTTP/1.1",
                                         "sourceIp": "1.2.3.4", "userAgent": "x"}},
             "isBase64Encoded": False}
    functions = stack.client("lambda")
    invoked = functions.invoke(FunctionName=stack.outputs["SubmitName"], Payload=json.dumps(event).encode())
    answer = json.loads(invoked["Payload"].read())
    assert answer.get("statusCode") in (401, 403), answer
    seen("the submit function refuses a request that no authorizer passed")
    keys = user(stack, "client", stack.outputs["InvokeArn"])
    command_line(stack, keys)
    canceller = Caller(url, account, keys=user(stack, "canceller", stack.outputs["InvokeArn"].replace("/*", "/$default/POST/v1/tasks/*/cancel")))
    for path in "/v1/tasks", "/v1/tasks/../tasks%3F/cancel", "/v1/tasks/x/../../tasks%23/cancel", "/v1/tasks/%2e%2e/tasks%3F/cancel":
        status, _, body = canceller.call("POST", path, {"target": {"handler": "echo"}})
        assert status in (403, 404), (path, status, body)
    status, _, body = canceller.call("POST", "/v1/tasks/x/cancel", headers={"x-forwarded-proto": "https://e/v1/tasks?"})
    assert status == 404, body
    seen("a user who may only cancel can only cancel, however the path is written")
    return Caller(url, account, keys=keys)


def command_line(stack, keys):
    """Checks that the command line signs with the keys of its environment, and names a key that is refused."""
    def run(keys):
        environment = {**stack.account.environment, "TASKWAY_URL": stack.outputs["ApiUrl"],
                       "AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]}
        command = [TASKWAY, "submit", "fail", '{"times": 1}', "--watch", "--json"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90)

    done = run(keys)
    assert done.returncode == 0 and '"succeeded"' in done.stdout, done
    refused = run((keys[0], "wrong"))
    assert refused.returncode == 1 and keys[0] in refused.stderr, refused
    seen("the command line submits and watches a task, signed; with a wrong secret it says which key was refused")


def trust(stack):
    """Checks who may assume the functions' roles and who may invoke the functions."""
    iam, functions = stack.client("iam"), stack.client("lambda")
    lambdas = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    roles = [name for kind, name in stack.resources() if kind == "AWS::IAM::Role"]
    assert len(roles) == 3, roles
    for role in roles:
        assert iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"] == [lambdas], role
        assert not iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"], role
    def invokers(output):
        try:
            policy = functions.get_policy(FunctionName=stack.outputs[output])["Policy"]
        except functions.exceptions.ResourceNotFoundException:
            return []
        return json.loads(policy)["Statement"]

    assert not invokers("ExecutorName")
    api = stack.outputs["InvokeArn"].removesuffix("/*")
    for output, principal, source in [("SubmitName", "apigateway.amazonaws.com", api + "/"),
                                      ("SchedulerName", "events.amazonaws.com", "arn:aws:events:")]:
        (statement,) = invokers(output)
        assert statement["Principal"] == {"Service": principal}, statement
        assert statement["Condition"]["ArnLike"]["AWS:SourceArn"].startswith(source), statement
    seen("only Lambda may assume the roles; only this API and the rule may invoke submit and scheduler, and nobody the executor")


def tasks_run(api):
    echoed = api.submit("echo", {"n": 12345678901234567890}, priority="high")
    assert api.succeeded(echoed)["result"] == {"n": 12345678901234567890}
    status, _, task = api.call("POST", "/v1/tasks", {"target": {"handler": "hash"}, "payload": {"rounds": 1000}, "priority": "low"},
                               {"prefer": "wait=20", "idempotency-key": "k1"})
    assert (status, task["state"]) == (200, "succeeded"), task
    status, headers, again = api.call("POST", "/v1/tasks", {"target": {"handler": "hash"}, "payload": {"rounds": 1000}, "priority": "low"},
                                      {"idempotency-key": "k1"})
    assert (status, again["id"]) == (200, task["id"]), again
    large = "x" * 200_000
    assert api.succeeded(api.submit("echo", large))["result"] == large
    seen("the executor function runs tasks from each lane, one with a large payload, and a replay gets the first task")

    api.succeeded(api.submit("fail", {"times": 2}, retry={"min_backoff_seconds": 1, "max_backoff_seconds": 1}), attempts=3)
    failed = api.ended(api.submit("fail", {"times": 9}, retry={"max_attempts": 2, **AT_ONCE}))
    assert (failed["state"], failed["error"]["kind"]) == ("failed", "handler"), failed
    panics = [api.submit("fail", {"times": 9, "panic": True}, retry={"max_attempts": 1}), api.submit("echo", "beside it")]
    panicked, beside = api.ended(panics[0]), api.ended(panics[1])
    assert (panicked["state"], panicked["error"]["kind"]) == ("failed", "panic"), panicked
    assert (beside["state"], beside["attempt"]) == ("succeeded", 1), beside
    seen("a failing task is retried, and fails for good when its attempts are spent")

    due = api.get(api.submit("echo", "later", delay_seconds=4))
    task = api.succeeded(due["id"])
    assert task["started_at"] >= due["run_at"], task
    late = api.submit("sleep", {"seconds": 40}, timeout_seconds=50)
    cancelled = api.submit("echo", delay_seconds=3600)
    assert api.call("POST", f"/v1/tasks/{cancelled}/cancel")[2]["state"] == "cancelled"
    assert api.succeeded(api.call("POST", f"/v1/tasks/{cancelled}/retry")[2]["id"])
    seen("a delayed task starts when it is due; a cancelled one runs when it is retried")
    return late


def functions_called(stack, api):
    """Checks that tasks call the function that the parameter allows, and that the executor may call no other."""
    def submitted(function, payload=None, invocation="request", **fields):
        target = {"lambda": {"function": function, "invocation": invocation}}
        return api.call("POST", "/v1/tasks", {"target": target, "payload": payload, **fields})

    def accepted(*what, **fields):
        status, _, task = submitted(*what, **fields)
        assert status == 202, (status, task)
        return task["id"]

    for function in called.NAME, called.ARN, f"{called.NAME}:live", f"{called.ARN}:$LATEST":
        task = api.succeeded(accepted(function, {"n": 12345678901234567890}, labels={"team": "growth"}))
        event = task["result"]
        assert event["payload"] == {"n": 12345678901234567890}, task
        assert (event["taskway"]["id"], event["taskway"]["labels"]) == (task["id"], {"team": "growth"}), task
    api.succeeded(accepted(called.NAME, invocation="event"))
    again = api.succeeded(accepted(called.NAME, "fail", retry=AT_ONCE), attempts=2)
    assert again["result"]["taskway"]["attempt"] == 2, again
    given_up = api.ended(accepted(called.NAME, "give up"))
    assert (given_up["state"], given_up["error"]["kind"], given_up["error"]["message"]) == ("failed", "lambda", "as told"), given_up
    seen("tasks call a function by its name, ARN, alias and version, and its answer is their result")

    for other in "other", "reports", stack.outputs["SubmitName"], "arn:aws:lambda:us-east-1:111111111111:function:report":
        status, _, problem = submitted(other)
        assert (status, problem["errors"][0]["pointer"]) == (422, "/target/lambda/function"), (other, status, problem)
    iam = stack.client("iam")
    functions = stack.client("lambda")
    role = functions.get_function(FunctionName=stack.outputs["ExecutorName"])["Configuration"]["Role"].rsplit("/", 1)[-1]
    statements = iam.get_role_policy(RoleName=role, PolicyName="executor")["PolicyDocument"]["Statement"]
    invoking = [one["Resource"] for one in statements if "lambda:InvokeFunction" in one["Action"]]
    assert invoking == [called.ALLOWED.split(",")], statements
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "lambda:InvokeFunction", "Resource": "*"}]}
    iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=json.dumps(deny))
    try:
        refused = api.ended(accepted(called.NAME))
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="denied")
    assert (refused["state"], refused["error"]["kind"], refused["attempt"]) == ("failed", "lambda", 1), refused
    assert "403" in refused["error"]["message"], refused
    seen("the API refuses other functions; the role permits exactly the list, and a task whose call it does not permit fails")


def schedules_put(api):
    """Puts two schedules, which `schedules_fired` checks later. The PUT creates the firings of the next 75 s, and the ticks the others."""
    task = lambda payload: {"target": {"handler": "echo"}, "payload": payload, "queue": "scheduled"}
    rare = {"every_seconds": 80, "task": task("rare")}
    often = {"cron": "*/15 * * * * *", "time_zone": "Asia/Kathmandu", "misfire": "all", "task": task("often")}
    for name, schedule in ("rare", rare), ("often", often):
        status, _, body = api.call("PUT", f"/v1/schedules/{name}", schedule)
        assert (status, body["name"], body["last_run"]) == (201, name, None), (status, body)
        runs = [moment(at) for at in body["next_runs"]]
        between = datetime.timedelta(seconds=80 if name == "rare" else 15)
        assert len(runs) == 10 and all(late - early == between for early, late in zip(runs, runs[1:])), body
        assert runs[0] > moment(body["created_at"]), body
    status, _, run = api.call("POST", "/v1/schedules/rare/run")
    assert (status, run["schedule"]) == (202, "rare"), (status, run)
    assert api.succeeded(run["id"])["result"] == "rare"
    return often


def schedules_fired(api, often):
    """Checks the schedules of `schedules_put` when they have fired."""
    look = lambda name: api.call("GET", f"/v1/schedules/{name}")[2]
    ahead = moment(look("often")["created_at"]) + datetime.timedelta(seconds=75)
    fired = lambda schedule: schedule["last_run"] and moment(schedule["last_run"]["at"]) > ahead
    rare, last = [until(lambda: look(name), fired, 120, "has not fired")["last_run"] for name in ("rare", "often")]
    done = api.succeeded(rare["task_id"])
    assert rare["at"] == done["run_at"] <= done["started_at"] and done["schedule"] == "rare", done
    firings = [task for task in api.listed(queue="scheduled", limit=3) if task["schedule"] == "often"]
    firings = sorted((task["run_at"], task["id"]) for task in firings if task["run_at"] <= last["at"])
    times = [moment(at) for at, _ in firings]
    between = datetime.timedelta(seconds=15)
    assert times[0] + 4 * between <= ahead and all(late - early == between for early, late in zip(times, times[1:])), times
    for _, task in firings:
        api.succeeded(task, attempts=1)
    seen(f"EventBridge's ticks fire schedules, after the firings that a PUT creates: {len(firings)} firings, each once")

    # After this change a minute of firings waits, so the deletion has some to cancel.
    status, _, body = api.call("PUT", "/v1/schedules/often", {**often, "task": {**often["task"], "payload": "changed"}})
    assert (status, body["task"]["payload"]) == (200, "changed"), (status, body)
    waiting = [task["id"] for task in api.listed(queue="scheduled", state="queued")]
    assert waiting, api.listed(queue="scheduled")
    for name in "rare", "often":
        assert api.call("DELETE", f"/v1/schedules/{name}")[0] == 204
        assert api.call("GET", f"/v1/schedules/{name}")[0] == 404
    assert api.call("GET", "/v1/schedules")[2] == {"schedules": [], "next_cursor": None}
    left = api.listed(queue="scheduled")
    assert {task["state"] for task in left} <= {"running", "succeeded", "cancelled"}, left
    stopped = {task["id"]: task["started_at"] for task in left if task["state"] == "cancelled"}
    assert set(stopped) & set(waiting) and not any(stopped.values()), left
    seen("a deleted schedule is gone, and none of its firings waits")


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def lists(api):
    kind = "a b/ü&=+%"
    wanted = [api.submit("echo", n, queue="lists", labels={"kind": kind}) for n in range(5)]
    for task in [*wanted, api.submit("echo", queue="lists"), api.submit("echo", queue="others", labels={"kind": kind})]:
        api.succeeded(task)
    query = {"queue": "lists", "label.kind": kind, "state": "succeeded", "limit": 2}
    pages = list(api.pages("/v1/tasks", **query))
    assert all(len(page) <= 2 for page in pages), pages
    assert [task["id"] for page in pages for task in page] == wanted[::-1], (pages, wanted)
    cursor = api.call("GET", "/v1/tasks", query=query)[2]["next_cursor"]
    status, _, body = api.call("GET", "/v1/tasks", query={**query, "queue": "others", "cursor": cursor})
    assert status == 422, (status, body)
    seen("a list by queue, state and label has pages, newest first; another list refuses its cursor")


def changes_of_many(api):
    failing = [api.submit("fail", {"times": 1}, queue="dead", retry={"max_attempts": 1}) for _ in range(3)]
    before = {task: api.ended(task) for task in failing}
    dead = [task["id"] for page in api.pages("/v1/dead", queue="dead", limit=2) for task in page]
    assert sorted(dead) == sorted(failing), (dead, failing)
    status, _, body = api.call("POST", "/v1/dead/redrive", {"queue": "dead"})
    assert (status, body) == (200, {"matched": 3, "done": 3, "next_cursor": None}), (status, body)
    for task, was in before.items():
        again = lambda now: now["finished_at"] and now["started_at"] >= was["finished_at"]
        assert until(lambda: api.get(task), again, 60, "has not run again")["state"] == "failed"
    seen("failed tasks are listed, and a redrive runs them again")

    here, there, other = [api.submit("echo", queue=queue, labels={"of": of}, delay_seconds=3600)
                          for queue, of in [("later", "one"), ("later", "one"), ("later", "two")]]
    states = lambda: [api.get(task)["state"] for task in (here, there, other)]
    status, _, body = api.call("POST", "/v1/tasks/cancel", {"queue": "later", "labels": {"of": "one"}})
    assert (status, body) == (200, {"matched": 2, "done": 2, "next_cursor": None}), (status, body)
    assert states() == ["cancelled", "cancelled", "scheduled"], states()
    assert api.call("POST", "/v1/tasks/cancel", {})[0] == 422
    status, _, body = api.call("POST", "/v1/tasks/cancel", query={"queue": "later", "state": "scheduled"})
    assert (status, body) == (200, {"matched": 1, "done": 1, "next_cursor": None}), (status, body)
    assert states() == ["cancelled"] * 3, states()
    seen("delayed tasks are cancelled by a filter, in a body or as parameters; an empty filter is refused")


def paused(api):
    steered = lambda verb: api.call("POST", f"/v1/queues/steered/{verb}")
    per_key = {"concurrency": None, "rate": None}
    unlimited = {"name": "steered", "concurrency": None, "rate": None, "per_key": per_key}
    status, _, queue = steered("pause")
    assert (status, queue) == (200, {**unlimited, "paused": True, "held": 0, "failed": 0}), (status, queue)
    held = [api.submit("echo", n, queue="steered") for n in range(3)]
    until(lambda: api.call("GET", "/v1/queues/steered")[2], lambda queue: queue["held"] == 3, 60, "not held")
    assert [api.get(task)["state"] for task in held] == ["scheduled"] * 3
    assert api.call("POST", f"/v1/tasks/{held[0]}/cancel")[2]["state"] == "cancelled"
    assert {**unlimited, "paused": True} in api.call("GET", "/v1/queues")[2]["queues"]
    status, _, queue = steered("resume")
    assert (status, queue) == (200, {**unlimited, "paused": False, "held": 0, "failed": 0}), (status, queue)
    for task in held[1:]:
        api.succeeded(task)
    seen("a paused queue holds its tasks, and they run when it goes on")


def limited(api):
    rate = {"tasks": 60, "per_seconds": 60, "burst": 5}
    change = {"concurrency": 2, "rate": rate, "per_key": {"concurrency": 1, "rate": rate}}
    status, _, queue = api.call("PATCH", "/v1/queues/limited", change)
    assert status == 200 and {name: queue[name] for name in change} == change, (status, queue)
    time.sleep(5)
    for task in [api.submit("echo", n, queue="limited", fairness_key=f"tenant-{n % 2}") for n in range(4)]:
        api.succeeded(task)
    until(lambda: api.call("GET", "/v1/queues/limited")[2], lambda queue: queue["running"] == 0, 60, "not given back")
    seen("tasks of a queue and of keys with both limits run")


def purged(api):
    waiting = [api.submit("echo", n, queue="purged", delay_seconds=7200) for n in range(3)]
    status, _, body = api.call("POST", "/v1/queues/purged/purge")
    assert (status, body) == (200, {"matched": 3, "done": 3, "next_cursor": None}), (status, body)
    assert [api.get(task)["state"] for task in waiting] == ["cancelled"] * 3
    status, _, stats = api.call("GET", "/v1/stats")
    assert status == 200 and set(stats["lanes"]) == {"high", "normal", "low"}, (status, stats)
    seen("a queue is purged, and the stack is counted")


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


def main(ministack):
    # The test stops the emulator even if it gets a signal to stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    with emulator(ministack) as account:
        try:
            build(account)
            seen("sam build")
            stack = Stack(account, "taskway")
            stack.deploy(ExecutorTimeout=EXECUTOR_TIMEOUT, AllowedFunctions=called.ALLOWED)
            seen("sam deploy of the unmodified template, permissions checked")
            trust(stack)
            api = doors(stack)
            long = tasks_run(api)
            payloads.carried(api)
            seen("a payload is uploaded to the bucket, and a result as large is read from it; what nobody has uploaded is refused")
            called.create(stack)
            functions_called(stack, api)
            called.delete(stack)
            often = schedules_put(api)
            lists(api)
            changes_of_many(api)
            paused(api)
            limited(api)
            purged(api)
            promoted_by_the_rule(stack, api)
            poison(stack, api)
            schedules_fired(api, often)
            killed_in_a_batch(stack, api)
            updated_in_flight(stack, api)
            api.succeeded(long)
            seen("a task of 40 s kept its lease by heartbeats meanwhile")
            restored(stack, api)
            more_than_a_tick_does(stack, api)
            kept = payloads.emptied(stack)
            assert len([key for key in kept if key.startswith("tasks/")]) == 1, kept
            gone(stack)
            other_stage(account)
        except BaseException:
            lines = [line for line in account.log.read_text().splitlines() if "DEBUG" not in line]
            print("\n".join(lines[-40:]), file=sys.stderr)
            raise


main(sys.argv[1])
