"""The outlet of the station: an EV, the power that flows, and the registers of the meter. Knows nothing of OCPP.

Powers in W at the grid terminals, + = charge, - = discharge; energies in Wh; times in s of the loop's clock.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST, LEAST = 11_000.0, -10_000.0
_RAMP = 10_000.0
"""W per s."""
EVS = {"any": (MOST, LEAST), "charge_only": (MOST, 0.0)}
"""What an EV takes at most, and gives at most."""


@dataclass(slots=True)
class Outlet:
    """`closed`: the contactor. `wanted` is what the limits in force leave for the EV."""

    ev: str = ""
    closed: bool = False
    wanted: float = 0.0
    power: float = 0.0
    imported: float = 1_000.0
    exported: float = 100.0
    soc: float = 50.0

    @property
    def range(self) -> tuple[float, float]:
        """What the EV that is there takes and gives at most."""
        return EVS.get(self.ev, (0.0, 0.0))

    def step(self, seconds: float) -> None:
        """Let that much time pass."""
        most, least = self.range
        aim = max(least, min(most, self.wanted)) if self.closed else 0.0
        reach = _RAMP * seconds
        self.power = aim if not self.closed else max(self.power - reach, min(self.power + reach, aim))
        energy = self.power * seconds / 3600.0
        self.imported += max(0.0, energy)
        self.exported += max(0.0, -energy)
        self.soc = min(100.0, max(0.0, self.soc + energy / 600.0))

    def sample(self) -> dict[str, float]:
        """What a bench meter at the grid terminals shows."""
        return {"power": self.power, "energy_import": self.imported, "energy_export": self.exported}
