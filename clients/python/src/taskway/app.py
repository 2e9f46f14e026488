"""An application of handlers: for HTTP targets by ASGI, and for Lambda targets."""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Awaitable, Callable, Dict, MutableMapping, Optional, TypeVar, Union

from . import _json, webhooks
from ._deliveries import Deliveries
from ._times import from_instant
from .handlers import Context, Handler, Outcome, refused
from .targets import Http

# A payload has at most 256 KiB as it was sent.
MOST_BYTES = 1024 * 1024
# The executor quotes 200 bytes of a refusal in the task's error.
MOST_REASON = 1000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
# The label that says which handler a Lambda function runs.
LABEL = "handler"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
F = TypeVar("F", bound=Callable[..., Any])


class App:
    """Handlers by name. Serve it with any ASGI server, or mount it in an application of yours.

    The last part of a URL's path names the handler: a task for `https://example.com/tasks/send_welcome` runs the handler
    `send_welcome`.
    """

    def __init__(
        self,
        *,
        url: Optional[str] = None,
        secrets: Optional[webhooks.Secrets] = None,
        unsigned: bool = False,
        threads: Optional[int] = None,
    ) -> None:
        """`url` is where this application is reached, such as `https://example.com/tasks`; only `target` needs it.

        `secrets` are those of the executor: by default `TASKWAY_WEBHOOK_SECRETS`. The application refuses a delivery that no
        secret signed, unless `unsigned` is true. Functions that are not asynchronous run on so many `threads`, by default as
        many as `ThreadPoolExecutor` has. Raises ValueError for a secret that cannot be read.
        """
        self._url = url.rstrip("/") if url else None
        given = os.environ.get("TASKWAY_WEBHOOK_SECRETS", "") if secrets is None else secrets
        self._secrets = given if isinstance(given, str) else list(given)
        if self._secrets:
            webhooks.keys_of(self._secrets)
        self._unsigned = unsigned
        self._handlers: Dict[str, Handler] = {}
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="taskway")
        self._deliveries = Deliveries()
        self._loop: Optional[asyncio.AbstractEventLoop] = None

    def task(self, name: str) -> Callable[[F], F]:
        """Registers a function as the handler of this name, and leaves it as it is.

        The function takes the payload, read as the parameter's type hint says, and a `Context` if a parameter has that hint.
        Both may be left out. It returns any JSON, a dataclass or a pydantic model. Raises TypeError for hints that a payload
        cannot be read as, and ValueError if the name is taken or is not a name of letters, digits, `_`, `.` and `-`.
        """
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a name of 1 to 64 letters, digits, _ . - that begins with a letter or digit")

        def register(function: F) -> F:
            if name in self._handlers:
                raise ValueError(f"there are two handlers of the name {name}")
            self._handlers[name] = Handler(name, function)
            return function

        return register

    def target(self, task: Union[str, Callable[..., Any]]) -> Http:
        """The target that runs a handler of this application, for `submit`: the handler's name, or its function."""
        names = [name for name, handler in self._handlers.items() if task in (name, handler.function)]
        if not names:
            raise ValueError(f"{task!r} is no handler of this application")
        if self._url is None:
            raise ValueError("the application has no `url` yet: App(url='https://example.com/tasks')")
        return Http(f"{self._url}/{names[0]}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request, as ASGI has it."""
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        if scope["type"] != "http":
            raise ValueError(f"a handler is called by http, got {scope['type']}")
        outcome = await self._outcome(scope, receive)
        if outcome is None:
            return None
        headers = [(b"content-type", b"application/json" if outcome.is_done else b"text/plain; charset=utf-8")]
        if outcome.after is not None:
            headers.append((b"retry-after", str(math.ceil(outcome.after)).encode()))
        if outcome.status == 405:
            headers.append((b"allow", b"POST, PUT, PATCH"))
        body = outcome.body if outcome.is_done else outcome.reason[:MOST_REASON].encode(errors="replace")
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": outcome.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return None

    def lambda_handler(self, event: Any, context: Any = None) -> Any:
        """Serves an event of a Lambda target: set the function's handler to `your_module.app.lambda_handler`.

        Runs the handler that the task's label `handler` names. An application with one handler needs no label.
        """
        told = event["taskway"]
        name = (told.get("labels") or {}).get(LABEL)
        if name is None and len(self._handlers) == 1:
            name = next(iter(self._handlers))
        handler = self._handlers.get(str(name))
        if handler is None:
            known = ", ".join(self._handlers)
            return {"taskway": {"fatal": f"the task's label {LABEL} must name one of {known}, got {name}"}}
        deadline = told.get("deadline")
        mine = Context(
            told["id"],
            told["attempt"],
            told["fence"],
            told.get("traceparent"),
            told.get("queue"),
            None if deadline is None else from_instant(deadline),
            told.get("labels") or {},
        )
        payload = event.get("payload")
        if handler.is_async:
            # One loop for all events, because clients that a handler keeps belong to it.
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                weakref.finalize(self, self._loop.close)
            outcome = self._loop.run_until_complete(handler.run(payload, mine, None))
        else:
            outcome = handler.run_here(payload, mine)
        if outcome.is_done:
            return json.loads(outcome.body)
        if outcome.is_fatal:
            return {"taskway": {"fatal": outcome.reason}}
        if outcome.after is not None:
            return {"taskway": {"retry_after_seconds": math.ceil(outcome.after)}}
        assert outcome.error is not None
        raise outcome.error

    async def _outcome(self, scope: Scope, receive: Receive) -> Optional[Outcome]:
        if scope["method"] not in ("POST", "PUT", "PATCH"):
            return refused(405, "a task is delivered by POST, PUT or PATCH")
        body = await _body(receive)
        if body is None:
            return None
        if len(body) > MOST_BYTES:
            return refused(413, f"the body must be at most {MOST_BYTES} bytes")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._unsigned:
            if not self._secrets:
                return Outcome(503, reason="the receiver has no secrets to verify with: set TASKWAY_WEBHOOK_SECRETS")
            try:
                webhooks.verify(body, headers, self._secrets)
            except webhooks.InvalidSignature as error:
                return refused(401, str(error))
        handler = self._handlers.get(scope["path"].rpartition("/")[2])
        if handler is None:
            return refused(404, f"there is no handler for {scope['path']}")
        try:
            context = _context(headers)
            payload = _json.decode(body) if _is_json(headers.get("content-type", "")) else body.decode()
        except ValueError as error:
            return refused(400, f"the delivery cannot be read: {error}")

        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        return await self._deliveries.outcome(context, lambda: handler.run(payload, context, self._threads), gone)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        if self._secrets or self._unsigned:
            await send({"type": "lifespan.startup.complete"})
        else:
            why = "there are no secrets to verify deliveries with: set TASKWAY_WEBHOOK_SECRETS, or App(unsigned=True)"
            await send({"type": "lifespan.startup.failed", "message": why})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


async def _body(receive: Receive) -> Optional[bytes]:
    """The whole body, or more than its limit. None if the caller went away."""
    body = bytearray()
    while len(body) <= MOST_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)


def _context(headers: Dict[str, str]) -> Context:
    for name in ("webhook-id", "taskway-attempt", "taskway-fence"):
        if name not in headers:
            raise ValueError(f"the header {name} is missing")
    attempt, fence = int(headers["taskway-attempt"]), int(headers["taskway-fence"])
    return Context(headers["webhook-id"], attempt, fence, headers.get("traceparent"))


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return not kind or kind == "application/json" or kind.endswith("+json")
