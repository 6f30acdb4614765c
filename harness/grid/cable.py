"""The DC cable between a charger's power stage and an EV's battery: where the two meet, and where time passes.

Either end may be missing. Without a battery the EV is what it reports in messages; without a power stage the charger is
what it reports. Pure: `step(now)` brings everything to an instant of any monotonic clock, in s; steps of any length give
the same physics, for inside them the currents run in straight lines between the events.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from harness.grid.battery import Battery
from harness.grid.power_stage import PowerStage

_PIECE = 0.1
"""Longest stretch (s) over which the battery's open circuit voltage counts as constant while current flows."""
_NO_CHANGE = 0.01
"""Amperes by which a command may drift with the battery's voltage without being an event of its own."""
_HOUR = 3600.0


@dataclass(slots=True)
class DcCable:
    """`current` is + towards the EV; `voltage` is that between the two contactors, at the outlet."""

    stage: PowerStage | None = None
    battery: Battery | None = None
    bleed_time: float = 0.4
    _voltage: float = 0.0
    _current: float = 0.0
    _reported_ev: tuple[float, bool] = (0.0, False)
    _reported_evse: tuple[float, float] = (0.0, 0.0)
    _at: float | None = field(default=None)

    # --- what an end says of itself where nothing physical is attached ----------------------------------------------

    def report_ev(self, voltage: float, connected: bool) -> None:
        """Without a battery: the voltage (V) an EV reports, and whether its contactor is taken to be closed."""
        self._reported_ev = (voltage, connected)

    def report_evse(self, voltage: float, current: float) -> None:
        """Without a power stage: the outlet voltage (V) and current (A, + = charging) a charger reports."""
        self._reported_evse = (voltage, current)

    # --- what there is to measure --------------------------------------------------------------------------------------

    @property
    def current(self) -> float:
        """A at the outlet."""
        if self.stage is not None:
            return self.stage.current
        return self._reported_evse[1] if self.inlet_closed else 0.0

    @property
    def voltage(self) -> float:
        """V at the outlet: of the battery once its contactor is closed, else of the stage, else what is left."""
        if self.inlet_closed:
            return self._terminal_voltage(self.current)
        if self.stage is None:
            return self._reported_evse[0]
        return self.stage.voltage if self.stage.contactors_closed else self._voltage

    @property
    def power(self) -> float:
        """W at the outlet."""
        return self.voltage * self.current

    @property
    def grid_power(self) -> float:
        """W at the grid terminals of the charger; without a stage that of the outlet."""
        return self.power if self.stage is None else self.stage.grid_power(self.power)

    @property
    def inlet_closed(self) -> bool:
        """Whether the contactor of the EV joins its battery to the cable."""
        return self._reported_ev[1] if self.battery is None else self.battery.contactor_closed

    # --- time ----------------------------------------------------------------------------------------------------------

    def step(self, now: float) -> None:
        """Let time pass until `now`. An instant that is already past changes nothing."""
        left = 0.0 if self._at is None else now - self._at
        self._at = now if self._at is None else max(now, self._at)
        while left > 1e-12:
            piece = min(left, self._piece())
            self._pass(piece)
            left -= piece

    def _piece(self) -> float:
        """How long currents and voltages keep to straight lines."""
        if self.stage is None:
            return _PIECE if self.current else math.inf
        change = self._target() - self.stage.current
        if not change and not self.stage.current:
            return max(self.stage.next_change, 1e-6)
        ramp = self.stage.ramp
        crossing = abs(self.stage.current) if self.stage.current * (self.stage.current + change) < 0 else abs(change)
        to_event = crossing / ramp if crossing > _NO_CHANGE else math.inf
        return max(1e-6, min(_PIECE, to_event, self.stage.next_change))

    def _target(self) -> float:
        if self.stage is None or not self.inlet_closed:
            return 0.0
        source, resistance = self._source()
        return self.stage.wanted_current(source, resistance)

    def _pass(self, seconds: float) -> None:
        if self.stage is None:
            self._charge_battery(self.current, self.current, seconds)
            return
        before = self.stage.current
        after = self._ramped(before, seconds)
        self._count(before, after, seconds)
        self._charge_battery(before, after, seconds)
        self.stage.current = after
        self.stage.power = self._terminal_voltage(after) * after
        if self.inlet_closed and self.stage.contactors_closed:
            self.stage.voltage = self._terminal_voltage(after)
        self.stage.pass_time(seconds)
        self._settle(seconds)

    def _ramped(self, before: float, seconds: float) -> float:
        """The current after `seconds`; an open path interrupts it at once."""
        assert self.stage is not None
        if not (self.inlet_closed and self.stage.contactors_closed):
            return 0.0
        change = self._target() - before
        return before + math.copysign(min(abs(change), self.stage.ramp * seconds), change)

    def _count(self, before: float, after: float, seconds: float) -> None:
        """Energy at the grid terminals; the sign does not change inside a piece. Exact for a current in a line."""
        assert self.stage is not None
        ends = [self._terminal_voltage(i) * i for i in (before, (before + after) / 2, after)]
        p0, p1, p2 = (self.stage.grid_power(power) for power in ends)
        energy = (p0 + 4 * p1 + p2) / 6 * seconds / _HOUR
        self.stage.energy_import += max(energy, 0.0)
        self.stage.energy_export += max(-energy, 0.0)

    def _charge_battery(self, before: float, after: float, seconds: float) -> None:
        if self.battery is None:
            return
        moved = (before + after) / 2 * seconds if self.inlet_closed else 0.0
        self.battery.store(self.battery.open_circuit_voltage * moved / _HOUR)
        self.battery.current = after if self.inlet_closed else 0.0

    def _settle(self, seconds: float) -> None:
        """What is left on an outlet that nobody feeds bleeds away."""
        assert self.stage is not None
        if self.inlet_closed:
            self._voltage = self._terminal_voltage(self.stage.current)
        elif self.stage.contactors_closed:
            self._voltage = self.stage.voltage
        else:
            self._voltage *= math.exp(-seconds / self.bleed_time)

    def _source(self) -> tuple[float, float]:
        """Open circuit voltage and inner resistance behind the inlet; what an EV reports includes its resistance."""
        if self.battery is None:
            return self._reported_ev[0], 0.0
        return self.battery.open_circuit_voltage, self.battery.resistance

    def _terminal_voltage(self, current: float) -> float:
        source, resistance = self._source()
        return source + resistance * current
