"""The wires between a charger's controller and its power stage: commands go out, measurements come back.

Signals, by name. To the stage: `isolation_test`, `enable`, `contactor` (0 or 1), `setpoint_current` (A, + = charge),
`setpoint_voltage`, `test_voltage` (V). From the stage: `present_current` (A, + = charge), `present_voltage` (V),
`insulation` (ohm), `energy_import`, `energy_export` (Wh, counting up). From the site: `site_setpoint` (W at the grid
terminals, + = charge), `site_limit` (W, magnitude), `site_authorised` (0 or 1), `site_notice_delay` (s that an EV has to
follow a notification). Signal faults sit here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.fault.fault import Fault
from harness.grid.cable import DcCable
from harness.grid.power_stage import IsolationTest, PowerStage
from harness.link.observation import Sample
from harness.v2g.secc import Command, Energise, Flow, Halt, Isolate, Measured


class Wires:
    """The controller's hands and eyes. `now` gives the time in s; `faults` bend single signals."""

    def __init__(self, cable: DcCable, stage: PowerStage, now: Callable[[], float], faults: Sequence[Fault]) -> None:
        self._cable, self._stage, self._now, self._faults = cable, stage, now, tuple(faults)
        self._counted = (0.0, 0.0)

    def carry(self, signal: str, value: float) -> float:
        """What arrives of a signal."""
        now = self._now()
        for fault in self._faults:
            value = fault.on_signal(signal, value, now)
        return value

    def begin_session(self, already: tuple[float, float] = (0.0, 0.0)) -> None:
        """Count energies from here on, continuing from what a paused session had (import, export, Wh)."""
        self._cable.step(self._now())
        stage = self._stage
        self._counted = (stage.energy_import - already[0], stage.energy_export - already[1])
        if stage.isolation is not IsolationTest.RUNNING:
            stage.isolation = IsolationTest.IDLE

    def command(self, command: Command) -> None:
        """Let the stage do it."""
        self._cable.step(self._now())
        match command:
            case Isolate(voltage) if self.carry("isolation_test", 1.0):
                self._stage.start_isolation_test(self.carry("test_voltage", voltage))
            case Energise(voltage) if self.carry("enable", 1.0):
                self._stage.energise(self.carry("setpoint_voltage", voltage))
                self._stage.target_current = self.carry("setpoint_current", 0.0)
            case Flow(current, ceiling):
                self._stage.target_current = self.carry("setpoint_current", current)
                ceiling = min(ceiling, self._stage.ratings.max_voltage)
                self._stage.target_voltage = self.carry("setpoint_voltage", ceiling)
            case Halt():
                self._halt()

    def _halt(self) -> None:
        """An `enable` that stays lets the current flow on; a `contactor` that stays keeps the outlet live."""
        if self.carry("enable", 0.0):
            return
        if self.carry("contactor", 0.0):
            self._stage.target_current = 0.0
        else:
            self._stage.stop()
        if self._stage.isolation is not IsolationTest.RUNNING:
            self._stage.isolation = IsolationTest.IDLE

    def hear_of_ev(self, voltage: float, connected: bool) -> None:
        """The EV at the far end says its voltage (V) and has closed or opened its contactor; where a battery is on the cable, that
        is the truth instead."""
        self._cable.step(self._now())
        if self._cable.battery is None:
            self._cable.report_ev(voltage, connected)

    def trip(self) -> None:
        """Emergency stop: the contactors open whatever flows. Hard-wired past all signals."""
        self._cable.step(self._now())
        self._stage.trip()

    def make_reactive(self, reactive: float) -> None:
        """Reactive power at the grid terminals (var, + = absorbed), which has nothing to do with the outlet; none while it is
        switched off."""
        self._stage.reactive = reactive if self._stage.enabled else 0.0

    def measured(self) -> Measured:
        """What the controller sees now; energies (Wh) since the session began."""
        self._cable.step(self._now())
        stage = self._stage
        return Measured(
            voltage=self.carry("present_voltage", self._cable.voltage),
            current=self.carry("present_current", stage.current),
            isolation=self._isolation(),
            energy_import=max(0.0, self.carry("energy_import", stage.energy_import - self._counted[0])),
            energy_export=max(0.0, self.carry("energy_export", stage.energy_export - self._counted[1])),
        )

    def _isolation(self) -> IsolationTest:
        """The controller itself compares what the monitor measured with its threshold."""
        done = self._stage.isolation in (IsolationTest.PASSED, IsolationTest.FAILED)
        if not done:
            return self._stage.isolation
        insulation = self.carry("insulation", self._stage.insulation)
        passed = insulation >= self._stage.ratings.isolation_threshold
        return IsolationTest.PASSED if passed else IsolationTest.FAILED

    def sample(self) -> Sample:
        """The truth at the grid terminals and the outlet, as an independent instrument sees it; no signal fault bends it."""
        self._cable.step(self._now())
        return Sample(
            power=self._cable.grid_power,
            voltage=self._cable.voltage,
            current=self._stage.current,
            energy_import=self._stage.energy_import,
            energy_export=self._stage.energy_export,
            reactive=self._stage.reactive,
        )
