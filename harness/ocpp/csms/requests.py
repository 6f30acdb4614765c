"""The requests of a central system in the form that each version has for them; each comes back as an `Order`.

A caller says what it wants in the words of 2.x; 1.6 gets its own message where it has one. Times are wall time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from harness.errors import UsageError
from harness.ocpp.csms import periods as words
from harness.ocpp.csms.der import object_of
from harness.ocpp.csms.visit import Order
from harness.ocpp.times import stamp
from harness.ocppj.actions import actions
from harness.ocppj.versions import Version

_RESET_16 = {"Immediate": "Hard", "OnIdle": "Soft", "ImmediateAndResume": "Hard"}
_PURPOSE_16 = {"ChargingStationMaxProfile": "ChargePointMaxProfile"}


def _order(version: Version, action: str, payload: Mapping[str, Any]) -> Order:
    """Raises `UsageError` for what the version does not have."""
    if action not in actions(version):
        raise UsageError(f"OCPP {version} has no {action}")
    return Order(action, {name: value for name, value in payload.items() if value is not None})


def start(
    version: Version, token: str, kind: str, evse_id: int | None, number: int, profile: dict[str, Any] | None = None
) -> Order:
    """Start a transaction remotely; `profile` is a TxProfile without transaction (K05.FR.02)."""
    if version == "1.6":
        payload: dict[str, Any] = {"idTag": token, "connectorId": evse_id, "chargingProfile": profile}
        return _order(version, "RemoteStartTransaction", payload)
    described = {"idToken": token, "type": kind}
    payload = {"remoteStartId": number, "idToken": described, "evseId": evse_id, "chargingProfile": profile}
    return _order(version, "RequestStartTransaction", payload)


def stop(version: Version, transaction_id: str) -> Order:
    """Stop a transaction remotely."""
    if version == "1.6":
        return _order(version, "RemoteStopTransaction", {"transactionId": int(transaction_id)})
    return _order(version, "RequestStopTransaction", {"transactionId": transaction_id})


def set_profile(
    version: Version,
    number: int,
    evse_id: int,
    purpose: str,
    periods: Sequence[words.Period],
    **choices: Any,
) -> Order:
    """SetChargingProfile with one schedule; choices are those of `profile`."""
    content = profile(version, number, purpose, periods, **choices)
    if version == "1.6":
        return _order(version, "SetChargingProfile", {"connectorId": evse_id, "csChargingProfiles": content})
    return _order(version, "SetChargingProfile", {"evseId": evse_id, "chargingProfile": content})


def profile(
    version: Version,
    number: int,
    purpose: str,
    periods: Sequence[words.Period],
    *,
    now: datetime,
    unit: Any = "W",
    kind: str = "Absolute",
    transaction: str | None = None,
    duration: int | None = None,
    stack_level: int = 0,
    plan: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A charging profile with one schedule, which begins now unless the kind says otherwise.

    `plan` are members of the schedule that stand over those that are made here (None takes one out), `more` members of the
    profile; instants in them are written as the wire has them.
    """
    begins = now if kind in ("Absolute", "Recurring") else None
    made = {**words.schedule(periods, unit=unit, start=begins, duration=duration), **(plan or {})}
    schedule = {name: _written(value) for name, value in made.items() if value is not None}
    more = {name: _written(value) for name, value in more.items()}
    if version != "2.1":
        _undo_modes(schedule)
    if version == "1.6":
        named = None if transaction is None else int(transaction)
        purpose = _PURPOSE_16.get(purpose, purpose)
        return words.profile_16(
            number, purpose, schedule, kind=kind, stack_level=stack_level, transaction=named, **more
        )
    return words.profile(
        number, purpose, [schedule], kind=kind, stack_level=stack_level, transaction=transaction, **more
    )


def _written(value: Any) -> Any:
    return stamp(value) if isinstance(value, datetime) else value


def _undo_modes(schedule: dict[str, Any]) -> None:
    """Before 2.1 there are limits only; a setpoint has no form there."""
    for period in schedule["chargingSchedulePeriod"]:
        if period.pop("operationMode", "ChargingOnly") != "ChargingOnly" or "setpoint" in period:
            raise UsageError("operation modes and setpoints need OCPP 2.1; give a limit to older stations")


def clear_profile(
    version: Version,
    *,
    number: int | None = None,
    evse_id: int | None = None,
    purpose: str | None = None,
    stack_level: int | None = None,
) -> Order:
    """Clear by id, or by criteria (K10.FR.02)."""
    if version == "1.6":
        named = None if purpose is None else _PURPOSE_16.get(purpose, purpose)
        payload: dict[str, Any] = {
            "id": number,
            "connectorId": evse_id,
            "chargingProfilePurpose": named,
            "stackLevel": stack_level,
        }
        return _order(version, "ClearChargingProfile", payload)
    criteria = {"evseId": evse_id, "chargingProfilePurpose": purpose, "stackLevel": stack_level}
    asked = {name: value for name, value in criteria.items() if value is not None}
    payload = {"chargingProfileId": number, "chargingProfileCriteria": asked or None}
    return _order(version, "ClearChargingProfile", payload)


def composite_schedule(version: Version, evse_id: int, duration: int, unit: str | None = None) -> Order:
    """GetCompositeSchedule."""
    place = "connectorId" if version == "1.6" else "evseId"
    return _order(version, "GetCompositeSchedule", {place: evse_id, "duration": duration, "chargingRateUnit": unit})


