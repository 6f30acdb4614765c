"""Charging profiles as tests write them."""

from __future__ import annotations

from typing import Any

Period = dict[str, Any]


def limit(watts: float, start: int = 0) -> Period:
    return {"startPeriod": start, "limit": watts}


def setpoint(watts: float, start: int = 0, **more: Any) -> Period:
    return {"startPeriod": start, "operationMode": "CentralSetpoint", "setpoint": watts, **more}


def mode(name: str, start: int = 0, **more: Any) -> Period:
    return {"startPeriod": start, "operationMode": name, **more}


def profile(
    identifier: int,
    *periods: Period,
    level: int = 0,
    purpose: str = "TxProfile",
    kind: str = "Relative",
    unit: str = "W",
    schedule: dict[str, Any] | None = None,
    **members: Any,
) -> dict[str, Any]:
    """A profile with one schedule; `schedule` adds members to that, `members` to the profile."""
    one = {"id": 1, "chargingRateUnit": unit, "chargingSchedulePeriod": list(periods), **(schedule or {})}
    return {
        "id": identifier,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": [one],
        **members,
    }


def dynamic(identifier: int, period: Period, **members: Any) -> dict[str, Any]:
    return profile(identifier, period, kind="Dynamic", **members)


FREQUENCY = mode(
    "LocalFrequency",
    v2xBaseline=-1000,
    v2xFreqWattCurve=[
        {"frequency": 49.8, "power": -6000},
        {"frequency": 49.98, "power": 0},
        {"frequency": 50.02, "power": 0},
        {"frequency": 50.2, "power": 6000},
    ],
    v2xSignalWattCurve=[{"signal": -100, "power": -3000}, {"signal": 0, "power": 0}, {"signal": 100, "power": 3000}],
)
