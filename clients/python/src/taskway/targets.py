"""What runs a task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Sequence, Union


@dataclass(frozen=True)
class Keep:
    """What of a URL's answer is kept as the task's result. Left out, the API chooses: all headers, and 64 KiB of the body."""

    headers: Optional[Sequence[str]] = None
    """Their names. An empty list keeps none."""
    body_bytes: Optional[int] = None
    """Up to 6,291,456."""

    def to_document(self) -> Dict[str, Any]:
        headers = None if self.headers is None else list(self.headers)
        return _given(headers=headers, body_bytes=self.body_bytes)


@dataclass(frozen=True)
class AwsAuth:
    """A signature of AWS, for a host that the stack allows. `service` is its name in signatures, such as `execute-api`."""

    service: str
    region: str


@dataclass(frozen=True)
class Http:
    """A target that is a URL. Answers show `*masked*` in the place of credentials."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    keep: Keep = Keep()
    auth: Optional[AwsAuth] = None

    def to_document(self) -> Dict[str, Any]:
        document: Dict[str, Any] = {"url": self.url, "method": self.method, "headers": dict(self.headers)}
        if self.keep != Keep():
            document["keep"] = self.keep.to_document()
        if self.auth:
            document.update(auth="aws", service=self.auth.service, region=self.auth.region)
        return {"http": document}


@dataclass(frozen=True)
class Lambda:
    """A target that is a Lambda function. Only functions that the stack allows may be called.

    `invocation` is `request`, `event` or `durable`; left out, the API chooses.
    """

    function: str
    invocation: Optional[str] = None
    tenant_id: Optional[str] = None

    def to_document(self) -> Dict[str, Any]:
        return {"lambda": _given(function=self.function, invocation=self.invocation, tenant_id=self.tenant_id)}


# The name of a handler, the URL of a receiver, or one of the classes above.
Target = Union[str, Http, Lambda]


def _given(**members: Any) -> Dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def target_document(target: Target) -> Dict[str, Any]:
    """The target as the API takes it."""
    if isinstance(target, (Http, Lambda)):
        return target.to_document()
    if not isinstance(target, str):
        raise TypeError(f"a target must be the name of a handler, a URL, Http or Lambda, not {target!r}")
    # A handler's name has no colon.
    return {"http": {"url": target}} if "://" in target else {"handler": target}


def target_of(document: Mapping[str, Any]) -> Optional[Target]:
    """The target in an answer. None if it is of a kind that only a newer release knows."""
    if "handler" in document:
        return str(document["handler"])
    if "http" in document:
        http = document["http"]
        keep = http.get("keep") or {}
        auth = AwsAuth(http["service"], http["region"]) if http.get("auth") == "aws" else None
        kept = Keep(keep.get("headers"), keep.get("body_bytes"))
        return Http(http["url"], http.get("method", "POST"), http.get("headers") or {}, kept, auth)
    if "lambda" in document:
        function = document["lambda"]
        return Lambda(function["function"], function.get("invocation"), function.get("tenant_id"))
    return None
