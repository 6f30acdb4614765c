"""Registration of stations: the answer to BootNotification, what follows it, and what may be said before it (B01 to B03)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.ocpp.csms.device_model import ask_for_report
from harness.ocpp.csms.visit import Answer, Order, Refusal, Reply, Visit
from harness.ocpp.times import stamp
from harness.ocppj import codes

_REPORTS = frozenset({"NotifyReport", "NotifyMonitoringReport", "NotifyCustomerInformation"})


def boot_notification(visit: Visit, request: Mapping[str, Any]) -> Answer:
    """The status of the policy; the standing itself follows what is really sent (see `settle`)."""
    if visit.version == "1.6":
        described = {"vendor": request["chargePointVendor"], "model": request["chargePointModel"]}
        serial = request.get("chargePointSerialNumber", request.get("chargeBoxSerialNumber", ""))
        described |= {"serial": serial, "firmware": request.get("firmwareVersion", ""), "boot_reason": ""}
    else:
        station = request["chargingStation"]
        described = {"vendor": station["vendorName"], "model": station["model"], "boot_reason": request["reason"]}
        described |= {"serial": station.get("serialNumber", ""), "firmware": station.get("firmwareVersion", "")}
    named = visit.system.certificate_name(visit.station)
    if named and described["serial"] and described["serial"] not in named:  # B01.FR.11, .12
        said = f"the certificate is that of {named}, not of {described['serial']}"
        return Refusal(codes.SECURITY_ERROR, said, close=True)
    visit.station.stands(boots=visit.station.standing.boots + 1, booted_at=visit.now, **described)
    status = visit.policy.boot_status
    interval = visit.policy.heartbeat_interval if status == "Accepted" else visit.policy.boot_interval
    answer = {"status": status, "currentTime": stamp(visit.now), "interval": interval}
    return Reply(answer, _after_boot(visit) if status == "Accepted" else ())


def settle(visit: Visit, sent: Mapping[str, Any]) -> None:
    """Note the status that was really given, also where a case had it replaced."""
    visit.station.stands(status=str(sent.get("status", "")))


def _after_boot(visit: Visit) -> tuple[Order, ...]:
    """What the policy asks of a station that has just been accepted (B07.FR.14)."""
    settings = visit.policy.settings
    orders: list[Order] = []
    if visit.version == "1.6":
        orders += [Order("ChangeConfiguration", {"key": name, "value": value}) for _none, name, value in settings]
        orders += [Order("GetConfiguration")] if visit.policy.inventory else []
        return tuple(orders)
    if settings:
        orders.append(Order("SetVariables", {"setVariableData": [_setting(*each) for each in settings]}))
    if visit.policy.inventory:
        number = visit.system.new_request_id()
        ask_for_report(visit.station, "NotifyReport", number)
        orders.append(Order("GetBaseReport", {"requestId": number, "reportBase": "FullInventory"}))
    return tuple(orders)


def _setting(component: str, variable: str, value: str) -> dict[str, Any]:
    return {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value}


def refusal_before_acceptance(visit: Visit, action: str, request: Mapping[str, Any]) -> Refusal | None:
    """SecurityError for what a station must not send before it is accepted (B01.FR.10, B02.FR.09, B03.FR.07).

    While Pending it may send what it was triggered to send, and the parts of reports that were asked for.
    """
    status = visit.station.standing.status
    served = status == "Accepted" or (not status and visit.policy.unbooted == "serve")
    if served or action == "BootNotification":
        return None
    if status == "Pending" and (action in visit.system.triggered(visit.station) or _asked_for(visit, action, request)):
        return None
    said = f"the station is {status}" if status else "the station has not booted"
    return Refusal(codes.SECURITY_ERROR, f"{action} is not taken while {said}")


def _asked_for(visit: Visit, action: str, request: Mapping[str, Any]) -> bool:
    known = visit.station.reports.get(f"{action}/{request.get('requestId')}")
    return action in _REPORTS and known is not None and known.asked
