"""What can go wrong. Every exception of this package's client is a TaskwayError."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Type

if TYPE_CHECKING:
    from .models import Task


class TaskwayError(Exception):
    """A call did not do what it should."""


class NotAnswered(TaskwayError):
    """No answer came within the client's timeout. The stack may have done what was asked. `__cause__` says what broke."""


class WaitTimeout(TaskwayError, TimeoutError):
    """The task has not ended within the time given to `wait`. It goes on."""

    def __init__(self, task: Task) -> None:
        super().__init__(f"task {task.id} is still {task.state}")
        self.task = task

    def __reduce__(self) -> Any:
        return type(self), (self.task,)


@dataclass(frozen=True)
class FieldError:
    """A fault of a request: where it is, and what must be there instead.

    One of `pointer`, `parameter` and `header` is set. A pointer is one of RFC 6901 into the body; "" is the whole body.
    """

    detail: str
    pointer: Optional[str] = None
    parameter: Optional[str] = None
    header: Optional[str] = None

    @property
    def field(self) -> str:
        """The place in words."""
        return next(place for place in (self.pointer, self.parameter, self.header, "") if place is not None)


class Problem(TaskwayError):
    """The API refused a call, as RFC 9457 describes. The classes below say which kind it is."""

    def __init__(self, status: int, document: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        self.status = status
        """The HTTP status."""
        self.type: str = str(document.get("type", "about:blank"))
        """The kind, such as `/problems/validation`."""
        self.title: str = str(document.get("title", f"HTTP status {status}"))
        self.detail: Optional[str] = document.get("detail")
        self.errors: List[FieldError] = [
            FieldError(str(one.get("detail", "")), one.get("pointer"), one.get("parameter"), one.get("header"))
            for one in document.get("errors", ())
        ]
        """Every fault of the request at once, each with its limit in its `detail`."""
        self.document = document
        """Everything that the API said."""
        self.request_id: Optional[str] = headers.get("x-request-id")
        """The id under which the stack's log has this call."""
        self.retry_after: Optional[float] = _seconds(headers.get("retry-after"))
        """How many seconds the API asks to wait before another try."""
        self._made_of = status, document, dict(headers)
        faults = "; ".join(f"{one.field} {one.detail}".strip() for one in self.errors)
        text = faults or self.detail or str(document.get("message") or self.title)
        super().__init__(f"{text} (HTTP {status}{f', request {self.request_id}' if self.request_id else ''})")

    def __reduce__(self) -> Any:
        return type(self), self._made_of


class BadRequest(Problem):
    """400: the request cannot be read."""


class Unauthorized(Problem):
    """401 or 403: the API does not know the caller, or does not let it in."""


class NotFound(Problem):
    """404: there is no such task, schedule or queue."""


class StateConflict(Problem):
    """409: the task's state does not allow it."""

    @property
    def state(self) -> Optional[str]:
        """The state that the task has."""
        return self.document.get("state")


class TooLarge(Problem):
    """413: the request is too large."""

    @property
    def limit_bytes(self) -> Optional[int]:
        """How large it may be."""
        return self.document.get("limit_bytes")


class Invalid(Problem):
    """422: fields of the request are not what they must be. `errors` names each with its limit."""


class KeyReused(Invalid):
    """422: the idempotency key was used for another task."""


class Throttled(Problem):
    """429: too many calls. The client has tried again until its timeout."""


class Unavailable(Problem):
    """5xx: the API or what it stands on failed. The client has tried again until its timeout."""


_BY_STATUS: Dict[int, Type[Problem]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Unauthorized,
    404: NotFound,
    409: StateConflict,
    413: TooLarge,
    422: Invalid,
    429: Throttled,
}


def problem_of(status: int, document: Any, headers: Mapping[str, str]) -> Problem:
    """The exception for an answer. What stands before the API, such as API Gateway, answers without a problem document."""
    document = document if isinstance(document, dict) else {}
    if document.get("type") == "/problems/idempotency-key-reused":
        return KeyReused(status, document, headers)
    kind = _BY_STATUS.get(status, Unavailable if status >= 500 else Problem)
    return kind(status, document, headers)


def _seconds(retry_after: Optional[str]) -> Optional[float]:
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    # A date, which proxies send and Taskway does not.
    from datetime import datetime, timezone
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(timezone.utc)).total_seconds())
    except (TypeError, ValueError):
        return None
