"""Invokes the functions with each event of events/, unchanged and with the ids of existing tasks."""

import copy
import json

from stack import free_ports, stack
from watch import EVENTS, event, watch

COUNTED = (
    ("promoted", "rescued", "ended", "called_back", "dispatched", "freed", "held", "dead_letters", "kept_aside", "lag_ms")
    + ("due_backlog", "fired", "missed", "audited", "audit_findings", "objects_removed", "handed_over", "failed")
)  # fmt: skip
# A tick that promotes no task reports no promotion lag, rather than a lag of 0, and one that leaves none held reports no age.
IDLE = {**dict.fromkeys(COUNTED, 0), "promotion_lag_ms": None, "held_age_ms": None}
POISON = "e0000005-0005-4005-8005-000000000005"


def main():
    (port,) = free_ports(1)
    # The stack polls only the high lane, so that the messages on the normal lane stay for these events.
    with stack("--lanes", "high") as running:
        template = {"TASKWAY_AUTH": "IAM", "TASKWAY_EXECUTOR": "lambda"}
        with watch(port, {**running.environment, **template}) as functions:
            as_they_are(functions)
            nobody_is_refused(functions)
            with_a_record(running, functions)


def as_they_are(functions):
    for name, (function, check) in ANSWERS.items():
        answer = functions.invoke(function, name)
        assert check(answer), f"{name}: {answer}"
        print(f"{function} answers {name}.json")
    untried = {path.stem for path in EVENTS.glob("*.json")} - ANSWERS.keys()
    assert not untried, f"no test uses {untried}"


def nobody_is_refused(functions):
    unproven = copy.deepcopy(event("api-submit"))
    del unproven["requestContext"]["authorizer"]
    answer = functions.invoke("taskway-submit", unproven)
    assert answer["statusCode"] == 401, answer
    print("the submit function refuses a request that no authorizer passed")


def is_accepted(answer):
    task = json.loads(answer["body"])
    return answer["statusCode"] == 202 and answer["headers"]["location"] == f"/v1/tasks/{task['id']}"


ANSWERS = {
    "api-healthz": ("taskway-submit", lambda answer: (answer["statusCode"], answer["body"]) == (200, '{"status":"ok"}')),
    "api-submit": ("taskway-submit", is_accepted),
    # The named tasks have no record, and the messages are so old that none will follow. The executor lets them be deleted.
    "sqs-batch": ("taskway-executor", lambda answer: answer == {"batchItemFailures": []}),
    "sqs-partial-poison": (
        "taskway-executor",
        lambda answer: answer == {"batchItemFailures": [{"itemIdentifier": POISON}]},
    ),
    "eventbridge-tick": ("taskway-scheduler", lambda answer: answer == IDLE),
}


def with_a_record(running, functions):
    tasks = [submitted(functions) for _ in range(5)]
    for task in tasks:
        state(running, task, "queued", attempt=0)

    batch = of_tasks("sqs-batch", tasks[:3])
    assert functions.invoke("taskway-executor", batch) == {"batchItemFailures": []}
    for task in tasks[:3]:
        state(running, task, "succeeded", attempt=1)
    print("the executor runs a batch")

    assert functions.invoke("taskway-executor", batch) == {"batchItemFailures": []}
    for task in tasks[:3]:
        state(running, task, "succeeded", attempt=1)
    print("a batch that comes twice is run once")

    poisoned = of_tasks("sqs-partial-poison", tasks[3:])
    assert functions.invoke("taskway-executor", poisoned) == {"batchItemFailures": [{"itemIdentifier": POISON}]}
    for task in tasks[3:]:
        state(running, task, "succeeded", attempt=1)
    print("an unreadable message fails alone")


def submitted(functions):
    return json.loads(functions.invoke("taskway-submit", "api-submit")["body"])["id"]


def of_tasks(name, tasks):
    """The event, with the ids of these tasks in its readable messages."""
    filled, left = copy.deepcopy(event(name)), list(tasks)
    for record in filled["Records"]:
        message = json.loads(record["body"])
        if "id" in message:
            record["body"] = json.dumps({**message, "id": left.pop(0)})
    assert not left, f"{name} has too few messages"
    return filled


def state(running, task_id, state, attempt):
    _, task = running.call("GET", f"/v1/tasks/{task_id}")
    assert (task["state"], task["attempt"]) == (state, attempt), task
    if state == "succeeded":
        assert task["result"] == {"hello": "world"}, task


main()
