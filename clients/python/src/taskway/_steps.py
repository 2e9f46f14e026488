"""A call as steps: the shell of a client carries out each one and hands back what came of it.

A call is a generator. It yields a Request, a Transfer, a Sleep or a Source to measure, and returns its result. It opens no
connection and reads no clock but the one it is given, so the blocking client, the asynchronous client and the tests run the
same code.
"""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Generator, Mapping, Optional, TypeVar, Union

from . import _json
from ._transfers import Measured, Source, Transfer
from .errors import NotAnswered, Problem, TaskwayError, problem_of

# API Gateway answers within 30 s. The rest is for the way.
ANSWER_SECONDS = 35.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 10.0
# S3 answers with 400 when an upload came to a halt.
_HALTED = "RequestTimeout"
_SAYS = re.compile(rb"<(Code|Message)>([^<]*)</")


@dataclass(frozen=True)
class Request:
    method: str
    # Path and query, percent-encoded.
    path: str
    body: Optional[bytes] = None
    headers: Mapping[str, str] = field(default_factory=dict)
    # Whether sending it twice does no more than sending it once. If not, the client repeats it only after an answer or a
    # failure that shows that nothing was done.
    repeatable: bool = True
    timeout: float = ANSWER_SECONDS

    def within(self, left: float) -> Request:
        """This request for a try that ends in `left` seconds."""
        return Request(self.method, self.path, self.body, self.headers, self.repeatable, min(left, self.timeout))


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Broken:
    """There was no answer. `sent` says whether the request may have arrived."""

    error: Exception
    sent: bool


@dataclass(frozen=True)
class Sleep:
    seconds: float


T = TypeVar("T")
# A Source is a step, too: it is measured.
Outcome = Union[Response, Broken, Measured, None]
Steps = Generator[Union[Request, Transfer, Source, Sleep], Outcome, T]


@dataclass(frozen=True)
class Sender:
    """Sends requests again while that may help, for `timeout` seconds in all."""

    timeout: float
    clock: Callable[[], float] = time.monotonic
    draw: Callable[[float, float], float] = random.uniform

    def send(self, request: Union[Request, Transfer]) -> Steps[Response]:
        """The answer. Raises a Problem if the API refuses, and NotAnswered if no answer came in time."""
        until = self.clock() + self.timeout
        doubtful = False
        tries = 0
        error: TaskwayError
        while True:
            left = max(until - self.clock(), 0.001)
            outcome = yield request.within(left)
            if isinstance(outcome, Response):
                if outcome.status < 300:
                    return outcome
                if outcome.status == 404 and request.method == "DELETE" and doubtful:
                    # The try before, whose answer was lost, has deleted it.
                    return outcome
                problem = _refusal(outcome)
                again = outcome.status in (408, 429) or outcome.status >= 500 or problem.title == _HALTED
                untouched = outcome.status == 429
                error, after, cause = problem, problem.retry_after, None
            else:
                assert isinstance(outcome, Broken)
                error, after, again = NotAnswered(_broken(request, outcome)), None, True
                untouched = not outcome.sent
                cause = outcome.error
            pause = (after or 0.0) + self.draw(0.0, min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**tries))
            if not again or not (request.repeatable or untouched) or self.clock() + pause >= until:
                raise error from cause
            doubtful = doubtful or not untouched
            yield Sleep(pause)
            tries += 1


def _refusal(response: Response) -> Problem:
    try:
        document: Any = _json.decode(response.body)
    except ValueError:
        document = _said_by_s3(response.body)
    return problem_of(response.status, document, response.headers)


def _said_by_s3(body: bytes) -> Optional[dict[str, str]]:
    """What is wrong, from the XML of S3. Not everything that answers without JSON is S3."""
    from html import unescape

    said = {name: unescape(text.decode(errors="replace")) for name, text in _SAYS.findall(body)}
    return {"title": said[b"Code"], "detail": said.get(b"Message", said[b"Code"])} if b"Code" in said else None


def _broken(request: Union[Request, Transfer], broken: Broken) -> str:
    cause = str(broken.error) or type(broken.error).__name__
    doubt = "; it may have been carried out all the same" if broken.sent and not request.repeatable else ""
    return f"{request.method} {request.path.partition('?')[0]} got no answer: {cause}{doubt}"
