"""What DER controls demand of an inverter, as functions of the mains and of power (OCPP 2.1 block R).

Block R counts what the DER gives to the grid as +, for active power as for reactive power; so does this module, except where
it says otherwise. Percent are of `Rating`. How voltages are written (percent of nominal, or per unit) is not confirmed: both
are understood.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.grid.battery import Curve, interpolate
from harness.grid.response import WayBack

Body = Mapping[str, Any]
"""A control as it came over the wire."""
_PER_UNIT = 3.0
"""Voltages up to this are per unit, no percent."""
FREQUENCY_CAPS, VOLTAGE_CAPS = ("FreqWatt",), ("VoltWatt",)


@dataclass(frozen=True, slots=True)
class Grid:
    """Mains as a control sees them: `frequency` Hz, `voltage` as percent of nominal, `nominal` frequency."""

    frequency: float
    voltage: float
    nominal: float


@dataclass(frozen=True, slots=True)
class Rating:
    """What 100 percent are: W and var of the inverter, and `available`, W that EV and EVSE together can give. Magnitudes."""

    watts: float
    vars_given: float
    vars_taken: float
    volt_amperes: float
    available: float


# --- active power ---


def droop(body: Body, grid: Grid, rating: Rating) -> float:
    """W to be given less (+), or more (-), than without the control: a droop of nominal frequency is worth rated power."""
    over, under = grid.frequency - float(body["overFreq"]), float(body["underFreq"]) - grid.frequency
    if over > 0 and body["overDroop"]:
        return rating.watts * over / (grid.nominal * float(body["overDroop"]))
    if under > 0 and body["underDroop"]:
        return -rating.watts * under / (grid.nominal * float(body["underDroop"]))
    return 0.0


def cap(kind: str, body: Body, grid: Grid) -> float:
    """Percent of the base that FreqWatt or VoltWatt leaves to be given; a negative one must be taken."""
    if kind in FREQUENCY_CAPS:
        return interpolate(points(body["curveData"]), grid.frequency)
    return interpolate(as_percent(body["curveData"]), grid.voltage)


def watts_base(unit: str, rating: Rating) -> float:
    """W that 100 percent of a unit are."""
    return rating.available if unit == "PctWAvail" else rating.watts


def way_back(kind: str, body: Body) -> WayBack | None:
    """How power may return after the event; None where the control does not say."""
    said = body.get("hysteresis")
    if not said:
        return None
    scale = 100.0 if kind in VOLTAGE_CAPS and said.get("hysteresisHigh", 100.0) <= _PER_UNIT else 1.0
    return WayBack(
        said.get("hysteresisLow", -math.inf) * scale,
        said.get("hysteresisHigh", math.inf) * scale,
        said.get("hysteresisDelay", 0.0),
        said.get("hysteresisGradient") or math.inf,
    )


# --- reactive power ---


def fixed_var(body: Body, power: float, rating: Rating) -> float:
    """var given by FixedVar; `power` is W given."""
    return vars_of(float(body["setpoint"]), body["unit"], power, rating)


def volt_var(body: Body, volts: float, power: float, rating: Rating) -> float:
    """var given at a voltage (percent of the reference voltage)."""
    return vars_of(interpolate(as_percent(body["curveData"]), volts), body["yUnit"], power, rating)


def watt_var(body: Body, power: float, rating: Rating) -> float:
    """var given at an active power (x: percent of rated power, + = given)."""
    share = interpolate(points(body["curveData"]), power / rating.watts * 100)
    return vars_of(share, body["yUnit"], power, rating)


def fixed_factor(body: Body, power: float) -> float:
    """var given by FixedPFInject or FixedPFAbsorb; excitation true absorbs."""
    return (-1 if body["excitation"] else 1) * vars_at(power, body["displacement"])


def watt_factor(body: Body, power: float, rating: Rating) -> float:
    """var given by WattPF, whose positive power factor absorbs."""
    factor = interpolate(points(body["curveData"]), power / rating.watts * 100)
    return math.copysign(vars_at(power, abs(factor)), -factor)


def vars_of(percent: float, unit: str, power: float, rating: Rating) -> float:
    """var that a percentage of a unit is; those taken have a rating of their own."""
    most = rating.vars_given if percent >= 0 else rating.vars_taken
    if unit == "PctVarAvail":
        most = min(most, math.sqrt(max(rating.volt_amperes**2 - power**2, 0.0)))
    elif unit == "PctMaxW":
        most = rating.watts
    return percent / 100 * most


def vars_at(power: float, factor: float) -> float:
    """var beside a power (W) at a power factor."""
    return abs(power) * math.tan(math.acos(min(max(factor, 0.01), 1.0)))


# --- shared ---


def points(data: Sequence[Mapping[str, Any]]) -> Curve:
    """The points of a DER curve in the order of x."""
    return tuple(sorted((float(point["x"]), float(point["y"])) for point in data))


def as_percent(data: Sequence[Mapping[str, Any]]) -> Curve:
    """The points of a curve over voltage, whose x may be written in percent or per unit."""
    found = points(data)
    scale = 100.0 if max(x for x, _ in found) <= _PER_UNIT else 1.0
    return tuple((x * scale, y) for x, y in found)


def in_band(body: Body, grid: Grid) -> bool:
    """Whether the mains are where EnterService wants them."""
    scale = 100.0 if body["highVoltage"] <= _PER_UNIT else 1.0
    volts = float(body["lowVoltage"]) * scale <= grid.voltage <= float(body["highVoltage"]) * scale
    return volts and float(body["lowFreq"]) <= grid.frequency <= float(body["highFreq"])
