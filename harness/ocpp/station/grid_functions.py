"""What active DER controls make of the power that the schedule wants, and the alarms they raise (OCPP 2.1 block R, R05).

Sign: powers are + = import, as everywhere in the station. Block R itself counts the other way round; the turn is made here
and nowhere else.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from harness.grid.response import Hysteresis, Lag, Ramp
from harness.ocpp.station import grid_curves as curves
from harness.ocpp.station.der import DerControls
from harness.ocpp.station.evse import Control, Reading
from harness.ocpp.station.grid_curves import Body, Grid, Rating
from harness.ocpp.station.model import DeviceModel
from harness.ocpp.station.protection import FAULTS, Protection
from harness.ocpp.station.wire import Agenda, stamp

_NOTICED = 100.0
"""W by which a control must move the power to count as a departure from the profile; less is lost in its accuracy."""
_CAPS = ("FreqWatt", "VoltWatt")
_TO_90_PERCENT = math.log(10.0)
"""Time constants until a first-order filter has come 90 % of its way."""


@dataclass(slots=True)
class GridFunctions:
    """The inverter of one EVSE: what its controls have come to so far, and the alarm that stands."""

    evse: int
    controls: DerControls
    variables: DeviceModel
    agenda: Agenda
    dice: random.Random
    alarm: tuple[str, str] | None = None
    protection: Protection = field(init=False)
    _ramp: Ramp = field(default_factory=Ramp)
    _soft: bool = True
    _droop: Lag = field(default_factory=Lag)
    _caps: dict[str, tuple[Lag, Hysteresis]] = field(default_factory=dict)
    _vars: Lag = field(default_factory=Lag)
    _reference_volts: Lag = field(default_factory=lambda: Lag(100.0))

    def __post_init__(self) -> None:
        self.protection = Protection(self._body, self.dice)

    def apply(self, wanted: Control, reading: Reading, now: float) -> Control:
        """What is done instead of `wanted`; tells alarms that begin and end."""
        if not self.variables.flag("DCDERCtrlr.Enabled", self.evse):
            return wanted
        grid = self._grid(reading)
        off = self.protection.watch(grid, now)
        if wanted.why:  # no energy may flow at all
            self._rest(now)
            self._raise(None, grid, now)
            return wanted
        if off:
            return self._kept_off(wanted, off, grid, now)
        aimed = self._gradually(wanted.power, now)
        power, why = self._active_power(aimed, wanted, grid, now)
        departs = abs(power - aimed) > _NOTICED
        self._raise(why if departs else None, grid, now)
        done = replace(wanted, power=power, reactive=self._reactive(power, wanted, grid, now))
        return replace(done, why=why) if departs else done

    def next_due(self, now: float) -> Iterator[float]:
        """When a trip or a return may come."""
        return self.protection.next_due(now)

    def _kept_off(self, wanted: Control, kind: str, grid: Grid, now: float) -> Control:
        """A trip, after which power begins softly; a momentary cessation, after which it is back at once."""
        tripped = bool(self.protection.tripped_by)
        if tripped:
            self._rest(now)
        self._raise(kind, grid, now)
        return replace(wanted, power=0.0, reactive=0.0, tripped=tripped, why=kind)

    def _rest(self, now: float) -> None:
        """No power flows; what follows begins softly."""
        self._ramp.rest_at(0.0, now)
        self._soft = True

    # --- active power ----------------------------------------------------------------------------------------------------

    def _gradually(self, power: float, now: float) -> float:
        """The schedule's power with the gradient that holds: the way from rest has one of its own."""
        service, gradient = self._body("EnterService") or {}, self._body("Gradients") or {}
        seconds = gradient.get("gradient", 0.0)
        if self._soft:
            seconds = service.get("rampRate") or gradient.get("softGradient") or seconds
        reached = self._ramp.follow(power, self._rated("MaxW") / seconds if seconds else math.inf, now)
        self._soft = self._soft and (reached != power or not power)
        return reached

    def _active_power(self, power: float, wanted: Control, grid: Grid, now: float) -> tuple[float, str]:
        """The power after all controls, and the type of the one that moved it last."""
        rating = self._rating(wanted)
        body = self._body("FreqDroop")
        less = 0.0 if body is None else curves.droop(body, grid, rating)
        moved = power + self._droop.follow(less, 0.0 if body is None else body["responseTime"], now)
        why = "FreqDroop" if abs(moved - power) > _NOTICED else ""
        for kind in _CAPS:
            floor = -self._cap(kind, grid, rating, now)
            moved, why = max(moved, floor), kind if moved < floor - _NOTICED else why
        body = self._body("LimitMaxDischarge") or {}
        floor = -body.get("pctMaxDischargePower", math.inf) / 100 * rating.watts
        moved, why = max(moved, floor), "LimitMaxDischarge" if moved < floor - _NOTICED else why
        return min(max(moved, -self._giveable(wanted)), wanted.span[1], self._rated("MaxChargeRateW")), why

    def _cap(self, kind: str, grid: Grid, rating: Rating, now: float) -> float:
        """W that may be given at most."""
        body = self._body(kind)
        if body is None:
            self._caps.pop(kind, None)
            return math.inf
        lag, hysteresis = self._caps.setdefault(kind, (Lag(100.0), Hysteresis()))
        share, back = curves.cap(kind, body, grid), curves.way_back(kind, body)
        if back is not None:
            share = hysteresis.follow(
                grid.frequency if kind in curves.FREQUENCY_CAPS else grid.voltage, share, back, now
            )
        return lag.follow(share, body.get("responseTime", 0.0), now) / 100 * curves.watts_base(body["yUnit"], rating)

    def _giveable(self, wanted: Control) -> float:
        """W that may be given at all: nothing where the profile does not let the EV be discharged."""
        return min(-wanted.span[0], self._rated("MaxW")) if wanted.discharge_limit < 0 else 0.0

    # --- reactive power ----------------------------------------------------------------------------------------------------

    def _reactive(self, power: float, wanted: Control, grid: Grid, now: float) -> float:
        """var, + = absorbed; of several controls the first of the list counts."""
        found = self._given_vars(-power, grid, self._rating(wanted), now)
        if found is None:
            return -self._vars.follow(-wanted.reactive, 0.0, now)
        given, response_time = found
        bounded = min(max(given, -self._rated("MaxVarNeg")), self._rated("MaxVar"))
        return -self._vars.follow(bounded, response_time, now)

    def _given_vars(self, given: float, grid: Grid, rating: Rating, now: float) -> tuple[float, float] | None:
        """var given to the grid beside `given` W, and the response time (s) of the control that demands it."""
        if (body := self._body("FixedVar")) is not None:
            return curves.fixed_var(body, given, rating), 0.0
        if (body := self._body("VoltVar")) is not None:
            volts = grid.voltage * 100 / self._reference(body, grid, now)
            return curves.volt_var(body, volts, given, rating), body.get("responseTime", 0.0)
        if (body := self._body("WattVar")) is not None:
            return curves.watt_var(body, given, rating), body.get("responseTime", 0.0)
        if (body := self._body("FixedPFAbsorb" if given < 0 else "FixedPFInject")) is not None:
            return curves.fixed_factor(body, given), 0.0
        if (body := self._body("WattPF")) is not None:
            return curves.watt_factor(body, given, rating), body.get("responseTime", 0.0)
        return None

    def _reference(self, body: Body, grid: Grid, now: float) -> float:
        """Percent of nominal that VoltVar takes for its reference; it may follow the mains slowly by itself."""
        said = body.get("reactivePowerParams", {})
        if not said.get("autonomousVRefEnable"):
            return float(said.get("vRef") or 100.0)
        constant = said.get("autonomousVRefTimeConstant", 0.0)
        return self._reference_volts.follow(grid.voltage, constant * _TO_90_PERCENT, now)

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

    def _body(self, kind: str) -> Body | None:
        found = self.controls.active(kind)
        return None if found is None else found.body

    def _rated(self, name: str) -> float:
        return self.variables.number(f"DCDERCtrlr.{name}", self.evse, 1.0)

    def _rating(self, wanted: Control) -> Rating:
        watts = self._rated("MaxW")
        rated = (watts, self._rated("MaxVar"), self._rated("MaxVarNeg"), self._rated("MaxVA"))
        return Rating(*rated, available=min(-wanted.span[0], watts))

    def _grid(self, reading: Reading) -> Grid:
        nominal = self.variables.number("DCDERCtrlr.VNom", self.evse, 230.0)
        return Grid(reading.frequency, reading.grid_voltage / nominal * 100, 60.0 if reading.frequency > 55 else 50.0)


def _fault_of(kind: str, grid: Grid) -> str:
    """The grid event behind a departure; "" where none is."""
    if kind in FAULTS:
        return FAULTS[kind]
    if kind in ("FreqDroop", "FreqWatt"):
        return "OverFrequency" if grid.frequency > grid.nominal else "UnderFrequency"
    if kind == "VoltWatt":
        return "OverVoltage" if grid.voltage > 100 else "UnderVoltage"
    return ""
