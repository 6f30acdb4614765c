"""The power electronics of a bidirectional DC charger: converter, output contactors, isolation monitor, energy meter.

Pure: commands are attributes, `DcCable.step` lets time pass. Powers in W, energies in Wh, + = from the grid into the EV.
The converter never opens its contactors under load by command: it ramps down first (`stop`). `trip` opens them at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True, slots=True)
class Ratings:
    """What the hardware can do, at its DC outlet. All are magnitudes.

    `current_ramp` (A/s) bounds every change of current, `stop_ramp` (A/s) that of a stop; `voltage_ramp` (V/s) every change of the idle output voltage;
    without load and command the output decays with the time constant `bleed_time` (s). The isolation test holds
    `isolation_voltage` for `isolation_time` s and passes above `isolation_threshold` ohms.
    """

    max_charge_power: float = 22_000.0
    max_discharge_power: float = 22_000.0
    max_charge_current: float = 60.0
    max_discharge_current: float = 60.0
    max_voltage: float = 500.0
    min_voltage: float = 150.0
    min_charge_power: float = 0.0
    min_discharge_power: float = 0.0
    min_charge_current: float = 0.0
    min_discharge_current: float = 0.0
    charge_efficiency: float = 0.95
    discharge_efficiency: float = 0.94
    current_ramp: float = 40.0
    stop_ramp: float = 200.0
    voltage_ramp: float = 400.0
    bleed_time: float = 0.4
    isolation_voltage: float = 500.0
    isolation_time: float = 1.0
    isolation_threshold: float = 100_000.0


class IsolationTest(Enum):
    """Progress of the isolation test."""

    IDLE = "idle"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(slots=True)
class PowerStage:
    """Commands: `enabled`, `target_current` (A), `target_voltage` (V, the ceiling while charging), `contactors_closed`,
    `start_isolation_test`, `stop`, `trip`, and `reactive` (var at the grid terminals, + = absorbed), which the grid side of
    the converter makes at once, in no relation to the outlet. Measured: `voltage` (V, converter side), `current` (A),
    `isolation` and the energy counters at the grid terminals, which never fall.

    `insulation` (ohm) is a property of the cable and the car, not of the stage.
    """

    ratings: Ratings = field(default_factory=Ratings)
    insulation: float = 1_000_000.0
    enabled: bool = False
    target_current: float = 0.0
    target_voltage: float = 0.0
    contactors_closed: bool = False
    stopping: bool = False
    voltage: float = 0.0
    current: float = 0.0
    power: float = 0.0
    reactive: float = 0.0
    energy_import: float = 0.0
    energy_export: float = 0.0
    isolation: IsolationTest = IsolationTest.IDLE
    _hold_left: float = 0.0

    def start_isolation_test(self, voltage: float) -> None:
        """Put a test voltage (V, no more than the rated one) on the outlet, measure, and take it away again."""
        self.isolation, self._hold_left = IsolationTest.RUNNING, self.ratings.isolation_time
        self.enabled = self.contactors_closed = True
        self.stopping, self.target_current = False, 0.0
        self.target_voltage = min(voltage, self.ratings.isolation_voltage)

    def energise(self, voltage: float) -> None:
        """Put a voltage on the outlet and be ready for current."""
        self.enabled = self.contactors_closed = True
        self.stopping = False
        self.target_voltage = min(max(voltage, 0.0), self.ratings.max_voltage)

    def stop(self) -> None:
        """Ramp down, then switch off and open the contactors; an isolation test is broken off."""
        self.target_current = self.reactive = 0.0
        self.stopping = True
        self._break_off_test()
        self._switch_off_when_idle()

    def trip(self) -> None:
        """Switch off and open at once, whatever flows."""
        self.target_current = self.current = self.power = self.reactive = 0.0
        self.enabled = self.contactors_closed = self.stopping = False
        self._break_off_test()

    def _break_off_test(self) -> None:
        if self.isolation is IsolationTest.RUNNING:
            self.isolation = IsolationTest.IDLE

    def wanted_current(self, source_voltage: float, resistance: float) -> float:
        """The current (A) that the command comes to against a battery, within all ratings and the voltage ceiling."""
        if not (self.enabled and self.contactors_closed):
            return 0.0
        r = self.ratings
        if self.target_current >= 0:
            ceiling = min(self.target_voltage, r.max_voltage)
            most = min(r.max_charge_current, _current_for(r.max_charge_power, source_voltage, resistance))
            return max(0.0, min(self.target_current, most, _until(ceiling - source_voltage, resistance)))
        most = min(r.max_discharge_current, -_current_for(-r.max_discharge_power, source_voltage, resistance))
        return -max(0.0, min(-self.target_current, most, _until(source_voltage - r.min_voltage, resistance)))

    @property
    def ramp(self) -> float:
        """A/s by which the current may change now."""
        return self.ratings.stop_ramp if self.stopping else self.ratings.current_ramp

    def grid_power(self, power: float) -> float:
        """W at the grid terminals for W at the outlet: losses add to import and take from export."""
        r = self.ratings
        return power / r.charge_efficiency if power > 0 else power * r.discharge_efficiency

    def pass_time(self, seconds: float) -> None:
        """Idle voltage and isolation test go on. Not for currents, which need the other end (see `DcCable`)."""
        holding = self.isolation is IsolationTest.RUNNING and self._at_target()
        if not self.enabled:
            self.voltage *= math.exp(-seconds / self.ratings.bleed_time)
        else:
            change = self.target_voltage - self.voltage
            self.voltage += math.copysign(min(abs(change), self.ratings.voltage_ramp * seconds), change)
        if holding:
            self._hold_left -= seconds
            if self._hold_left <= 1e-9:
                self._end_isolation_test()
        self._switch_off_when_idle()

    @property
    def next_change(self) -> float:
        """Seconds until the voltage arrives or the isolation test ends; infinite when nothing is under way."""
        if not self.enabled:
            return math.inf
        if not self._at_target():
            return abs(self.target_voltage - self.voltage) / self.ratings.voltage_ramp
        return self._hold_left if self.isolation is IsolationTest.RUNNING else math.inf

    def _at_target(self) -> bool:
        return abs(self.target_voltage - self.voltage) < 1e-6

    def _end_isolation_test(self) -> None:
        passed = self.insulation >= self.ratings.isolation_threshold
        self.isolation = IsolationTest.PASSED if passed else IsolationTest.FAILED
        self.enabled = self.contactors_closed = False

    def _switch_off_when_idle(self) -> None:
        if self.stopping and self.current == 0.0:
            self.enabled = self.contactors_closed = self.stopping = False


def _current_for(power: float, source_voltage: float, resistance: float) -> float:
    """The current at which `power` crosses the terminals of a source with inner resistance: V I + R I² = P."""
    if source_voltage <= 0:
        return 0.0
    if resistance <= 0:
        return power / source_voltage
    root = source_voltage**2 + 4 * resistance * power
    return (math.sqrt(max(root, 0.0)) - source_voltage) / (2 * resistance)


def _until(headroom: float, resistance: float) -> float:
    """The current that uses up `headroom` V over the resistance; without resistance all or nothing."""
    if headroom <= 0:
        return 0.0
    return headroom / resistance if resistance > 0 else math.inf
