"""How a central system answers each request of a charge point of OCPP 1.6 and its security extension."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from harness.ocpp.csms import answers as newer
from harness.ocpp.csms import authorisation, profiles, transactions
from harness.ocpp.csms.boot import boot_notification
from harness.ocpp.csms.records import Connector, Job, Signing
from harness.ocpp.csms.visit import Answer, Order, Reply, Visit
from harness.ocpp.times import moment

Request = Mapping[str, Any]


def authorize(visit: Visit, request: Request) -> Answer:
    return Reply({"idTagInfo": _info(visit, request["idTag"])})


def _info(visit: Visit, id_tag: str, transaction_id: str | None = None) -> dict[str, Any]:
    token = {"idToken": id_tag}
    status = authorisation.status_of(token, visit.policy, visit.station.remote_tokens, visit.now)
    alone = visit.policy.concurrent_transactions or transaction_id is None
    if status == "Accepted" and not alone and authorisation.is_concurrent(visit.station, token, transaction_id or ""):
        status = "ConcurrentTx"
    return authorisation.info_of(token, status, visit.policy, "1.6")


def status_notification(visit: Visit, request: Request) -> Answer:
    number = request["connectorId"]
    at = moment(request.get("timestamp")) or visit.now
    visit.station.connectors[f"{number}/{number}"] = Connector(
        number, number, request["status"], at, request["errorCode"]
    )
    return Reply()


def start_transaction(visit: Visit, request: Request) -> Answer:
    begun, new = transactions.begin_16(visit.station, request, visit.system.new_transaction_id(), visit.now)
    info = _info(visit, request["idTag"], begun.transaction_id)
    visit.station.transactions[begun.transaction_id] = replace(begun, authorised=info["status"])
    if new:
        newer.begun_remotely(visit, visit.station.transactions[begun.transaction_id])
    if new and str(begun.reservation_id) in visit.station.reservations:
        key = str(begun.reservation_id)
        visit.station.reservations[key] = replace(visit.station.reservations[key], state="used")
    return Reply({"transactionId": int(begun.transaction_id), "idTagInfo": info})


def stop_transaction(visit: Visit, request: Request) -> Answer:
    ended = transactions.end_16(visit.station, request, visit.now)
    if ended is not None:
        profiles.end_of_transaction(visit.station, ended.transaction_id)
    return Reply({"idTagInfo": _info(visit, request["idTag"])} if "idTag" in request else {})


def meter_values(visit: Visit, request: Request) -> Answer:
    named = request.get("transactionId")
    known = None if named is None else str(named)
    transactions.sample(visit.station, request["connectorId"], request["meterValue"], visit.now, known)
    return Reply()


def _progress(kind: str) -> Callable[[Visit, Request], Answer]:
    def take(visit: Visit, request: Request) -> Answer:
        number = request.get("requestId")
        known = visit.station.jobs.get(f"{kind}/{number}") or Job(number, kind)
        visit.station.jobs[f"{kind}/{number}"] = replace(known, statuses=(*known.statuses, request["status"]))
        return Reply()

    return take


def sign_certificate(visit: Visit, request: Request) -> Answer:
    kind = "ChargingStationCertificate"
    signer = visit.system.authority
    chain = signer.sign(request["csr"], kind, visit.station.identity, visit.now) if visit.policy.sign_requests else ""
    if not chain:
        return Reply({"status": "Rejected"})
    visit.station.signings[f"{kind}/None"] = Signing(None, kind, visit.now)
    return Reply({"status": "Accepted"}, (Order("CertificateSigned", {"certificateChain": chain}),))


ANSWERS_16: Mapping[str, Callable[[Visit, Request], Answer]] = {
    "Authorize": authorize,
    "BootNotification": boot_notification,
    "DataTransfer": newer.data_transfer,
    "DiagnosticsStatusNotification": _progress("Diagnostics"),
    "FirmwareStatusNotification": _progress("Firmware"),
    "Heartbeat": newer.heartbeat,
    "LogStatusNotification": _progress("Log"),
    "MeterValues": meter_values,
    "SecurityEventNotification": newer.ANSWERS["SecurityEventNotification"],
    "SignCertificate": sign_certificate,
    "SignedFirmwareStatusNotification": _progress("SignedFirmware"),
    "StartTransaction": start_transaction,
    "StatusNotification": status_notification,
    "StopTransaction": stop_transaction,
}
