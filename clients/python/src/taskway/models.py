"""What the API answers, as Python has it: times with their zone, durations as timedelta.

Every class keeps the whole answer in `document`, so that fields of a newer release can be read there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Dict, List, Literal, Mapping, Optional, Sequence, Union

from . import _json
from ._times import Duration, from_instant, from_seconds, whole_seconds
from ._unset import UNSET, Unset
from .callbacks import Callback
from .targets import Http, Target, target_of

Document = Mapping[str, Any]


@dataclass(frozen=True)
class RetryPolicy:
    """How often an attempt is made, and the waits between attempts. None leaves a value to the API's default."""

    max_attempts: Optional[int] = None
    min_backoff: Optional[Duration] = None
    max_backoff: Optional[Duration] = None
    multiplier: Optional[float] = None

    def to_document(self) -> Dict[str, Any]:
        document: Dict[str, Any] = {}
        if self.max_attempts is not None:
            document["max_attempts"] = self.max_attempts
        if self.min_backoff is not None:
            document["min_backoff_seconds"] = whole_seconds(self.min_backoff)
        if self.max_backoff is not None:
            document["max_backoff_seconds"] = whole_seconds(self.max_backoff)
        if self.multiplier is not None:
            document["multiplier"] = self.multiplier
        return document

    @classmethod
    def from_document(cls, document: Document) -> RetryPolicy:
        return cls(
            document.get("max_attempts"),
            from_seconds(document.get("min_backoff_seconds")),
            from_seconds(document.get("max_backoff_seconds")),
            document.get("multiplier"),
        )


@dataclass(frozen=True)
class Progress:
    """How far an attempt has come: `done` of `total`, as reported at `at`."""

    done: int
    total: int
    at: datetime


@dataclass(frozen=True)
class AttemptError:
    """Why attempt number `attempt` failed. `kind` is such as `handler`, `http` or `timeout`."""

    kind: str
    message: str
    attempt: int
    at: datetime


@dataclass(frozen=True)
class PastAttempt:
    """An attempt that failed, and that another one followed. `message` is the first 100 bytes of its error's message."""

    attempt: int
    started_at: datetime
    failed_at: datetime
    kind: str
    message: str


