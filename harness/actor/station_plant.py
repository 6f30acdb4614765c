"""What stands behind a reference station: for each EVSE a power stage, its cable and the battery of the EV, and the mains.

Signals between the station's controller and the plant, by name; faults on them make mutants. To the plant: `power` (W at the
grid terminals, + = charge), `reactive` (var, + = absorbed). To the controller: `meter_power` (W, + = import),
`meter_reactive` (var), `energy_import`, `energy_export` (Wh), `soc` (percent), `frequency` (Hz), `grid_voltage` (V),
`upstream` (W, + = import of the building).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from harness.fault.fault import Fault
from harness.grid.battery import Battery
from harness.grid.cable import DcCable
from harness.grid.power_stage import PowerStage, Ratings
from harness.link.observation import Sample
from harness.ocpp.station.evse import Control, Reading


@dataclass(slots=True)
class Mains:
    """The grid that a station hangs on: `frequency` Hz, `voltage` V per phase, `load` W of the rest of the building (+ =
    import; negative while local generation is larger). Without a meter at the building (`metered`) upstream is not known."""

    frequency: float = 50.0
    voltage: float = 230.0
    load: float = 0.0
    metered: bool = True


class Plant(Protocol):
    """What a station needs of the power side of an EVSE. Times are those of the loop's clock, in s."""

    @property
    def occupied(self) -> bool:
        """An EV is there."""
        ...

    def plug_in(self, battery: Battery, now: float) -> None: ...
    def unplug(self, now: float) -> None: ...
    def cut(self, now: float) -> None: ...
    def follow(self, control: Control, now: float) -> None: ...
    def reading(self, mains: Mains, others: float, now: float) -> Reading: ...
    def truth(self, now: float) -> Sample: ...


@dataclass(slots=True)
class EvsePlant:
    """The power side of one EVSE. `battery` is that of the EV plugged in, None without one."""

    ratings: Ratings = field(default_factory=Ratings)
    faults: Sequence[Fault] = ()
    battery: Battery | None = None
    stage: PowerStage = field(init=False)
    cable: DcCable = field(init=False)
    _running: bool = False

    def __post_init__(self) -> None:
        self.stage = PowerStage(self.ratings)
        self.cable = DcCable(stage=self.stage)

    @property
    def occupied(self) -> bool:
        """An EV is there."""
        return self.battery is not None

    def plug_in(self, battery: Battery, now: float) -> None:
        """Join an EV to the cable; its contactor stays open until energy is to flow."""
        self.cable.step(now)
        self.battery = self.cable.battery = battery

    def unplug(self, now: float) -> None:
        """Pull the plug: whatever flows is cut off."""
        self.cable.step(now)
        self.stage.trip()
        if self.battery is not None:
            self.battery.contactor_closed = False
        self.battery = self.cable.battery = None
        self._running = False

    def cut(self, now: float) -> None:
        """The supply of the station fails, or it reboots: the contactors open."""
        self.cable.step(now)
        self.stage.trip()
        if self.battery is not None:
            self.battery.contactor_closed = False
        self._running = False

    def follow(self, control: Control, now: float) -> None:
        """Let the stage do what the controller wants; an EV that is full, or empty, takes, or gives, nothing."""
        self.cable.step(now)
        battery = self.battery
        if battery is None:
            return
        power = self._carry("power", control.power, now)
        if (power > 0 and battery.soc >= 1.0) or (power < 0 and battery.soc <= 0.0):
            power = 0.0
        if power and not self._running:
            battery.contactor_closed = self._running = True
            self.stage.energise(self.ratings.max_voltage)
        elif control.tripped and self._running:
            self.cut(now)
        elif control.asleep and self._running:
            self._running = False
            self.stage.stop()
        if self._running:
            self.stage.target_current = self._current(power, battery)
            self.stage.reactive = self._carry("reactive", control.reactive, now)

    def reading(self, mains: Mains, others: float, now: float) -> Reading:
        """What the controller reads; `others` is the power (W) of the station's other EVSEs."""
        soc = None if self.battery is None else self.battery.soc * 100
        return metered(self.truth(now), soc, mains, others, lambda signal, value: self._carry(signal, value, now))

    def truth(self, now: float) -> Sample:
        """What an independent instrument sees at the grid terminals and the outlet."""
        self.cable.step(now)
        return Sample(
            power=self.cable.grid_power,
            voltage=self.cable.voltage,
            current=self.stage.current,
            energy_import=self.stage.energy_import,
            energy_export=self.stage.energy_export,
            reactive=self.stage.reactive,
        )

    def _current(self, power: float, battery: Battery) -> float:
        """The current (A) at the outlet that makes `power` at the grid terminals, losses of the stage included."""
        r = self.ratings
        outlet = power * r.charge_efficiency if power > 0 else power / r.discharge_efficiency
        voltage = battery.open_circuit_voltage
        root = max(voltage**2 + 4 * battery.resistance * outlet, 0.0) ** 0.5
        return (root - voltage) / (2 * battery.resistance) if battery.resistance else outlet / voltage

    def _carry(self, signal: str, value: float, now: float) -> float:
        for fault in self.faults:
            value = fault.on_signal(signal, value, now)
        return value


def metered(
    truth: Sample, soc: float | None, mains: Mains, others: float, carry: Callable[[str, float], float]
) -> Reading:
    """What the meters of an EVSE make of the truth; `carry` is the way of a signal to the controller."""
    upstream = carry("upstream", mains.load + others + truth.power) if mains.metered else None
    return Reading(
        power=carry("meter_power", truth.power),
        reactive=carry("meter_reactive", truth.reactive or 0.0),
        energy_import=carry("energy_import", truth.energy_import or 0.0),
        energy_export=carry("energy_export", truth.energy_export or 0.0),
        voltage=truth.voltage,
        current=truth.current,
        soc=None if soc is None else carry("soc", soc),
        frequency=carry("frequency", mains.frequency),
        grid_voltage=carry("grid_voltage", mains.voltage),
        upstream=upstream,
    )
