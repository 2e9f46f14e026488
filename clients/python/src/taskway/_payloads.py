"""How a payload is uploaded, and a payload or a result downloaded: the API gives a URL, and the bucket does the rest."""

from __future__ import annotations

from typing import Any, Callable, Literal, Mapping, Optional, Union

from ._steps import Sender, Steps
from ._transfers import Measured, Sink, Transfer, Uploadable, source_of
from .errors import Problem
from .models import Task

# A task, or its id.
TaskRef = Union[str, Task]
# What of a task is downloaded.
Part = Literal["result", "payload"]


def uploaded(sender: Sender, ask: Callable[[Mapping[str, Any]], Steps[Any]], data: Uploadable) -> Steps[str]:
    """Uploads, and returns the `payload_ref`. `ask` asks the API how."""
    measured = yield source_of(data)
    assert isinstance(measured, Measured)

    again = False
    while True:
        told = yield from ask({"bytes": measured.size, "sha256": measured.sha256})
        put = told["upload"]
        if (yield from _done(sender, Transfer(put["method"], put["url"], put["headers"], body=measured), again)):
            return str(told["payload_ref"])
        again = True


def downloaded(sender: Sender, get: Callable[[TaskRef], Steps[Task]], task: TaskRef, part: Part, sink: Sink) -> Steps[None]:
    """Downloads a part of a task. `get` asks the API for the task as it is now."""
    if part not in ("result", "payload"):
        raise ValueError(f"a task has no part {part!r} to download: give 'result' or 'payload'")

    url = _url_of(task, part) if isinstance(task, Task) else None
    again = False
    while True:
        if url is None:
            now = yield from get(task)
            url = _url_of(now, part)
            if url is None:
                raise ValueError(f"task {now.id} is {now.state} and has no {part}_url: `{part}` has what fits an answer")
        if (yield from _done(sender, Transfer("GET", url, sink=sink), again)):
            return
        url, again = None, True


def _done(sender: Sender, transfer: Transfer, again: bool) -> Steps[bool]:
    """Makes the transfer. Returns False if its URL may have expired, unless it is a new one."""
    try:
        yield from sender.send(transfer)
    except Problem as problem:
        # S3 says 403 for a URL that has expired, and 400 if the credentials that signed it have. An object may have moved.
        if again or (problem.status not in (403, 404) and problem.title != "ExpiredToken"):
            raise
        return False
    return True


def _url_of(task: Task, part: Part) -> Optional[str]:
    return task.result_url if part == "result" else task.payload_url
