"""What each call sends and what it makes of the answer. Both clients take their methods from here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Callable, Dict, Generic, Iterable, List, Literal, Mapping, Optional, Tuple, TypeVar, Union
from urllib.parse import quote, urlencode

from . import _json
from ._arguments import document_of, of_kind
from ._batches import Answer, answers_of, body_of, cut
from ._payloads import Part, TaskRef, downloaded, uploaded
from ._steps import Request, Response, Sender, Sleep, Steps
from ._times import Duration, to_instant, to_seconds, whole_seconds
from ._transfers import Sink, Uploadable, Writable, sink_of
from ._unset import UNSET, Unset
from .errors import BadRequest, NotAnswered, TaskwayError, TooLarge, WaitTimeout
from .models import BulkResult, KeyLimits, Queue, Rate, Schedule, Stats, Task
from .targets import Target
from .tasks import NewTask, TaskOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Unpack

# `wait` looks soon after the submit, then ever more rarely.
FIRST_LOOK_SECONDS = 0.05
LONGEST_LOOK_SECONDS = 2.0
# One call of the API changes or names so many tasks.
MOST_TASKS = 500

T = TypeVar("T")


@dataclass(frozen=True)
class Pages(Generic[T]):
    """A list that comes in pages: `page(cursor)` reads one, and returns the cursor of the next."""

    page: Callable[[Optional[str]], Steps[Tuple[List[T], Optional[str]]]]


@dataclass(frozen=True)
class Calls:
    sender: Sender
    decimals: bool = False

    # Tasks

    def submit(
        self, target: Target, payload: Any = None, *, wait: Optional[Duration] = None, **options: Unpack[TaskOptions]
    ) -> Steps[Task]:
        """Submits a task, and returns it as the API accepted it.

        `target` is the name of a handler, a URL, `Http` or `Lambda`. `payload` is any JSON, a dataclass or a pydantic model,
        at most 256 KiB. For a larger one, give what `upload` returned as `payload_ref`. `TaskOptions` describes the options.
        With `wait`, the API answers when the task has ended, or after that time, 25 s at most.

        The client makes an idempotency key if none is given. So the task is made once, however often the request is sent.

        Raises ValueError for a time without a zone, TypeError for a payload that is not JSON, Invalid if the API refuses a
        field, and KeyReused if the key was used for another task.
        """
        headers = {} if wait is None else {"prefer": f"wait={whole_seconds(wait)}"}
        body = _json.encode(NewTask(target, payload, **options).with_key().to_document())
        answer = yield from self.sender.send(Request("POST", "/v1/tasks", body, headers))
        return Task.from_document(self._read(answer))

    def submit_many(self, tasks: Iterable[NewTask]) -> Steps[List[Answer]]:
        """Submits tasks in batches, and returns an answer for each, in order.

        A batch has at most 500 tasks and 5 MiB. A refused task does not keep the others from being accepted. If a batch gets
        no answer within the client's timeout, its tasks and those after it have the exception in their answers. Submit these
        again with the `idempotency_key` of their answers: then those that were accepted are not made twice.

        Raises ValueError and TypeError as `submit` does, before anything is sent.
        """
        keyed = [of_kind("each task of submit_many", task, NewTask).with_key() for task in tasks]
        keys = [str(task.idempotency_key) for task in keyed]
        texts = [_json.encode(task.to_document()) for task in keyed]
        answers: List[Answer] = []
        failure: Optional[TaskwayError] = None
        for batch in cut(texts):
            at = len(answers)
            mine = keys[at : at + len(batch)]
            if failure is None:
                try:
                    answers += yield from self._batch(mine, batch)
                    continue
                except TaskwayError as error:
                    failure = error
            answers += [Answer(key, error=failure) for key in mine]
        return answers

    def _batch(self, keys: List[str], texts: List[bytes]) -> Steps[List[Answer]]:
        try:
            answer = yield from self.sender.send(Request("POST", "/v1/tasks/batch", body_of(texts)))
            return answers_of(keys, self._read(answer))
        except (BadRequest, TooLarge) as error:
            # One task can make the whole batch unreadable, such as by a payload that is nested too deep.
            if len(texts) == 1:
                return [Answer(keys[0], error=error)]
        half = len(texts) // 2
        first = yield from self._batch(keys[:half], texts[:half])
        second = yield from self._batch(keys[half:], texts[half:])
        return first + second

    def get(self, task: TaskRef) -> Steps[Task]:
        """The task as it is now, with its payload and result. Raises NotFound."""
        return Task.from_document((yield from self._get(_path("v1", "tasks", _id(task)))))

    def wait(self, task: TaskRef, *, timeout: Optional[Duration] = None) -> Steps[Task]:
        """Waits until the task has ended, well or not, and returns it.

        Raises WaitTimeout, which has the task, if it has not ended after `timeout`. Without a timeout it waits for ever.
        """
        clock = self.sender.clock
        until = math.inf if timeout is None else clock() + to_seconds(timeout)
        pause = FIRST_LOOK_SECONDS
        while True:
            now = yield from self.get(task)
            if now.ended:
                return now
            left = until - clock()
            if left <= 0:
                raise WaitTimeout(now)
            yield Sleep(min(pause, left))
            pause = min(pause * 1.5, LONGEST_LOOK_SECONDS)

    def tasks(
        self,
        *,
        queue: Optional[str] = None,
        state: Optional[str] = None,
        labels: Optional[Mapping[str, str]] = None,
        parent_id: Optional[str] = None,
        page_size: int = 50,
    ) -> Pages[Task]:
        """The tasks that match all filters, the newest first, without payloads and results.

        With `parent_id` these are the callbacks of that task, the oldest first.

        Reads a page of at most `page_size` tasks (1 to 500) at a time, when the iteration comes to it.
        """
        filters = _filters(queue, state, labels) + ([] if parent_id is None else [("parent_id", parent_id)])
        return self._pages("/v1/tasks", "tasks", Task.from_document, page_size, filters)

    def dead(
        self, *, queue: Optional[str] = None, labels: Optional[Mapping[str, str]] = None, page_size: int = 50
    ) -> Pages[Task]:
        """The tasks that ended as failed, the latest first, by pages as `tasks` reads them."""
        return self._pages("/v1/dead", "tasks", Task.from_document, page_size, _filters(queue, None, labels))

    def update(
        self,
        task: TaskRef,
        *,
        run_at: Optional[datetime] = None,
        priority: Optional[str] = None,
        deadline: Union[datetime, Literal[Unset.UNSET], None] = UNSET,
    ) -> Steps[Task]:
        """Changes a task that has not started. `deadline=None` removes the deadline.

        Raises StateConflict if it has started.
        """
        change: Dict[str, Any] = {}
        if run_at is not None:
            change["run_at"] = to_instant(run_at)
        if priority is not None:
            change["priority"] = priority
        if deadline is not UNSET:
            change["deadline"] = None if deadline is None else to_instant(deadline)
        answer = yield from self._send("PATCH", _path("v1", "tasks", _id(task)), change)
        return Task.from_document(answer)

    def cancel(self, task: TaskRef) -> Steps[Task]:
        """Stops a task. A cancelled one stays cancelled. Raises StateConflict if it has ended otherwise."""
        return Task.from_document((yield from self._send("POST", _path("v1", "tasks", _id(task), "cancel"))))

    def run(self, task: TaskRef) -> Steps[Task]:
        """Starts a waiting task now. Raises StateConflict if it does not wait.

        The request is not sent again if the first may have been carried out, because the second would then be refused.
        """
        path = _path("v1", "tasks", _id(task), "run")
        return Task.from_document((yield from self._send("POST", path, repeatable=False)))

    def retry(self, task: TaskRef) -> Steps[Task]:
        """Starts an ended task again, with attempts counted from 0. Raises StateConflict if it has not ended.

        The request is not sent again if the first may have been carried out, because the task could then run twice.
        """
        path = _path("v1", "tasks", _id(task), "retry")
        return Task.from_document((yield from self._send("POST", path, repeatable=False)))

    def cancel_many(
        self,
        *,
        queue: Optional[str] = None,
        state: Optional[str] = None,
        labels: Optional[Mapping[str, str]] = None,
        ids: Optional[Iterable[str]] = None,
        all: bool = False,
    ) -> Steps[BulkResult]:
        """Stops all tasks that match all filters. `all=True` stops every task, and needs no filter.

        Raises Invalid without a filter. If it fails half way, the same call again does the rest.
        """
        filters: Dict[str, Any] = {"queue": queue, "state": state, "labels": labels and dict(labels), "all": all or None}
        return (yield from self._bulk("/v1/tasks/cancel", filters, ids))

    def redrive(
        self,
        *,
        queue: Optional[str] = None,
        labels: Optional[Mapping[str, str]] = None,
        ids: Optional[Iterable[str]] = None,
    ) -> Steps[BulkResult]:
        """Starts again all failed tasks that match all filters; without a filter, every failed task.

        If it fails half way, the same call again does the rest.
        """
        return (yield from self._bulk("/v1/dead/redrive", {"queue": queue, "labels": labels and dict(labels)}, ids))

    # Queues

    def queues(self, *, page_size: int = 50) -> Pages[Queue]:
        """The queues that have tasks or settings, without their counts. A page has at most 100."""
        return self._pages("/v1/queues", "queues", Queue.from_document, page_size, [])

    def get_queue(self, name: str) -> Steps[Queue]:
        """A queue's settings, and how much it holds. A queue needs no set-up: each name has one."""
        return Queue.from_document((yield from self._get(_path("v1", "queues", name))))

    def set_queue(
        self,
        name: str,
        *,
        paused: Optional[bool] = None,
        concurrency: Union[int, Literal[Unset.UNSET], None] = UNSET,
        rate: Union[Rate, Literal[Unset.UNSET], None] = UNSET,
        per_key: Union[KeyLimits, Literal[Unset.UNSET], None] = UNSET,
    ) -> Steps[Queue]:
        """Changes the settings that are given. None as `concurrency`, `rate` or `per_key` means no limit."""
        change: Dict[str, Any] = {}
        if paused is not None:
            change["paused"] = paused
        if concurrency is not UNSET:
            change["concurrency"] = concurrency
        if rate is not UNSET:
            change["rate"] = document_of("rate", rate, Rate)
        if per_key is not UNSET:
            change["per_key"] = document_of("per_key", per_key, KeyLimits)
        return Queue.from_document((yield from self._send("PATCH", _path("v1", "queues", name), change)))

    def pause_queue(self, name: str) -> Steps[Queue]:
        """From 5 s after the answer no task of the queue starts. What runs ends as usual."""
        return Queue.from_document((yield from self._send("POST", _path("v1", "queues", name, "pause"))))

    def resume_queue(self, name: str) -> Steps[Queue]:
        """Lets the queue go on."""
        return Queue.from_document((yield from self._send("POST", _path("v1", "queues", name, "resume"))))

    def purge_queue(self, name: str) -> Steps[BulkResult]:
        """Cancels the tasks of the queue that wait. Those that run go on."""
        return (yield from self._bulk(_path("v1", "queues", name, "purge"), {}, None))

    # Schedules

    def schedules(self, *, page_size: int = 50) -> Pages[Schedule]:
        """All schedules without their payloads, the latest put first. A page has at most 100."""
        return self._pages("/v1/schedules", "schedules", Schedule.from_document, page_size, [])

    def get_schedule(self, name: str) -> Steps[Schedule]:
        """A schedule, with what it means and when it fires. Raises NotFound."""
        return Schedule.from_document((yield from self._get(_path("v1", "schedules", name))))

    def put_schedule(
        self,
        name: str,
        task: NewTask,
        *,
        cron: Optional[str] = None,
        every: Optional[Duration] = None,
        time_zone: Optional[str] = None,
        overlap: Optional[str] = None,
        misfire: Optional[str] = None,
        start_at: Optional[datetime] = None,
        end_at: Optional[datetime] = None,
        jitter: Optional[Duration] = None,
        paused: bool = False,
    ) -> Steps[Schedule]:
        """Creates a schedule, or replaces it.

        Exactly one of `cron` (an expression for `time_zone`, an IANA name) and `every` (1 s to 366 days) must be given. `task`
        must have no time, deadline or idempotency key: each firing has its own. `overlap` is `allow` or `skip`, `misfire` is
        `once`, `all` or `skip`. Firings start up to `jitter` after their time.

        Raises Invalid, which names each field that is wrong.
        """
        document = {
            "task": document_of("task", task, NewTask),
            "cron": cron,
            "every_seconds": None if every is None else whole_seconds(every),
            "time_zone": time_zone,
            "overlap": overlap,
            "misfire": misfire,
            "start_at": None if start_at is None else to_instant(start_at),
            "end_at": None if end_at is None else to_instant(end_at),
            "jitter_seconds": None if jitter is None else whole_seconds(jitter),
            "paused": paused,
        }
        answer = yield from self._send("PUT", _path("v1", "schedules", name), document)
        return Schedule.from_document(answer)

    def delete_schedule(self, name: str) -> Steps[None]:
        """Deletes a schedule, and cancels its firings that have not started. Raises NotFound."""
        yield from self.sender.send(Request("DELETE", _path("v1", "schedules", name)))

    def run_schedule(self, name: str) -> Steps[Task]:
        """Submits a schedule's task now, in addition to its firings. Raises NotFound.

        The request is not sent again if the first may have been carried out, because there would then be two tasks.
        """
        return Task.from_document((yield from self._send("POST", _path("v1", "schedules", name, "run"), repeatable=False)))

    # The stack

    def stats(self) -> Steps[Stats]:
        """How much is in the stack. All numbers are approximate."""
        return Stats.from_document((yield from self._get("/v1/stats")))

    # Large payloads and results

    def upload(self, data: Uploadable) -> Steps[str]:
        """Uploads a payload of up to 100 MiB, and returns the `payload_ref` with which tasks are submitted within a day.

        `data` is bytes, a path, or a file that is open with mode `rb`, from where it is. A file is read twice, for its digest
        and to be sent, and is never held as a whole. To upload the same bytes again changes nothing, and returns the same.

        Raises Invalid if the API does not take so many bytes, and another Problem if the bucket refuses them.
        """
        return (yield from uploaded(self.sender, lambda asked: self._send("POST", "/v1/payloads", asked), data))

    def download(self, task: TaskRef, part: Part = "result") -> Steps[bytes]:
        """The result of a task that has a `result_url`, or its payload if `part` is "payload" and it has a `payload_url`.

        These are the bytes as they are kept: of a result, JSON. Raises ValueError if the task has no such URL, and NotFound.
        """
        whole = BytesIO()
        yield from downloaded(self.sender, self.get, task, part, Sink(whole, 0))
        return whole.getvalue()

    def download_to(self, task: TaskRef, to: Writable, part: Part = "result") -> Steps[int]:
        """Writes what `download` returns to a path, or to a file that is open with mode `wb`, and returns the number of bytes.

        They are never held as a whole. A file at the path is replaced when all of them are there. Raises as `download` does.
        """
        with sink_of(to) as sink:
            yield from downloaded(self.sender, self.get, task, part, sink)
        return sink.size

    def _get(self, path: str) -> Steps[Any]:
        return self._read((yield from self.sender.send(Request("GET", path))))

    def _send(self, method: str, path: str, content: Any = None, *, repeatable: bool = True) -> Steps[Any]:
        body = _json.encode({} if content is None else content)
        return self._read((yield from self.sender.send(Request(method, path, body, repeatable=repeatable))))

    def _bulk(self, path: str, filters: Mapping[str, Any], ids: Optional[Iterable[str]]) -> Steps[BulkResult]:
        given = {name: value for name, value in filters.items() if value is not None}
        matched = done = 0
        for some in _named(ids):
            cursor = None
            while True:
                body = {**given, **some, **({} if cursor is None else {"cursor": cursor})}
                answer = yield from self._send("POST", path, body)
                matched, done = matched + answer["matched"], done + answer["done"]
                cursor = answer.get("next_cursor")
                if cursor is None:
                    break
        return BulkResult(matched, done)

    def _pages(
        self, path: str, name: str, read: Callable[[Any], T], page_size: int, filters: List[Tuple[str, str]]
    ) -> Pages[T]:
        def page(cursor: Optional[str]) -> Steps[Tuple[List[T], Optional[str]]]:
            query = [*filters, ("limit", str(page_size))] + ([] if cursor is None else [("cursor", cursor)])
            answer = yield from self._get(f"{path}?{urlencode(query, quote_via=quote)}")
            return [read(one) for one in answer[name]], answer.get("next_cursor")

        return Pages(page)

    def _read(self, answer: Response) -> Any:
        try:
            return _json.decode(answer.body, decimals=self.decimals)
        except ValueError as error:
            raise NotAnswered(f"the answer with status {answer.status} is not JSON: is this URL Taskway's?") from error


def _id(task: TaskRef) -> str:
    return task.id if isinstance(task, Task) else task


def _path(*segments: str) -> str:
    """The path of these segments. An empty one or a dot would lead to another call."""
    for segment in segments:
        if not isinstance(segment, str):
            raise TypeError(f"a task, or the name of a queue or schedule, is expected, not {segment!r}")
        if segment in ("", ".", ".."):
            raise ValueError(f"{segment!r} is not a name or an id")
    return "".join("/" + quote(segment, safe="") for segment in segments)


def _filters(queue: Optional[str], state: Optional[str], labels: Optional[Mapping[str, str]]) -> List[Tuple[str, str]]:
    given = [("queue", queue), ("state", state)] + [(f"label.{name}", value) for name, value in (labels or {}).items()]
    return [(name, value) for name, value in given if value is not None]


def _named(ids: Optional[Iterable[str]]) -> Iterable[Dict[str, Any]]:
    """The ids in parts that one call takes. An empty list changes nothing, and must not mean every task."""
    if ids is None:
        return [{}]
    every = list(ids)
    return [{"ids": every[start : start + MOST_TASKS]} for start in range(0, len(every), MOST_TASKS)]
