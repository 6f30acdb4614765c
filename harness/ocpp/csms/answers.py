"""How a central system answers each request of a station, OCPP 2.0.1 and 2.1. Every function notes first, then answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from harness.ocpp.csms import authorisation, billing, der, device_model, profiles, transactions
from harness.ocpp.csms.boot import boot_notification
from harness.ocpp.csms.needs import pay, take_ev_schedule, take_needs
from harness.ocpp.csms.records import Connector, DisplayMessage, Job, Noted, Signing, Stream, Transaction
from harness.ocpp.csms.visit import Answer, Order, Refusal, Reply, Visit
from harness.ocpp.times import moment, stamp
from harness.ocppj import codes

Request = Mapping[str, Any]
_CONTRACT_CANCELLED = frozenset({"Blocked", "Expired", "Invalid", "Unknown"})
_CHAIN_STATUS = {"CertificateExpired": "Expired", "CertificateRevoked": "Invalid", "CertChainError": "Invalid"}


def heartbeat(visit: Visit, _request: Request) -> Answer:
    return Reply({"currentTime": stamp(visit.now)})


def status_notification(visit: Visit, request: Request) -> Answer:
    evse, connector = request["evseId"], request["connectorId"]
    _connector(visit, evse, connector, request["connectorStatus"], request["timestamp"])
    return Reply()


def _connector(visit: Visit, evse: int, connector: int, status: str, at: str) -> None:
    when = moment(at) or visit.now
    known = visit.station.connectors.get(f"{evse}/{connector}")
    if known is None or known.at <= when:
        visit.station.connectors[f"{evse}/{connector}"] = Connector(evse, connector, status, when)


# --- authorisation ----------------------------------------------------------------------------------------------------


def authorize(visit: Visit, request: Request) -> Answer:
    token = request["idToken"]
    status = authorisation.status_of(token, visit.policy, visit.station.remote_tokens, visit.now)
    answer: dict[str, Any] = {}
    if "certificate" in request or "iso15118CertificateHashData" in request:
        status, answer = _contract(visit, request, status)
    answer["idTokenInfo"] = authorisation.info_of(token, status, visit.policy, visit.version)
    allowed = authorisation.allowed_transfer(token, visit.policy)
    if allowed is not None and status == "Accepted" and visit.version == "2.1" and _does_v2x(visit):
        answer["allowedEnergyTransfer"] = list(allowed)
    return Reply(answer)


def _contract(visit: Visit, request: Request, status: str) -> tuple[str, dict[str, Any]]:
    """The status of a contract certificate, and what it does to that of the token (C07.FR.13 to .17)."""
    found = visit.system.authority.contract_status(request, visit.now)
    if found == "Accepted":
        return status, {"certificateStatus": "ContractCancelled" if status in _CONTRACT_CANCELLED else "Accepted"}
    return (_CHAIN_STATUS.get(found, "Invalid"), {"certificateStatus": found}) if found else (status, {})


def _does_v2x(visit: Visit) -> bool:
    """Q01.FR.01: the list is for stations with ISO 15118 and V2X; where they did not say, it does no harm."""
    told = [
        device_model.value_of(visit.station, component, "Enabled", evse_id=1)
        for component in ("ISO15118Ctrlr", "V2XChargingCtrlr")
    ]
    return all(each is None or each.casefold() == "true" for each in told)


# --- transactions -----------------------------------------------------------------------------------------------------


def transaction_event(visit: Visit, request: Request) -> Answer:
    made, new = transactions.take_event(visit.station, request, visit.now)
    if new and "remoteStartId" in request["transactionInfo"]:
        begun_remotely(visit, made)
    answer: dict[str, Any] = {}
    if "idToken" in request:
        answer["idTokenInfo"] = _judge(visit, request["idToken"], made)
    if visit.policy.prices is not None and (request["eventType"] == "Ended" or visit.policy.report_cost):
        answer["totalCost"] = billing.cost_of(made, visit.policy.prices)
    if visit.policy.charging_priority is not None and request["eventType"] != "Ended":
        answer["chargingPriority"] = visit.policy.charging_priority
    answer |= _limit(visit, made.transaction_id, request)
    if request["eventType"] == "Ended":
        _end(visit, made)
        return Reply(answer)
    _use_reservation(visit, made)
    return Reply(answer, pay(visit, made.evse_id) if new and made.evse_id is not None and made.running else ())


def begun_remotely(visit: Visit, made: Transaction) -> None:
    """The profile of the remote start becomes that of the transaction (K05)."""
    for key, asked in visit.station.remote_starts.items():
        fits = asked.remote_start_id == made.remote_start_id
        fits = fits and (asked.remote_start_id is not None or asked.id_token.casefold() == made.id_token.casefold())
        if asked.used or not fits:
            continue
        visit.station.remote_starts[key] = replace(asked, used=True)
        if asked.profile and made.evse_id is not None:
            named: str | int = int(made.transaction_id) if visit.version == "1.6" else made.transaction_id
            profiles.install(visit.station, made.evse_id, {**asked.profile, "transactionId": named}, visit.now)
        return


def _judge(visit: Visit, token: Request, made: Transaction) -> dict[str, Any]:
    status = authorisation.status_of(token, visit.policy, visit.station.remote_tokens, visit.now)
    lonely = visit.policy.concurrent_transactions
    if status == "Accepted" and not lonely and authorisation.is_concurrent(visit.station, token, made.transaction_id):
        status = "ConcurrentTx"
    known = visit.station.transactions[made.transaction_id]
    visit.station.transactions[made.transaction_id] = replace(known, authorised=status)
    return authorisation.info_of(token, status, visit.policy, visit.version)


def _limit(visit: Visit, transaction_id: str, request: Request) -> dict[str, Any]:
    """The CSMS's own limit goes once, with the first possible answer (E16.FR.02), and never with an offline event."""
    known = visit.station.transactions[transaction_id]
    unfit = known.limit_told or request["eventType"] == "Ended" or request.get("offline", False)
    if not visit.policy.transaction_limit or visit.version != "2.1" or unfit:
        return {}
    visit.station.transactions[transaction_id] = replace(known, limit_told=True)
    return {"transactionLimit": dict(visit.policy.transaction_limit)}


