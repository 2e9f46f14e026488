from __future__ import annotations

from taskway import Taskway


def test_a_task_runs(taskway: Taskway) -> None:
    task = taskway.submit("echo", {"hello": "world"})
    assert task.state in ("queued", "running", "succeeded")
    assert taskway.wait(task, timeout=10).result == {"hello": "world"}
    assert taskway.get(task.id).state == "succeeded"
