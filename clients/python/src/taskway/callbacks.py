"""A task that follows the end of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional

from .targets import Target, target_document, target_of


@dataclass(frozen=True)
class Callback:
    """What is to run when a task has ended. Without a payload, its target gets a description of that task."""

    target: Optional[Target]
    """None in an answer of a newer release that has another kind of target."""
    queue: Optional[str] = None
    """Its queue: that of the ended task unless given."""
    payload: Any = None
    labels: Optional[Mapping[str, str]] = None

    def to_document(self) -> Dict[str, Any]:
        """The callback as the API takes it. Raises ValueError without a target."""
        if self.target is None:
            raise ValueError("a callback needs a target")
        document = {
            "target": target_document(self.target),
            "queue": self.queue,
            "payload": self.payload,
            "labels": None if self.labels is None else dict(self.labels),
        }
        return {name: value for name, value in document.items() if value is not None}

    @classmethod
    def from_document(cls, document: Optional[Mapping[str, Any]]) -> Optional[Callback]:
        """The callback in an answer, if there is one. Lists leave out its payload."""
        if document is None:
            return None
        get = document.get
        return cls(target_of(get("target") or {}), get("queue"), get("payload"), get("labels"))
