"""Charging profiles by the dice, all of them such as a CSMS may send: what a property-like test of a station is fed with.

Powers in W, + = charge, - = discharge; times in s. The same seed gives the same profiles.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.ocpp.csms.periods import Period, central_setpoint, charging_only, idle

_GRAIN = 30
"""Seconds that all times are multiples of, so that no two changes are too close to be told apart."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Sample:
    """One profile. `began` is how long ago (s) its schedule started; `choices` are further members of the profile."""

    purpose: str
    evse: int
    stack_level: int
    periods: tuple[Period, ...]
    kind: str = "Absolute"
    began: int = 0
    duration: int | None = None
    choices: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """What a station can do: W of charge and (as a magnitude) discharge, stack levels (0 to `levels`), periods of a schedule."""

    charge: float
    discharge: float
    levels: int = 1
    periods: int = 3


def sample_profiles(seed: int, span: Span) -> Iterator[Sample]:
    """Profiles of three purposes for EVSE 1 and its transaction, on as many stack levels as there are, at most three."""
    dice = random.Random(seed)
    for level in range(min(span.levels + 1, 3)):
        yield _limits(dice, span, "ChargingStationMaxProfile", 0, level)
        yield _daily(dice, span, level)
        yield _transaction(dice, span, level)


def _limits(dice: random.Random, span: Span, purpose: str, evse: int, level: int) -> Sample:
    made = [charging_only(_share(dice, span.charge), start) for start in _starts(dice, span)]
    return Sample(purpose, evse, level, tuple(made), began=_past(dice), duration=_end(dice, made))


def _daily(dice: random.Random, span: Span, level: int) -> Sample:
    """A default that recurs each day and began on an earlier one, with a gap after its duration."""
    made = [charging_only(_share(dice, span.charge), start) for start in _starts(dice, span)]
    began = _DAY * dice.randint(1, 3) + _past(dice)
    choices = {"recurrencyKind": "Daily"}
    return Sample("TxDefaultProfile", 0, level, tuple(made), "Recurring", began, _end(dice, made), choices)


def _transaction(dice: random.Random, span: Span, level: int) -> Sample:
    """It always ends, so that the defaults below it show."""
    made = [_of_any_mode(dice, span, start) for start in _starts(dice, span)]
    duration = made[-1]["startPeriod"] + _GRAIN * dice.randint(1, 4)
    return Sample("TxProfile", 1, level, tuple(made), began=_past(dice), duration=duration)


def _of_any_mode(dice: random.Random, span: Span, start: int) -> Period:
    kind = dice.choice(("limit", "charge", "discharge", "idle"))
    if kind == "limit":
        return charging_only(_share(dice, span.charge), start)
    if kind == "idle":
        return idle(start)
    if kind == "charge":
        return central_setpoint(_share(dice, span.charge), start)
    watts = -_share(dice, span.discharge)
    return central_setpoint(watts, start, dischargeLimit=round(watts - _share(dice, span.discharge) / 4, 1))


def _starts(dice: random.Random, span: Span) -> Sequence[int]:
    count = dice.randint(1, max(1, min(span.periods, 4)))
    return [0, *sorted(_GRAIN * each for each in dice.sample(range(2, 14), count - 1))]


def _end(dice: random.Random, made: Sequence[Period]) -> int | None:
    last: int = made[-1]["startPeriod"]
    return dice.choice((None, last + _GRAIN * dice.randint(1, 8)))


def _past(dice: random.Random) -> int:
    return _GRAIN * dice.randint(0, 6)


def _share(dice: random.Random, most: float) -> float:
    return round(most * dice.uniform(0.1, 0.9), 1)
