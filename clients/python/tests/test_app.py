"""Handlers behind a real ASGI server, called by the stack's executor."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Tuple

import httpx
import pydantic
import pytest
import uvicorn
from conftest import SECRET, Stack
from starlette.applications import Starlette
from starlette.routing import Mount

from taskway import App, Context, Fatal, Retry, RetryPolicy, Taskway, webhooks
from taskway._deliveries import REMEMBERED, Deliveries
from taskway.handlers import Outcome

SOON = RetryPolicy(max_attempts=4, min_backoff=0, max_backoff=0)


@dataclass
class Welcome:
    user: int
    name: str = "nobody"


class Order(pydantic.BaseModel):
    id: int
    total: float


def traced(function: Any) -> Any:
    """A decorator as programs have them: it does not say that the function within is asynchronous."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


class Adder:
    def __init__(self, number: int) -> None:
        self.number = number

    async def __call__(self, other: int) -> int:
        return self.number + other


@contextlib.contextmanager
def serve(app: Any) -> Iterator[str]:
    """Serves an ASGI application on a free port of this machine."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/tasks"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


class Shop:
    """The application of these tests, and what its handlers have seen."""

    def __init__(self) -> None:
        self.app = App(secrets=SECRET)
        self.seen: Dict[str, List[Context]] = {}
        self.threads: List[str] = []
        self.stopped = threading.Event()
        app = self.app

        @app.task("welcome")
        async def welcome(payload: Welcome, context: Context) -> Dict[str, Any]:
            self.saw(context)
            return {"to": f"{payload.name}-{payload.user}", "attempt": context.attempt}

        @app.task("order")
        def order(order: Order) -> Order:
            self.threads.append(threading.current_thread().name)
            return Order(id=order.id, total=order.total * 2)

        @app.task("busy")
        async def busy(context: Context) -> str:
            self.saw(context)
            if context.attempt == 1:
                raise Retry("the shop is closed", after=0.5)
            return "open"

        @app.task("breaks")
        def breaks(context: Context) -> int:
            self.saw(context)
            if context.attempt < 3:
                raise KeyError("no such shelf")
            return context.attempt

        @app.task("stops")
        def stops(context: Context) -> None:
            self.saw(context)
            raise StopIteration

        @app.task("exits")
        def exits() -> None:
            raise SystemExit(1)

        @app.task("fatal")
        async def fatal() -> None:
            raise Fatal("no such user")

        @app.task("not_json")
        async def not_json() -> object:
            return object()

        @app.task("slow")
        async def slow(context: Context) -> str:
            self.saw(context)
            try:
                await asyncio.sleep(0.5 if context.attempt > 1 else 30)
            except asyncio.CancelledError:
                self.stopped.set()
                raise
            return "done"

        @app.task("decorated")
        @traced
        async def decorated(number: int) -> int:
            return number + 1

        app.task("callable")(Adder(10))

        @app.task("anything")
        def anything(payload: Any) -> Any:
            return payload

    def saw(self, context: Context) -> None:
        self.seen.setdefault(context.id, []).append(context)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    shop = Shop()
    with serve(shop.app) as url:
        shop.app._url = url
        yield shop


def ended(taskway: Taskway, shop: Shop, name: str, payload: Any = None, **options: Any) -> Any:
    """The task that ran a handler, as it ended."""
    task = taskway.submit(shop.app.target(name), payload, **{"retry": SOON, **options})
    return taskway.wait(task, timeout=20)


def test_a_handler_gets_its_payload_and_its_answer_is_the_result(taskway: Taskway, shop: Shop) -> None:
    task = ended(taskway, shop, "welcome", {"user": 42, "name": "ü"})
    assert (task.state, task.result["status"], task.value) == ("succeeded", 200, {"to": "ü-42", "attempt": 1})
    assert [one.attempt for one in shop.seen[task.id]] == [1]


def test_a_function_that_blocks_runs_on_a_thread(taskway: Taskway, shop: Shop) -> None:
    task = ended(taskway, shop, "order", Order(id=7, total=1.5))
    assert (task.state, task.result["body"]) == ("succeeded", '{"id":7,"total":3.0}')
    assert shop.threads[-1].startswith("taskway")


def test_a_retry_waits_as_long_as_the_handler_asks(taskway: Taskway, shop: Shop) -> None:
    task = ended(taskway, shop, "busy")
    assert (task.state, task.attempt, task.result["body"]) == ("succeeded", 2, '"open"')
    assert [one.attempt for one in shop.seen[task.id]] == [1, 2]
    # The wait is rounded up to a second.
    assert (task.started_at - task.created_at).total_seconds() >= 1


def test_an_exception_means_another_attempt_with_a_higher_fence(
    taskway: Taskway, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    task = ended(taskway, shop, "breaks")
    assert (task.state, task.attempt, task.result["body"]) == ("succeeded", 3, "3")
    fences = [one.fence for one in shop.seen[task.id]]
    assert fences == sorted(set(fences))
    assert "handler breaks failed" in caplog.text


@pytest.mark.parametrize(
    ("name", "says"), [("breaks", "KeyError: 'no such shelf'"), ("stops", "StopIteration"), ("exits", "SystemExit: 1")]
)
def test_what_failed_is_in_the_tasks_error(taskway: Taskway, shop: Shop, name: str, says: str) -> None:
    task = ended(taskway, shop, name, retry=RetryPolicy(max_attempts=1))
    assert (task.state, task.error.kind) == ("failed", "http")
    assert task.error.message.startswith("500 Internal Server Error")
    assert says in task.error.message


@pytest.mark.parametrize(
    ("name", "payload", "says"),
    [
        ("fatal", None, "422 Unprocessable Entity: no such user"),
        ("welcome", {"user": "x", "name": 1}, "/user must be an integer, got a string; /name must be a string, got an integer"),
        ("welcome", {}, "/user is missing"),
        ("welcome", None, "must be an object, got null"),
        ("order", {"id": 1}, "total"),
        ("not_json", None, "the handler's result is not JSON"),
    ],
)
def test_some_failures_are_for_good(taskway: Taskway, shop: Shop, name: str, payload: Any, says: str) -> None:
    task = ended(taskway, shop, name, payload)
    assert (task.state, task.attempt) == ("failed", 1)
    assert says in task.error.message


def test_an_unknown_handler_fails_for_good(taskway: Taskway, shop: Shop) -> None:
    url = shop.app.target("welcome").url + "x"
    task = taskway.wait(taskway.submit(url, {"user": 1}), timeout=20)
    assert (task.state, task.attempt) == ("failed", 1)
    assert task.error is not None
    assert "404 Not Found: there is no handler for /tasks/welcomex" in task.error.message


def test_integers_of_any_size_come_through(taskway: Taskway, shop: Shop) -> None:
    assert ended(taskway, shop, "anything", [2**70, "a"]).result["body"] == '[1180591620717411303424,"a"]'


@pytest.mark.parametrize(("name", "result"), [("decorated", 2), ("callable", 11)])
def test_functions_of_other_forms(taskway: Taskway, shop: Shop, name: str, result: int) -> None:
    assert ended(taskway, shop, name, 1).value == result
    assert "must be an integer" in ended(taskway, shop, name, "x").error.message


def takes_a_complex_number(payload: complex) -> None: ...


@pytest.mark.parametrize("function", [lambda *all: 1, lambda **all: 1, lambda one, other: 1, takes_a_complex_number])
def test_functions_that_no_payload_fits_are_found_at_once(function: Any) -> None:
    with pytest.raises(TypeError):
        App(unsigned=True).task("bad")(function)


def test_a_text_may_come_as_it_is(taskway: Taskway, shop: Shop) -> None:
    target = shop.app.target("anything")
    target = type(target)(target.url, headers={"content-type": "text/plain"})
    assert taskway.wait(taskway.submit(target, "plain & ü"), timeout=20).result["body"] == '"plain & ü"'


def test_an_attempt_that_nobody_waits_for_is_cancelled(taskway: Taskway, shop: Shop) -> None:
    task = ended(taskway, shop, "slow", timeout=1)
    assert (task.state, task.attempt, task.result["body"]) == ("succeeded", 2, '"done"')
    assert shop.stopped.wait(5)
    assert shop.seen[task.id][0].cancelled
    assert not shop.seen[task.id][1].cancelled


def test_an_attempt_is_cancelled_when_its_caller_goes_away(shop: Shop) -> None:
    shop.stopped.clear()
    with pytest.raises(httpx.ReadTimeout):
        delivery(shop, "slow", b"null", id="left", fence=1, timeout=0.3)
    assert shop.stopped.wait(5)
    assert shop.seen["left"][0].cancelled
    # The same attempt may come again, from a proxy for example. Then it runs.
    with pytest.raises(httpx.ReadTimeout):
        delivery(shop, "slow", b"null", id="left", fence=1, timeout=0.3)
    assert len(shop.seen["left"]) == 2


def test_an_attempt_that_is_being_stopped_is_not_joined() -> None:
    """A request comes again while the handler still cleans up after the caller of the first went away."""

    async def main() -> List[Optional[Outcome]]:
        deliveries, runs = Deliveries(), []

        async def run() -> Outcome:
            runs.append(1)
            try:
                await asyncio.sleep(0.05 if len(runs) > 1 else 30)
            finally:
                await asyncio.sleep(0.05)
            return Outcome(200, b"done")

        async def leaves() -> None:
            await asyncio.sleep(0.01)

        async def stays() -> None:
            await asyncio.sleep(30)

        first = await deliveries.outcome(Context("t", 1, 1), run, leaves)
        return [first, await deliveries.outcome(Context("t", 1, 1), run, stays)]

    first, second = asyncio.run(main())
    assert first is None
    assert second is not None
    assert second.body == b"done"


def test_the_memory_of_deliveries_is_bounded() -> None:
    async def main() -> Tuple[int, int]:
        deliveries, runs = Deliveries(), []

        async def run() -> Outcome:
            runs.append(1)
            return Outcome(200)

        async def stays() -> None:
            await asyncio.sleep(30)

        for number in [*range(REMEMBERED + 1), 1, 0]:
            await deliveries.outcome(Context(f"t{number}", 1, 1), run, stays)
        return len(deliveries._seen), len(runs)

    # Task 1 is remembered and task 0 is not, so it runs again.
    assert asyncio.run(main()) == (REMEMBERED, REMEMBERED + 2)


def delivery(
    shop: Shop, name: str, body: bytes, *, id: str, fence: Optional[int], attempt: int = 1, timeout: float = 20
) -> httpx.Response:
    headers = {**webhooks.sign(body, SECRET, id=id), "taskway-attempt": str(attempt)}
    if fence is not None:
        headers["taskway-fence"] = str(fence)
    return httpx.post(shop.app.target(name).url, content=body, headers=headers, timeout=timeout)


def test_a_delivery_that_comes_twice_runs_once(shop: Shop) -> None:
    first = delivery(shop, "welcome", b'{"user": 1}', id="twice", fence=3)
    again = delivery(shop, "welcome", b'{"user": 1}', id="twice", fence=3)
    assert (first.status_code, first.text) == (again.status_code, again.text) == (200, '{"to":"nobody-1","attempt":1}')
    assert len(shop.seen["twice"]) == 1
    stale = delivery(shop, "welcome", b'{"user": 1}', id="twice", fence=2)
    assert (stale.status_code, stale.text) == (409, "a later attempt was here already: its fence is 3")
    later = delivery(shop, "welcome", b'{"user": 1}', id="twice", fence=4)
    assert later.status_code == 200
    assert [one.fence for one in shop.seen["twice"]] == [3, 4]


def test_two_deliveries_at_once_of_one_attempt_run_once(shop: Shop) -> None:
    answers: List[httpx.Response] = []

    def deliver() -> None:
        answers.append(delivery(shop, "slow", b"null", id="at-once", fence=1, attempt=2))

    both = [threading.Thread(target=deliver) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [one.text for one in answers] == ['"done"', '"done"']
    assert len(shop.seen["at-once"]) == 1


def test_a_later_attempt_stops_an_earlier_one(shop: Shop) -> None:
    early = threading.Thread(target=delivery, args=(shop, "slow", b"null"), kwargs={"id": "overtaken", "fence": 1})
    early.start()
    while "overtaken" not in shop.seen:
        time.sleep(0.01)
    assert delivery(shop, "slow", b"null", id="overtaken", fence=2, attempt=2).text == '"done"'
    early.join()
    assert [one.cancelled for one in shop.seen["overtaken"]] == [True, False]


def test_what_was_not_signed_is_refused_and_says_nothing_of_handlers(shop: Shop) -> None:
    for name in ("welcome", "none"):
        url = shop.app.target("welcome").url.replace("welcome", name)
        answer = httpx.post(url, content=b"{}")
        assert (answer.status_code, answer.text) == (401, "the header webhook-id is missing")
    body = b'{"user": 1}'
    headers = webhooks.sign(body, "whsec_" + "A" * 32, id="t")
    assert httpx.post(shop.app.target("welcome").url, content=body, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("body", "fence", "status", "says"),
    [
        (b"{", 1, 400, "the delivery cannot be read"),
        (b"{}", None, 400, "the header taskway-fence is missing"),
        (b" " * (1024 * 1024 + 1), 1, 413, "at most 1048576 bytes"),
    ],
)
def test_a_delivery_that_cannot_be_read(shop: Shop, body: bytes, fence: Optional[int], status: int, says: str) -> None:
    answer = delivery(shop, "welcome", body, id="unreadable", fence=fence)
    assert answer.status_code == status
    assert says in answer.text


def test_other_methods_are_named(shop: Shop) -> None:
    answer = httpx.get(shop.app.target("welcome").url)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, PUT, PATCH")


def test_without_secrets_an_application_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TASKWAY_WEBHOOK_SECRETS", raising=False)
    app = App()
    said: List[Any] = []

    async def receive() -> Dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(app({"type": "lifespan"}, receive, send))
    assert said[0]["type"] == "lifespan.startup.failed"
    assert "TASKWAY_WEBHOOK_SECRETS" in said[0]["message"]

    async def body() -> Dict[str, Any]:
        return {"type": "http.request", "body": b"{}"}

    said.clear()
    asyncio.run(app({"type": "http", "method": "POST", "path": "/x", "headers": []}, body, send))
    assert said[0]["status"] == 503


def test_an_unsigned_application_says_so_and_takes_everything(stack: Stack) -> None:
    app = App(unsigned=True)

    @app.task("double")
    def double(number: int) -> int:
        return number * 2

    with serve(app) as url:
        headers = {"webhook-id": "t", "taskway-attempt": "1", "taskway-fence": "1"}
        assert httpx.post(f"{url}/double", content=b"21", headers=headers).text == "42"


def test_an_application_is_mounted_in_another() -> None:
    app = App(unsigned=True)
    app.task("double")(lambda number: number * 2)
    outer = Starlette(routes=[Mount("/api/tasks", app)])
    with serve(outer) as url:
        headers = {"webhook-id": "t", "taskway-attempt": "1", "taskway-fence": "1"}
        assert httpx.post(url.replace("/tasks", "/api/tasks/double"), content=b"21", headers=headers).text == "42"


def test_secrets_are_read_at_once() -> None:
    with pytest.raises(ValueError, match="secret number 2") as refused:
        App(secrets=f"{SECRET} whsec_short")
    assert "short" not in str(refused.value)


def test_targets_need_a_url_and_a_handler() -> None:
    app = App(unsigned=True)

    @app.task("hello.there")
    def hello() -> None: ...

    with pytest.raises(ValueError, match="no `url`"):
        app.target("hello.there")
    app = App(unsigned=True, url="https://example.com/tasks/")
    app.task("hello.there")(hello)
    assert app.target(hello).url == "https://example.com/tasks/hello.there"
    with pytest.raises(ValueError, match="no handler"):
        app.target("bye")
    for name in ("", "a/b", "a b", "-a", "ü", "a" * 65):
        with pytest.raises(ValueError, match="is not a name"):
            app.task(name)
    with pytest.raises(ValueError, match="two handlers"):
        app.task("hello.there")(hello)
