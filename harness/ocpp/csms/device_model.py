"""The device model of a station as the central system comes to know it, and the assembly of reports in many parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from harness.ocpp.csms.records import Monitor, Report, Variable
from harness.ocpp.csms.station import Station

_SET = frozenset({"Accepted", "RebootRequired"})


def variable_key(component: Mapping[str, Any], variable: Mapping[str, Any], attribute: str = "Actual") -> str:
    """How a variable is called, in the notation that people use: ``EVSE#1.Power``, ``TxCtrlr.EVConnectionTimeOut``."""
    evse = component.get("evse", {})
    place = "".join(f"#{evse[name]}" for name in ("id", "connectorId") if name in evse)
    name = f"{_named(component)}{place}.{_named(variable)}"
    return name.casefold() if attribute == "Actual" else f"{name}@{attribute}".casefold()


def _named(part: Mapping[str, Any]) -> str:
    return f"{part['name']}[{part['instance']}]" if part.get("instance") else str(part["name"])


def value_of(
    station: Station, component: str, variable: str, *, evse_id: int | None = None, instance: str = ""
) -> str | None:
    """The value of a variable as last reported; that of the EVSE if it has one of its own, else the station's."""
    described: dict[str, Any] = {"name": variable} | ({"instance": instance} if instance else {})
    places: list[dict[str, Any]] = [] if evse_id is None else [{"name": component, "evse": {"id": evse_id}}]
    for place in [*places, {"name": component}]:
        known = station.variables.get(variable_key(place, described))
        if known is not None and known.value is not None:
            return known.value
    return None


def members_of(station: Station, component: str, variable: str, *, evse_id: int | None = None) -> frozenset[str] | None:
    """The members of a list variable; None when the station never told."""
    value = value_of(station, component, variable, evse_id=evse_id)
    return None if value is None else frozenset(each.strip() for each in value.split(",") if each.strip())


def number_of(
    station: Station, component: str, variable: str, *, evse_id: int | None = None, instance: str = ""
) -> float | None:
    """A numeric variable; None when it was not told or is no number."""
    try:
        return float(value_of(station, component, variable, evse_id=evse_id, instance=instance) or "")
    except ValueError:
        return None


def take_report_data(station: Station, entries: Iterable[Mapping[str, Any]]) -> None:
    """Note the variables of a NotifyReport."""
    for entry in entries:
        for attribute in entry["variableAttribute"]:
            kind = attribute.get("type", "Actual")
            station.variables[variable_key(entry["component"], entry["variable"], kind)] = Variable(
                component=entry["component"],
                variable=entry["variable"],
                attribute=kind,
                value=attribute.get("value"),
                mutability=attribute.get("mutability", "ReadWrite"),
                characteristics=entry.get("variableCharacteristics", {}),
            )


def take_values(station: Station, results: Iterable[Mapping[str, Any]]) -> None:
    """Note what GetVariables found."""
    for result in results:
        if result["attributeStatus"] == "Accepted":
            _note_value(station, result, result.get("attributeValue"))


def take_settings(station: Station, asked: Iterable[Mapping[str, Any]], results: Iterable[Mapping[str, Any]]) -> None:
    """Note what SetVariables changed: only what the station accepted."""
    wanted = {_key(each): each["attributeValue"] for each in asked}
    for result in results:
        if result["attributeStatus"] in _SET and _key(result) in wanted:
            _note_value(station, result, wanted[_key(result)])


def set_status(response: Mapping[str, Any] | None) -> str:
    """What the answer to SetVariables of one variable, or to ChangeConfiguration, says; "" without one."""
    results = (response or {}).get("setVariableResult") or [{}]
    return str((response or {}).get("status") or results[0].get("attributeStatus", ""))


def _key(entry: Mapping[str, Any]) -> str:
    return variable_key(entry["component"], entry["variable"], entry.get("attributeType", "Actual"))


def _note_value(station: Station, entry: Mapping[str, Any], value: str | None) -> None:
    key = _key(entry)
    known = station.variables.get(key) or Variable(
        entry["component"], entry["variable"], entry.get("attributeType", "Actual")
    )
    station.variables[key] = replace(known, value=value)


def take_configuration(station: Station, entries: Iterable[Mapping[str, Any]]) -> None:
    """Note the configuration keys of a 1.6 station."""
    for entry in entries:
        name = {"name": entry["key"]}
        station.variables[configuration_key(entry["key"])] = Variable(
            {"name": ""},
            name,
            value=entry.get("value"),
            mutability="ReadOnly" if entry.get("readonly") else "ReadWrite",
        )


def configuration_key(key: str) -> str:
    """Under which key a configuration key of 1.6 is noted."""
    return variable_key({"name": ""}, {"name": key})


def take_monitors(station: Station, entries: Iterable[Mapping[str, Any]]) -> None:
    """Note the monitors of a NotifyMonitoringReport."""
    for entry in entries:
        for each in entry["variableMonitoring"]:
            station.monitors[str(each["id"])] = Monitor(each["id"], entry["component"], entry["variable"], each)


# --- reports in parts -------------------------------------------------------------------------------------------------


def ask_for_report(station: Station, kind: str, request_id: int) -> None:
    """Note that a report was asked for and will come."""
    station.reports[_report_key(kind, request_id)] = Report(request_id, kind)


def take_part(station: Station, kind: str, request_id: int, seq: int | None, to_be_continued: bool) -> Report:
    """Note one part of a report; parts may come in any order. Reports without seqNo are counted as they come."""
    key = _report_key(kind, request_id)
    before = station.reports.get(key) or Report(request_id, kind, asked=False)
    if before.complete and seq == 0:
        before = replace(before, parts=(), last=None)
    number = len(before.parts) if seq is None else seq
    last = before.last if to_be_continued else number
    station.reports[key] = replace(before, parts=(*before.parts, number), last=last)
    return station.reports[key]


def report(station: Station, kind: str, request_id: int) -> Report | None:
    """A report by its kind and requestId."""
    return station.reports.get(_report_key(kind, request_id))


def _report_key(kind: str, request_id: int) -> str:
    return f"{kind}/{request_id}"
