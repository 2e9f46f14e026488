"""Batches of tasks: how they are cut, and what each task's answer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, List, Optional

from .errors import TaskwayError, problem_of
from .models import Task

MOST_TASKS = 500
# AWS hands a request to its function as a string within JSON, 6 MB at most. There a quote or a backslash takes two bytes.
MOST_BYTES = 5 * 1024 * 1024
_AROUND = len('{"tasks":[]}')


@dataclass(frozen=True)
class Answer:
    """What became of one task of `submit_many`."""

    idempotency_key: str
    """The key of this task. With it the task can be submitted again safely."""
    accepted: Optional[Task] = None
    """The task, or None if it was refused or got no answer."""
    error: Optional[TaskwayError] = None
    """Why it was not accepted: a Problem if the API refused it. NotAnswered leaves open whether it was accepted."""
    replayed: bool = False
    """Whether the API had this task already, under its key."""

    @property
    def task(self) -> Task:
        """The accepted task. Raises the error if there is none."""
        if self.accepted is None:
            assert self.error is not None
            raise self.error
        return self.accepted


def cut(texts: List[bytes]) -> Iterator[List[bytes]]:
    """The texts in order, in batches that the API takes. A text that is too large alone is a batch, and will be refused."""
    batch: List[bytes] = []
    size = _AROUND
    for text in texts:
        weight = len(text) + text.count(b'"') + text.count(b"\\") + 1
        if batch and (len(batch) == MOST_TASKS or size + weight > MOST_BYTES):
            yield batch
            batch, size = [], _AROUND
        batch.append(text)
        size += weight
    if batch:
        yield batch


def body_of(texts: List[bytes]) -> bytes:
    return b'{"tasks":[' + b",".join(texts) + b"]}"


def answers_of(keys: List[str], document: Any) -> List[Answer]:
    results = document["results"]
    if len(results) != len(keys):
        raise TaskwayError(f"the API answered {len(results)} of {len(keys)} tasks")
    return [_answer(key, result) for key, result in zip(keys, results)]


def _answer(key: str, result: Any) -> Answer:
    if "task" in result:
        return Answer(key, Task.from_document(result["task"]), replayed=result["status"] == 200)
    return Answer(key, error=problem_of(result["status"], result.get("problem"), {}))
