"""JSON as Taskway reads and writes it: integers of any size, and no NaN."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import json
import os
from typing import Any, Callable, Union

from ._times import to_instant

# Replaced by the digits of a decimal after the encoder has run. Random, so that no text of a payload can contain it.
_MARK = os.urandom(12).hex()
_compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=lambda value: _plain(value))


def encode(value: Any) -> bytes:
    """The JSON of a value. Takes pydantic models, dataclasses, datetimes with a zone and decimals, too.

    Raises TypeError for other objects and ValueError for NaN, infinity and text that is not Unicode.
    """
    text = _compact.encode(value)
    if _MARK in text:
        text = text.replace(f'"{_MARK}', "").replace(f'{_MARK}"', "")
    return text.encode()


def decode(text: Union[bytes, str], *, decimals: bool = False) -> Any:
    """The value of JSON. With `decimals`, numbers with a fraction or an exponent become Decimal instead of float."""
    return json.loads(text, parse_float=_decimal if decimals else None)


_decimal: Callable[[str], decimal.Decimal] = decimal.Decimal


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, datetime.datetime):
        return to_instant(value)
    if isinstance(value, decimal.Decimal):
        if not value.is_finite():
            raise ValueError(f"JSON has no number for {value}")
        return f"{_MARK}{value}{_MARK}"
    raise TypeError(
        f"a {type(value).__name__} has no JSON: give a dict, a list, a str, a number, a dataclass or a pydantic model"
    )
