"""Readings of what a CSMS asks for: charging profiles, wherever a request carries one, and DER controls (OCPP 2.x).

Each finds None where a request carries no such thing. Powers in W or currents in A, as the profile says; + = charge,
- = discharge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.link.observation import Observation
from harness.ocpp.csms.der import CONTROL_TYPES, object_of
from harness.ocpp.readings import request, value_at

_PHASES = ("_L2", "_L3")
_DER_OBJECTS = frozenset(object_of(each) for each in CONTROL_TYPES)
_TIMES = ("startTime", "duration")


def schedules_asked(seen: Observation) -> list[Mapping[str, Any]] | None:
    """The schedules of the profile in a request."""
    found = value_at(request(seen), "chargingProfile.chargingSchedule")
    return found if isinstance(found, list) else None


def periods_asked(seen: Observation) -> list[Mapping[str, Any]] | None:
    """The periods of all schedules of the profile in a request."""
    schedules = schedules_asked(seen)
    if schedules is None:
        return None
    return [period for each in schedules for period in each.get("chargingSchedulePeriod", ())]


def schedule_count(seen: Observation) -> int | None:
    """How many schedules a profile holds."""
    schedules = schedules_asked(seen)
    return None if schedules is None else len(schedules)


def period_count(seen: Observation) -> int | None:
    """How many periods the longest schedule of a profile holds."""
    schedules = schedules_asked(seen)
    return None if not schedules else max(len(each.get("chargingSchedulePeriod", ())) for each in schedules)


def period_starts(seen: Observation) -> list[Any] | None:
    """The startPeriod of every period."""
    periods = periods_asked(seen)
    return None if periods is None else [each.get("startPeriod") for each in periods]


def rate_units(seen: Observation) -> list[str] | None:
    """The units in which the schedules of a profile are written."""
    schedules = schedules_asked(seen)
    return None if schedules is None else sorted({str(each.get("chargingRateUnit")) for each in schedules})


def durations(seen: Observation) -> list[Any] | None:
    """The duration of every schedule; None for one that has none."""
    schedules = schedules_asked(seen)
    return None if schedules is None else [each.get("duration") for each in schedules]


def operation_modes(seen: Observation) -> list[str] | None:
    """The operation modes of a profile, each once; a period without one is ChargingOnly."""
    periods = periods_asked(seen)
    return None if periods is None else sorted({str(each.get("operationMode", "ChargingOnly")) for each in periods})


def limits_and_setpoints(seen: Observation) -> list[str] | None:
    """The names of all limits and setpoints that the periods of a profile carry, those of phases too."""
    periods = periods_asked(seen)
    names = ("limit", "dischargeLimit", "setpoint", "setpointReactive")
    wanted = {name + phase for name in names for phase in ("", *_PHASES)}
    return None if periods is None else sorted({name for each in periods for name in each} & wanted)


def limits_in_periods(seen: Observation) -> list[str] | None:
    """As `limits_and_setpoints`, without the setpoints."""
    found = limits_and_setpoints(seen)
    return None if found is None else [name for name in found if not name.startswith("setpoint")]


def phase_values(seen: Observation) -> list[str] | None:
    """The names of all values for single phases that a profile carries."""
    found = limits_and_setpoints(seen)
    return None if found is None else [name for name in found if name.endswith(_PHASES)]


def lone_phase_values(seen: Observation) -> list[str] | None:
    """Those values for single phases that stand in a period without the plain value of the same name."""
    periods = periods_asked(seen)
    if periods is None:
        return None
    return [name for each in periods for name in each if name.endswith(_PHASES) and name[:-3] not in each]


def setpoints_asked(seen: Observation) -> list[float] | None:
    """Every setpoint of a profile."""
    return _values(seen, "setpoint")


def highest_limit(seen: Observation) -> float | None:
    """The greatest limit of a profile, in its own unit."""
    found = _values(seen, "limit")
    return max(found) if found else None


def discharge_asked(seen: Observation) -> float | None:
    """The greatest discharge that the periods of a profile ask for or allow, as a magnitude; 0 for none."""
    given = [_values(seen, name) for name in ("setpoint", "dischargeLimit")]
    if None in given:
        return None
    return max([0.0, *(-value for values in given for value in values or ())])


def charge_asked(seen: Observation) -> float | None:
    """The greatest charge that the periods of a profile ask for or allow; 0 for none."""
    given = [_values(seen, name) for name in ("setpoint", "limit")]
    if None in given:
        return None
    return max([0.0, *(value for values in given for value in values or ())])


def _values(seen: Observation, name: str) -> list[float] | None:
    periods = periods_asked(seen)
    return None if periods is None else [float(each[name]) for each in periods if name in each]


# --- DER controls ---


def der_objects(seen: Observation) -> list[str] | None:
    """The names of the control objects that a SetDERControl carries."""
    content = request(seen, "SetDERControl")
    return None if content is None else sorted(_DER_OBJECTS & content.keys())


def der_times(seen: Observation) -> list[str] | None:
    """Which of startTime and duration the object of a SetDERControl carries."""
    content = _der_content(seen)
    return None if content is None else [name for name in _TIMES if name in content]


def der_unit(seen: Observation) -> str | None:
    """The yUnit of the curve of a SetDERControl, or the unit of its fixed value."""
    content = _der_content(seen) or {}
    found = content.get("yUnit", content.get("unit"))
    return found if isinstance(found, str) else None


def _der_content(seen: Observation) -> Mapping[str, Any] | None:
    content = request(seen, "SetDERControl")
    found = None if content is None else content.get(object_of(str(content.get("controlType"))))
    return found if isinstance(found, Mapping) else None
