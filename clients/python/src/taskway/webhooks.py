"""Signatures of deliveries, as Standard Webhooks describes them (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Iterable, List, Mapping, Optional, Union

from ._times import Duration, to_seconds

# One secret, several with spaces or commas between as in TASKWAY_WEBHOOK_SECRETS, or a list.
Secrets = Union[str, Iterable[str]]

PREFIX = "whsec_"


class InvalidSignature(Exception):
    """The request does not come from a sender that knows a secret, or is too old. Answer it with 401."""


@dataclass(frozen=True)
class Delivery:
    """What a verified request says of itself. The signature covers the id, the time and the body."""

    id: str
    """The task's id, the same for every attempt."""
    timestamp: datetime
    """When the attempt sent the request."""


def verify(body: bytes, headers: Mapping[str, str], secrets: Secrets, *, tolerance: Duration = 300) -> Delivery:
    """Checks that a secret signed exactly this body, at most `tolerance` ago or ahead (5 minutes).

    `body` is what came, before anything parsed it. The names of headers may be in any case. While one secret replaces
    another, give both. Raises InvalidSignature, and ValueError if there is no secret or one that cannot be read.
    """
    if not isinstance(body, (bytes, bytearray, memoryview)):
        raise TypeError(f"verify takes the body's bytes as they came, got {type(body).__name__}")
    keys = keys_of(secrets)
    given = {name.lower(): value for name, value in headers.items()}
    try:
        task, sent, signatures = (given["webhook-id"], given["webhook-timestamp"], given["webhook-signature"])
    except KeyError as missing:
        raise InvalidSignature(f"the header {missing.args[0]} is missing") from None
    if not (sent.isascii() and sent.isdigit() and len(sent) <= 12):
        raise InvalidSignature("webhook-timestamp is not a number of seconds")
    if abs(time.time() - int(sent)) > to_seconds(tolerance):
        raise InvalidSignature("webhook-timestamp is too long ago or ahead: do the clocks agree?")
    expected = [_signature(key, task, sent, bytes(body)) for key in keys]
    offered = [one[3:].encode() for one in signatures.split() if one.startswith("v1,")]
    # Compares every pair, so that the time tells nothing.
    matches = [hmac.compare_digest(one, other) for one in offered for other in expected]
    if not any(matches):
        raise InvalidSignature("no secret gives this signature: is the body as it came, and the secret the executor's?")
    return Delivery(task, datetime.fromtimestamp(int(sent), timezone.utc))


def sign(body: bytes, secrets: Secrets, *, id: str, timestamp: Optional[datetime] = None) -> dict[str, str]:
    """The headers of a delivery with this body, for tests of a receiver. The time is now unless given."""
    sent = str(int(time.time() if timestamp is None else timestamp.timestamp()))
    signatures = [b"v1," + _signature(key, id, sent, body) for key in keys_of(secrets)]
    return {"webhook-id": id, "webhook-timestamp": sent, "webhook-signature": b" ".join(signatures).decode()}


def keys_of(secrets: Secrets) -> List[bytes]:
    """The keys of secrets: each is `whsec_` and 24 to 64 bytes in base64. Raises ValueError, which never shows a secret."""
    texts = secrets.replace(",", " ").split() if isinstance(secrets, str) else list(secrets)
    if not texts:
        raise ValueError("there is no secret to verify with")
    return [_key(number, text) for number, text in enumerate(texts, 1)]


def _key(number: int, text: str) -> bytes:
    try:
        key = base64.b64decode(text[len(PREFIX) :], validate=True) if text.startswith(PREFIX) else b""
    except (binascii.Error, ValueError):
        key = b""
    if not 24 <= len(key) <= 64:
        raise ValueError(f"secret number {number} is not {PREFIX} and 24 to 64 bytes in base64")
    return key


def _signature(key: bytes, task: str, sent: str, body: bytes) -> bytes:
    signed = task.encode("latin-1", "replace") + b"." + sent.encode() + b"." + body
    return base64.b64encode(hmac.new(key, signed, "sha256").digest())
