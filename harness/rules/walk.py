"""Walks over a message, whatever its type."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from harness.messages.common_types import RationalNumberType


def parts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field below a message with its path, lists with an index."""
    if isinstance(value, RationalNumberType) or not dataclasses.is_dataclass(value):
        return
    for each in dataclasses.fields(value):
        below, place = getattr(value, each.name), f"{path}.{each.name}" if path else each.name
        if isinstance(below, tuple):
            for index, item in enumerate(below):
                yield f"{place}[{index}]", item
                yield from parts(item, f"{place}[{index}]")
        elif below is not None:
            yield place, below
            yield from parts(below, place)


def rational_numbers(message: Any) -> Iterator[tuple[str, RationalNumberType]]:
    """Every rational number of a message with its path."""
    return ((path, value) for path, value in parts(message) if isinstance(value, RationalNumberType))
