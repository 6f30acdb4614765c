"""What active DER controls make of the power that the schedule wants, and the alarms they raise (OCPP 2.1 block R, R05).

Sign: powers are + = import, as everywhere in the station. Block R itself counts the other way round: curves and FixedVar are
+ for what the DER gives to the grid. The turn is made here and nowhere else. Of a trip curve x is the frequency (Hz) or the
voltage (percent of nominal, or per unit) and y the time (s); which axis is which is not confirmed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.grid.battery import Curve, interpolate
from harness.ocpp.station.der import DerControls
from harness.ocpp.station.evse import Control, Reading
from harness.ocpp.station.model import DeviceModel
from harness.ocpp.station.wire import Agenda, stamp

_NOTICED = 1.0
"""W by which a control must move the power to count as a departure from the profile."""
_TRIPS = {
    "HFMustTrip": ("frequency", 1, "OverFrequency"),
    "LFMustTrip": ("frequency", -1, "UnderFrequency"),
    "HVMustTrip": ("voltage", 1, "OverVoltage"),
    "LVMustTrip": ("voltage", -1, "UnderVoltage"),
}
"""What each trip control watches, on which side, and the fault it stands for."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Mains as a control sees them: `frequency` Hz, `voltage` as percent of nominal, `nominal` frequency."""

    frequency: float
    voltage: float
    nominal: float


@dataclass(slots=True)
class GridFunctions:
    """The inverter of one EVSE. It remembers since when limits are passed, a trip, and the alarm that stands."""

    evse: int
    controls: DerControls
    variables: DeviceModel
    agenda: Agenda
    alarm: tuple[str, str] | None = None
    tripped_by: str = ""
    _beyond_since: dict[tuple[str, int], float] = field(default_factory=dict)
    _healthy_since: float | None = None

    def apply(self, wanted: Control, reading: Reading, now: float) -> Control:
        """What is done instead of `wanted`; tells alarms that begin and end."""
        if not self.variables.flag("DCDERCtrlr.Enabled", self.evse):
            return wanted
        grid = self._grid(reading)
        self._watch_trips(grid, now)
        if self.tripped_by:
            return self._tripped(wanted, grid, now)
        power, why = self._active_power(wanted.power, grid)
        departs = abs(power - wanted.power) > _NOTICED
        self._raise(why if departs else None, grid, now)
        done = replace(wanted, power=power, reactive=self._reactive(power, wanted.reactive, grid))
        return replace(done, why=why) if departs and why else done

    # --- active power ----------------------------------------------------------------------------------------------------

    def _active_power(self, power: float, grid: Grid) -> tuple[float, str]:
        """The power after all controls, and the type of the one that moved it last."""
        moved, why = power, ""
        for kind, function in (
            ("FreqDroop", self._droop),
            ("FreqWatt", self._freq_watt),
            ("VoltWatt", self._volt_watt),
        ):
            body = self._body(kind)
            after = moved if body is None else function(body, moved, grid)
            moved, why = after, kind if abs(after - moved) > _NOTICED else why
        body = self._body("LimitMaxDischarge")
        if body is not None and "pctMaxDischargePower" in body:
            floor = -body["pctMaxDischargePower"] / 100 * self._rated("MaxW")
            moved, why = max(moved, floor), "LimitMaxDischarge" if moved < floor else why
        return min(max(moved, -self._rated("MaxW")), self._rated("MaxChargeRateW")), why

    def _droop(self, body: Mapping[str, Any], power: float, grid: Grid) -> float:
        """Each droop of nominal frequency beyond the dead band is worth the rated power."""
        over, under = grid.frequency - float(body["overFreq"]), float(body["underFreq"]) - grid.frequency
        if over > 0 and body["overDroop"]:
            return power + self._rated("MaxW") * over / (grid.nominal * float(body["overDroop"]))
        if under > 0 and body["underDroop"]:
            return power - self._rated("MaxW") * under / (grid.nominal * float(body["underDroop"]))
        return power

    def _freq_watt(self, body: Mapping[str, Any], power: float, grid: Grid) -> float:
        return max(power, -interpolate(points(body["curveData"]), grid.frequency) / 100 * self._rated("MaxW"))

    def _volt_watt(self, body: Mapping[str, Any], power: float, grid: Grid) -> float:
        return max(power, -interpolate(as_percent(body["curveData"]), grid.voltage) / 100 * self._rated("MaxW"))

    # --- reactive power ----------------------------------------------------------------------------------------------------

    def _reactive(self, power: float, wanted: float, grid: Grid) -> float:
        """var, + = absorbed; of several controls the first of the list counts."""
        given = self._given_var(power, grid)
        if given is None:
            return wanted
        most, least = self._rated("MaxVar"), -self._rated("MaxVarNeg")
        return -min(max(given, least), most)

    def _given_var(self, power: float, grid: Grid) -> float | None:
        """var given to the grid as a control demands; None without one."""
        given_power = -power / self._rated("MaxW") * 100
        if (body := self._body("FixedVar")) is not None:
            return float(body["setpoint"]) / 100 * self._rated("MaxVar")
        if (body := self._body("VoltVar")) is not None:
            return interpolate(as_percent(body["curveData"]), grid.voltage) / 100 * self._rated("MaxVar")
        if (body := self._body("WattVar")) is not None:
            return interpolate(points(body["curveData"]), given_power) / 100 * self._rated("MaxVar")
        if (body := self._body("FixedPFInject" if power < 0 else "FixedPFAbsorb")) is not None:
            return (-1 if body["excitation"] else 1) * _var_at(power, body["displacement"])
        if (body := self._body("WattPF")) is not None:
            factor = interpolate(points(body["curveData"]), given_power)
            return math.copysign(_var_at(power, abs(factor)), -factor)  # a positive power factor absorbs
        return None

    # --- trips ---------------------------------------------------------------------------------------------------------------

    def _watch_trips(self, grid: Grid, now: float) -> None:
        for kind, (quantity, side, _fault) in _TRIPS.items():
            body = self._body(kind)
            data = points(()) if body is None else _scaled(body["curveData"], quantity)
            value = grid.frequency if quantity == "frequency" else grid.voltage
            for number, (limit, patience) in enumerate(data):
                key = (kind, number)
                if side * (value - limit) <= 0:
                    self._beyond_since.pop(key, None)
                elif now - self._beyond_since.setdefault(key, now) >= patience and not self.tripped_by:
                    self.tripped_by, self._healthy_since = kind, None

    def _tripped(self, wanted: Control, grid: Grid, now: float) -> Control:
        """Nothing flows until the mains have been within the limits of EnterService for its delay."""
        self._raise(self.tripped_by, grid, now)
        body = self._body("EnterService") or {}
        healthy = not self._beyond_since and _within(grid, body)
        self._healthy_since = (self._healthy_since or now) if healthy else None
        if self._healthy_since is not None and now - self._healthy_since >= body.get("delay", 0.0):
            self.tripped_by, self._healthy_since = "", None
            self._raise(None, grid, now)
            return wanted
        return replace(wanted, power=0.0, reactive=0.0, why=self.tripped_by)

    def trip_due(self, now: float) -> float | None:
        """When the next trip or return may happen."""
        waits = [since + 1.0 for since in self._beyond_since.values()]
        return now + 1.0 if waits or self.tripped_by else None

    # --- alarms --------------------------------------------------------------------------------------------------------------

    def _raise(self, kind: str | None, grid: Grid, now: float) -> None:
        """One alarm stands at a time; one that takes over is told, the end of the former is not (R05.FR.03, .04)."""
        new = (kind, _fault_of(kind, grid)) if kind else None
        if new is None and self.alarm is not None:
            self._tell(self.alarm, now, ended=True)
        elif new is not None and (self.alarm is None or new[0] != self.alarm[0]):
            self._tell(new, now, ended=False)
        if new is None or self.alarm is None or new[0] != self.alarm[0]:
            self.alarm = new

    def _tell(self, alarm: tuple[str, str], now: float, ended: bool) -> None:
        notice: dict[str, Any] = {"controlType": alarm[0], "timestamp": stamp(now)}
        if alarm[1]:
            notice["gridEventFault"] = alarm[1]
        if ended:
            notice["alarmEnded"] = True
        self.agenda.put("NotifyDERAlarm", notice, lasting=True)

    # --- shared ----------------------------------------------------------------------------------------------------------------

    def _body(self, kind: str) -> Mapping[str, Any] | None:
        found = self.controls.active(kind)
        return None if found is None else found.body

    def _rated(self, name: str) -> float:
        return self.variables.number(f"DCDERCtrlr.{name}", self.evse, 1.0)

    def _grid(self, reading: Reading) -> Grid:
        nominal = self.variables.number("DCDERCtrlr.VNom", self.evse, 230.0)
        return Grid(reading.frequency, reading.grid_voltage / nominal * 100, 60.0 if reading.frequency > 55 else 50.0)


