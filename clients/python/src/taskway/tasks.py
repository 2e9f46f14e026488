"""A task to submit."""

from __future__ import annotations

import dataclasses
import math
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, Mapping, Optional, TypedDict

from ._arguments import document_of
from ._times import Duration, to_instant, to_seconds, whole_seconds
from .callbacks import Callback
from .models import RetryPolicy
from .targets import Target, target_document


class TaskOptions(TypedDict, total=False):
    """What may be given for a task besides its target and payload.

    A duration is a timedelta or a number of seconds. The API takes whole seconds, so the client rounds up. A datetime must
    have a time zone. What is left out, or None, has the API's default.
    """

    queue: Optional[str]
    """The name of the queue, `default` unless given."""
    priority: Optional[str]
    """`high`, `normal` or `low`."""
    delay: Optional[Duration]
    """How long from now the first attempt may start. Not together with `run_at`."""
    run_at: Optional[datetime]
    """When the first attempt may start. A time in the past means now."""
    deadline: Optional[datetime]
    """No attempt starts after it, and an attempt that runs is cut at it."""
    timeout: Optional[Duration]
    """How long an attempt may take: 60 s unless given."""
    retry: Optional[RetryPolicy]
    """How often an attempt is made, and the waits between attempts."""
    idempotency_key: Optional[str]
    """The API makes one task for a key. If none is given, the client makes a key for each call."""
    fairness_key: Optional[str]
    """Whose task it is. SQS takes turns between the keys of a lane."""
    expected_duration: Optional[Duration]
    """How long an attempt should take, to the millisecond. Short tasks start first."""
    retain: Optional[Duration]
    """How long the record is kept after the task's end: 7 days unless given."""
    labels: Optional[Mapping[str, str]]
    """Names and values to find the task by."""
    on_success: Optional[Callback]
    """A task that follows when this one has succeeded."""
    on_failure: Optional[Callback]
    """A task that follows when this one has failed, or its deadline has passed."""
    payload_ref: Optional[str]
    """What `upload` returned, in place of a payload."""
    replace: Optional[bool]
    """Whether it takes the place of the task that its idempotency key has, be that waiting, running or ended."""


@dataclass(frozen=True)
class NewTask:
    """A task to submit: its target, its payload, and the options that `TaskOptions` describes."""

    target: Target
    payload: Any = None
    queue: Optional[str] = None
    priority: Optional[str] = None
    delay: Optional[Duration] = None
    run_at: Optional[datetime] = None
    deadline: Optional[datetime] = None
    timeout: Optional[Duration] = None
    retry: Optional[RetryPolicy] = None
    idempotency_key: Optional[str] = None
    fairness_key: Optional[str] = None
    expected_duration: Optional[Duration] = None
    retain: Optional[Duration] = None
    labels: Optional[Mapping[str, str]] = None
    on_success: Optional[Callback] = None
    on_failure: Optional[Callback] = None
    payload_ref: Optional[str] = None
    replace: Optional[bool] = None

    def with_key(self) -> NewTask:
        """
        This task with an idempotency key, so that a repeated request makes no second one. Raises ValueError for a task
        that is to replace another and has no key.
        """
        if self.idempotency_key is not None:
            return self
        if self.replace:
            raise ValueError("a task with replace=True needs the idempotency_key of the task whose place it takes")
        return dataclasses.replace(self, idempotency_key=os.urandom(16).hex())

    def to_document(self) -> Dict[str, Any]:
        """The task as the API takes it. Raises ValueError for a time without a zone, TypeError for a wrong kind."""
        document = {
            "target": target_document(self.target),
            "payload": self.payload,
            "payload_ref": self.payload_ref,
            "queue": self.queue,
            "priority": self.priority,
            "delay_seconds": None if self.delay is None else whole_seconds(self.delay),
            "run_at": None if self.run_at is None else to_instant(self.run_at),
            "deadline": None if self.deadline is None else to_instant(self.deadline),
            "timeout_seconds": None if self.timeout is None else whole_seconds(self.timeout),
            "retry": document_of("retry", self.retry, RetryPolicy),
            "idempotency_key": self.idempotency_key,
            "replace": self.replace,
            "fairness_key": self.fairness_key,
            "expected_duration_ms": None
            if self.expected_duration is None
            else math.ceil(1000 * to_seconds(self.expected_duration)),
            "retain_seconds": None if self.retain is None else whole_seconds(self.retain),
            "labels": None if self.labels is None else dict(self.labels),
            "on_success": document_of("on_success", self.on_success, Callback),
            "on_failure": document_of("on_failure", self.on_failure, Callback),
        }
        return {name: value for name, value in document.items() if value is not None}
