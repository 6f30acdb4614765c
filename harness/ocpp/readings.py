"""Readings of OCPP frames: one value out of one observation, for checks and rules. Each is the one place that knows the sign.

Powers in W at the grid terminals, + = charge, - = discharge; energies in Wh; times in s. A reading that finds nothing to read
returns None. They read all versions, as far as a version has the thing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from harness.link.observation import Observation
from harness.ocpp.csms.metering import EXPORT_REGISTER, IMPORT_REGISTER, readings_of
from harness.ocpp.csms.records import Reading
from harness.ocpp.times import moment
from harness.ocppj.frame import Call, CallError, CallResult, Send

_NO_TIME = datetime.fromtimestamp(0, UTC)


def payload(seen: Observation) -> Mapping[str, Any] | None:
    """The payload of a CALL, a CALLRESULT or a SEND."""
    message = seen.message
    return message.payload if isinstance(message, (Call, CallResult, Send)) else None


def request(seen: Observation, action: str = "") -> Mapping[str, Any] | None:
    """The payload of a request, of one action if it is named."""
    message = seen.message
    return message.payload if isinstance(message, (Call, Send)) and action in ("", message.action) else None


def value_at(content: Any, path: str) -> Any:
    """What stands at a dotted path of a payload; None where nothing does."""
    for step in path.split("."):
        content = content.get(step) if isinstance(content, Mapping) else None
    return content


def reading(path: str) -> Callable[[Observation], Any]:
    """A reading of what stands at a dotted path of the payload, whatever kind of frame it is in."""

    def read(seen: Observation) -> Any:
        return value_at(payload(seen), path)

    read.__name__ = path
    return read


def status(seen: Observation) -> str | None:
    """The status of an answer; that of an idTokenInfo (idTagInfo in 1.6) where that is what it carries."""
    message = seen.message
    if not isinstance(message, CallResult):
        return None
    for path in ("status", "idTokenInfo.status", "idTagInfo.status"):
        if isinstance(found := value_at(message.payload, path), str):
            return found
    return None


def reason_code(seen: Observation) -> str | None:
    """The reasonCode that goes with the status of an answer."""
    found = value_at(payload(seen), "statusInfo.reasonCode")
    return found if isinstance(found, str) else None


def outcome(seen: Observation) -> str:
    """What an answer is, in a word: its status, ``CALLERROR <code>``, ``answered`` without a status, or the event's name."""
    if isinstance(seen.message, CallError):
        return f"CALLERROR {seen.message.code}"
    if isinstance(seen.message, CallResult):
        return status(seen) or "answered"
    return seen.name


def came(seen: Observation) -> str:
    """The action of a request, or the name of what came in its place."""
    message = seen.message
    return message.action if isinstance(message, (Call, Send)) else seen.name


def members(*paths: str) -> Callable[[Observation], Any]:
    """A reading of several dotted paths of a request at once, as a dictionary; what is absent is None."""

    def read(seen: Observation) -> dict[str, Any] | None:
        content = request(seen)
        return None if content is None else {path: value_at(content, path) for path in paths}

    read.__name__ = ", ".join(paths)
    return read


def subprotocol(seen: Observation) -> str | None:
    """The sub-protocol that an opening handshake agreed to; empty for none."""
    found = getattr(seen.message, "chosen", None)
    return found if isinstance(found, str) else None


def compressed(seen: Observation) -> bool | None:
    """Whether an opening handshake agreed to compression."""
    found = getattr(seen.message, "compression", None)
    return found if isinstance(found, bool) else None


# --- transactions ---


def event_type(seen: Observation) -> str | None:
    """Started, Updated or Ended, of a TransactionEvent; of 1.6 the messages that are the first and the last of those."""
    if request(seen, "StartTransaction") is not None:
        return "Started"
    if request(seen, "StopTransaction") is not None:
        return "Ended"
    found = _of_event(seen, "eventType")
    return found if isinstance(found, str) else None


