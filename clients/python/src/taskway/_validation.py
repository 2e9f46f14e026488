"""Reads a JSON value as a type hint says: plain types, dataclasses, TypedDict and pydantic models.

A hint becomes a reader once, when a handler is registered. So a hint that cannot be read is found then, and not by a task.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import decimal
import enum
import typing
import uuid
from datetime import date, datetime
from typing import Any, Callable, Dict, List, Literal, Union

from . import _json
from ._times import from_instant

# Takes a value, its JSON pointer, and the list of faults to add to.
Reader = Callable[[Any, str, List[str]], Any]

_SEQUENCES = {list: list, tuple: tuple, set: set, frozenset: frozenset, collections.abc.Sequence: list}
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_NAMES = {type(None): "null", bool: "a boolean", int: "an integer", float: "a number", str: "a string"}
# What JSON calls a value in a fault.
_GOT = {**_NAMES, list: "an array", dict: "an object"}


def reader(hint: Any) -> Reader:
    """The reader of a hint. Raises TypeError if the hint is not one that JSON can be read as."""
    return _reader(hint, {})


def _reader(hint: Any, known: Dict[Any, Reader]) -> Reader:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any or hint is object:
        return lambda value, _pointer, _faults: value
    if hint is None or hint in _NAMES:
        return _plain(type(None) if hint is None else hint)
    if hasattr(hint, "__supertype__"):
        return _reader(hint.__supertype__, known)
    if type(hint).__name__ == "TypeAliasType":
        return _reader(hint.__value__, known)
    if origin is typing.Annotated:
        return _reader(arguments[0], known)
    if str(origin).endswith(("Required", "ReadOnly")):
        return _reader(arguments[0], known)
    if origin is Literal:
        return _literal(arguments)
    if origin is Union or type(hint).__name__ == "UnionType":
        return _union([(one, _reader(one, known)) for one in arguments])
    if (origin or hint) is tuple and arguments and arguments[-1] is not ...:
        return _fixed([_reader(one, known) for one in arguments])
    if (origin or hint) in _SEQUENCES:
        return _sequence(_SEQUENCES[origin or hint], _reader(arguments[0] if arguments else Any, known))
    if (origin or hint) in _MAPPINGS:
        if arguments and arguments[0] is not str:
            raise TypeError(f"{hint} has keys that are not str, which JSON does not have")
        return _mapping(_reader(arguments[1] if arguments else Any, known))
    if isinstance(hint, type):
        if hint in known:
            return known[hint]
        return _of_class(hint, known)
    raise TypeError(f"{hint!r} is not a type that a payload can be read as")


def _of_class(hint: Any, known: Dict[Any, Reader]) -> Reader:
    if hasattr(hint, "model_validate_json"):
        # From JSON, because there a strict model takes a date in a string and a tuple in an array.
        return _converted("", lambda value: hint.model_validate_json(_json.encode(value)))
    if dataclasses.is_dataclass(hint):
        make: Any = hint
        settable = [one for one in dataclasses.fields(hint) if one.init]
        has_default = {
            one.name
            for one in settable
            if one.default is not dataclasses.MISSING or one.default_factory is not dataclasses.MISSING
        }
        return _object(hint, [one.name for one in settable], has_default, known, lambda members, _value: make(**members))
    if hasattr(hint, "__required_keys__"):
        names = list(typing.get_type_hints(hint))
        optional = set(names) - _required(hint)
        return _object(hint, names, optional, known, lambda members, value: {**value, **members})
    if issubclass(hint, enum.Enum):
        return _literal(tuple(one.value for one in hint), hint)
    if hint is datetime:
        return _converted("a time of RFC 3339", lambda value: from_instant(_text(value)))
    if hint is date:
        return _converted("a date such as 2026-11-29", lambda value: date.fromisoformat(_text(value)))
    if hint is uuid.UUID:
        return _converted("a UUID", lambda value: uuid.UUID(_text(value)))
    if hint is decimal.Decimal:
        return _converted("a number", _decimal)
    raise TypeError(f"{hint!r} is not a type that a payload can be read as: take a dataclass, a TypedDict or a pydantic model")


def _plain(kind: type) -> Reader:
    def read(value: Any, pointer: str, faults: List[str]) -> Any:
        if kind is float and type(value) is int:
            try:
                return float(value)
            except OverflowError:
                pass
        # JSON has one kind of number: 90.0 is a whole one.
        elif kind is int and type(value) is float and value.is_integer():
            return int(value)
        elif type(value) is kind:
            return value
        return _refuse(_NAMES[kind], value, pointer, faults)

    return read


def _literal(allowed: tuple[Any, ...], convert: Callable[[Any], Any] = lambda value: value) -> Reader:
    def read(value: Any, pointer: str, faults: List[str]) -> Any:
        # 1, 1.0 and True are equal in Python.
        if any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in allowed):
            return convert(value)
        return _refuse(f"one of {', '.join(map(repr, allowed))}", value, pointer, faults)

    return read


def _union(members: list[tuple[Any, Reader]]) -> Reader:
    def read(value: Any, pointer: str, faults: List[str]) -> Any:
        tried: List[List[str]] = []
        for _, member in members:
            mine: List[str] = []
            result = member(value, pointer, mine)
            if not mine:
                return result
            tried.append(mine)
        others = [mine for (hint, _), mine in zip(members, tried) if hint is not type(None)]
        if len(others) == 1:
            faults += others[0]
            return None
        names = " or ".join(_name(hint) for hint, _ in members)
        return _refuse(names, value, pointer, faults)

    return read


def _sequence(make: Callable[[List[Any]], Any], item: Reader) -> Reader:
    def read(value: Any, pointer: str, faults: List[str]) -> Any:
        if not isinstance(value, list):
            return _refuse("an array", value, pointer, faults)
        before = len(faults)
        items = [item(one, f"{pointer}/{index}", faults) for index, one in enumerate(value)]
        if len(faults) > before:
            return None
        try:
            return make(items)
        except TypeError as error:
            # A set of what has no hash.
            faults.append(f"{pointer} {error}".strip())
            return None

    return read


def _fixed(items: List[Reader]) -> Reader:
    def read(value: Any, pointer: str, faults: List[str]) -> Any:
        if not isinstance(value, list) or len(value) != len(items):
            return _refuse(f"an array of {len(items)}", value, pointer, faults)
        return tuple(item(one, f"{pointer}/{index}", faults) for index, (item, one) in enumerate(zip(items, value)))

    return read


def _mapping(item: Reader) -> Reader:
    def read(value: Any, pointer: str, faults: List[str]) -> Any:
        if not isinstance(value, dict):
            return _refuse("an object", value, pointer, faults)
        return {name: item(one, _below(pointer, name), faults) for name, one in value.items()}

    return read


def _object(
    hint: Any,
    names: List[str],
    optional: set[str],
    known: Dict[Any, Reader],
    make: Callable[[Dict[str, Any], Any], Any],
) -> Reader:
    """A reader of an object with these members. It ignores others, so that senders can be newer than receivers."""
    members: Dict[str, Reader] = {}

    def read(value: Any, pointer: str, faults: List[str]) -> Any:
        if not isinstance(value, dict):
            return _refuse("an object", value, pointer, faults)
        before = len(faults)
        faults += [f"{_below(pointer, name)} is missing" for name in names if name not in optional and name not in value]
        given = {name: member(value[name], _below(pointer, name), faults) for name, member in members.items() if name in value}
        if len(faults) > before:
            return None
        try:
            return make(given, value)
        except (TypeError, ValueError) as error:
            faults.append(f"{pointer} {error}".strip())
            return None

    # Known before its members are read, because one may be of the same class.
    known[hint] = read
    hints = typing.get_type_hints(hint)
    members.update((name, _reader(hints[name], known)) for name in names)
    return read


def _converted(wanted: str, convert: Callable[[Any], Any]) -> Reader:
    def read(value: Any, pointer: str, faults: List[str]) -> Any:
        try:
            return convert(value)
        except (TypeError, ValueError, ArithmeticError) as error:
            if wanted:
                return _refuse(wanted, value, pointer, faults)
            faults.append(f"{pointer} {error}".strip())
            return None

    return read


def _refuse(wanted: str, value: Any, pointer: str, faults: List[str]) -> None:
    faults.append(f"{pointer} must be {wanted}, got {_GOT.get(type(value), 'a number')}".strip())


def _name(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint).replace("typing.", "")


def _below(pointer: str, name: str) -> str:
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _decimal(value: Any) -> decimal.Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, decimal.Decimal)):
        raise TypeError
    # The text of a float is what was sent, up to 15 digits.
    return decimal.Decimal(str(value))


def _required(hint: Any) -> set[str]:
    """The members that a TypedDict must have.

    With `from __future__ import annotations`, and before Python 3.11, `__required_keys__` does not know `NotRequired`.
    """
    required = set(hint.__required_keys__)
    for name, one in typing.get_type_hints(hint, include_extras=True).items():
        wrapper = str(typing.get_origin(one))
        if wrapper.endswith("NotRequired"):
            required.discard(name)
        elif wrapper.endswith("Required"):
            required.add(name)
    return required
