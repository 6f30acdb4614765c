"""What follows for the books from the requests that the CSMS makes: when one leaves, and when its answer comes.

Only what the station accepted counts as done. `ASKED` notes what must be known before the answer can come, for the station
may act before it answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from harness.ocpp.csms import billing, der, device_model, profiles
from harness.ocpp.csms.records import DisplayMessage, Installed, Job, Monitor, RemoteStart, Reservation, Stream
from harness.ocpp.csms.visit import Visit
from harness.ocpp.times import moment

Part = Mapping[str, Any]
Note = Callable[[Visit, Part, Part], None]
_DONE = frozenset({"Accepted", "RebootRequired"})
_WAIT = re.compile(r"(\d+) seconds")


def _accepted(note: Note) -> Note:
    """Do it only where the station's status is Accepted."""

    def take(visit: Visit, request: Part, response: Part) -> None:
        if response.get("status") in _DONE:
            note(visit, request, response)

    return take


# --- before the answer ------------------------------------------------------------------------------------------------


def _report_coming(kind: str) -> Callable[[Visit, Part], None]:
    def take(visit: Visit, request: Part) -> None:
        device_model.ask_for_report(visit.station, kind, request["requestId"])

    return take


def _remote_start(visit: Visit, request: Part) -> None:
    token = request["idTag"] if "idTag" in request else request["idToken"]["idToken"]
    number, evse = request.get("remoteStartId"), request.get("evseId", request.get("connectorId"))
    visit.station.remote_starts.append(RemoteStart(number, token, evse, dict(request.get("chargingProfile", {}))))


def _trigger(visit: Visit, request: Part) -> None:
    visit.system.triggered(visit.station).add(_triggered_action(request["requestedMessage"]))


def _triggered_action(message: str) -> str:
    """The action that a triggered message arrives as."""
    if message.startswith("Sign"):
        return "SignCertificate"
    return "TransactionEvent" if message == "TransactionEvent" else message


ASKED: Mapping[str, Callable[[Visit, Part], None]] = {
    "CustomerInformation": _report_coming("NotifyCustomerInformation"),
    "ExtendedTriggerMessage": _trigger,
    "GetBaseReport": _report_coming("NotifyReport"),
    "GetChargingProfiles": _report_coming("ReportChargingProfiles"),
    "GetDERControl": _report_coming("ReportDERControl"),
    "GetDisplayMessages": _report_coming("NotifyDisplayMessages"),
    "GetMonitoringReport": _report_coming("NotifyMonitoringReport"),
    "GetReport": _report_coming("NotifyReport"),
    "RemoteStartTransaction": _remote_start,
    "RequestStartTransaction": _remote_start,
    "TriggerMessage": _trigger,
}


# --- with the answer --------------------------------------------------------------------------------------------------


def _set_charging_profile(visit: Visit, request: Part, response: Part) -> None:
    if response.get("status") != "Accepted":
        said = response.get("statusInfo", {})
        wait = _WAIT.search(said.get("additionalInfo", ""))
        if said.get("reasonCode") == "RateLimitExceeded" and wait:  # K01.FR.57, .59
            visit.station.stands(retry_after=visit.now + timedelta(seconds=int(wait[1])))
        return
    content = request.get("csChargingProfiles", request.get("chargingProfile"))
    place = request.get("evseId", request.get("connectorId"))
    if content is not None and place is not None:
        profiles.install(visit.station, place, content, visit.now)


def _update_dynamic(visit: Visit, request: Part, _response: Part) -> None:
    profiles.updated(visit.station, request["chargingProfileId"], request["scheduleUpdate"], visit.now)


def _priority(visit: Visit, request: Part, _response: Part) -> None:
    known = visit.station.transactions.get(request["transactionId"])
    if known is not None:
        changed = replace(known, priority_charging=request["activate"])
        visit.station.transactions[known.transaction_id] = changed


def _allowed_transfer(visit: Visit, request: Part, _response: Part) -> None:
    known = visit.station.transactions.get(request["transactionId"])
    if known is not None:
        changed = replace(known, allowed=tuple(request["allowedEnergyTransfer"]))
        visit.station.transactions[known.transaction_id] = changed


def _local_list(visit: Visit, request: Part, _response: Part) -> None:
    visit.station.stands(local_list_version=request.get("versionNumber", request.get("listVersion")))


def _local_list_version(visit: Visit, _request: Part, response: Part) -> None:
    visit.station.stands(local_list_version=response.get("versionNumber", response.get("listVersion")))


def _change_configuration(visit: Visit, request: Part, _response: Part) -> None:
    device_model.take_configuration(visit.station, [{"key": request["key"], "value": request["value"]}])


def _reserve(visit: Visit, request: Part, _response: Part) -> None:
    number = request.get("id", request.get("reservationId"))
    token = request["idTag"] if "idTag" in request else request["idToken"]["idToken"]
    evse = request.get("evseId", request.get("connectorId"))
    expires = moment(request.get("expiryDateTime", request.get("expiryDate")))
    visit.station.reservations[str(number)] = Reservation(int(number or 0), evse, token, expires)


def _cancel_reservation(visit: Visit, request: Part, _response: Part) -> None:
    key = str(request["reservationId"])
    if key in visit.station.reservations:
        visit.station.reservations[key] = replace(visit.station.reservations[key], state="cancelled")


def _show(visit: Visit, request: Part, _response: Part) -> None:
    content = request["message"]
    visit.station.displays[str(content["id"])] = DisplayMessage(content["id"], content)


def _take_down(visit: Visit, request: Part, _response: Part) -> None:
    visit.station.displays.pop(str(request["id"]), None)