@dataclass(frozen=True)
class Task:
    """A task as it was when the API answered. Lists and batches leave out `payload` and `result`, which are None then."""

    id: str
    state: str
    """`scheduled`, `queued`, `running`, `succeeded`, `failed`, `cancelled` or `expired`."""
    queue: str
    target: Optional[Target]
    payload: Any
    result: Any
    error: Optional[AttemptError]
    priority: str
    attempt: int
    """How many attempts were counted."""
    past_attempts: Sequence[PastAttempt]
    """The attempts that failed and that another followed, the latest last, as far as the record has room for them."""
    labels: Mapping[str, str]
    run_at: Optional[datetime]
    next_attempt_at: Optional[datetime]
    deadline: Optional[datetime]
    timeout: Optional[timedelta]
    retry: Optional[RetryPolicy]
    idempotency_key: Optional[str]
    fairness_key: Optional[str]
    expected_duration: Optional[timedelta]
    retain: Optional[timedelta]
    progress: Optional[Progress]
    schedule: Optional[str]
    parent_id: Optional[str]
    """The task whose callback this is."""
    on_success: Optional[Callback]
    on_failure: Optional[Callback]
    traceparent: Optional[str]
    generation: int
    held: bool
    """Whether its queue holds it back: by a pause, a limit or a rate."""
    created_at: Optional[datetime]
    started_at: Optional[datetime]
    finished_at: Optional[datetime]
    retained_until: Optional[datetime]
    payload_ref: Optional[str]
    """The upload that is its payload."""
    payload_url: Optional[str]
    """Where its payload can be read for 15 minutes, if that was uploaded."""
    result_url: Optional[str]
    """Where its result can be read for 15 minutes, if that is too large for an answer. `result` is None then."""
    document: Document = field(repr=False, compare=False)
    """The answer's own JSON."""

    @property
    def ended(self) -> bool:
        """Whether the task is in one of its four last states."""
        return self.state in ("succeeded", "failed", "cancelled", "expired")

    @property
    def value(self) -> Any:
        """What the handler returned. Of an HTTP target, the JSON in the body of its answer.

        None if the task has not succeeded: `error` says why. Raises ValueError if that body is not JSON; `result` has the whole
        answer. Raises it also for a result that is too large for an answer: download that.
        """
        if self.result_url is not None:
            raise ValueError(f"the result of task {self.id} is too large for an answer: download it")
        if not isinstance(self.target, Http) or not self.result:
            return self.result
        try:
            return _json.decode(self.result["body"])
        except ValueError as error:
            raise ValueError(f"the answer of task {self.id} is not JSON: its text is in result['body']") from error

    @classmethod
    def from_document(cls, document: Document) -> Task:
        get = document.get
        retry, milliseconds = get("retry"), get("expected_duration_ms")
        return cls(
            id=document["id"],
            state=document["state"],
            queue=get("queue", "default"),
            target=target_of(get("target") or {}),
            payload=get("payload"),
            result=get("result"),
            error=_attempt_error(get("error")),
            priority=get("priority", "normal"),
            attempt=get("attempt", 0),
            past_attempts=tuple(map(_past_attempt, get("past_attempts") or ())),
            labels=get("labels") or {},
            run_at=_time(get("run_at")),
            next_attempt_at=_time(get("next_attempt_at")),
            deadline=_time(get("deadline")),
            timeout=from_seconds(get("timeout_seconds")),
            retry=None if retry is None else RetryPolicy.from_document(retry),
            idempotency_key=get("idempotency_key"),
            fairness_key=get("fairness_key"),
            expected_duration=None if milliseconds is None else timedelta(milliseconds=milliseconds),
            retain=from_seconds(get("retain_seconds")),
            progress=_progress(get("progress")),
            schedule=get("schedule"),
            parent_id=get("parent_id"),
            on_success=Callback.from_document(get("on_success")),
            on_failure=Callback.from_document(get("on_failure")),
            traceparent=get("traceparent"),
            generation=get("generation", 0),
            held=bool(get("held")),
            created_at=_time(get("created_at")),
            started_at=_time(get("started_at")),
            finished_at=_time(get("finished_at")),
            retained_until=_time(get("retained_until")),
            payload_ref=get("payload_ref"),
            payload_url=get("payload_url"),
            result_url=get("result_url"),
            document=document,
        )


@dataclass(frozen=True)
class BulkResult:
    """What a change of many tasks did: how many matched, and how many of them were changed."""

    matched: int
    done: int


@dataclass(frozen=True)
class ScheduledRun:
    """A firing of a schedule: its time, and the task that it made."""

    at: datetime
    task_id: Optional[str]