def trigger_reason(seen: Observation) -> Any:
    """The triggerReason of a TransactionEvent."""
    return _of_event(seen, "triggerReason")


def sequence_number(seen: Observation) -> Any:
    """The seqNo of a TransactionEvent."""
    return _of_event(seen, "seqNo")


def transaction_id(seen: Observation) -> str | None:
    """The transaction that a request is about."""
    for path in ("transactionInfo.transactionId", "transactionId"):
        if (found := value_at(request(seen), path)) is not None:
            return str(found)
    return None


def presented_token(seen: Observation) -> str | None:
    """The token that a request is about, be it to ask for it or to tell who began."""
    found = value_at(request(seen), "idToken.idToken") or value_at(request(seen), "idTag")
    return None if found is None else str(found)


def charging_state(seen: Observation) -> Any:
    """The chargingState of a TransactionEvent."""
    return _of_event(seen, "transactionInfo.chargingState")


def operation_mode(seen: Observation) -> Any:
    """The operationMode of a TransactionEvent (2.1)."""
    return _of_event(seen, "transactionInfo.operationMode")


def stopped_reason(seen: Observation) -> str | None:
    """Why a transaction ended; a reason that is left out is Local."""
    if event_type(seen) != "Ended":
        return None
    content = request(seen)
    return str(value_at(content, "transactionInfo.stoppedReason") or value_at(content, "reason") or "Local")


def offline(seen: Observation) -> bool | None:
    """Whether a TransactionEvent says that it was made while offline."""
    content = request(seen, "TransactionEvent")
    return None if content is None else bool(content.get("offline", False))


def told_at(seen: Observation) -> datetime | None:
    """The time that a request says of itself."""
    return moment(value_at(request(seen), "timestamp"))


def _of_event(seen: Observation, path: str) -> Any:
    return value_at(request(seen, "TransactionEvent"), path)


# --- states ---


def connector_status(seen: Observation) -> str | None:
    """The state of a connector, by StatusNotification or by NotifyEvent of its AvailabilityState."""
    content = request(seen, "StatusNotification")
    if content is not None:
        return str(content.get("connectorStatus", content.get("status")))
    for each in value_at(request(seen, "NotifyEvent"), "eventData") or ():
        if value_at(each, "variable.name") == "AvailabilityState" and value_at(each, "component.name") == "Connector":
            return str(each.get("actualValue"))
    return None


_OCCUPIED_16 = frozenset({"Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"})


def plug_state(seen: Observation) -> str | None:
    """The state of a connector in the words of 2.x: 1.6 has five for one that is occupied."""
    told = connector_status(seen)
    return "Occupied" if told in _OCCUPIED_16 else told


def told_variable(component: str, variable: str) -> Any:
    """A reading: the value that a NotifyEvent tells of a variable."""

    def told(seen: Observation) -> str | None:
        for each in value_at(request(seen, "NotifyEvent"), "eventData") or ():
            if value_at(each, "component.name") == component and value_at(each, "variable.name") == variable:
                return str(each.get("actualValue"))
        return None

    told.__name__ = f"{component}.{variable}"
    return told


def alarm_began(seen: Observation) -> str | None:
    """The control type of a NotifyDERAlarm that begins."""
    said = request(seen, "NotifyDERAlarm")
    return None if said is None or said.get("alarmEnded") else str(said.get("controlType"))


def alarm_ended(seen: Observation) -> str | None:
    """The control type of a NotifyDERAlarm that ends."""
    said = request(seen, "NotifyDERAlarm")
    return str(said.get("controlType")) if said is not None and said.get("alarmEnded") else None


# --- charging profiles ---


def reported_profile(path: str) -> Callable[[Observation], Any]:
    """A reading of what stands at a dotted path of the last profile in a ReportChargingProfiles."""

    def read(seen: Observation) -> Any:
        profiles = value_at(request(seen, "ReportChargingProfiles"), "chargingProfile")
        return value_at(profiles[-1], path) if profiles else None

    read.__name__ = f"reported {path}"
    return read


