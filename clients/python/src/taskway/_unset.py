"""The default of an argument whose None means something else."""

from __future__ import annotations

import enum
from typing import Literal


class Unset(enum.Enum):
    """Has one value, so that a type can name it."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Literal[Unset.UNSET] = Unset.UNSET
