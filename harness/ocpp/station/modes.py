"""What each operation mode makes of the schedule: the power that an EVSE aims at (OCPP 2.1 block Q).

Powers in W, + = charge. Physical limits of EVSE and EV come last; what a schedule asked for stays visible as the setpoint.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.grid.battery import Curve, interpolate
from harness.ocpp.station.evse import Control, Evse
from harness.ocpp.station.model import DeviceModel
from harness.ocpp.station.profile_rules import thresholds


@dataclass(frozen=True, slots=True)
class InForce:
    """What the profiles say at an instant, in W: None where they say nothing. `period` is the one whose mode counts, with its
    curves; `until` is when something changes next (station time)."""

    mode: str = "ChargingOnly"
    limit: float | None = None
    discharge_limit: float | None = None
    setpoint: float | None = None
    reactive: float | None = None
    period: Mapping[str, Any] = field(default_factory=dict)
    until: float = math.inf


@dataclass(frozen=True, slots=True)
class Signal:
    """An AFRRSignal, effective from `at`."""

    at: float
    value: int


@dataclass(slots=True)
class Modes:
    """The operation modes of one EVSE. It remembers the frequency that it last acted on, aFRR signals, and what load
    balancing has come to."""

    evse: Evse
    variables: DeviceModel
    signals: list[Signal] = field(default_factory=list)
    _acted_on: float | None = None
    _balanced: float = 0.0

    def control(self, schedule: InForce, now: float) -> Control:
        """What the schedule comes to, before grid functions."""
        lowest, highest = self._span()
        if not self._free():
            return Control(mode=schedule.mode, why="no energy may flow")
        wanted = self._by_mode(schedule, now)
        bottom = max(lowest, wanted.discharge_limit)
        top = max(min(highest, wanted.limit), 0.0) if math.isfinite(wanted.limit) else highest
        aimed = top if wanted.setpoint is None else min(max(wanted.setpoint, bottom), top)
        return replace(wanted, power=aimed, limit=top, discharge_limit=bottom, span=(lowest, highest))

    def take_signal(self, at: float, value: int) -> None:
        """An AFRRSignal that an active curve can map."""
        self.signals = sorted([*self.signals, Signal(at, value)], key=lambda signal: signal.at)

    def forget(self) -> None:
        """The transaction is over."""
        self.signals.clear()
        self._acted_on, self._balanced = None, 0.0

    # --- inside ----------------------------------------------------------------------------------------------------------

    def _by_mode(self, schedule: InForce, now: float) -> Control:
        """Values as the mode sets them; a limit that is missing is infinite, a discharge limit that is missing too."""
        limit = math.inf if schedule.limit is None else schedule.limit
        floor = -math.inf if schedule.discharge_limit is None else schedule.discharge_limit
        plain = Control(limit=limit, discharge_limit=floor, mode=schedule.mode, reactive=schedule.reactive or 0.0)
        if schedule.mode == "ChargingOnly":
            return replace(plain, discharge_limit=0.0)
        if schedule.mode == "Idle":
            return self._idle(plain, schedule.period)
        if schedule.mode == "ExternalLimits":
            return plain
        return replace(plain, setpoint=_clipped(self._setpoint(schedule, now), floor, limit))

    def _setpoint(self, schedule: InForce, now: float) -> float:
        if schedule.mode == "LocalFrequency":
            return self._local_frequency(schedule.period, now)
        if schedule.mode == "LocalLoadBalancing":
            return self._load_balancing()
        return schedule.setpoint or 0.0  # central setpoints, and an external one; none yet is 0 W

    def _local_frequency(self, period: Mapping[str, Any], now: float) -> float:
        """Baseline, plus the curve at the frequency of the mains, plus what the latest aFRR signal stands for (Q08)."""
        threshold = self.variables.number("V2XChargingCtrlr.LocalFrequencyUpdateThreshold", self.evse.number) / 1000
        measured = self.evse.reading.frequency
        if self._acted_on is None or abs(measured - self._acted_on) >= threshold - 1e-9:
            self._acted_on = measured
        power = period["v2xBaseline"] + interpolate(_curve(period["v2xFreqWattCurve"], "frequency"), self._acted_on)
        signal = next((one for one in reversed(self.signals) if one.at <= now), None)
        if signal is not None and "v2xSignalWattCurve" in period:
            power += interpolate(_curve(period["v2xSignalWattCurve"], "signal"), signal.value)
        return float(power)

    def _load_balancing(self) -> float:
        """Hold the building between its thresholds (Q09.FR.04); between them nothing changes."""
        load, bounds = self.evse.reading.upstream, thresholds(self.variables, self.evse.number)
        if load is None or not bounds:
            return 0.0
        if load > bounds["UpperThreshold"]:
            self._balanced = self.evse.reading.power + bounds["UpperThreshold"] + bounds["UpperOffset"] - load
        elif load < bounds["LowerThreshold"]:
            self._balanced = self.evse.reading.power + bounds["LowerThreshold"] + bounds["LowerOffset"] - load
        return self._balanced

    def _idle(self, plain: Control, period: Mapping[str, Any]) -> Control:
        asleep = bool(period.get("evseSleep")) and self.variables.flag("SmartChargingCtrlr.SupportsEvseSleep")
        preconditioning = bool(period.get("preconditioningRequest"))
        return replace(plain, limit=0.0, discharge_limit=0.0, asleep=asleep, preconditioning=preconditioning)

    def _free(self) -> bool:
        one = self.evse
        return one.plugged and one.authorised and not one.faulted and not one.blocked

    def _span(self) -> tuple[float, float]:
        """What EVSE and EV can do at all."""
        highest = self.variables.number("EVSE.Power", self.evse.number)
        lowest = 0.0
        if self.evse.ev is not None:
            highest = min(highest, self.evse.ev.max_charge_power)
            if self.evse.bidirectional and self.variables.flag("V2XChargingCtrlr.Enabled", self.evse.number):
                rating = self.variables.number("EVSE.DischargePower", self.evse.number)
                lowest = -min(rating, self.evse.ev.max_discharge_power)
        return lowest, highest


def _clipped(value: float, bottom: float, top: float) -> float:
    return min(max(value, bottom), max(top, bottom))


def _curve(points: Sequence[Mapping[str, Any]], axis: str) -> Curve:
    return tuple(sorted((float(point[axis]), float(point["power"])) for point in points))