def _job(kind: str) -> Note:
    def take(visit: Visit, request: Part, response: Part) -> None:
        key = f"{kind}/{request.get('requestId')}"
        known = visit.station.jobs.get(key) or Job(request.get("requestId"), kind)
        said = str(response.get("status", "Accepted"))
        visit.station.jobs[key] = replace(known, statuses=(said, *known.statuses), data=known.data or _file(response))

    return take


def _file(response: Part) -> str:
    return str(response.get("filename", response.get("fileName", "")))


def _set_monitors(visit: Visit, request: Part, response: Part) -> None:
    for asked, result in zip(request["setMonitoringData"], response["setMonitoringResult"], strict=False):
        if result["status"] == "Accepted" and "id" in result:
            made = Monitor(result["id"], asked["component"], asked["variable"], {**asked, "id": result["id"]})
            visit.station.monitors[str(result["id"])] = made


def _clear_monitors(visit: Visit, _request: Part, response: Part) -> None:
    for result in response["clearMonitoringResult"]:
        if result["status"] == "Accepted":
            visit.station.monitors.pop(str(result["id"]), None)


def _certificate_signed(visit: Visit, request: Part, response: Part) -> None:
    kind = request.get("certificateType", "ChargingStationCertificate")
    key = f"{kind}/{request.get('requestId')}"
    if key in visit.station.signings:
        visit.station.signings[key] = replace(visit.station.signings[key], status=str(response["status"]))


def _installed(visit: Visit, _request: Part, response: Part) -> None:
    for key in list(visit.station.certificates):
        del visit.station.certificates[key]
    for each in response.get("certificateHashDataChain", ()):
        for part in (each["certificateHashData"], *each.get("childCertificateHashData", ())):
            visit.station.certificates[_certificate_key(part)] = Installed(each["certificateType"], dict(part))
    for part in response.get("certificateHashData", ()):  # 1.6
        visit.station.certificates[_certificate_key(part)] = Installed("", dict(part))


def _deleted(visit: Visit, request: Part, _response: Part) -> None:
    visit.station.certificates.pop(_certificate_key(request["certificateHashData"]), None)


def _certificate_key(data: Part) -> str:
    return f"{data['issuerKeyHash']}/{data['serialNumber']}".casefold()


def _set_tariff(visit: Visit, request: Part, _response: Part) -> None:
    billing.tariff_set(visit.station, request)


def _clear_tariffs(visit: Visit, request: Part, response: Part) -> None:
    billing.tariffs_cleared(visit.station, list(response["clearTariffsResult"]), request.get("evseId"))


def _get_tariffs(visit: Visit, _request: Part, response: Part) -> None:
    billing.tariffs_reported(visit.station, list(response.get("tariffAssignments", ())))


def _streams(visit: Visit, _request: Part, response: Part) -> None:
    for content in response.get("constantStreamData", ()):
        known = visit.station.streams.get(str(content["id"])) or Stream(content["id"], content)
        visit.station.streams[str(content["id"])] = replace(known, content=content)


def _adjust_stream(visit: Visit, request: Part, _response: Part) -> None:
    known = visit.station.streams.get(str(request["id"]))
    if known is not None:
        visit.station.streams[str(request["id"])] = replace(
            known, content={**known.content, "params": request["params"]}
        )


SETTLED: Mapping[str, Note] = {
    "AdjustPeriodicEventStream": _accepted(_adjust_stream),
    "CancelReservation": _accepted(_cancel_reservation),
    "CertificateSigned": _certificate_signed,
    "ChangeConfiguration": _accepted(_change_configuration),
    "ChangeTransactionTariff": _accepted(_set_tariff),
    "ClearChargingProfile": _accepted(lambda visit, request, _response: profiles.clear(visit.station, request)),
    "ClearDERControl": _accepted(lambda visit, request, _response: der.cleared(visit.station, request)),
    "ClearDisplayMessage": _accepted(_take_down),
    "ClearTariffs": _clear_tariffs,
    "ClearVariableMonitoring": _clear_monitors,
    "CustomerInformation": _job("CustomerInformation"),
    "DeleteCertificate": _accepted(_deleted),
    "GetConfiguration": lambda visit, _request, response: device_model.take_configuration(
        visit.station, response.get("configurationKey", ())
    ),
    "GetDiagnostics": _job("Diagnostics"),
    "GetInstalledCertificateIds": _installed,
    "GetLocalListVersion": _local_list_version,
    "GetLog": _job("Log"),
    "GetPeriodicEventStream": _streams,
    "GetTariffs": _accepted(_get_tariffs),
    "GetVariables": lambda visit, _request, response: device_model.take_values(
        visit.station, response["getVariableResult"]
    ),
    "NotifyAllowedEnergyTransfer": _accepted(_allowed_transfer),
    "PublishFirmware": _job("PublishFirmware"),
    "ReserveNow": _accepted(_reserve),
    "SendLocalList": _accepted(_local_list),
    "SetChargingProfile": _set_charging_profile,
    "SetDERControl": _accepted(lambda visit, request, response: der.accepted(visit.station, request, response)),
    "SetDefaultTariff": _accepted(_set_tariff),
    "SetDisplayMessage": _accepted(_show),
    "SetVariableMonitoring": _set_monitors,
    "SetVariables": lambda visit, request, response: device_model.take_settings(
        visit.station, request["setVariableData"], response["setVariableResult"]
    ),
    "SignedUpdateFirmware": _job("SignedFirmware"),
    "UpdateDynamicSchedule": _accepted(_update_dynamic),
    "UpdateFirmware": _job("Firmware"),
    "UsePriorityCharging": _accepted(_priority),
}