@dataclass(frozen=True)
class Schedule:
    """A schedule: a task that is submitted again and again."""

    name: str
    cron: Optional[str]
    every: Optional[timedelta]
    time_zone: Optional[str]
    target: Optional[Target]
    payload: Any
    """What each firing's task is given. Lists leave it out."""
    overlap: str
    misfire: str
    start_at: Optional[datetime]
    end_at: Optional[datetime]
    jitter: timedelta
    paused: bool
    description: Optional[str]
    """When it fires, in plain words."""
    next_runs: List[datetime]
    """The next ten times, in UTC. A paused schedule has none."""
    next_runs_local: List[datetime]
    """The same times with the offset of `time_zone`."""
    notes: List[str]
    """Where other crons read this expression differently, and what happens when a clock changes."""
    last_run: Optional[ScheduledRun]
    created_at: Optional[datetime]
    document: Document = field(repr=False, compare=False)
    """The answer's own JSON, with everything that each firing submits in `task`."""

    @classmethod
    def from_document(cls, document: Document) -> Schedule:
        get = document.get
        task, last_run = get("task") or {}, get("last_run")
        return cls(
            name=document["name"],
            cron=get("cron"),
            every=from_seconds(get("every_seconds")),
            time_zone=get("time_zone"),
            target=target_of(task.get("target") or {}),
            payload=task.get("payload"),
            overlap=get("overlap", "allow"),
            misfire=get("misfire", "once"),
            start_at=_time(get("start_at")),
            end_at=_time(get("end_at")),
            jitter=timedelta(seconds=get("jitter_seconds") or 0),
            paused=get("paused", False),
            description=get("description"),
            next_runs=[from_instant(at) for at in get("next_runs") or ()],
            next_runs_local=[from_instant(at) for at in get("next_runs_local") or ()],
            notes=list(get("notes") or ()),
            last_run=None if last_run is None else ScheduledRun(from_instant(last_run["at"]), last_run.get("task_id")),
            created_at=_time(get("created_at")),
            document=document,
        )


@dataclass(frozen=True)
class Rate:
    """At most `tasks` attempts start in the time `per`, and at most `burst` of them at once after a quiet time."""

    tasks: int
    per: Duration
    burst: int = 1

    def to_document(self) -> Dict[str, Any]:
        return {"tasks": self.tasks, "per_seconds": whole_seconds(self.per), "burst": self.burst}

    @classmethod
    def from_document(cls, document: Document) -> Rate:
        return cls(document["tasks"], timedelta(seconds=document["per_seconds"]), document.get("burst", 1))


@dataclass(frozen=True)
class KeyLimits:
    """Limits of each fairness key of a queue. None means no limit, and `set_queue` leaves alone what is not given."""

    concurrency: Union[int, Literal[Unset.UNSET], None] = UNSET
    """How many attempts of each key run at once."""
    rate: Union[Rate, Literal[Unset.UNSET], None] = UNSET
    """How many attempts of each key start in a period."""

    def to_document(self) -> Dict[str, Any]:
        document: Dict[str, Any] = {}
        if self.concurrency is not UNSET:
            document["concurrency"] = self.concurrency
        if self.rate is not UNSET:
            document["rate"] = None if self.rate is None else self.rate.to_document()
        return document

    @classmethod
    def from_document(cls, document: Document) -> KeyLimits:
        return cls(document.get("concurrency"), _rate(document.get("rate")))


@dataclass(frozen=True)
class Count:
    """A number of tasks. If `exact` is false, there are at least so many: the API stops counting at about a thousand."""

    number: int
    exact: bool


@dataclass(frozen=True)
class Queue:
    """A queue's settings, and how much it holds. Lists leave out `running`, `held` and `failed`."""

    name: str
    paused: bool
    concurrency: Optional[int]
    """How many attempts run at once. None means no limit."""
    rate: Optional[Rate]
    """How many attempts start in a period. None means no limit."""
    per_key: KeyLimits
    """The same of each fairness key."""
    running: Optional[int]
    """How many attempts count against `concurrency`. None without that limit."""
    held: Optional[Count]
    """How many tasks the queue holds back."""
    failed: Optional[Count]
    """How many of its tasks ended as failed."""
    document: Document = field(repr=False, compare=False)

    @classmethod
    def from_document(cls, document: Document) -> Queue:
        get = document.get
        return cls(
            name=document["name"],
            paused=get("paused", False),
            concurrency=get("concurrency"),
            rate=_rate(get("rate")),
            per_key=KeyLimits.from_document(get("per_key") or {}),
            running=get("running"),
            held=_count(get("held")),
            failed=_count(get("failed")),
            document=document,
        )


@dataclass(frozen=True)
class Messages:
    """Messages of a queue of SQS: those that wait, those that an executor has, and those whose time has not come."""

    waiting: int
    in_flight: int
    delayed: int