def reported_periods(member: str) -> Callable[[Observation], Any]:
    """A reading of a member of each period of that profile's first schedule, as a list; None where one lacks it."""

    def read(seen: Observation) -> list[Any] | None:
        schedules = reported_profile("chargingSchedule")(seen)
        found = [each.get(member) for each in schedules[0]["chargingSchedulePeriod"]] if schedules else [None]
        return None if None in found else found

    read.__name__ = f"{member} of each reported period"
    return read


def reported_update(seen: Observation) -> float | None:
    """When the profile of a ReportChargingProfiles was updated last (s since 1970): its dynUpdateTime."""
    at = moment(reported_profile("dynUpdateTime")(seen))
    return None if at is None else at.timestamp()


# --- meter values ---


def meter_readings(seen: Observation) -> list[Reading]:
    """Every sampled value of a request, in base units; empty where it carries none."""
    content = request(seen)
    listed = (content or {}).get("meterValue") or (content or {}).get("transactionData")
    if not isinstance(listed, list):
        return []
    wall = moment(value_at(content, "timestamp")) or _NO_TIME
    return list(readings_of((each for each in listed if isinstance(each, Mapping)), wall))


def contexts(seen: Observation) -> set[str] | None:
    """The contexts of all sampled values in a request; None where it has no values."""
    return {each.context for each in meter_readings(seen)} or None


def measurands(seen: Observation) -> set[str] | None:
    """The measurands in a request; None where it has no values."""
    return {each.measurand for each in meter_readings(seen)} or None


def measured(seen: Observation, measurand: str) -> float | None:
    """The latest value of a measurand in a request, for the sum of all phases; None where it has none."""
    found = [each for each in meter_readings(seen) if each.measurand == measurand and not each.phase]
    return max(found, key=lambda each: each.at).value if found else None


def reported_power(seen: Observation) -> float | None:
    """Power that the station reports: import as +, export as -. Both are told as magnitudes (block J)."""
    taken, given = measured(seen, "Power.Active.Import"), measured(seen, "Power.Active.Export")
    if taken is None and given is None:
        return None
    return (taken or 0.0) - (given or 0.0)


def reported_charge_power(seen: Observation) -> float | None:
    """Power into the EV that the station reports; 0 while it discharges."""
    power = reported_power(seen)
    return None if power is None else max(0.0, power)


def reported_discharge_power(seen: Observation) -> float | None:
    """Power out of the EV that the station reports, as a magnitude; 0 while it charges."""
    power = reported_power(seen)
    return None if power is None else max(0.0, -power)


def reported_reactive_power(seen: Observation) -> float | None:
    """Reactive power that the station reports, var: import (absorbed) as +, export (injected) as -."""
    taken, given = measured(seen, "Power.Reactive.Import"), measured(seen, "Power.Reactive.Export")
    if taken is None and given is None:
        return None
    return (taken or 0.0) - (given or 0.0)


def reported_setpoint(seen: Observation) -> float | None:
    """The setpoint that the station reports to follow (Power.Active.Setpoint, signed)."""
    return measured(seen, "Power.Active.Setpoint")


def reported_residual(seen: Observation) -> float | None:
    """What the station reports to be measured beyond the setpoint (Power.Active.Residual: measured minus asked for)."""
    return measured(seen, "Power.Active.Residual")


def import_register(seen: Observation) -> float | None:
    """Energy.Active.Import.Register."""
    return measured(seen, IMPORT_REGISTER)


def export_register(seen: Observation) -> float | None:
    """Energy.Active.Export.Register."""
    return measured(seen, EXPORT_REGISTER)


def state_of_charge(seen: Observation) -> float | None:
    """SoC of the EV in percent."""
    return measured(seen, "SoC")
