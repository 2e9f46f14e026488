"""A handler: a function that a task runs, and what comes of it."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
import threading
import typing
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from . import _json
from ._times import Duration, to_seconds
from ._validation import Reader, reader

log = logging.getLogger("taskway")


class Retry(Exception):
    """Raised by a handler to be run again, `after` this time (a timedelta or seconds), or as the task's `retry` says.

    `after` can lengthen the wait of an HTTP target, and not shorten it. Any other exception means Retry, too.
    """

    def __init__(self, reason: str = "the handler asked for another attempt", *, after: Optional[Duration] = None) -> None:
        super().__init__(reason)
        self.after = None if after is None else to_seconds(after)


class Fatal(Exception):
    """Raised by a handler to fail the task for good."""


@dataclass(frozen=True)
class Context:
    """What a delivery says of its task. `queue`, `deadline` and `labels` are known to Lambda functions only."""

    id: str
    """The task's id, the same for every attempt. Make effects idempotent by it."""
    attempt: int
    """The number of this attempt, from 1."""
    fence: int
    """Grows with every attempt. Send it with every write, and let the receiver refuse a smaller one than it has seen."""
    traceparent: Optional[str] = None
    queue: Optional[str] = None
    deadline: Optional[datetime] = None
    """When this attempt is cut."""
    labels: Mapping[str, str] = field(default_factory=dict)
    _stopped: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for this attempt any more. A coroutine is cancelled; a function on a thread must look."""
        return self._stopped.is_set()


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt. `status` is the HTTP status that says so."""

    status: int
    body: bytes = b""
    reason: str = ""
    # How many seconds to wait at least before another attempt.
    after: Optional[float] = None
    error: Optional[BaseException] = None

    @property
    def is_done(self) -> bool:
        return self.status < 300

    @property
    def is_fatal(self) -> bool:
        return 400 <= self.status < 500


def refused(status: int, reason: str) -> Outcome:
    """A 4xx status fails the task for good."""
    return Outcome(status, reason=reason)


class Handler:
    """A function with its hints read. Raises TypeError if they cannot be."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self.function = function
        # A decorator may hide that the function within is asynchronous.
        inner = inspect.unwrap(function)
        call = getattr(type(inner), "__call__", None)  # noqa: B004
        self.is_async = any(map(inspect.iscoroutinefunction, (function, inner, call)))
        self._payload, self._context = _parameters(name, function)

    def arguments(self, payload: Any, context: Context) -> Tuple[Dict[str, Any], List[str]]:
        """What the function is called with, and the faults of the payload."""
        given: Dict[str, Any] = {}
        faults: List[str] = []
        if self._payload is not None:
            name, read = self._payload
            given[name] = read(payload, "", faults)
        if self._context is not None:
            given[self._context] = context
        return given, faults

    def run_here(self, payload: Any, context: Context) -> Outcome:
        """Runs a function that is not asynchronous on this thread."""
        given, faults = self.arguments(payload, context)
        return _misfit(faults) if faults else self._call(given)

    async def run(self, payload: Any, context: Context, threads: Optional[Executor]) -> Outcome:
        """Runs the function: a coroutine in this loop, any other on one of the threads."""
        given, faults = self.arguments(payload, context)
        if faults:
            return _misfit(faults)
        if not self.is_async:
            call = contextvars.copy_context().run
            return await asyncio.get_running_loop().run_in_executor(threads, call, self._call, given)
        try:
            result = self.function(**given)
            return _done(await result if inspect.isawaitable(result) else result)
        except (Exception, SystemExit) as error:
            return self._failed(error)

    def _call(self, given: Dict[str, Any]) -> Outcome:
        # No exception crosses to the loop, which would hang on StopIteration and end on SystemExit.
        try:
            return _done(self.function(**given))
        except (Exception, SystemExit) as error:
            return self._failed(error)

    def _failed(self, error: BaseException) -> Outcome:
        if isinstance(error, Fatal):
            return Outcome(422, reason=str(error) or "the handler failed the task for good", error=error)
        if isinstance(error, Retry):
            return Outcome(503, reason=str(error), after=error.after, error=error)
        log.error("handler %s failed", self.name, exc_info=error)
        return Outcome(500, reason=f"{type(error).__name__}: {error}", error=error)


def _misfit(faults: List[str]) -> Outcome:
    return refused(422, f"the payload does not fit the handler: {'; '.join(faults)}")


def _done(result: Any) -> Outcome:
    try:
        return Outcome(200, _json.encode(result))
    except (TypeError, ValueError) as error:
        # Another attempt would repeat what the handler did, and end alike.
        return refused(422, f"the handler's result is not JSON: {error}")


def _parameters(name: str, function: Callable[..., Any]) -> Tuple[Optional[Tuple[str, Reader]], Optional[str]]:
    """The parameter that takes the payload, with its reader, and the one that takes the context."""
    hinted: Any = function if inspect.isroutine(function) else type(function).__call__
    hints = typing.get_type_hints(hinted)
    payload: Optional[Tuple[str, Reader]] = None
    context: Optional[str] = None
    for parameter in inspect.signature(function).parameters.values():
        hint = hints.get(parameter.name, Any)
        if hint is Context:
            context = parameter.name
        elif parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise TypeError(f"handler {name} has the parameter {parameter}, which has no name that a payload can be given to")
        elif payload is None:
            payload = (parameter.name, reader(hint))
        elif parameter.default is parameter.empty:
            raise TypeError(f"handler {name} must take a payload and a Context at most, got {parameter.name}, too")
    return payload, context