def _end(visit: Visit, made: Transaction) -> None:
    profiles.end_of_transaction(visit.station, made.transaction_id)
    if made.evse_id is not None:
        visit.station.needs.pop(str(made.evse_id), None)
        visit.station.ev_schedules.pop(str(made.evse_id), None)
    visit.station.tariffs.pop(made.transaction_id, None)


def _use_reservation(visit: Visit, made: Transaction) -> None:
    key = str(made.reservation_id)
    if key in visit.station.reservations:
        visit.station.reservations[key] = replace(visit.station.reservations[key], state="used")


def meter_values(visit: Visit, request: Request) -> Answer:
    transactions.sample(visit.station, request["evseId"], request["meterValue"], visit.now)
    return Reply()


# --- reports ----------------------------------------------------------------------------------------------------------


def notify_report(visit: Visit, request: Request) -> Answer:
    device_model.take_report_data(visit.station, request.get("reportData", ()))
    _part(visit, "NotifyReport", request)
    return Reply()


def notify_monitoring_report(visit: Visit, request: Request) -> Answer:
    device_model.take_monitors(visit.station, request.get("monitor", ()))
    _part(visit, "NotifyMonitoringReport", request)
    return Reply()


def _part(visit: Visit, kind: str, request: Request) -> None:
    continued = request.get("tbc", False)
    device_model.take_part(visit.station, kind, request["requestId"], request.get("seqNo"), continued)


def notify_event(visit: Visit, request: Request) -> Answer:
    for event in request["eventData"]:
        visit.station.note("NotifyEvent", event, visit.now)
        evse = event["component"].get("evse", {})
        if event["component"]["name"] == "Connector" and event["variable"]["name"] == "AvailabilityState":
            at = event["timestamp"]  # 2.1 may tell connector states this way instead of by StatusNotification
            _connector(visit, evse.get("id", 0), evse.get("connectorId", 1), event["actualValue"], at)
    return Reply()


def notify_customer_information(visit: Visit, request: Request) -> Answer:
    key = f"CustomerInformation/{request['requestId']}"
    known = visit.station.jobs.get(key) or Job(request["requestId"], "CustomerInformation")
    visit.station.jobs[key] = replace(known, data=known.data + request["data"])
    _part(visit, "NotifyCustomerInformation", request)
    return Reply()


