"""How a charger turns wishes and limits into a current: what the EV asks, what the site wants, what both can bear.

Pure. Currents in A and powers in W at the DC outlet, + = charging, unless said otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from harness.grid.power_stage import Ratings
from harness.quantity import number
from harness.v2g.envelope import Envelope


@dataclass(frozen=True, slots=True)
class Delivery:
    """The current and voltage ceiling that the power stage is told, and which limits of the EVSE held it back."""

    current: float
    ceiling: float
    power_limited: bool = False
    current_limited: bool = False
    voltage_limited: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """A current or a power that somebody wants at the outlet; `ceiling` is the voltage (V) not to be exceeded."""

    current: float
    ceiling: float


def scheduled_wish(element: Any, ev: Envelope) -> Wish:
    """What the EV asks for in scheduled control mode. A target voltage of 0 leaves the voltage to its limit."""
    ceiling = number(element.EVTargetVoltage) or ev.max_voltage or math.inf
    return Wish(number(element.EVTargetCurrent), min(ceiling, ev.max_voltage or math.inf))


def dynamic_wish(element: Any, ev: Envelope, ratings: Ratings, setpoint: float | None, voltage: float) -> Wish:
    """What the site wants in dynamic control mode, as far as the EV's energy requests allow it.

    `setpoint` is W at the grid terminals; without one the EV is charged toward EVTargetEnergyRequest.
    """
    power = _site_power(element, ratings, setpoint)
    if power > 0 and number(element.EVMaximumEnergyRequest) <= 0:
        power = 0.0
    if power < 0 and not may_discharge(element):
        power = 0.0
    return Wish(power / max(voltage, 1.0), ev.max_voltage or math.inf)


def _site_power(element: Any, ratings: Ratings, setpoint: float | None) -> float:
    if setpoint is None:
        return ratings.max_charge_power if number(element.EVTargetEnergyRequest) > 0 else 0.0
    return setpoint * ratings.charge_efficiency if setpoint > 0 else setpoint / ratings.discharge_efficiency


def may_discharge(element: Any) -> bool:
    """Whether a dynamic request leaves energy to give: above the minimum, inside the V2X window, and still there.

    EVMinimumEnergyRequest and EVMinimumV2XEnergyRequest are negative above their bounds; departure is over at 0 s.
    """
    floors = [element.EVMinimumEnergyRequest, getattr(element, "EVMinimumV2XEnergyRequest", None)]
    return all(floor is None or number(floor) < 0 for floor in floors) and element.DepartureTime != 0


def deliver(wish: Wish, ev: Envelope, evse: Envelope, *, bidirectional: bool, voltage: float) -> Delivery:
    """The wish within the limits of both sides; flags say which limits of the EVSE were the ones that held."""
    volts = max(voltage, 1.0)
    if wish.current >= 0:
        limits = (evse.max_charge_power, evse.max_charge_current, ev.max_charge_power, ev.max_charge_current)
        least = max(evse.min_charge_power or 0.0, ev.min_charge_power or 0.0)
    else:
        limits = (
            evse.max_discharge_power,
            evse.max_discharge_current,
            ev.max_discharge_power,
            ev.max_discharge_current,
        )
        least = max(evse.min_discharge_power or 0.0, ev.min_discharge_power or 0.0)
    if wish.current < 0 and not bidirectional:
        return Delivery(0.0, min(wish.ceiling, evse.max_voltage or math.inf))
    power, current, ev_power, ev_current = (math.inf if limit is None else limit for limit in limits)
    wanted = min(abs(wish.current), ev_power / volts, ev_current)
    given = min(wanted, power / volts, current)
    if given * volts < least - 1e-6 or _outside_voltage(wish.current, ev, volts):
        given = 0.0
    top = evse.max_voltage or math.inf
    return Delivery(
        math.copysign(given, wish.current) if given else 0.0,
        min(wish.ceiling, top),
        power_limited=wanted > power / volts,
        current_limited=wanted > current,
        voltage_limited=math.isfinite(wish.ceiling) and wish.ceiling > top,
    )


def _outside_voltage(current: float, ev: Envelope, volts: float) -> bool:
    """A full battery is not charged, an empty one not discharged."""
    if current >= 0:
        return ev.max_voltage is not None and volts > ev.max_voltage
    return ev.min_voltage is not None and volts < ev.min_voltage


def evse_envelope(ratings: Ratings, site_limit: float | None, *, bidirectional: bool) -> Envelope:
    """What the EVSE can do now: its ratings, and where the site holds its grid power (W, magnitude) below a limit."""
    charge, discharge = ratings.max_charge_power, ratings.max_discharge_power
    if site_limit is not None:
        charge = min(charge, site_limit * ratings.charge_efficiency)
        discharge = min(discharge, site_limit / ratings.discharge_efficiency)
    back: dict[str, Any] = {}
    if bidirectional:
        back = {
            "max_discharge_power": discharge,
            "min_discharge_power": ratings.min_discharge_power,
            "max_discharge_current": ratings.max_discharge_current,
            "min_discharge_current": ratings.min_discharge_current,
        }
    return Envelope(
        max_charge_power=charge,
        min_charge_power=ratings.min_charge_power,
        max_charge_current=ratings.max_charge_current,
        min_charge_current=ratings.min_charge_current,
        max_voltage=ratings.max_voltage,
        min_voltage=ratings.min_voltage,
        **back,
    )
