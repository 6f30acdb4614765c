"""Fields of recorded messages by their standard names, wherever in a message they stand."""

from __future__ import annotations

import math
from typing import Any

_DEEPEST = 6


def find(message: Any, name: str, depth: int = _DEEPEST) -> Any:
    """The value of the field called `name`, the outermost first; None when there is none."""
    if not isinstance(message, dict) or depth == 0:
        return None
    if name in message:
        return message[name]
    inner = (find(each, name, depth - 1) for each in message.values() if isinstance(each, dict))
    return next((found for found in inner if found is not None), None)


def number(message: Any, name: str) -> float | None:
    """A field as a number: a plain number, or the value of a rational number."""
    value = find(message, name)
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None
