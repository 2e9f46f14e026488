"""`taskway dev --functions`: functions under `cargo lambda watch` serve the API, the batches and the ticks."""

from outage import way_to
from stack import free_ports, stack
from watch import COMPILED_WITHIN, watch

SOON = {"min_backoff_seconds": 0, "max_backoff_seconds": 0}


def main():
    (port,) = free_ports(1)
    with stack("--functions", f"http://127.0.0.1:{port}") as running:
        status, problem = running.call("GET", "/healthz")
        assert (status, "cargo lambda watch" in problem["detail"]) == (503, True), problem
        print("without functions the API says what to start")

        with way_to(running.environment["AWS_ENDPOINT_URL_SQS"]) as queues:
            with watch(port, {**running.environment, "AWS_ENDPOINT_URL_SQS": queues.url}) as functions:
                # Invokes each function once, so that it is compiled before a test waits for it.
                functions.invoke("taskway-executor", "sqs-batch")
                functions.invoke("taskway-scheduler", "eventbridge-tick")
                the_api(running)
                tasks(running)
                a_tick(running, functions, queues)
                a_function(running)


def the_api(running):
    assert running.call("GET", "/healthz") == (200, {"status": "ok"})
    status, problem = running.call("GET", "/v1/tasks/none")
    assert (status, problem["type"]) == (404, "/problems/not-found"), problem
    status, problem = running.call("POST", "/v1/tasks", {"target": {}, "payload": "ü", "queue": "!"})
    assert (status, len(problem["errors"])) == (422, 2), problem
    status, answer = running.call("POST", "/v1/tasks/batch", {"tasks": [{"target": {"handler": "echo"}}] * 3})
    assert (status, [one["status"] for one in answer["results"]]) == (200, [202] * 3), answer
    print("the submit function answers the API")


def tasks(running):
    text = "ü 🦀"
    done = running.ended(running.submit("echo", text), within=COMPILED_WITHIN)
    assert (done["state"], done["attempt"], done["result"]) == ("succeeded", 1, text), done
    print("a task runs in the executor function")

    retried = running.ended(running.submit("fail", {"times": 1}, retry=SOON))
    assert (retried["state"], retried["attempt"]) == ("succeeded", 2), retried
    print("a task that fails runs there again")

    delayed = running.ended(running.submit("echo", delay_seconds=1))
    assert delayed["state"] == "succeeded" and delayed["started_at"] >= delayed["run_at"] > delayed["created_at"], delayed
    later = running.submit("echo", delay_seconds=3600)
    assert running.call("POST", f"/v1/tasks/{later}/cancel")[1]["state"] == "cancelled"
    print("a task waits, and is cancelled")


def a_function(running):
    # The scheduler is a function like any other, and fails at an event that is no tick.
    def call(function):
        task = {"target": {"lambda": {"function": function}}, "retry": {"max_attempts": 1}}
        status, task = running.call("POST", "/v1/tasks", task)
        assert status == 202, task
        ended = running.ended(task["id"])
        assert (ended["state"], ended["error"]["kind"]) == ("failed", "lambda"), ended
        return ended["error"]["message"]

    message = call("taskway-scheduler")
    assert "did not match any variant" in message, message
    message = call("taskway-nobody")
    assert message.startswith("Lambda answered 404"), message
    print("a task calls a function there, and sees that it fails or is missing")


def a_tick(running, functions, queues):
    # A task that cannot be sent waits in the agenda until a tick promotes it.
    with queues.cut():
        parked = running.submit("echo", "by a tick", delay_seconds=2)
        assert running.call("GET", f"/v1/tasks/{parked}")[1]["state"] == "scheduled"
    functions.invoke("taskway-scheduler", "eventbridge-tick")
    assert running.ended(parked)["result"] == "by a tick"
    print("a tick of the scheduler function promotes a delayed task")


main()
