"""DER controls as a central system keeps book of them (block R): set, superseded, started, ended, cleared, reported, alarms.

Scheduled controls run from `start` for `duration` s, defaults whenever no scheduled one of their type is active. Priority 0
is the highest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from harness.ocpp.csms.records import DerAlarm, DerControl
from harness.ocpp.csms.station import Station
from harness.ocpp.times import moment

_OWN_OBJECT: Mapping[str, str] = {
    "EnterService": "enterService",
    "Gradients": "gradient",
    "FreqDroop": "freqDroop",
    "FixedPFAbsorb": "fixedPFAbsorb",
    "FixedPFInject": "fixedPFInject",
    "FixedVar": "fixedVar",
    "LimitMaxDischarge": "limitMaxDischarge",
}
CURVE_TYPES = (
    "FreqWatt",
    "HFMustTrip",
    "HFMayTrip",
    "HVMustTrip",
    "HVMomCess",
    "HVMayTrip",
    "LFMustTrip",
    "LVMustTrip",
    "LVMomCess",
    "LVMayTrip",
    "PowerMonitoringMustTrip",
    "VoltVar",
    "VoltWatt",
    "WattPF",
    "WattVar",
)
CONTROL_TYPES = (*_OWN_OBJECT, *CURVE_TYPES)
DEFAULT_ONLY = frozenset({"EnterService", "Gradients"})
_OBJECTS = frozenset({*_OWN_OBJECT.values(), "curve"})


def object_of(control_type: str) -> str:
    """The member of SetDERControl that belongs to a type (R04.FR.16)."""
    return _OWN_OBJECT.get(control_type, "curve")


def objections(request: Mapping[str, Any]) -> Iterator[str]:
    """Why a CSMS must not send this SetDERControl, each with the requirement; nothing when it may."""
    control_type, present = request["controlType"], sorted(_OBJECTS & request.keys())
    if present != [object_of(control_type)]:
        yield f"R04.FR.16: {control_type} goes with {object_of(control_type)} alone, not {', '.join(present) or 'nothing'}"
    content = request.get(object_of(control_type), {})
    timed = [name for name in ("startTime", "duration") if name in content]
    if request["isDefault"] and timed:
        yield f"R04.FR.12: a default has no {' or '.join(timed)}"
    if not request["isDefault"] and control_type in DEFAULT_ONLY:
        yield f"R04.FR.14: {control_type} is a default only"
    if not request["isDefault"] and control_type not in DEFAULT_ONLY and len(timed) < 2:
        yield "R04.FR.12: a scheduled control has startTime and duration"


def accepted(station: Station, request: Mapping[str, Any], response: Mapping[str, Any]) -> None:
    """Note a SetDERControl that the station accepted, and what it says is superseded by it."""
    name = request["controlId"]
    content = request.get(object_of(request["controlType"]), {})
    station.der_controls[name] = DerControl(
        control_id=name,
        control_type=request["controlType"],
        is_default=request["isDefault"],
        content=dict(content),
        priority=content.get("priority"),
        start=moment(content.get("startTime")),
        duration=content.get("duration"),
    )
    _supersede(station, response.get("supersededIds", ()))


def _supersede(station: Station, names: Any) -> None:
    for each in names:
        if each in station.der_controls:
            station.der_controls[each] = replace(station.der_controls[each], state="superseded")


def cleared(station: Station, request: Mapping[str, Any]) -> None:
    """Note a ClearDERControl that was accepted: by id, by type, or all of the class."""
    for name, known in list(station.der_controls.items()):
        by_id = request.get("controlId") in (None, name)
        by_type = request.get("controlType") in (None, known.control_type)
        if known.is_default == request["isDefault"] and by_id and by_type:
            del station.der_controls[name]


def started_or_stopped(station: Station, request: Mapping[str, Any]) -> bool:
    """Note a NotifyDERStartStop; False when no such control was known, which is tolerated."""
    _supersede(station, request.get("supersededIds", ()))
    known = station.der_controls.get(request["controlId"])
    if known is None:
        return False
    station.der_controls[known.control_id] = replace(known, state="started" if request["started"] else "ended")
    return True


def alarmed(station: Station, request: Mapping[str, Any], now: datetime) -> bool:
    """Note a NotifyDERAlarm; False for the end of an alarm that never began, which is tolerated."""
    at = moment(request["timestamp"]) or now
    fault = request.get("gridEventFault", "")
    if not request.get("alarmEnded", False):
        station.der_alarms.append(DerAlarm(request["controlType"], at, fault, extra=request.get("extraInfo", "")))
        return True
    for key, alarm in reversed(list(station.der_alarms.items())):
        if alarm.control_type == request["controlType"] and alarm.ended_at is None and fault in ("", alarm.fault):
            station.der_alarms[key] = replace(alarm, ended_at=at)
            return True
    return False


def take_report(station: Station, request: Mapping[str, Any]) -> None:
    """Note the controls of a ReportDERControl: the station's word about what it keeps."""
    for name in (
        "enterService",
        "fixedPFAbsorb",
        "fixedPFInject",
        "fixedVar",
        "freqDroop",
        "gradient",
        "limitMaxDischarge",
    ):
        for entry in request.get(name, ()):
            kinds = [kind for kind, member in _OWN_OBJECT.items() if member == name]
            _reported(station, entry, kinds[0], entry.get(_inner(name), {}))
    for entry in request.get("curve", ()):
        _reported(station, entry, entry["curveType"], entry["curve"])


def _inner(name: str) -> str:
    return "fixedPF" if name.startswith("fixedPF") else name


def _reported(station: Station, entry: Mapping[str, Any], control_type: str, content: Mapping[str, Any]) -> None:
    known = station.der_controls.get(entry["id"])
    superseded = entry.get("isSuperseded", False)
    state = (
        "superseded" if superseded else known.state if known is not None and known.state == "started" else "accepted"
    )
    station.der_controls[entry["id"]] = DerControl(
        control_id=entry["id"],
        control_type=control_type,
        is_default=entry.get("isDefault", True),
        content=dict(content),
        priority=content.get("priority"),
        start=moment(content.get("startTime")),
        duration=content.get("duration"),
        state=state,
        reported=True,
    )


def active(station: Station, control_type: str, now: datetime) -> DerControl | None:
    """The control of a type that should be in force: a scheduled one in its time, else the default; by priority."""
    known = [
        each
        for each in station.der_controls.values()
        if each.control_type == control_type and each.state not in ("superseded", "ended")
    ]
    scheduled = [
        each for each in known if each.start is not None and each.end is not None and each.start <= now < each.end
    ]
    chosen = scheduled or [each for each in known if each.is_default]
    return min(chosen, key=lambda each: 0 if each.priority is None else each.priority, default=None)
