"""Quantities as people write them ("11 kW", "250 ms") and as the harness computes with them (floats in base units).

Base units: W, V, A, s, Wh, Hz, and shares of one for percentages. A plain number is taken to be in the base unit.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from harness.suggest import nearest


@dataclass(frozen=True, slots=True)
class Unit:
    """A kind of quantity: its base unit, an article and name for messages, and how many base units each other one is."""

    base: str
    kind: str
    scales: dict[str, Decimal]
    example: str


def _unit(base: str, kind: str, example: str, **scales: str) -> Unit:
    return Unit(base, kind, {base: Decimal(1), **{name: Decimal(scale) for name, scale in scales.items()}}, example)


POWER = _unit("W", "a power", "11 kW", mW="0.001", kW="1000", MW="1000000")
VOLTAGE = _unit("V", "a voltage", "400 V", mV="0.001", kV="1000")
CURRENT = _unit("A", "a current", "32 A", mA="0.001", kA="1000")
DURATION = _unit("s", "a duration", "250 ms", us="0.000001", ms="0.001", min="60", h="3600", d="86400")
ENERGY = _unit("Wh", "an energy", "60 kWh", mWh="0.001", kWh="1000", MWh="1000000")
FREQUENCY = _unit("Hz", "a frequency", "50 Hz", mHz="0.001", kHz="1000")
SHARE = Unit("", "a share", {"": Decimal(1), "%": Decimal("0.01")}, "95 %")

UNITS = (POWER, VOLTAGE, CURRENT, DURATION, ENERGY, FREQUENCY, SHARE)
_WRITTEN = re.compile(r"^\s*([+-]?[0-9.]+(?:[eE][+-]?[0-9]{1,2})?)\s*([A-Za-z%µ]*)\s*$")


def quantity(written: object, unit: Unit) -> float:
    """The value in base units; raises `ValueError` whose text says what is wrong and an example of what is right."""
    if isinstance(written, bool) or not isinstance(written, (int, float, str)):
        raise ValueError(f"is not {unit.kind}; write for example {unit.example}")
    value = _parsed(written, unit) if isinstance(written, str) else float(written)
    if not math.isfinite(value):
        raise ValueError(f"{written} is not finite; write for example {unit.example}")
    return value


def _parsed(written: str, unit: Unit) -> float:
    if "," in written:
        raise ValueError(f"{written!r} has a comma; write decimals with a point, for example {unit.example}")
    match = _WRITTEN.match(written)
    if match is None:
        raise ValueError(f"{written!r} is not {unit.kind}; write for example {unit.example}")
    try:
        number = Decimal(match[1])
    except InvalidOperation:
        raise ValueError(f"{written!r} holds no number; write for example {unit.example}") from None
    return float(number * _scale(match[2].replace("µs", "us"), written, unit))


def _scale(symbol: str, written: str, unit: Unit) -> Decimal:
    if symbol in unit.scales:
        return unit.scales[symbol]
    if not symbol:
        return Decimal(1)
    for other in UNITS:
        if symbol in other.scales:
            raise ValueError(f"{written!r} is {other.kind}, not {unit.kind}; write for example {unit.example}")
    meant = nearest(symbol, unit.scales)
    known = ", ".join(filter(None, unit.scales))
    raise ValueError(
        f"{written!r}: unknown unit {symbol}; " + (f"did you mean {meant}?" if meant else f"known: {known}")
    )


def _reader(unit: Unit) -> BeforeValidator:
    def read(written: Any) -> float:
        try:
            return quantity(written, unit)
        except ValueError as wrong:
            raise PydanticCustomError("quantity", "{why}", {"why": str(wrong)}) from None

    return BeforeValidator(read)


Watts = Annotated[float, _reader(POWER), POWER]
Volts = Annotated[float, _reader(VOLTAGE), VOLTAGE, Field(ge=0)]
Amperes = Annotated[float, _reader(CURRENT), CURRENT, Field(ge=0)]
Seconds = Annotated[float, _reader(DURATION), DURATION, Field(ge=0)]
WattHours = Annotated[float, _reader(ENERGY), ENERGY, Field(ge=0)]
Hertz = Annotated[float, _reader(FREQUENCY), FREQUENCY, Field(gt=0)]
Share = Annotated[float, _reader(SHARE), SHARE, Field(ge=0, le=1)]
Magnitude = Annotated[float, _reader(POWER), POWER, Field(ge=0)]
"""A power without direction, in W: the largest or least amount, never negative."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a value may lie from what is wanted: the larger of a fixed amount and a share of what is wanted."""

    amount: float = 0.0
    share: float = 0.0

    def at(self, wanted: float) -> float:
        """The permitted deviation (never negative) at a wanted value, in the unit of that value."""
        return max(self.amount, self.share * abs(wanted))


def _tolerance(unit: Unit) -> BeforeValidator:
    example = f"2 %, 100 {unit.base}, or 2 % or 100 {unit.base}"

    def read(written: Any) -> Tolerance:
        if isinstance(written, Tolerance):
            return written
        parts = re.split(r"\s+or\s+", written) if isinstance(written, str) else [written]
        try:
            read_parts = [_tolerance_part(part, unit) for part in parts]
        except ValueError as wrong:
            raise PydanticCustomError("quantity", "{why}", {"why": str(wrong)}) from None
        kinds = [kind for kind, _ in read_parts]
        if len(kinds) != len(set(kinds)) or any(value < 0 for _, value in read_parts):
            why = f"{written!r} is not a tolerance; write for example {example}"
            raise PydanticCustomError("quantity", "{why}", {"why": why})
        return Tolerance(**dict(read_parts))

    return BeforeValidator(read)


def _tolerance_part(written: object, unit: Unit) -> tuple[str, float]:
    if isinstance(written, str) and "%" in written:
        return "share", quantity(written, SHARE)
    return "amount", quantity(written, unit)


PowerTolerance = Annotated[Tolerance, _tolerance(POWER), POWER]
CurrentTolerance = Annotated[Tolerance, _tolerance(CURRENT), CURRENT]
VoltageTolerance = Annotated[Tolerance, _tolerance(VOLTAGE), VOLTAGE]
