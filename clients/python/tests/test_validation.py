"""Payloads, read by type hints."""

from __future__ import annotations

import enum
import sys
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Annotated, Any, Dict, FrozenSet, List, Literal, NewType, Optional, Sequence, Set, Tuple, TypedDict, Union

import pydantic
import pytest
from typing_extensions import NotRequired

from taskway._validation import reader

UserId = NewType("UserId", int)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Tree:
    name: str
    children: List[Tree] = field(default_factory=list)
    weight: Optional[float] = None


@dataclass
class Positive:
    number: int

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError("number must be positive")


class Options(TypedDict):
    size: int
    note: NotRequired[str]


class Loose(TypedDict, total=False):
    size: int


class Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True)
    at: datetime
    pair: Tuple[int, str]


@pytest.mark.parametrize(
    ("hint", "value", "result"),
    [
        (Any, {"a": [1]}, {"a": [1]}),
        (None, None, None),
        (bool, True, True),
        (int, 2**70, 2**70),
        (int, 90.0, 90),
        (float, 3, 3.0),
        (str, "a", "a"),
        (UserId, 7, 7),
        (Optional[int], None, None),
        (Union[int, str], "7", "7"),
        (Literal["a", 1], 1, 1),
        (List[int], [1, 2], [1, 2]),
        (list, [1, "a"], [1, "a"]),
        (Sequence[str], ["a"], ["a"]),
        (Set[int], [1, 1], {1}),
        (FrozenSet[str], ["a"], frozenset("a")),
        (Tuple[int, str], [1, "a"], (1, "a")),
        (Tuple[int, ...], [1, 2, 3], (1, 2, 3)),
        (Dict[str, float], {"a": 1}, {"a": 1.0}),
        (dict, {"a": 1}, {"a": 1}),
        (Annotated[int, "units"], 1, 1),
        (datetime, "2026-11-29T10:00:00.5+02:00", datetime(2026, 11, 29, 8, 0, 0, 500000, timezone.utc)),
        (date, "2026-11-29", date(2026, 11, 29)),
        (uuid.UUID, "12345678-1234-5678-1234-567812345678", uuid.UUID("12345678-1234-5678-1234-567812345678")),
        (Decimal, 0.1, Decimal("0.1")),
        (Decimal, "1.10", Decimal("1.10")),
        (Color, "red", Color.RED),
        (Tree, {"name": "a", "children": [{"name": "b"}], "new": 1}, Tree("a", [Tree("b")])),
        (Options, {"size": 1, "more": 2}, {"size": 1, "more": 2}),
        (Options, {"size": 1, "note": "a"}, {"size": 1, "note": "a"}),
        (Loose, {}, {}),
        (
            Model,
            {"at": "2026-11-29T10:00:00Z", "pair": [1, "a"]},
            Model(at=datetime(2026, 11, 29, 10, tzinfo=timezone.utc), pair=(1, "a")),
        ),
        (List[Model], [], []),
    ],
)
def test_what_fits(hint: Any, value: Any, result: Any) -> None:
    faults: List[str] = []
    found = reader(hint)(value, "", faults)
    assert (found, faults) == (result, [])
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("hint", "value", "faults"),
    [
        (int, True, ["must be an integer, got a boolean"]),
        (int, 1.5, ["must be an integer, got a number"]),
        (float, 10**400, ["must be a number, got an integer"]),
        (bool, 1, ["must be a boolean, got an integer"]),
        (None, 0, ["must be null, got an integer"]),
        (Optional[int], "a", ["must be an integer, got a string"]),
        (Union[int, List[int]], "a", ["must be int or List[int], got a string"]),
        (Literal["a", 1], True, ["must be one of 'a', 1, got a boolean"]),
        (List[int], {"a": 1}, ["must be an array, got an object"]),
        (List[int], [1, "a", None], ["/1 must be an integer, got a string", "/2 must be an integer, got null"]),
        (Set[Any], [[]], ["unhashable type: 'list'"]),
        (Tuple[int, str], [1], ["must be an array of 2, got an array"]),
        (Dict[str, int], {"a/b~": "x"}, ["/a~1b~0 must be an integer, got a string"]),
        (datetime, "2026-11-29", ["must be a time of RFC 3339, got a string"]),
        (uuid.UUID, 1, ["must be a UUID, got an integer"]),
        (Decimal, "x", ["must be a number, got a string"]),
        (Color, "green", ["must be one of 'red', 'blue', got a string"]),
        (Tree, {"children": [{"name": 1}]}, ["/name is missing", "/children/0/name must be a string, got an integer"]),
        (Tree, {"name": "a", "children": [2]}, ["/children/0 must be an object, got an integer"]),
        (Positive, {"number": 0}, ["number must be positive"]),
        (Options, {"note": 1}, ["/size is missing", "/note must be a string, got an integer"]),
    ],
)  # fmt: skip
def test_all_that_does_not_fit_is_named(hint: Any, value: Any, faults: List[str]) -> None:
    found: List[str] = []
    reader(hint)(value, "", found)
    assert found == faults


def test_pydantic_says_what_does_not_fit() -> None:
    faults: List[str] = []
    reader(List[Model])([{"at": 1, "pair": [1, 2]}], "", faults)
    assert len(faults) == 1
    assert faults[0].startswith("/0 2 validation errors for Model")


@pytest.mark.parametrize("hint", [complex, Dict[int, str], List[complex], object(), "int"])
def test_a_hint_that_JSON_cannot_be_read_as_is_found_at_once(hint: Any) -> None:
    with pytest.raises(TypeError):
        reader(hint)


NEWER = {"int | None": (None, None), "list[int | str]": ([1, "a"], [1, "a"])} if sys.version_info >= (3, 10) else {}


@pytest.mark.parametrize("hint", ["list[int]", *NEWER])
def test_newer_spellings(hint: str) -> None:
    value, result = NEWER.get(hint, ([1], [1]))
    faults: List[str] = []
    assert reader(eval(hint))(value, "", faults) == result
    assert not faults
