"""What report and bench meter show when a charger does what it should: limits of readings, made from its PIXIT.

Here, and only here, losses, standby power and tolerances turn a power at the DC outlet into one at the grid terminals.
Powers in W, + = charge, - = discharge; limits of one direction are magnitudes. Losses are taken to be at most twice what
the PIXIT says for nominal power, since they grow where little power flows.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.device.pixit import SeccPixit
from harness.device.units import Tolerance
from harness.v2g import readings as read
from harness.verdict.check import Expected
from harness.verdict.limits import at_most, near

_LEAST = 0.01
"""An efficiency below this is a slip of the pen, and must not divide by zero."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """Of one charger; `accuracy` is that of the bench meter."""

    pixit: SeccPixit
    accuracy: Tolerance

    def setpoint(self, watts: float) -> Expected:
        """The power at the grid terminals has come to a setpoint."""
        outlet = self.at_outlet(watts)
        return {
            read.reported_power: near(outlet, "W", tolerance=self._slack(watts) + self._losses(outlet)),
            read.metered_power: near(watts, "W", tolerance=self._grid_slack(watts)),
        }

    def power(self, watts: float) -> Expected:
        """A power flows at the outlet."""
        grid = self.at_grid(watts)
        return {
            read.reported_power: near(watts, "W", tolerance=self._slack(watts)),
            read.metered_power: near(grid, "W", tolerance=self._grid_slack(grid) + self._losses(watts)),
        }

    def current(self, amperes: float, voltage: float) -> Expected:
        """A current (A, signed) flows at the outlet, at about `voltage` V."""
        watts = amperes * voltage
        tolerance = self.pixit.current_tolerance.at(amperes)
        slack = tolerance * voltage + self.pixit.voltage_tolerance.at(voltage) * abs(amperes)
        grid_slack = self._grid_slack(watts) + self._losses(watts) + slack
        return {
            read.reported_current: near(amperes, "A", tolerance=tolerance),
            read.metered_power: near(self.at_grid(watts), "W", tolerance=grid_slack),
        }

    def charge_at_most(self, watts: float) -> Expected:
        """No more than `watts` into the EV at the outlet."""
        grid = self.at_grid(watts)
        return {
            read.reported_charge_power: at_most(watts, "W", tolerance=self._slack(watts)),
            read.metered_charge_power: at_most(grid, "W", tolerance=self._grid_slack(grid) + self._losses(watts)),
        }

    def charge_current_at_most(self, amperes: float, voltage: float) -> Expected:
        """No more than `amperes` into the EV at the outlet, at about `voltage` V."""
        slack = self.pixit.current_tolerance.at(amperes)
        metered = self.charge_at_most((amperes + slack) * voltage)[read.metered_charge_power]
        return {
            read.reported_charge_current: at_most(amperes, "A", tolerance=slack),
            read.metered_charge_power: metered,
        }

    def discharge_at_most(self, watts: float) -> Expected:
        """No more than `watts` (a magnitude) out of the EV at the outlet; losses only lessen what the meter sees."""
        return {
            read.reported_discharge_power: at_most(watts, "W", tolerance=self._slack(watts)),
            read.metered_discharge_power: at_most(watts, "W", tolerance=self._grid_slack(watts)),
        }

    def discharge_current_at_most(self, amperes: float, voltage: float) -> Expected:
        """No more than `amperes` (a magnitude) out of the EV at the outlet, at about `voltage` V."""
        slack = self.pixit.current_tolerance.at(amperes)
        watts = (amperes + slack) * voltage
        return {
            read.reported_discharge_current: at_most(amperes, "A", tolerance=slack),
            read.metered_discharge_power: at_most(watts, "W", tolerance=self._grid_slack(watts)),
        }

    def rest(self) -> Expected:
        """No energy is transferred."""
        standby = self.pixit.standby_power
        return {
            read.reported_current: near(0.0, "A", tolerance=self.pixit.current_tolerance.at(0.0)),
            read.metered_power: near(0.0, "W", tolerance=standby + self._grid_slack(0.0)),
        }

    def at_grid(self, watts: float) -> float:
        """Nominal power at the grid terminals for one at the outlet."""
        efficiency = 1 / max(self.pixit.efficiency, _LEAST) if watts > 0 else self.pixit.discharge_efficiency
        return watts * efficiency + self.pixit.standby_power

    def at_outlet(self, watts: float) -> float:
        """Nominal power at the outlet for one at the grid terminals."""
        return watts * self.pixit.efficiency if watts > 0 else watts / max(self.pixit.discharge_efficiency, _LEAST)

    def _losses(self, watts: float) -> float:
        return abs(self.at_grid(watts) - watts)

    def _slack(self, watts: float) -> float:
        return self.pixit.setpoint_tolerance.at(watts)

    def _grid_slack(self, watts: float) -> float:
        return self._slack(watts) + self.accuracy.at(watts)
