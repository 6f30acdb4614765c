"""The EV's inlet: its battery behind the contactor, on the cable to the charger.

Where the charger's power stage is physically on the other end of the cable (the embedded reference), current flows by
itself; at a real charger without a bench between, the battery feels what the SECC reports.
"""

from __future__ import annotations

from harness.grid.battery import Battery
from harness.grid.cable import DcCable
from harness.link.clock import Clock


class Inlet:
    """Implements `harness.v2g.evcc.Car`. V, A (+ = charge), Wh, SOC from 0 to 1."""

    def __init__(self, cable: DcCable, clock: Clock) -> None:
        self.cable, self._clock = cable, clock
        if cable.battery is None:
            cable.battery = Battery()
        self.battery: Battery = cable.battery

    @property
    def voltage(self) -> float:
        """At the battery's terminals, now."""
        self._advance()
        return self.battery.voltage

    @property
    def soc(self) -> float:
        self._advance()
        return self.battery.soc

    @property
    def capacity(self) -> float:
        return self.battery.capacity

    def charge_to(self, soc: float) -> None:
        """Begin with another state of charge (0 to 1); for a case's starting point, before power flows."""
        self.battery.soc = soc

    def connect(self) -> None:
        """Close the contactor."""
        self._advance()
        self.battery.contactor_closed = True

    def disconnect(self) -> None:
        """Open the contactor."""
        self._advance()
        self.battery.contactor_closed = False

    def feel(self, current: float, voltage: float) -> None:
        """Take what the SECC reports as what flows, where nothing physical is on the other end."""
        self._advance()
        if self.cable.stage is None:
            self.cable.report_evse(voltage, current)

    def _advance(self) -> None:
        self.cable.step(self._clock.now())
