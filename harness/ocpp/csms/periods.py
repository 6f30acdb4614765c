"""The words of smart charging: periods for each operation mode, and profiles and updates made of them.

Powers in W (currents in A where the profile says so), + = charge, - = discharge. Only what the mode may carry is written:
which field belongs to which mode is in Q01 to Q10 of OCPP 2.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from harness.ocpp.times import stamp

Period = dict[str, Any]
Mode = Literal[
    "Idle",
    "ChargingOnly",
    "CentralSetpoint",
    "ExternalSetpoint",
    "ExternalLimits",
    "CentralFrequency",
    "LocalFrequency",
    "LocalLoadBalancing",
]
Curve = tuple[tuple[float, float], ...]

MODES: tuple[Mode, ...] = (
    "Idle",
    "ChargingOnly",
    "CentralSetpoint",
    "ExternalSetpoint",
    "ExternalLimits",
    "CentralFrequency",
    "LocalFrequency",
    "LocalLoadBalancing",
)
_LIMITS = frozenset({"limit", "dischargeLimit"})
_SETPOINTS = frozenset({"setpoint", "setpointReactive"})
_ALL = _LIMITS | _SETPOINTS
FORBIDDEN: Mapping[str, frozenset[str]] = {
    "ChargingOnly": frozenset({"dischargeLimit"}) | _SETPOINTS,  # Q02.FR.02
    "CentralSetpoint": frozenset(),
    "CentralFrequency": _LIMITS,  # Q07.FR.03
    "LocalFrequency": _ALL,  # Q08.FR.01
    "ExternalSetpoint": _SETPOINTS,
    "ExternalLimits": _ALL,
    "LocalLoadBalancing": _SETPOINTS,  # limits may clip: Q09.FR.05
    "Idle": _ALL,  # Q10.FR.01
}
"""Fields that a period of a mode must not carry, and neither their _L2 and _L3. A period without mode is ChargingOnly."""
UNUSUAL: Mapping[str, frozenset[str]] = {"CentralSetpoint": _LIMITS}
"""Fields that Q03.FR.02 keeps out of a mode although the table of modes lets them in: not to be sent, not to be blamed."""

GRID_CURVE: Curve = ((49.8, -6000.0), (49.98, 0.0), (50.02, 0.0), (50.2, 6000.0))
SIGNAL_CURVE: Curve = ((-100, -3000.0), (0, 0.0), (100, 3000.0))


@dataclass(frozen=True, slots=True)
class V2xPlan:
    """What a CSMS wants of an EV: one operation mode and its values.

    `limit` and `discharge_limit` (negative) are ceilings that go with the modes that carry them; None: as much as the EV
    said. With `dynamic` the profile is of kind Dynamic and valid for `valid` s after each update (K28.FR.13); a pull is due
    every `pull_every` s (0: pushes only). Points of the curves are (Hz, W) and (signal, W).
    """

    mode: Mode = "ChargingOnly"
    setpoint: float = 0.0
    limit: float | None = None
    discharge_limit: float | None = None
    reactive: float | None = None
    baseline: float = 0.0
    frequency_curve: Curve = GRID_CURVE
    signal_curve: Curve = ()
    dynamic: bool = False
    valid: int | None = None
    pull_every: int = 0
    stack_level: int = 0
    sleep: bool = False
    precondition: bool = False
    max_offline: int | None = None
    invalid_after_offline: bool = False
    lasting: int | None = None


def charging_only(limit: float, start: int = 0, **more: Any) -> Period:
    """Charge at up to `limit`, or with a mode left out in versions that have none."""
    return {"startPeriod": start, "limit": limit, "operationMode": "ChargingOnly", **more}


def plain_limit(limit: float, start: int = 0, **more: Any) -> Period:
    """A ceiling without operation mode, as 1.6 and 2.0.1 know it."""
    return {"startPeriod": start, "limit": limit, **more}


def central_setpoint(watts: float, start: int = 0, **more: Any) -> Period:
    """Follow a setpoint of the CSMS."""
    return {"startPeriod": start, "operationMode": "CentralSetpoint", "setpoint": watts, **more}


def central_frequency(watts: float, start: int = 0) -> Period:
    """Follow a setpoint with which the CSMS supports the grid frequency."""
    return {"startPeriod": start, "operationMode": "CentralFrequency", "setpoint": watts}


def local_frequency(baseline: float, frequency: Curve, signal: Curve = (), start: int = 0) -> Period:
    """Let the station support the grid frequency it measures; `signal` maps aFRR signals."""
    period: Period = {
        "startPeriod": start,
        "operationMode": "LocalFrequency",
        "v2xBaseline": baseline,
        "v2xFreqWattCurve": [{"frequency": hertz, "power": watts} for hertz, watts in frequency],
    }
    if signal:
        period["v2xSignalWattCurve"] = [{"signal": int(value), "power": watts} for value, watts in signal]
    return period


def external_setpoint(start: int = 0, **limits: float) -> Period:
    """Follow the setpoint of a local system, within `limit` and `dischargeLimit` if given."""
    return {"startPeriod": start, "operationMode": "ExternalSetpoint", **limits}


def external_limits(start: int = 0) -> Period:
    """Keep the limits of a local system."""
    return {"startPeriod": start, "operationMode": "ExternalLimits"}


def local_load_balancing(start: int = 0) -> Period:
    """Balance the building behind the meter, by the thresholds in the device model."""
    return {"startPeriod": start, "operationMode": "LocalLoadBalancing"}


def idle(start: int = 0, *, sleep: bool = False, precondition: bool = False) -> Period:
    """Transfer no energy."""
    period: Period = {"startPeriod": start, "operationMode": "Idle"}
    return period | ({"evseSleep": True} if sleep else {}) | ({"preconditioningRequest": True} if precondition else {})


def schedule(
    periods: Sequence[Period],
    *,
    unit: Literal["W", "A"] = "W",
    start: datetime | None = None,
    duration: int | None = None,
    number: int | None = 1,
    **more: Any,
) -> dict[str, Any]:
    """A charging schedule; `number` is its id, which 1.6 does not have."""
    made: dict[str, Any] = {
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [dict(each) for each in periods],
        **more,
    }
    optional = {"id": number, "startSchedule": None if start is None else stamp(start), "duration": duration}
    return made | {name: value for name, value in optional.items() if value is not None}


def profile(
    number: int,
    purpose: str,
    schedules: Sequence[dict[str, Any]],
    *,
    kind: str = "Absolute",
    stack_level: int = 0,
    transaction: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A charging profile of OCPP 2.x; values of None are left out."""
    made: dict[str, Any] = {
        "id": number,
        "stackLevel": stack_level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": [dict(each) for each in schedules],
        "transactionId": transaction,
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}


def profile_16(
    number: int,
    purpose: str,
    plan: dict[str, Any],
    *,
    kind: str = "Absolute",
    stack_level: int = 0,
    transaction: int | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A charging profile of OCPP 1.6, which has one schedule."""
    made: dict[str, Any] = {
        "chargingProfileId": number,
        "stackLevel": stack_level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": {name: value for name, value in plan.items() if name != "id"},
        "transactionId": transaction,
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}
