"""Limits: named claims about a value, with the words a report needs.

A limit says what it expects, with unit; where it comes from; and whether that source is confirmed. A verdict that
rests on an unconfirmed limit is provisional.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Limit:
    """A claim about one value. `expects` reads after the word "expected"; `unit` is that of the value."""

    expects: str
    holds: Callable[[Any], bool]
    source: str = ""
    confirmed: bool = True
    unit: str = ""

    def because(self, source: str, *, confirmed: bool = True) -> Limit:
        """The same limit with its source, such as a requirement id or a PIXIT item."""
        return replace(self, source=source, confirmed=confirmed)


def _figure(value: float, unit: str) -> str:
    return f"{value:g} {unit}".strip()


def at_most(ceiling: float, unit: str = "", *, tolerance: float = 0.0) -> Limit:
    """value <= ceiling + tolerance."""
    slack = f" (+{_figure(tolerance, unit)})" if tolerance else ""
    return Limit(f"at most {_figure(ceiling, unit)}{slack}", lambda value: value <= ceiling + tolerance, unit=unit)


def at_least(floor: float, unit: str = "", *, tolerance: float = 0.0) -> Limit:
    """value >= floor - tolerance."""
    slack = f" (-{_figure(tolerance, unit)})" if tolerance else ""
    return Limit(f"at least {_figure(floor, unit)}{slack}", lambda value: value >= floor - tolerance, unit=unit)


def near(target: float, unit: str = "", *, tolerance: float) -> Limit:
    """|value - target| <= tolerance."""
    return Limit(
        f"{_figure(target, unit)} ± {_figure(tolerance, unit)}",
        lambda value: abs(value - target) <= tolerance,
        unit=unit,
    )


def inside(low: float, high: float, unit: str = "") -> Limit:
    """low <= value <= high."""
    return Limit(f"{low:g} to {_figure(high, unit)}", lambda value: low <= value <= high, unit=unit)


def equals(wanted: Any) -> Limit:
    """value == wanted."""
    return Limit(str(wanted), lambda value: value == wanted)


def differs(unwanted: Any) -> Limit:
    """value != unwanted."""
    return Limit(f"anything but {unwanted}", lambda value: value != unwanted)


def one_of(wanted: Collection[Any]) -> Limit:
    """value in wanted."""
    return Limit(" or ".join(str(each) for each in wanted), lambda value: value in wanted)


def satisfies(expects: str, claim: Callable[[Any], bool]) -> Limit:
    """Any other claim, in words."""
    return Limit(expects, claim)
