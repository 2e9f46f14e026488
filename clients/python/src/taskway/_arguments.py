"""Arguments of a wrong kind. Their errors name the argument, and say what to give."""

from __future__ import annotations

from typing import Any, Dict, Optional, Protocol


class Documented(Protocol):
    """What the API takes as an object."""

    def to_document(self) -> Dict[str, Any]: ...


def document_of(name: str, value: Optional[Documented], kind: type) -> Optional[Dict[str, Any]]:
    """The argument as the API takes it, or None. Raises TypeError if it is of another kind."""
    return None if value is None else of_kind(name, value, kind).to_document()


def of_kind(name: str, value: Any, kind: type) -> Any:
    """The argument. Raises TypeError if it is of another kind."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be a {kind.__name__}, not {type(value).__name__}")
    return value
