"""Queues: they are paused, limited and purged."""

import time

from api import until
from seen import seen


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
