"""What tasks do: they run, call functions, are listed, and are changed many at a time."""

import json

import called
from api import until
from seen import seen

AT_ONCE = {"min_backoff_seconds": 0, "max_backoff_seconds": 0}


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


def billed(api):
    """Checks that the functions tell what AWS bills for their calls. Each tells it once in five minutes at most."""
    told = lambda months: any(month["sqs_requests"] > 0 and month["write_units"] > 0 for month in months)
    (month, *_) = until(lambda: api.call("GET", "/v1/stats")[2]["usage"], told, 320, "nothing is told")
    seen(f"the functions have told of {month['write_units']:.0f} write units and {month['sqs_requests']} requests to SQS")
