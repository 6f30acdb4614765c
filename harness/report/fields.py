"""Fields of recorded messages by their standard names, wherever in a message they stand."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

_DEEPEST = 6


def find_all(message: Any, names: Collection[str]) -> dict[str, Any]:
    """The fields called `names` that the message has; of several with one name the outermost."""
    found: dict[str, Any] = {}
    level = [message]
    for _ in range(_DEEPEST):
        structures = [each for each in level if isinstance(each, dict)]
        for each in structures:
            for name in names:
                if name in each:
                    found.setdefault(name, each[name])
        level = [inner for each in structures for inner in each.values()]
        if not level or len(found) == len(names):
            break
    return found


def find(message: Any, name: str) -> Any:
    """The value of the field called `name`, the outermost; None when there is none."""
    return find_all(message, (name,)).get(name)


def number(message: Any, name: str) -> float | None:
    """A field as a number: a plain number, or the value of a rational number."""
    return as_number(find(message, name))


def as_number(value: Any) -> float | None:
    """A recorded value as a number; None for what is none."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None
