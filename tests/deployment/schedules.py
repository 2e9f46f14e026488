"""Schedules: they are put, fire, change and go."""

import datetime

from api import until
from seen import seen


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
