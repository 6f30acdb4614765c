"""DER controls: which are stored, which runs, which is superseded, and what is told about it (OCPP 2.1 block R, R04)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.ocpp.station.model import DeviceModel
from harness.ocpp.station.wire import Agenda, Payload, instant, stamp, status

_CURVES = (
    "FreqWatt HFMustTrip HFMayTrip HVMustTrip HVMomCess HVMayTrip LFMustTrip LVMustTrip LVMomCess LVMayTrip"
    " PowerMonitoringMustTrip VoltVar VoltWatt WattPF WattVar"
)
OBJECTS: Mapping[str, str] = {
    **dict.fromkeys(_CURVES.split(), "curve"),
    "EnterService": "enterService",
    "Gradients": "gradient",
    "FreqDroop": "freqDroop",
    "FixedPFAbsorb": "fixedPFAbsorb",
    "FixedPFInject": "fixedPFInject",
    "FixedVar": "fixedVar",
    "LimitMaxDischarge": "limitMaxDischarge",
}
"""The member that carries a control of each type."""
_MEMBERS = tuple(dict.fromkeys(OBJECTS.values()))
_ONLY_DEFAULT = ("EnterService", "Gradients")
_WATTS, _VARS = ("PctMaxW", "PctWAvail"), ("PctMaxVar", "PctVarAvail")
_UNITS: Mapping[str, tuple[str, ...]] = {
    "FreqWatt": _WATTS,
    "VoltWatt": _WATTS,
    "VoltVar": _VARS,
    "WattVar": _VARS,
}
"""yUnit of a curve (R04.FR.50 to .56); the others carry no unit."""
_PER_REPORT = 10


@dataclass(slots=True)
class DerControl:
    """A stored control. `priority` 0 is the highest. Of a default `start` and `end` are None; else in station time."""

    id: str
    type: str
    default: bool
    priority: int
    body: Mapping[str, Any]
    start: float | None = None
    end: float | None = None
    superseded: bool = False
    started: bool = False


class DerControls:
    """The controls of the station; they survive a reboot (R01.FR.03) as long as this object does."""

    def __init__(self, variables: DeviceModel, agenda: Agenda, evses: int) -> None:
        self._variables, self._agenda, self._evses = variables, agenda, evses
        self.stored: dict[str, DerControl] = {}

    def active(self, control_type: str) -> DerControl | None:
        """The control of a type that runs: a scheduled one, else the default (R04.FR.11)."""
        live = [one for one in self.stored.values() if one.type == control_type and not one.superseded]
        running = next((one for one in live if one.started), None)
        return running or next((one for one in live if one.default), None)

    def supports(self, control_type: str) -> bool:
        """Whether an EVSE has such a grid function."""
        return any(
            self._variables.flag("DCDERCtrlr.Enabled", evse)
            and control_type in self._variables.members("DCDERCtrlr.ModesSupported", evse)
            for evse in range(1, self._evses + 1)
        )

    # --- requests of the CSMS --------------------------------------------------------------------------------------------

    def set(self, request: Payload, now: float) -> dict[str, Any]:
        """SetDERControl."""
        if not self.supports(request["controlType"]):
            return status("NotSupported")
        reason = _fault(request)
        if reason:
            return status("Rejected", "InvalidValue", reason)
        new = _control(request)
        if new.end is not None and new.end <= now:
            return status("Rejected", "InvalidValue", "the control has already ended")
        self.stored.pop(new.id, None)  # the same id again is an update
        superseded = self._weigh(new)
        self.stored[new.id] = new
        self.tick(now)
        return status("Accepted") | ({"supersededIds": superseded} if superseded else {})

    def get(self, request: Payload, _now: float) -> dict[str, Any]:
        """GetDERControl, and the reports that follow."""
        if "controlType" in request and not self.supports(request["controlType"]):
            return status("NotSupported")
        found = [one for one in self.stored.values() if _matches(one, request)]
        if not found:
            return status("NotFound")
        pages = [found[start : start + _PER_REPORT] for start in range(0, len(found), _PER_REPORT)]
        for page in pages:
            report: dict[str, Any] = {"requestId": request["requestId"]}
            for one in page:
                report.setdefault(OBJECTS[one.type], []).append(_reported(one))
            if page is not pages[-1]:
                report["tbc"] = True
            self._agenda.put("ReportDERControl", report)
        return status("Accepted")

    def clear(self, request: Payload, now: float) -> dict[str, Any]:
        """ClearDERControl: by id, by type, or all of the class."""
        if "controlType" in request and not self.supports(request["controlType"]):
            return status("NotSupported")
        found = [one for one in self.stored.values() if _matches(one, request)]
        if not found and ("controlType" in request or "controlId" in request):
            return status("NotFound")
        for one in found:
            del self.stored[one.id]
            if one.started and not one.superseded:
                self._tell(one, False, now)
        return status("Accepted")

    # --- time --------------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Start what begins, end and delete what is over (R04.FR.10, .20 to .22)."""
        for one in sorted(self.stored.values(), key=lambda each: each.end or 0.0):
            if one.end is not None and one.end <= now:
                del self.stored[one.id]
                if one.started and not one.superseded:
                    self._tell(one, False, now)
        for one in list(self.stored.values()):
            if one.start is not None and one.start <= now and not (one.started or one.superseded):
                self._begin(one, now)

    def next_due(self) -> Iterator[float]:
        """When controls begin and end."""
        for one in self.stored.values():
            if one.end is not None:
                yield one.end
            if one.start is not None and not (one.started or one.superseded):
                yield one.start

    def _begin(self, one: DerControl, now: float) -> None:
        ousted = [
            other
            for other in self.stored.values()
            if other is not one and other.type == one.type and other.started and not other.superseded
        ]
        for other in ousted:
            other.superseded = True
        one.started = True
        self._tell(one, True, now, [other.id for other in ousted])

    def _weigh(self, new: DerControl) -> list[str]:
        """Who is superseded when `new` comes in (R04.FR.02 to .08); the lower number wins, an equal one does not."""
        rivals = [
            one
            for one in self.stored.values()
            if one.type == new.type and one.default == new.default and not one.superseded
        ]
        if any(one.priority <= new.priority for one in rivals):
            new.superseded = True
            return [new.id]
        weaker = [one for one in rivals if not one.started]  # one that runs does so until the new one begins
        for one in weaker:
            one.superseded = True
        return [one.id for one in weaker]

    def _tell(self, one: DerControl, started: bool, now: float, superseded: list[str] | None = None) -> None:
        notice: dict[str, Any] = {"controlId": one.id, "started": started, "timestamp": stamp(now)}
        if superseded:
            notice["supersededIds"] = superseded
        self._agenda.put("NotifyDERStartStop", notice, lasting=True)