def notify_display_messages(visit: Visit, request: Request) -> Answer:
    for content in request.get("messageInfo", ()):
        visit.station.displays[str(content["id"])] = DisplayMessage(content["id"], content)
    _part(visit, "NotifyDisplayMessages", request)
    return Reply()


def report_charging_profiles(visit: Visit, request: Request) -> Answer:
    profiles.take_report(visit.station, request, visit.now)
    _part(visit, "ReportChargingProfiles", request)
    return Reply()


def report_der_control(visit: Visit, request: Request) -> Answer:
    der.take_report(visit.station, request)
    _part(visit, "ReportDERControl", request)
    return Reply()


# --- smart charging and V2X -------------------------------------------------------------------------------------------


def notify_charging_limit(visit: Visit, request: Request) -> Answer:
    profiles.limited(visit.station, request, visit.now)
    return Reply()


def cleared_charging_limit(visit: Visit, request: Request) -> Answer:
    profiles.released(visit.station, request)
    return Reply()


def pull_dynamic_schedule_update(visit: Visit, request: Request) -> Answer:
    values = profiles.pulled(visit.station, request["chargingProfileId"], visit.now)
    if not values:
        return Reply({"status": "Rejected", "statusInfo": {"reasonCode": "InvalidProfileId"}})
    return Reply({"status": "Accepted", "scheduleUpdate": values})


def notify_priority_charging(visit: Visit, request: Request) -> Answer:
    known = visit.station.transactions.get(request["transactionId"])
    if known is not None:
        changed = replace(known, priority_charging=request["activated"])
        visit.station.transactions[known.transaction_id] = changed
    visit.station.note("NotifyPriorityCharging", dict(request), visit.now)
    return Reply()


def notify_der_alarm(visit: Visit, request: Request) -> Answer:
    if not der.alarmed(visit.station, request, visit.now):
        visit.station.note("NotifyDERAlarm", dict(request), visit.now)
    return Reply()


def notify_der_start_stop(visit: Visit, request: Request) -> Answer:
    if not der.started_or_stopped(visit.station, request):
        visit.station.note("NotifyDERStartStop", dict(request), visit.now)
    return Reply()


# --- certificates -----------------------------------------------------------------------------------------------------


def sign_certificate(visit: Visit, request: Request) -> Answer:
    """The signed chain follows as CertificateSigned, with type and requestId echoed (A02.FR.14, A02.FR.25)."""
    kind, number = request.get("certificateType", "ChargingStationCertificate"), request.get("requestId")
    signer = visit.system.authority
    chain = signer.sign(request["csr"], kind, visit.station.identity, visit.now) if visit.policy.sign_requests else ""
    if not chain:
        return Reply({"status": "Rejected"})
    visit.station.signings[f"{kind}/{number}"] = Signing(number, kind, visit.now)
    echoed = {name: request[name] for name in ("certificateType", "requestId") if name in request}
    return Reply({"status": "Accepted"}, (Order("CertificateSigned", {"certificateChain": chain, **echoed}),))


def get_certificate_status(visit: Visit, request: Request) -> Answer:
    found = visit.system.authority.ocsp_response(request["ocspRequestData"], visit.now)
    return Reply({"status": "Accepted", "ocspResult": found} if found else {"status": "Failed"})


def get_certificate_chain_status(visit: Visit, request: Request) -> Answer:
    answers = []
    for asked in request["certificateStatusRequests"]:
        found = visit.system.authority.revocation(asked, visit.now)
        named = {"certificateHashData": asked["certificateHashData"], "source": asked["source"]}
        answers.append({**named, "status": found.status, "nextUpdate": stamp(found.next_update)})
    return Reply({"certificateStatus": answers})


def get_15118_ev_certificate(visit: Visit, request: Request) -> Answer:
    found = visit.system.authority.ev_certificate(request, visit.now)
    answer: dict[str, Any] = {"status": found.status, "exiResponse": found.exi}
    counted = found.remaining is not None and visit.version == "2.1"
    return Reply(answer | ({"remainingContracts": found.remaining} if counted else {}))


# --- all others -------------------------------------------------------------------------------------------------------


def reservation_status_update(visit: Visit, request: Request) -> Answer:
    key = str(request["reservationId"])
    if key in visit.station.reservations:
        state = request["reservationUpdateStatus"]
        visit.station.reservations[key] = replace(visit.station.reservations[key], state=state)
    return Reply()