@dataclass(frozen=True)
class Program:
    """The executors that have the same handlers."""

    handlers: Sequence[str]
    running: bool
    """Whether one was seen within the last two minutes."""
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True)
class EndedMinute:
    """How many tasks ended in a minute."""

    at: datetime
    """When the minute began."""
    succeeded: int
    failed: int
    cancelled: int
    expired: int


@dataclass(frozen=True)
class MonthOfUsage:
    """What AWS bills for the calls that Taskway's processes made in a month."""

    month: str
    """In UTC: `2026-11`."""
    write_units: int
    read_units: float
    sqs_requests: int


@dataclass(frozen=True)
class Stats:
    """How much is in the stack. All numbers are approximate."""

    lanes: Mapping[str, Messages]
    """By priority: `high`, `normal`, `low`."""
    dead_letters: Messages
    due_backlog: Count
    """Tasks that are past their time and were not sent."""
    promotion_lag: timedelta
    """How long the latest of those is past its time."""
    unreadable: Count
    """Messages that cannot be read, and wait for a person."""
    programs: Sequence[Program]
    """Those that have announced their handlers within the last week, the one seen last at the top."""
    ended: Sequence[EndedMinute]
    """How many tasks ended in each minute of the last hour, the oldest first, without minutes in which none ended."""
    usage: Sequence[MonthOfUsage]
    """What AWS bills for the calls of each month, the latest first, as far as the processes have told."""
    document: Document = field(repr=False, compare=False)

    @classmethod
    def from_document(cls, document: Document) -> Stats:
        return cls(
            lanes={lane: _messages(messages) for lane, messages in document["lanes"].items()},
            dead_letters=_messages(document["dead_letters"]),
            due_backlog=_count(document["due_backlog"]) or Count(0, True),
            promotion_lag=timedelta(seconds=document["promotion_lag_seconds"]),
            unreadable=_count(document["unreadable"]) or Count(0, True),
            programs=tuple(_program(program) for program in document.get("programs", ())),
            ended=tuple(_ended(minute) for minute in document.get("ended", ())),
            usage=tuple(_usage(month) for month in document.get("usage", ())),
            document=document,
        )


def _program(document: Document) -> Program:
    first, last = from_instant(document["first_seen_at"]), from_instant(document["last_seen_at"])
    return Program(tuple(document["handlers"]), document["running"], first, last)


def _ended(document: Document) -> EndedMinute:
    counts = (document[name] for name in ("succeeded", "failed", "cancelled", "expired"))
    return EndedMinute(from_instant(document["at"]), *counts)


def _usage(document: Document) -> MonthOfUsage:
    return MonthOfUsage(*(document[name] for name in ("month", "write_units", "read_units", "sqs_requests")))


def _time(text: Optional[str]) -> Optional[datetime]:
    return None if text is None else from_instant(text)


def _rate(document: Optional[Document]) -> Optional[Rate]:
    return None if document is None else Rate.from_document(document)


def _attempt_error(document: Optional[Document]) -> Optional[AttemptError]:
    if document is None:
        return None
    return AttemptError(document["kind"], document["message"], document["attempt"], from_instant(document["at"]))


def _past_attempt(document: Document) -> PastAttempt:
    times = (from_instant(document["started_at"]), from_instant(document["failed_at"]))
    return PastAttempt(document["attempt"], *times, document["kind"], document["message"])


def _progress(document: Optional[Document]) -> Optional[Progress]:
    return None if document is None else Progress(document["done"], document["total"], from_instant(document["at"]))


def _count(given: Any) -> Optional[Count]:
    if given is None:
        return None
    return Count(given["at_least"], False) if isinstance(given, dict) else Count(given, True)


def _messages(document: Document) -> Messages:
    return Messages(document["waiting"], document["in_flight"], document["delayed"])
