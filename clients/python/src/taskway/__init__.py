"""Taskway for Python: submit tasks, and handle them.

    from taskway import Taskway

    with Taskway() as taskway:
        task = taskway.submit("echo", {"hello": "world"})
        print(taskway.wait(task).result)

Importing this package opens nothing and imports no other package. httpx is imported by the first call.
"""

from typing import TYPE_CHECKING, Any

from . import webhooks
from ._batches import Answer
from ._version import __version__
from .callbacks import Callback
from .client import AsyncTaskway, Taskway
from .errors import (
    BadRequest,
    FieldError,
    Invalid,
    KeyReused,
    NotAnswered,
    NotFound,
    Problem,
    StateConflict,
    TaskwayError,
    Throttled,
    TooLarge,
    Unauthorized,
    Unavailable,
    WaitTimeout,
)
from .models import (
    AttemptError,
    BulkResult,
    Count,
    EndedMinute,
    KeyLimits,
    Messages,
    MonthOfUsage,
    PastAttempt,
    Program,
    Progress,
    Queue,
    Rate,
    RetryPolicy,
    Schedule,
    ScheduledRun,
    Stats,
    Task,
)
from .targets import AwsAuth, Http, Keep, Lambda
from .tasks import NewTask, TaskOptions

if TYPE_CHECKING:
    from .app import App
    from .handlers import Context, Fatal, Retry

__all__ = [
    "Answer",
    "App",
    "AsyncTaskway",
    "AttemptError",
    "AwsAuth",
    "BadRequest",
    "BulkResult",
    "Callback",
    "Context",
    "Count",
    "EndedMinute",
    "Fatal",
    "FieldError",
    "Http",
    "Invalid",
    "Keep",
    "KeyLimits",
    "KeyReused",
    "Lambda",
    "Messages",
    "MonthOfUsage",
    "NewTask",
    "NotAnswered",
    "NotFound",
    "PastAttempt",
    "Problem",
    "Program",
    "Progress",
    "Queue",
    "Rate",
    "Retry",
    "RetryPolicy",
    "Schedule",
    "ScheduledRun",
    "StateConflict",
    "Stats",
    "Task",
    "TaskOptions",
    "Taskway",
    "TaskwayError",
    "Throttled",
    "TooLarge",
    "Unauthorized",
    "Unavailable",
    "WaitTimeout",
    "__version__",
    "webhooks",
]


def __getattr__(name: str) -> Any:
    # Handlers need asyncio. A program that only submits does not wait for its import.
    if name == "App":
        from .app import App

        return App
    if name in ("Context", "Fatal", "Retry"):
        from . import handlers

        return getattr(handlers, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
