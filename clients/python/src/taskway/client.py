"""The two clients. `_calls` says what they send; here is how a step is carried out, blocking or not."""

from __future__ import annotations

import inspect
import os
import threading
import time
from contextlib import closing
from functools import update_wrapper
from types import TracebackType
from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Coroutine, Dict, Iterator, Mapping, Optional, Type, TypeVar
from urllib.parse import urlsplit

from ._calls import Calls, Pages
from ._steps import ANSWER_SECONDS, Broken, Outcome, Request, Response, Sender, Sleep, Steps
from ._times import Duration, to_seconds
from ._transfers import Source, Transfer
from ._version import __version__

if TYPE_CHECKING:
    import httpx
    from typing_extensions import Concatenate, ParamSpec, Self

    from .aws import Signer

    P = ParamSpec("P")

DEFAULT_URL = "http://127.0.0.1:8080"
CONNECT_SECONDS = 5.0
# A connection that lies idle for longer may have been closed on the way.
IDLE_SECONDS = 30.0

T = TypeVar("T")


class _Client:
    """What both clients have: where the API is, who asks, and for how long a call is tried."""

    def __init__(
        self,
        url: Optional[str] = None,
        *,
        timeout: Duration = 60,
        token: Optional[str] = None,
        signer: Optional[Signer] = None,
        decimals: bool = False,
    ) -> None:
        """A client of the API at `url`: by default at `TASKWAY_URL`, or http://127.0.0.1:8080, where `taskway dev` listens.

        A call is tried for `timeout`, a timedelta or seconds, with all its retries. `token` is sent as a bearer token; by
        default it is `TASKWAY_TOKEN`. `signer` is an `aws.Signer`. A request to an https URL is signed if there is no token
        and the URL has no user; this needs the extra `aws`. With `decimals`, numbers with a fraction become
        Decimal instead of float in payloads and results.

        Raises ValueError if the URL is not http or https, if a token would go over plain http to another machine, or if it has
        characters that no header can carry.
        """
        self.url = (url or os.environ.get("TASKWAY_URL") or DEFAULT_URL).rstrip("/")
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{self.url!r} is not the URL of an API: it must begin with https:// or http://")
        self._is_local = _is_loopback(parts.hostname)
        token = (token or os.environ.get("TASKWAY_TOKEN") or "").strip() or None
        if token and not (token.isascii() and token.isprintable()):
            raise ValueError("the token has characters that no header can carry")
        if token and parts.scheme == "http" and not self._is_local:
            raise ValueError("a token is not sent over plain http, where anyone on the way could read it")
        if signer is None and token is None and parts.scheme == "https" and parts.username is None:
            from .aws import Signer

            signer = Signer()
        self._signer = signer
        # The embedded stack refuses a POST that a web page could have sent. No page can send this header.
        self._headers = {"user-agent": f"taskway-python/{__version__}", "taskway-client": "python"}
        if token:
            self._headers["authorization"] = f"Bearer {token}"
        self._calls = Calls(Sender(to_seconds(timeout)), decimals)
        self._opening = threading.Lock()
        # The connections to this machine's own addresses, and to others. No proxy reaches the former.
        self._pools: Dict[bool, Any] = {}

    def _headers_of(self, request: Request) -> Dict[str, str]:
        headers = {**self._headers, **request.headers}
        if request.body is not None:
            headers["content-type"] = "application/json"
        if self._signer is not None:
            headers.update(self._signer.sign(request.method, self.url + request.path, headers, request.body or b""))
        return headers

    def _built(self, request: Request, headers: Mapping[str, str]) -> httpx.Request:
        """The request as httpx sends it, without what httpx would merge into each."""
        import httpx

        extensions = {"timeout": _timeouts(request.timeout)}
        url = self.url + request.path
        return httpx.Request(request.method, url, headers=headers, content=request.body, extensions=extensions)


def _timeouts(seconds: float) -> Dict[str, float]:
    return {"connect": min(CONNECT_SECONDS, seconds), **dict.fromkeys(("read", "write", "pool"), seconds)}


def _signed(transfer: Transfer, chunks: Any) -> httpx.Request:
    """The request that a signed URL allows, with a body in chunks. The client's own headers would break the signature."""
    import httpx

    extensions = {"timeout": _timeouts(ANSWER_SECONDS)}
    return httpx.Request(transfer.method, transfer.url, headers=transfer.headers, content=chunks, extensions=extensions)


