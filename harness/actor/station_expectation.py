"""What meter values and bench meter show when a station does what it should: limits of readings, made from its PIXIT.

Powers in W at the grid terminals of an EVSE, + = charge, - = discharge; limits of one direction are magnitudes. A profile's
values hold there, so no losses come in between.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.device.pixit import StationPixit
from harness.device.units import Tolerance
from harness.ocpp import readings as told
from harness.v2g import readings as bench
from harness.verdict.check import Expected
from harness.verdict.limits import at_least, at_most, inside, near

_REACTIVE_SHARE = 1.5 * 0.05


@dataclass(frozen=True, slots=True)
class StationExpectations:
    """Of one station; `accuracy` is that of the bench meter."""

    pixit: StationPixit
    accuracy: Tolerance

    def power(self, watts: float) -> Expected:
        """The power has come to a setpoint."""
        return {
            told.reported_power: near(watts, "W", tolerance=self._told_slack(watts)),
            bench.metered_power: near(watts, "W", tolerance=self._slack(watts)),
        }

    def charge_at_most(self, watts: float) -> Expected:
        """No more than `watts` are taken from the grid."""
        return {
            told.reported_charge_power: at_most(watts, "W", tolerance=self._told_slack(watts)),
            bench.metered_charge_power: at_most(watts, "W", tolerance=self._slack(watts)),
        }

    def charge_at_least(self, watts: float) -> Expected:
        """As much as `watts` is taken from the grid: nothing holds the charge power down any longer."""
        return {
            told.reported_charge_power: at_least(watts, "W", tolerance=self._told_slack(watts)),
            bench.metered_charge_power: at_least(watts, "W", tolerance=self._slack(watts)),
        }

    def discharge_at_most(self, watts: float) -> Expected:
        """No more than `watts` (a magnitude) are given to the grid."""
        return {
            told.reported_discharge_power: at_most(watts, "W", tolerance=self._told_slack(watts)),
            bench.metered_discharge_power: at_most(watts, "W", tolerance=self._slack(watts)),
        }

    def between(self, low: float, high: float) -> Expected:
        """The power has come to somewhere between two values."""
        told_slack, slack = (max(of(low), of(high)) for of in (self._told_slack, self._slack))
        return {
            told.reported_power: inside(low - told_slack, high + told_slack, "W"),
            bench.metered_power: inside(low - slack, high + slack, "W"),
        }

    def reactive(self, low: float, high: float, rated: float) -> Expected:
        """The reactive power (var, + = absorbed) has come to somewhere between two values; `rated` VA of the inverter.

        An inverter may be off by 5 % of its rated apparent power, and is judged with one and a half times that.
        """
        slack = _REACTIVE_SHARE * rated
        return {
            told.reported_reactive_power: inside(low - slack, high + slack, "var"),
            bench.metered_reactive_power: inside(low - slack, high + slack, "var"),
        }

    def rest(self) -> Expected:
        """No energy is transferred; what the station needs for itself is let pass."""
        slack = self._slack(0.0) + self.pixit.standby_power
        return {**self.power(0.0), bench.metered_power: near(0.0, "W", tolerance=slack)}

    def _slack(self, watts: float) -> float:
        return self.pixit.setpoint_tolerance.at(watts) + self.accuracy.at(watts)

    def _told_slack(self, watts: float) -> float:
        return self.pixit.setpoint_tolerance.at(watts) + self.pixit.meter_accuracy.at(watts)
