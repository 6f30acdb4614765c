"""A traction battery behind its inlet contactor. Pure: whoever moves charge says how much.

Energies in Wh, voltages in V, currents in A with + = charging; the state of charge runs from 0 to 1.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

Curve = tuple[tuple[float, float], ...]

NMC_96S: Curve = ((0.0, 316.0), (0.05, 333.0), (0.1, 340.0), (0.5, 355.0), (0.8, 380.0), (0.95, 395.0), (1.0, 401.0))
"""Open circuit voltage over state of charge of 96 cells in series, as a typical 400 V car has."""


@dataclass(slots=True)
class Battery:
    """`current` is the one that flows now; `soc` follows the energy that was moved, losses inside excluded."""

    capacity: float = 60_000.0
    soc: float = 0.5
    resistance: float = 0.06
    curve: Curve = NMC_96S
    contactor_closed: bool = False
    current: float = 0.0

    @property
    def open_circuit_voltage(self) -> float:
        """V without current, by linear interpolation of the curve."""
        return interpolate(self.curve, self.soc)

    @property
    def voltage(self) -> float:
        """V at the terminals with the current that flows now."""
        return self.open_circuit_voltage + self.resistance * self.current

    @property
    def energy(self) -> float:
        """Wh stored."""
        return self.soc * self.capacity

    def store(self, energy: float) -> None:
        """Take up (+) or give (-) Wh of chemical energy; the state of charge ends at 0 and 1."""
        self.soc = min(1.0, max(0.0, self.soc + energy / self.capacity))


def interpolate(curve: Curve, x: float) -> float:
    """The value of a piecewise linear curve; its ends hold outside."""
    position = bisect_right(curve, (x, float("inf")))
    if position == 0 or position == len(curve):
        return curve[min(position, len(curve) - 1)][1]
    (x0, y0), (x1, y1) = curve[position - 1], curve[position]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