def points(data: Sequence[Mapping[str, Any]]) -> Curve:
    """The points of a DER curve in the order of x."""
    return tuple(sorted((float(point["x"]), float(point["y"])) for point in data))


def as_percent(data: Sequence[Mapping[str, Any]]) -> Curve:
    """The points of a curve over voltage, whose x may be written in percent or per unit."""
    found = points(data)
    scale = 100.0 if max(x for x, _ in found) <= 3.0 else 1.0
    return tuple((x * scale, y) for x, y in found)


def _scaled(data: Sequence[Mapping[str, Any]], quantity: str) -> Curve:
    return points(data) if quantity == "frequency" else as_percent(data)


def _var_at(power: float, factor: float) -> float:
    """var beside a power (W) at a power factor."""
    return abs(power) * math.tan(math.acos(min(max(factor, 0.01), 1.0)))


def _within(grid: Grid, body: Mapping[str, Any]) -> bool:
    if not body:
        return True
    scale = 100.0 if body["highVoltage"] <= 3.0 else 1.0
    volts = float(body["lowVoltage"]) * scale <= grid.voltage <= float(body["highVoltage"]) * scale
    return volts and float(body["lowFreq"]) <= grid.frequency <= float(body["highFreq"])


def _fault_of(kind: str, grid: Grid) -> str:
    """The grid event behind a departure; "" where none is."""
    if kind in _TRIPS:
        return _TRIPS[kind][2]
    if kind in ("FreqDroop", "FreqWatt"):
        return "OverFrequency" if grid.frequency > grid.nominal else "UnderFrequency"
    if kind == "VoltWatt":
        return "OverVoltage" if grid.voltage > 100 else "UnderVoltage"
    return ""
