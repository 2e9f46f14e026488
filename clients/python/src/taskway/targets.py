"""What runs a task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Union


@dataclass(frozen=True)
class Http:
    """A target that is a URL. Answers show `*masked*` in the place of credentials."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_document(self) -> Dict[str, Any]:
        return {"http": {"url": self.url, "method": self.method, "headers": dict(self.headers)}}


@dataclass(frozen=True)
class Lambda:
    """A target that is a Lambda function. Only functions that the stack allows may be called.

    `invocation` is `request`, `event` or `durable`; left out, the API chooses.
    """

    function: str
    invocation: Optional[str] = None
    tenant_id: Optional[str] = None

    def to_document(self) -> Dict[str, Any]:
        given = {"function": self.function, "invocation": self.invocation, "tenant_id": self.tenant_id}
        return {"lambda": {name: value for name, value in given.items() if value is not None}}


# The name of a handler, the URL of a receiver, or one of the classes above.
Target = Union[str, Http, Lambda]


def target_document(target: Target) -> Dict[str, Any]:
    """The target as the API takes it."""
    if not isinstance(target, str):
        return target.to_document()
    # A handler's name has no colon.
    return {"http": {"url": target}} if "://" in target else {"handler": target}


def target_of(document: Mapping[str, Any]) -> Optional[Target]:
    """The target in an answer. None if it is of a kind that only a newer release knows."""
    if "handler" in document:
        return str(document["handler"])
    if "http" in document:
        http = document["http"]
        return Http(http["url"], http.get("method", "POST"), http.get("headers") or {})
    if "lambda" in document:
        function = document["lambda"]
        return Lambda(function["function"], function.get("invocation"), function.get("tenant_id"))
    return None
