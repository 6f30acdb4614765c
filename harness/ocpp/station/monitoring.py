"""Monitors on variables, and the events they raise (OCPP 2.1 block N, NotifyEvent)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.ocpp.station.model import DeviceModel, Place, component_of, variable_of
from harness.ocpp.station.wire import Agenda, Payload, stamp, status

_TRIGGERS = {"UpperThreshold": "Alerting", "LowerThreshold": "Alerting", "Delta": "Delta", "Periodic": "Periodic"}
_NUMERIC = ("integer", "decimal")


@dataclass(slots=True)
class Monitor:
    """One monitor. `beyond`: its threshold is passed; `last` is the value it compares with; `due` its next period."""

    id: int
    place: Place
    kind: str
    value: float
    severity: int
    last: str = ""
    beyond: bool = False
    due: float | None = None


@dataclass(slots=True)
class Monitoring:
    """All monitors of the station. `level`: events of a higher severity number are not sent."""

    variables: DeviceModel
    agenda: Agenda
    version: str
    monitors: dict[int, Monitor] = field(default_factory=dict)
    level: int = 9
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _events: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # --- requests of the CSMS --------------------------------------------------------------------------------------------

    def set(self, request: Payload, now: float) -> dict[str, Any]:
        """SetVariableMonitoring (N04)."""
        return {"setMonitoringResult": [self._set(item, now) for item in request["setMonitoringData"]]}

    def clear(self, request: Payload, _now: float) -> dict[str, Any]:
        """ClearVariableMonitoring (N06)."""
        results = []
        for identifier in request["id"]:
            found = self.monitors.pop(identifier, None)
            results.append({"id": identifier, "status": "NotFound" if found is None else "Accepted"})
        return {"clearMonitoringResult": results}

    def set_level(self, request: Payload, _now: float) -> dict[str, Any]:
        """SetMonitoringLevel (N05)."""
        if not 0 <= request["severity"] <= 9:
            return status("Rejected", "ValueOutOfRange")
        self.level = request["severity"]
        return status("Accepted")

    def set_base(self, request: Payload, _now: float) -> dict[str, Any]:
        """SetMonitoringBase (N03); this station brings no monitors of its own."""
        if request["monitoringBase"] != "All":
            self.monitors.clear()
        return status("Accepted")

    def report(self, request: Payload, now: float) -> dict[str, Any]:
        """GetMonitoringReport (N02)."""
        wanted = [
            self.variables.find(item["component"], item["variable"])
            if "variable" in item
            else item["component"]["name"]
            for item in request.get("componentVariable", [])
        ]
        kinds = _kinds(request.get("monitoringCriteria", ()))
        found = [
            one
            for one in self.monitors.values()
            if (not wanted or one.place in wanted or one.place.component in wanted) and (not kinds or one.kind in kinds)
        ]
        if not found:
            return status("EmptyResultSet")
        entries: dict[Place, list[dict[str, Any]]] = {}
        for one in found:
            entries.setdefault(one.place, []).append(self._described(one))
        self.agenda.put(
            "NotifyMonitoringReport",
            {
                "requestId": request["requestId"],
                "seqNo": 0,
                "generatedAt": stamp(now),
                "monitor": [
                    {"component": component_of(place), "variable": variable_of(place), "variableMonitoring": monitors}
                    for place, monitors in entries.items()
                ],
            },
        )
        return status("Accepted")

    # --- events --------------------------------------------------------------------------------------------------------------

    def tell(self, place: Place, value: str, now: float, cause: Mapping[str, Any] | None = None) -> None:
        """An event that no monitor of the CSMS asked for, such as a connector's new state (2.1: instead of StatusNotification)."""
        self._notify(place, value, now, "Delta", {"eventNotificationType": "HardWiredNotification", **(cause or {})})

    def tick(self, now: float) -> None:
        """Compare every monitored value with what it must not pass."""
        if not self.variables.flag("MonitoringCtrlr.Enabled"):
            return
        for one in self.monitors.values():
            value = self.variables.at(one.place).read
            if one.due is not None and now >= one.due:
                one.due += one.value
                self._raise(one, value, now)
            elif one.kind in ("UpperThreshold", "LowerThreshold"):
                self._threshold(one, value, now)
            elif one.kind == "Delta" and _moved(one, value):
                self._raise(one, value, now)
                one.last = value

    def next_due(self) -> Iterator[float]:
        """When periodic monitors speak."""
        yield from (one.due for one in self.monitors.values() if one.due is not None)

    # --- inside --------------------------------------------------------------------------------------------------------------

    def _set(self, item: Mapping[str, Any], now: float) -> dict[str, Any]:
        echo = {name: item[name] for name in ("type", "severity", "component", "variable")}
        place = self.variables.find(item["component"], item["variable"])
        if place is None:
            known = self.variables.knows(item["component"])
            return {"status": "UnknownVariable" if known else "UnknownComponent", **echo}
        refused = self._fault(place, item)
        if refused:
            return {"status": refused, **echo}
        identifier = item.get("id") or next(self._ids)
        if "id" in item and item["id"] not in self.monitors:
            return {"status": "Rejected", **echo}
        due = now + item["value"] if item["type"].startswith("Periodic") else None
        one = Monitor(
            identifier, place, item["type"], item["value"], item["severity"], self.variables.at(place).read, due=due
        )
        self.monitors[identifier] = one
        return {"id": identifier, "status": "Accepted", **echo}

    def _fault(self, place: Place, item: Mapping[str, Any]) -> str:
        if item["type"] not in (*_TRIGGERS, "PeriodicClockAligned"):
            return "UnsupportedMonitorType"
        if self.variables.at(place).access == "WO" or not 0 <= item["severity"] <= 9:
            return "Rejected"
        numeric = self.variables.at(place).kind in _NUMERIC
        if item["type"].endswith("Threshold") and not numeric:
            return "UnsupportedMonitorType"
        if item["value"] < 0 and item["type"] in ("Delta", "Periodic", "PeriodicClockAligned"):
            return "Rejected"
        same = [one for one in self.monitors.values() if one.place == place and one.kind == item["type"]]
        return "Duplicate" if any(one.severity == item["severity"] and one.id != item.get("id") for one in same) else ""

    def _threshold(self, one: Monitor, value: str, now: float) -> None:
        number = _number(value)
        if number is None:
            return
        beyond = number > one.value if one.kind == "UpperThreshold" else number < one.value
        if beyond != one.beyond:
            one.beyond = beyond
            self._raise(one, value, now, {} if beyond else {"cleared": True})

    def _raise(self, one: Monitor, value: str, now: float, more: Mapping[str, Any] | None = None) -> None:
        if one.severity > self.level:
            return
        kind = {"eventNotificationType": "CustomMonitor", "variableMonitoringId": one.id, "severity": one.severity}
        members = kind if self.version == "2.1" else {name: kind[name] for name in list(kind)[:2]}
        self._notify(one.place, value, now, _TRIGGERS.get(one.kind, "Periodic"), {**members, **(more or {})})

    def _notify(self, place: Place, value: str, now: float, trigger: str, members: Mapping[str, Any]) -> None:
        event = {
            "eventId": next(self._events),
            "timestamp": stamp(now),
            "trigger": trigger,
            "actualValue": value[:2500],
            "component": component_of(place),
            "variable": variable_of(place),
            **members,
        }
        self.agenda.put("NotifyEvent", {"generatedAt": stamp(now), "seqNo": 0, "eventData": [event]})

    def _described(self, one: Monitor) -> dict[str, Any]:
        said = {"id": one.id, "transaction": False, "value": one.value, "type": one.kind, "severity": one.severity}
        return said | ({"eventNotificationType": "CustomMonitor"} if self.version == "2.1" else {})


def _kinds(criteria: tuple[str, ...] | list[str]) -> set[str]:
    kinds: set[str] = set()
    for criterion in criteria:
        kinds |= {
            "ThresholdMonitoring": {"UpperThreshold", "LowerThreshold"},
            "DeltaMonitoring": {"Delta"},
            "PeriodicMonitoring": {"Periodic", "PeriodicClockAligned"},
        }[criterion]
    return kinds


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _moved(one: Monitor, value: str) -> bool:
    before, after = _number(one.last), _number(value)
    if before is None or after is None:
        return value != one.last
    return abs(after - before) >= one.value and after != before