def get_profiles(version: Version, number: int, evse_id: int | None = None, **criteria: Any) -> Order:
    """GetChargingProfiles by criteria of ChargingProfileCriterionType; the reports follow."""
    payload = {"requestId": number, "evseId": evse_id, "chargingProfile": criteria}
    return _order(version, "GetChargingProfiles", payload)


def update_dynamic(version: Version, profile_id: int, **values: float) -> Order:
    """UpdateDynamicSchedule with limits and setpoints in the words of a period."""
    payload = {"chargingProfileId": profile_id, "scheduleUpdate": dict(values)}
    return _order(version, "UpdateDynamicSchedule", payload)


def afrr(version: Version, signal: int, now: datetime) -> Order:
    """AFRRSignal, active from now (Q08.FR.12)."""
    return _order(version, "AFRRSignal", {"timestamp": stamp(now), "signal": signal})


def set_der(
    version: Version, number: str, control_type: str, content: Mapping[str, Any], default: bool = True
) -> Order:
    """SetDERControl with the object that belongs to the type."""
    payload = {"isDefault": default, "controlId": number, "controlType": control_type}
    return _order(version, "SetDERControl", {**payload, object_of(control_type): dict(content)})


def settings(version: Version, values: Iterable[Mapping[str, Any]]) -> Order:
    """SetVariables; each entry has component, variable, value and optionally instance, evse."""
    entries = [{**_variable(each), "attributeValue": str(each["value"])} for each in values]
    return _order(version, "SetVariables", {"setVariableData": entries})


def readings(version: Version, names: Iterable[Mapping[str, Any]]) -> Order:
    """GetVariables; entries as for `settings`, without value."""
    return _order(version, "GetVariables", {"getVariableData": [_variable(each) for each in names]})


def _variable(entry: Mapping[str, Any]) -> dict[str, Any]:
    component: dict[str, Any] = {"name": entry["component"]}
    variable: dict[str, Any] = {"name": entry["variable"]}
    if entry.get("evse") is not None:
        component["evse"] = {"id": entry["evse"]}
    if entry.get("instance"):
        variable["instance"] = entry["instance"]
    return {"component": component, "variable": variable}


def configure(key: str, value: str) -> Order:
    """ChangeConfiguration of 1.6."""
    return Order("ChangeConfiguration", {"key": key, "value": value})


def trigger(version: Version, message: str, evse_id: int | None = None) -> Order:
    """TriggerMessage."""
    if version == "1.6":
        return _order(version, "TriggerMessage", {"requestedMessage": message, "connectorId": evse_id})
    place = None if evse_id is None else {"id": evse_id}
    return _order(version, "TriggerMessage", {"requestedMessage": message, "evse": place})


def reset(version: Version, kind: str = "Immediate", evse_id: int | None = None) -> Order:
    """Reset of the station, or in 2.x of one EVSE."""
    if version == "1.6":
        return _order(version, "Reset", {"type": _RESET_16[kind]})
    return _order(version, "Reset", {"type": kind, "evseId": evse_id})


def availability(version: Version, operational: bool, evse_id: int | None = None) -> Order:
    """ChangeAvailability of the station, or of one EVSE."""
    said = "Operative" if operational else "Inoperative"
    if version == "1.6":
        return _order(version, "ChangeAvailability", {"connectorId": evse_id or 0, "type": said})
    place = None if evse_id is None else {"id": evse_id}
    return _order(version, "ChangeAvailability", {"operationalStatus": said, "evse": place})


def unlock(version: Version, evse_id: int, connector_id: int = 1) -> Order:
    """UnlockConnector."""
    if version == "1.6":
        return _order(version, "UnlockConnector", {"connectorId": evse_id})
    return _order(version, "UnlockConnector", {"evseId": evse_id, "connectorId": connector_id})


def reserve(
    version: Version,
    number: int,
    token: str,
    kind: str,
    until: datetime,
    evse_id: int | None = None,
    group: str | None = None,
) -> Order:
    """ReserveNow; `group` is a group whose tokens may all take it up."""
    if version == "1.6":
        payload = {"reservationId": number, "idTag": token, "expiryDate": stamp(until), "connectorId": evse_id or 0}
        return _order(version, "ReserveNow", {**payload, "parentIdTag": group})
    described = {"idToken": token, "type": kind}
    made: dict[str, Any] = {"id": number, "idToken": described, "expiryDateTime": stamp(until), "evseId": evse_id}
    shared = None if group is None else {"idToken": group, "type": "Central"}
    return _order(version, "ReserveNow", {**made, "groupIdToken": shared})


def cancel_reservation(version: Version, number: int) -> Order:
    """CancelReservation."""
    return _order(version, "CancelReservation", {"reservationId": number})


def update_firmware(version: Version, number: int, location: str, when: datetime, **firmware: Any) -> Order:
    """UpdateFirmware; `firmware` may carry signingCertificate, signature, installDateTime."""
    if version == "1.6":
        return _order(version, "UpdateFirmware", {"location": location, "retrieveDate": stamp(when)})
    content = {"location": location, "retrieveDateTime": stamp(when), **firmware}
    return _order(version, "UpdateFirmware", {"requestId": number, "firmware": content})


def get_log(version: Version, number: int, location: str, kind: str = "DiagnosticsLog") -> Order:
    """GetLog, in 1.6 with its security extension too."""
    return _order(version, "GetLog", {"logType": kind, "requestId": number, "log": {"remoteLocation": location}})


def show(version: Version, number: int, text: str, priority: str = "NormalCycle", **more: Any) -> Order:
    """SetDisplayMessage with plain text."""
    content = {"id": number, "priority": priority, "message": {"format": "UTF8", "content": text}, **more}
    return _order(version, "SetDisplayMessage", {"message": content})
