"""When a request is sent again, in virtual time."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple, Union

import pytest

from taskway import NotAnswered, Problem, Throttled, Unavailable
from taskway._steps import Broken, Request, Response, Sender, Sleep, Steps


class World:
    """A clock, and a network that answers in turn. Each request takes a second."""

    def __init__(self, *outcomes: Union[int, Tuple[int, Dict[str, str]], Exception]) -> None:
        self.now = 100.0
        self.outcomes = list(outcomes)
        self.sleeps: List[float] = []
        self.timeouts: List[float] = []
        self.jitters: List[float] = []

    def sender(self, timeout: float = 60) -> Sender:
        def highest(_low: float, high: float) -> float:
            assert _low == 0
            self.jitters.append(high)
            return high

        return Sender(timeout, clock=lambda: self.now, draw=highest)

    def run(self, steps: Steps[Response]) -> Response:
        outcome: Any = None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            if isinstance(step, Sleep):
                self.sleeps.append(step.seconds)
                self.now += step.seconds
                outcome = None
            else:
                self.now += 1
                assert isinstance(step, Request)
                self.timeouts.append(step.timeout)
                outcome = self.next_outcome()

    def next_outcome(self) -> Union[Response, Broken]:
        given = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(given, Exception):
            return Broken(given, sent=not isinstance(given, ConnectionRefusedError))
        status, headers = given if isinstance(given, tuple) else (given, {})
        return Response(status, headers, b"{}")


GET = Request("GET", "/v1/stats")


def test_pauses_double_up_to_ten_seconds_with_full_jitter() -> None:
    world = World(*[503] * 9, 200)
    assert world.run(world.sender(200).send(GET)).status == 200
    assert world.jitters == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10]
    assert world.sleeps == world.jitters


@pytest.mark.parametrize("failure", [503, ConnectionResetError("reset")])
def test_a_call_ends_before_a_pause_that_would_outlast_it(failure: Any) -> None:
    world = World(failure)
    with pytest.raises((Unavailable, NotAnswered)):
        world.run(world.sender(10).send(GET))
    assert world.now <= 110
    assert world.timeouts[-1] < world.timeouts[0] == 10


def test_an_answer_is_not_awaited_for_longer_than_35_seconds() -> None:
    world = World(200)
    world.run(world.sender(600).send(GET))
    assert world.timeouts == [35]


def test_jitter_comes_on_top_of_what_the_api_asks() -> None:
    world = World((429, {"retry-after": "7"}), 200)
    world.run(world.sender().send(GET))
    assert world.sleeps == [7.1]


def test_an_error_keeps_what_the_api_asked() -> None:
    world = World((429, {"retry-after": "61", "x-request-id": "r1"}))
    with pytest.raises(Throttled, match="request r1") as raised:
        world.run(world.sender().send(GET))
    assert (raised.value.retry_after, world.sleeps) == (61, [])


@pytest.mark.parametrize(
    ("outcome", "requests"),
    [
        (429, 2),
        (ConnectionRefusedError(), 2),
        (503, 1),
        (500, 1),
        (408, 1),
        (ConnectionResetError(), 1),
        (400, 1),
    ],
)
def test_what_is_not_repeatable_is_repeated_only_if_nothing_was_done(outcome: Any, requests: int) -> None:
    world = World(outcome, 200)
    error: Optional[Exception] = None
    try:
        world.run(world.sender().send(Request("POST", "/v1/tasks/t/retry", repeatable=False)))
    except (Problem, NotAnswered) as raised:
        error = raised
    assert len(world.timeouts) == requests
    assert (error is None) == (requests == 2)


@pytest.mark.parametrize(("first", "is_done"), [(ConnectionResetError(), True), (503, True), (429, False), (200, True)])
def test_a_deletion_may_have_been_done_by_the_try_before(first: Any, is_done: bool) -> None:
    world = World(first, 404)
    try:
        world.run(world.sender().send(Request("DELETE", "/v1/schedules/s")))
    except Problem:
        assert not is_done
    else:
        assert is_done


def test_the_cause_is_kept() -> None:
    cause = ConnectionResetError("peer reset")
    world = World(cause)
    with pytest.raises(NotAnswered, match="GET /v1/stats got no answer: peer reset") as raised:
        world.run(world.sender(1).send(GET))
    assert raised.value.__cause__ is cause