def _progress(kind: str) -> Callable[[Visit, Request], Answer]:
    def take(visit: Visit, request: Request) -> Answer:
        key = f"{kind}/{request.get('requestId')}"
        known = visit.station.jobs.get(key) or Job(request.get("requestId"), kind)
        visit.station.jobs[key] = replace(known, statuses=(*known.statuses, request["status"]))
        return Reply()

    return take


def _noted(action: str) -> Callable[[Visit, Request], Answer]:
    def take(visit: Visit, request: Request) -> Answer:
        visit.station.notes.append(Noted(action, visit.now, dict(request)))
        return Reply()

    return take


def vat_number_validation(visit: Visit, request: Request) -> Answer:
    company = visit.policy.vat_companies.get(request["vatNumber"])
    named = {name: request[name] for name in ("vatNumber", "evseId") if name in request}
    return Reply(
        {**named, "status": "Rejected"} if company is None else {**named, "status": "Accepted", "company": company}
    )


def open_stream(visit: Visit, request: Request) -> Answer:
    if not visit.policy.streams:
        return Reply({"status": "Rejected"})
    content = request["constantStreamData"]
    visit.station.streams[str(content["id"])] = Stream(content["id"], content)
    return Reply({"status": "Accepted"})


def close_stream(visit: Visit, request: Request) -> Answer:
    visit.station.streams.pop(str(request["id"]), None)
    return Reply()


def stream_samples(visit: Visit, request: Request) -> Answer:
    """NotifyPeriodicEventStream: a SEND, whose answer is never sent."""
    key = str(request["id"])
    if key in visit.station.streams:
        known = visit.station.streams[key]
        counted = known.samples + len(request["data"])
        visit.station.streams[key] = replace(known, samples=counted, pending=request["pending"])
    return Reply()


def data_transfer(visit: Visit, request: Request) -> Answer:
    if request["vendorId"] not in visit.policy.vendors:
        return Reply({"status": "UnknownVendorId"})
    visit.station.note("DataTransfer", dict(request), visit.now)
    return Reply({"status": "Accepted"})


def unknown(_visit: Visit, _request: Request) -> Answer:
    return Refusal(codes.NOT_IMPLEMENTED, "this central system does not know the action")


ANSWERS: Mapping[str, Callable[[Visit, Request], Answer]] = {
    "Authorize": authorize,
    "BatterySwap": _noted("BatterySwap"),
    "BootNotification": boot_notification,
    "ClearedChargingLimit": cleared_charging_limit,
    "ClosePeriodicEventStream": close_stream,
    "DataTransfer": data_transfer,
    "FirmwareStatusNotification": _progress("Firmware"),
    "Get15118EVCertificate": get_15118_ev_certificate,
    "GetCertificateChainStatus": get_certificate_chain_status,
    "GetCertificateStatus": get_certificate_status,
    "Heartbeat": heartbeat,
    "LogStatusNotification": _progress("Log"),
    "MeterValues": meter_values,
    "NotifyChargingLimit": notify_charging_limit,
    "NotifyCustomerInformation": notify_customer_information,
    "NotifyDERAlarm": notify_der_alarm,
    "NotifyDERStartStop": notify_der_start_stop,
    "NotifyDisplayMessages": notify_display_messages,
    "NotifyEVChargingNeeds": take_needs,
    "NotifyEVChargingSchedule": take_ev_schedule,
    "NotifyEvent": notify_event,
    "NotifyMonitoringReport": notify_monitoring_report,
    "NotifyPeriodicEventStream": stream_samples,
    "NotifyPriorityCharging": notify_priority_charging,
    "NotifyReport": notify_report,
    "NotifySettlement": _noted("NotifySettlement"),
    "NotifyWebPaymentStarted": _noted("NotifyWebPaymentStarted"),
    "OpenPeriodicEventStream": open_stream,
    "PublishFirmwareStatusNotification": _progress("PublishFirmware"),
    "PullDynamicScheduleUpdate": pull_dynamic_schedule_update,
    "ReportChargingProfiles": report_charging_profiles,
    "ReportDERControl": report_der_control,
    "ReservationStatusUpdate": reservation_status_update,
    "SecurityEventNotification": _noted("SecurityEventNotification"),
    "SignCertificate": sign_certificate,
    "StatusNotification": status_notification,
    "TransactionEvent": transaction_event,
    "VatNumberValidation": vat_number_validation,
}
