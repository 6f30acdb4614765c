"""What one side of the cable can take and give, as read from charge parameter discovery and charge loop messages."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from harness.quantity import number


@dataclass(frozen=True, slots=True)
class Envelope:
    """Limits of an EV or an EVSE in W, A and V; all magnitudes, None where nothing was said.

    Devices send discharge limits as magnitudes or as negative numbers (ISO 15118-20, 8.3.5.2.1, is read both ways);
    `negative_discharge` records which, None while no discharge limit other than zero was seen.
    """

    max_charge_power: float | None = None
    min_charge_power: float | None = None
    max_charge_current: float | None = None
    min_charge_current: float | None = None
    max_voltage: float | None = None
    min_voltage: float | None = None
    max_discharge_power: float | None = None
    min_discharge_power: float | None = None
    max_discharge_current: float | None = None
    min_discharge_current: float | None = None
    negative_discharge: bool | None = None

    def updated(self, later: Envelope) -> Envelope:
        """These limits with all that `later` says put in their place."""
        said = {name: value for name in _NAMES if (value := getattr(later, name)) is not None}
        return replace(self, **said)


_NAMES = tuple(each.name for each in fields(Envelope))
_ELEMENTS = {
    "max_charge_power": "MaximumChargePower",
    "min_charge_power": "MinimumChargePower",
    "max_charge_current": "MaximumChargeCurrent",
    "min_charge_current": "MinimumChargeCurrent",
    "max_voltage": "MaximumVoltage",
    "min_voltage": "MinimumVoltage",
    "max_discharge_power": "MaximumDischargePower",
    "min_discharge_power": "MinimumDischargePower",
    "max_discharge_current": "MaximumDischargeCurrent",
    "min_discharge_current": "MinimumDischargeCurrent",
}


def signed_limits(element: Any) -> dict[str, float]:
    """The limits of a CPD or loop element as sent, by our names; those that are absent are left out."""
    found = {}
    for name, said in _ELEMENTS.items():
        pair = getattr(element, f"EV{said}", None) or getattr(element, f"EVSE{said}", None)
        if pair is not None:
            found[name] = number(pair)
    return found


def envelope_of(element: Any) -> Envelope:
    """The limits of a CPD or loop element; discharge limits as magnitudes."""
    limits = signed_limits(element)
    discharge = [value for name, value in limits.items() if "discharge" in name and value != 0]
    negative = discharge[0] < 0 if discharge else None
    magnitudes: dict[str, Any] = {name: abs(value) if "discharge" in name else value for name, value in limits.items()}
    return Envelope(**magnitudes, negative_discharge=negative)


def contradictions(element: Any) -> list[str]:
    """What is impossible within the limits of one element, in words; empty for sound limits."""
    limits = signed_limits(element)
    found = [f"negative {_ELEMENTS[n]} {v:g}" for n, v in limits.items() if v < 0 and "discharge" not in n]
    signs = {value > 0 for name, value in limits.items() if "discharge" in name and value != 0}
    if len(signs) > 1:
        found.append("discharge limits of both signs")
    for name, value in limits.items():
        low = limits.get(name.replace("max_", "min_"))
        if name.startswith("max_") and low is not None and abs(low) > abs(value):
            found.append(f"{_ELEMENTS[name.replace('max_', 'min_')]} {low:g} above {_ELEMENTS[name]} {value:g}")
    return found