def _fault(request: Payload) -> str:
    """Why a control is refused, "" when it is sound."""
    kind, present = request["controlType"], [name for name in _MEMBERS if name in request]
    if present != [OBJECTS[kind]]:
        return f"{kind} needs {OBJECTS[kind]} and nothing else"
    body = request[OBJECTS[kind]]
    timed = [name for name in ("startTime", "duration") if name in body]
    if request["isDefault"] and timed:
        return f"a default has no {' and '.join(timed)}"
    if not request["isDefault"] and kind in _ONLY_DEFAULT:
        return f"{kind} exists as a default only"
    if not request["isDefault"] and len(timed) < 2:
        return "a scheduled control needs startTime and duration"
    if OBJECTS[kind] == "curve" and body["yUnit"] not in _UNITS.get(kind, ("Not_Applicable",)):
        return f"yUnit of {kind} is one of {', '.join(_UNITS.get(kind, ('Not_Applicable',)))}"
    return ""


def _control(request: Payload) -> DerControl:
    body = request[OBJECTS[request["controlType"]]]
    start = instant(body["startTime"]) if "startTime" in body else None
    end = None if start is None else start + body["duration"]
    return DerControl(
        request["controlId"], request["controlType"], request["isDefault"], body["priority"], body, start, end
    )


def _matches(one: DerControl, wanted: Payload) -> bool:
    """Members that are absent match everything."""
    asked = (("isDefault", one.default), ("controlType", one.type), ("controlId", one.id))
    return all(wanted.get(name, value) == value for name, value in asked)


def _reported(one: DerControl) -> dict[str, Any]:
    member = OBJECTS[one.type]
    inner = "fixedPF" if member.startswith("fixedPF") else member
    said: dict[str, Any] = {"id": one.id, inner: dict(one.body)}
    if member not in ("enterService", "gradient"):
        said |= {"isDefault": one.default, "isSuperseded": one.superseded}
    return said | ({"curveType": one.type} if member == "curve" else {})
