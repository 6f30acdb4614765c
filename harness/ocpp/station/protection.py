"""When an inverter lets go of the grid, and when it comes back: trips, momentary cessation, entering service (block R).

Of a trip curve x is the frequency (Hz) or the voltage, and y the time (s) for which it may be passed; which axis is which is
not confirmed. A trip lasts until the mains have been where EnterService wants them for its delay; a momentary cessation ends
with its cause.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from harness.ocpp.station.grid_curves import Body, Grid, as_percent, in_band, points

FAULTS = {
    "HFMustTrip": "OverFrequency",
    "LFMustTrip": "UnderFrequency",
    "HVMustTrip": "OverVoltage",
    "LVMustTrip": "UnderVoltage",
    "HVMomCess": "OverVoltage",
    "LVMomCess": "UnderVoltage",
}
"""The grid event that each control which lets go stands for."""
_CESSATIONS = ("HVMomCess", "LVMomCess")


@dataclass(slots=True)
class Protection:
    """Of one EVSE. `body` finds the control of a type that is in force. `tripped_by` names the control behind a trip."""

    body: Callable[[str], Body | None]
    dice: random.Random
    tripped_by: str = ""
    _beyond_since: dict[tuple[str, int], float] = field(default_factory=dict)
    _healthy_since: float | None = None
    _delay: float = 0.0
    _dues: list[float] = field(default_factory=list)

    def watch(self, grid: Grid, now: float) -> str:
        """The type of the control that keeps the inverter off the grid now; "" while none does."""
        self._dues.clear()
        passed = [kind for kind in FAULTS if self._passed(kind, grid, now)]
        trip = next((kind for kind in passed if kind not in _CESSATIONS), "")
        if trip and not self.tripped_by:
            self.tripped_by, self._healthy_since = trip, None
        if self.tripped_by:
            self._wait_for_service(grid, now)
        return self.tripped_by or next(iter(passed), "")

    def next_due(self, now: float) -> Iterator[float]:
        """When a patience or a delay ends."""
        yield from (due for due in self._dues if due > now)

    def _passed(self, kind: str, grid: Grid, now: float) -> bool:
        """Whether a limit of the control has been passed for as long as it may be."""
        body, high, over = self.body(kind), kind.startswith("H"), False
        value = grid.frequency if kind[1] == "F" else grid.voltage
        curve = () if body is None else (points if kind[1] == "F" else as_percent)(body["curveData"])
        for number, (limit, patience) in enumerate(curve):
            if (value <= limit) if high else (value >= limit):
                self._beyond_since.pop((kind, number), None)
                continue
            due = self._beyond_since.setdefault((kind, number), now) + patience
            self._dues.append(due)
            over = over or now >= due
        for key in [key for key in self._beyond_since if key[0] == kind and key[1] >= len(curve)]:
            del self._beyond_since[key]
        return over

    def _wait_for_service(self, grid: Grid, now: float) -> None:
        service = self.body("EnterService")
        if self._beyond_since or (service is not None and not in_band(service, grid)):
            self._healthy_since = None
            return
        if self._healthy_since is None:
            self._healthy_since, self._delay = now, 0.0
            if service is not None:
                self._delay = service.get("delay", 0.0) + self.dice.random() * service.get("randomDelay", 0.0)
        self._dues.append(self._healthy_since + self._delay)
        if now >= self._healthy_since + self._delay:
            self.tripped_by, self._healthy_since = "", None
