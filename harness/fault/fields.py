"""Changing single fields of a message, wherever in it they stand. Knows dataclasses, no protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

Change = Callable[[Any], Any]
_LARGEST = 2**15 - 1


def with_field(part: Any, name: str, change: Change, owner: type | None = None) -> Any:
    """`part` with every field called `name` changed, in itself and in all that it holds.

    With `owner` only fields of that class count. Parts in which nothing changes are the same objects as before.
    """
    if isinstance(part, tuple):
        items = tuple(with_field(each, name, change, owner) for each in part)
        return items if any(a is not b for a, b in zip(items, part, strict=True)) else part
    if not is_dataclass(part) or isinstance(part, type):
        return part
    changes: dict[str, Any] = {}
    for each in fields(part):
        before = getattr(part, each.name)
        mine = each.name == name and (owner is None or isinstance(part, owner))
        after = change(before) if mine else with_field(before, name, change, owner)
        if after is not before:
            changes[each.name] = after
    return replace(part, **changes) if changes else part


def values_of(part: Any, name: str) -> Iterator[Any]:
    """Every value of the fields called `name`."""
    if isinstance(part, tuple):
        for item in part:
            yield from values_of(item, name)
    elif is_dataclass(part) and not isinstance(part, type):
        for each in fields(part):
            if each.name == name:
                yield getattr(part, each.name)
            yield from values_of(getattr(part, each.name), name)


def is_rational(value: Any) -> bool:
    """A pair of exponent and value, as physical quantities travel."""
    return hasattr(value, "Exponent") and hasattr(value, "Value")


def plain(value: Any) -> float:
    """A quantity or number as a float."""
    return float(value.Value * 10.0**value.Exponent) if is_rational(value) else float(value)


def scaled(value: Any, factor: float) -> Any:
    """A quantity or whole number times `factor`; None stays None. A pair keeps its exponent as long as it can."""
    if value is None:
        return None
    if not is_rational(value):
        return round(value * factor)
    exponent, number = value.Exponent, value.Value * factor
    while abs(number) > _LARGEST:
        exponent, number = exponent + 1, number / 10
    return replace(value, Exponent=exponent, Value=round(number))
