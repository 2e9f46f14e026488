"""Handlers in a Lambda function. The events are those that the target `lambda` sends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Dict, List

import pytest

from taskway import App, Context, Fatal, Retry


@dataclass
class Order:
    id: int


def event(payload: Any, **told: Any) -> Dict[str, Any]:
    about = {"id": "t1", "queue": "orders", "attempt": 2, "fence": 9, "deadline": "2026-11-29T10:00:00.000Z", "labels": {}}
    return {"taskway": {**about, "traceparent": None, **told}, "payload": payload}


def test_a_single_handler_needs_no_name() -> None:
    app, seen = App(), []

    @app.task("ship")
    def ship(order: Order, context: Context) -> Order:
        seen.append(context)
        return Order(order.id + 2**70)

    assert app.lambda_handler(event({"id": 1}), None) == {"id": 1 + 2**70}
    (context,) = seen
    assert (context.id, context.queue, context.attempt, context.fence) == ("t1", "orders", 2, 9)
    assert context.deadline == datetime(2026, 11, 29, 10, tzinfo=timezone.utc)


@pytest.fixture
def app() -> App:
    app = App()
    loops: List[asyncio.AbstractEventLoop] = []

    @app.task("loops")
    async def same_loop() -> int:
        loops.append(asyncio.get_running_loop())
        await asyncio.sleep(0)
        return len(set(loops))

    @app.task("later")
    def later(seconds: float) -> None:
        raise Retry(after=seconds)

    @app.task("soon")
    def soon() -> None:
        raise Retry("not yet")

    @app.task("breaks")
    async def breaks() -> None:
        raise KeyError("shelf")

    @app.task("fatal")
    def fatal() -> None:
        raise Fatal("no such user")

    @app.task("starts_a_loop")
    def starts_a_loop() -> int:
        return asyncio.run(asyncio.sleep(0, 7))

    return app


@pytest.mark.parametrize(
    ("name", "payload", "answer"),
    [
        ("later", 1.5, {"taskway": {"retry_after_seconds": 2}}),
        ("fatal", None, {"taskway": {"fatal": "no such user"}}),
        ("later", "x", {"taskway": {"fatal": "the payload does not fit the handler: must be a number, got a string"}}),
        ("starts_a_loop", None, 7),
    ],
)
def test_the_label_names_the_handler(app: App, name: str, payload: Any, answer: Any) -> None:
    assert app.lambda_handler(event(payload, labels={"handler": name})) == answer


def test_all_events_share_one_loop(app: App) -> None:
    assert [app.lambda_handler(event(None, labels={"handler": "loops"})) for _ in range(3)] == [1, 1, 1]


def test_other_exceptions_are_errors_of_the_function(app: App) -> None:
    with pytest.raises(KeyError, match="shelf"):
        app.lambda_handler(event(None, labels={"handler": "breaks"}))
    with pytest.raises(Retry, match="not yet"):
        app.lambda_handler(event(None, labels={"handler": "soon"}))


@pytest.mark.parametrize("labels", [{}, {"handler": "none"}, None])
def test_without_a_name_that_is_known_the_task_fails_for_good(app: App, labels: Any) -> None:
    answer = app.lambda_handler(event(None, labels=labels))
    assert answer["taskway"]["fatal"].startswith("the task's label handler must name one of loops, later, soon")