def _blocking(call: Callable[Concatenate[Calls, P], Steps[T]]) -> Callable[Concatenate[Taskway, P], T]:
    def method(self: Taskway, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._carry_out(call(self._calls, *args, **kwargs))

    return _named(method, call)


def _blocking_pages(call: Callable[Concatenate[Calls, P], Pages[T]]) -> Callable[Concatenate[Taskway, P], Iterator[T]]:
    def method(self: Taskway, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return self._iterate(call(self._calls, *args, **kwargs))

    return _named(method, call, "Iterator[{}]")


def _awaited(call: Callable[Concatenate[Calls, P], Steps[T]]) -> Callable[Concatenate[AsyncTaskway, P], Coroutine[Any, Any, T]]:
    async def method(self: AsyncTaskway, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._carry_out(call(self._calls, *args, **kwargs))

    return _named(method, call)


def _awaited_pages(
    call: Callable[Concatenate[Calls, P], Pages[T]],
) -> Callable[Concatenate[AsyncTaskway, P], AsyncIterator[T]]:
    def method(self: AsyncTaskway, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        return self._iterate(call(self._calls, *args, **kwargs))

    return _named(method, call, "AsyncIterator[{}]")


M = TypeVar("M", bound=Callable[..., Any])


def _named(method: M, call: Callable[..., Any], returns: str = "{}") -> M:
    """Gives a method the name, the help and the arguments of its call. It returns what stands within `Steps[…]`."""
    update_wrapper(method, call)
    signature = inspect.signature(call)
    inner = str(signature.return_annotation).partition("[")[2][:-1]
    method.__signature__ = signature.replace(return_annotation=returns.format(inner))  # type: ignore[attr-defined]
    return method


class Taskway(_Client):
    """A client that blocks until a call is done. Threads may share it. Use it in a `with`, or close it."""

    submit = _blocking(Calls.submit)
    submit_many = _blocking(Calls.submit_many)
    get = _blocking(Calls.get)
    wait = _blocking(Calls.wait)
    tasks = _blocking_pages(Calls.tasks)
    dead = _blocking_pages(Calls.dead)
    update = _blocking(Calls.update)
    cancel = _blocking(Calls.cancel)
    run = _blocking(Calls.run)
    retry = _blocking(Calls.retry)
    cancel_many = _blocking(Calls.cancel_many)
    redrive = _blocking(Calls.redrive)
    queues = _blocking_pages(Calls.queues)
    get_queue = _blocking(Calls.get_queue)
    set_queue = _blocking(Calls.set_queue)
    pause_queue = _blocking(Calls.pause_queue)
    resume_queue = _blocking(Calls.resume_queue)
    purge_queue = _blocking(Calls.purge_queue)
    schedules = _blocking_pages(Calls.schedules)
    get_schedule = _blocking(Calls.get_schedule)
    put_schedule = _blocking(Calls.put_schedule)
    delete_schedule = _blocking(Calls.delete_schedule)
    run_schedule = _blocking(Calls.run_schedule)
    stats = _blocking(Calls.stats)
    upload = _blocking(Calls.upload)
    download = _blocking(Calls.download)
    download_to = _blocking(Calls.download_to)

    def close(self) -> None:
        """Closes the connections. The next call opens new ones."""
        while self._pools:
            self._pools.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def _carry_out(self, steps: Steps[T]) -> T:
        outcome: Outcome = None
        try:
            while True:
                step = steps.send(outcome)
                if isinstance(step, Request):
                    outcome = self._answer(step)
                elif isinstance(step, Sleep):
                    time.sleep(step.seconds)
                    outcome = None
                elif isinstance(step, Source):
                    outcome = step.measured()
                else:
                    outcome = self._transfer(step)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        finally:
            steps.close()

    def _iterate(self, pages: Pages[T]) -> Iterator[T]:
        cursor = None
        while True:
            page, cursor = self._carry_out(pages.page(cursor))
            yield from page
            if cursor is None:
                return

    def _answer(self, request: Request) -> Outcome:
        import httpx

        try:
            answer = self._pool(self._is_local).send(self._built(request, self._headers_of(request)))
        except httpx.TransportError as error:
            return _broken(error)
        return Response(answer.status_code, answer.headers, answer.content)

    def _transfer(self, transfer: Transfer) -> Outcome:
        import httpx

        request = _signed(transfer, None if transfer.body is None else transfer.body.chunks())
        try:
            answer = self._pool(_is_loopback(request.url.host)).send(request, stream=True)
            with closing(answer):
                if transfer.sink is None or not answer.is_success:
                    return Response(answer.status_code, answer.headers, answer.read())
                transfer.sink.begin()
                for chunk in answer.iter_raw():
                    transfer.sink.write(chunk)
        except httpx.TransportError as error:
            return _broken(error)
        return Response(answer.status_code, answer.headers, b"")

    def _pool(self, is_local: bool) -> httpx.Client:
        import httpx

        with self._opening:
            if is_local not in self._pools:
                limits = httpx.Limits(keepalive_expiry=IDLE_SECONDS)
                self._pools[is_local] = httpx.Client(limits=limits, trust_env=not is_local)
            return self._pools[is_local]  # type: ignore[no-any-return]


class AsyncTaskway(_Client):
    """A client for one event loop of asyncio, with the methods of Taskway. Use it in an `async with`, or `await aclose()`."""

    submit = _awaited(Calls.submit)
    submit_many = _awaited(Calls.submit_many)
    get = _awaited(Calls.get)
    wait = _awaited(Calls.wait)
    tasks = _awaited_pages(Calls.tasks)
    dead = _awaited_pages(Calls.dead)
    update = _awaited(Calls.update)
    cancel = _awaited(Calls.cancel)
    run = _awaited(Calls.run)
    retry = _awaited(Calls.retry)
    cancel_many = _awaited(Calls.cancel_many)
    redrive = _awaited(Calls.redrive)
    queues = _awaited_pages(Calls.queues)
    get_queue = _awaited(Calls.get_queue)
    set_queue = _awaited(Calls.set_queue)
    pause_queue = _awaited(Calls.pause_queue)
    resume_queue = _awaited(Calls.resume_queue)
    purge_queue = _awaited(Calls.purge_queue)
    schedules = _awaited_pages(Calls.schedules)
    get_schedule = _awaited(Calls.get_schedule)
    put_schedule = _awaited(Calls.put_schedule)
    delete_schedule = _awaited(Calls.delete_schedule)
    run_schedule = _awaited(Calls.run_schedule)
    stats = _awaited(Calls.stats)
    upload = _awaited(Calls.upload)
    download = _awaited(Calls.download)
    download_to = _awaited(Calls.download_to)

    async def aclose(self) -> None:
        """Closes the connections. The next call opens new ones."""
        while self._pools:
            await self._pools.popitem()[1].aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.aclose()

    async def _carry_out(self, steps: Steps[T]) -> T:
        import asyncio

        outcome: Outcome = None
        try:
            while True:
                step = steps.send(outcome)
                if isinstance(step, Request):
                    outcome = await self._answer(step)
                elif isinstance(step, Sleep):
                    await asyncio.sleep(step.seconds)
                    outcome = None
                elif isinstance(step, Source):
                    outcome = await asyncio.to_thread(step.measured)
                else:
                    outcome = await self._transfer(step)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        finally:
            steps.close()

    async def _iterate(self, pages: Pages[T]) -> AsyncIterator[T]:
        cursor = None
        while True:
            page, cursor = await self._carry_out(pages.page(cursor))
            for one in page:
                yield one
            if cursor is None:
                return

    async def _answer(self, request: Request) -> Outcome:
        import asyncio

        import httpx

        # Credentials may come from a file, a program or another machine, so signing may block.
        headers = self._headers_of(request) if self._signer is None else await asyncio.to_thread(self._headers_of, request)
        try:
            answer = await self._pool(self._is_local).send(self._built(request, headers))
        except httpx.TransportError as error:
            return _broken(error)
        return Response(answer.status_code, answer.headers, answer.content)

    async def _transfer(self, transfer: Transfer) -> Outcome:
        import asyncio

        import httpx

        request = _signed(transfer, None if transfer.body is None else _read_on_a_thread(transfer.body.chunks()))
        try:
            answer = await self._pool(_is_loopback(request.url.host)).send(request, stream=True)
            try:
                if transfer.sink is None or not answer.is_success:
                    return Response(answer.status_code, answer.headers, await answer.aread())
                transfer.sink.begin()
                async for chunk in answer.aiter_raw():
                    await asyncio.to_thread(transfer.sink.write, chunk)
            finally:
                await answer.aclose()
        except httpx.TransportError as error:
            return _broken(error)
        return Response(answer.status_code, answer.headers, b"")

    def _pool(self, is_local: bool) -> httpx.AsyncClient:
        import httpx

        if is_local not in self._pools:
            limits = httpx.Limits(keepalive_expiry=IDLE_SECONDS)
            self._pools[is_local] = httpx.AsyncClient(limits=limits, trust_env=not is_local)
        return self._pools[is_local]  # type: ignore[no-any-return]


async def _read_on_a_thread(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    import asyncio

    while True:
        chunk = await asyncio.to_thread(next, chunks, b"")
        if not chunk:
            return
        yield chunk


def _broken(error: httpx.TransportError) -> Broken:
    import httpx

    never_sent = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
    return Broken(error, sent=not never_sent)


def _is_loopback(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost") or host.startswith("127.") or host == "::1"
