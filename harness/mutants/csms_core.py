"""Faulty central systems beyond those of `harness.mutants.csms`: how they talk, whom they let in, what they make of transactions."""

from __future__ import annotations

import json
from ssl import TLSVersion
from typing import Any

from harness.fault.fault import Fault, Mutant
from harness.fault.ocpp import Mute, OtherErrorCode, Pretends, Twice, answers, drop, hears, put, says, scale
from harness.fault.rpc import (
    AcceptsOnce,
    AnswersSends,
    AsksNothing,
    ChargesRepeats,
    Chokes,
    FollowsOrder,
    GoesDeaf,
    KnowsTransactions,
    OneSided,
    Sulks,
    TiresOfWaiting,
    TruncatesIds,
    WaitsForEver,
)
from harness.fault.settings import MisSet

_SMALL = 16 * 1024
"""Octets of a message that a CSMS with small buffers still takes."""
_USUAL_REASONS = frozenset(
    {"Authorized", "CablePluggedIn", "ChargingStateChanged", "MeterValuePeriodic", "StopAuthorized"}
)
_FROM_STATIONS = (
    "Authorize",
    "ClearedChargingLimit",
    "DataTransfer",
    "FirmwareStatusNotification",
    "GetCertificateChainStatus",
    "GetCertificateStatus",
    "LogStatusNotification",
    "MeterValues",
    "NotifyChargingLimit",
    "NotifyEVChargingNeeds",
    "NotifyEVChargingSchedule",
    "NotifyEvent",
    "NotifyMonitoringReport",
    "NotifyPriorityCharging",
    "NotifyReport",
    "OpenPeriodicEventStream",
    "PullDynamicScheduleUpdate",
    "ReportChargingProfiles",
    "ReportDERControl",
    "ReservationStatusUpdate",
    "SecurityEventNotification",
    "SignCertificate",
    "StartTransaction",
    "StatusNotification",
    "StopTransaction",
    "TransactionEvent",
)
"""What the rubber stamp takes without a look; a boot and a heartbeat it must answer with the time."""


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"csms-{name}", "csms", what, faults)


def _entrance(name: str, value: Any) -> MisSet:
    return MisSet(f"entrance.{name}", value)


def _policy(name: str, value: Any) -> MisSet:
    return MisSet(f"policy.{name}", value)


def _no_frame(message: Any) -> bool:
    return isinstance(message, Exception)


def _stray(message: Any) -> bool:
    return getattr(message, "number", 0) in (3, 4) and str(message.message_id).startswith("nobody-")


def _bad_answer(message: Any) -> bool:
    return bool(getattr(message, "number", 0) == 3 and message.payload.get("status") == "Perhaps")


def _has_custom_data(message: Any) -> bool:
    return bool("customData" in message.payload)


def _is_big(message: Any) -> bool:
    return len(json.dumps(message.payload, default=str)) > _SMALL


def _long_token(message: Any) -> bool:
    return len(str(message.payload.get("idToken", {}).get("idToken", ""))) > 36


def _unusual_reason(message: Any) -> bool:
    return bool(message.action == "TransactionEvent" and message.payload.get("triggerReason") not in _USUAL_REASONS)


def _unusual_boot(message: Any) -> bool:
    return bool(message.action == "BootNotification" and message.payload.get("reason", "PowerUp") != "PowerUp")


def _begins_nowhere(message: Any) -> bool:
    return bool(message.payload.get("eventType") == "Started" and "evse" not in message.payload)


def _signed(message: Any) -> bool:
    return "signedMeterValue" in json.dumps(message.payload, default=str)


def _stop_of_none(message: Any) -> bool:
    return bool(message.action == "StopTransaction" and message.payload.get("transactionId") == 987_654)


def _transaction(payload: Any) -> Any:
    return payload.get("transactionInfo", {}).get("transactionId")


_CONVERSATION = (
    _mutant("rubber-stamp", "accepts whatever it is told, asks nothing, and keeps no books", Pretends(_FROM_STATIONS), AsksNothing(), _policy("inventory", False), _policy("unbooted", "serve")),
    _mutant("knows-every-action", "accepts requests that OCPP does not have", Pretends(("MakeCoffee",))),
    _mutant("own-error-codes", "refuses with error codes that OCPP does not have", OtherErrorCode("ERROR_42")),
    _mutant("checks-no-payload", "takes requests whose payload breaks the schema", Pretends(("StatusNotification", "Authorize"))),
    _mutant("deaf-after-nonsense", "hears nothing any more after what was no frame", GoesDeaf("after what is no frame", _no_frame)),
    _mutant("deaf-after-strays", "hears nothing any more after an answer to nothing", GoesDeaf("after a stray answer", _stray)),
    _mutant("deaf-after-bad-answers", "hears nothing any more after an answer with an unknown status", GoesDeaf("after a bad answer", _bad_answer)),
    _mutant("refuses-custom-data", "refuses requests with customData", Chokes("customData", _has_custom_data)),
    _mutant("small-buffers", "takes no message of more than 16 kB", Chokes("long messages", _is_big)),
    _mutant("answers-sends", "answers messages that are not to be answered", AnswersSends()),
    _mutant("one-sided", "answers nothing while a request of its own is open", OneSided()),
    _mutant("sulks", "asks nothing any more after a CALLERROR", Sulks()),
    _mutant("waits-for-ever", "asks nothing any more after a request that nobody answered", WaitsForEver()),
    _mutant("asks-nothing", "sends no requests of its own", AsksNothing()),
    _mutant("repeats-itself", "sends every request two times", Twice("")),
    _mutant("tires-of-waiting", "hears nothing any more of a station that said nothing for 20 s", TiresOfWaiting(20.0)),
    _mutant("boots-once", "accepts a station the first time only", AcceptsOnce()),
    _mutant("knows-one-boot-reason", "refuses boots for any other reason than PowerUp", Chokes("boot reasons", _unusual_boot)),
    _mutant("follows-report-order", "refuses parts of a report that come out of order", FollowsOrder("NotifyReport", lambda payload: payload.get("requestId"))),
    _mutant("mute-states", "does not answer StatusNotification", Mute("StatusNotification")),
    _mutant("mute-notified-events", "does not answer NotifyEvent", Mute("NotifyEvent")),
    _mutant("mute-reservations", "does not answer ReservationStatusUpdate", Mute("ReservationStatusUpdate")),
    _mutant("mute-security-events", "does not answer SecurityEventNotification", Mute("SecurityEventNotification")),
)  # fmt: skip

_ENTRANCE = (
    _mutant("open-door", "lets everybody in, and asks for nothing", _entrance("security_profile", 0), _entrance("identities", None)),
    _mutant("tls-1-3-only", "lets in stations that speak TLS 1.3 alone", _entrance("minimum_tls", TLSVersion.TLSv1_3)),
    _mutant("old-tls", "speaks TLS 1.0 and 1.1 as well", _entrance("minimum_tls", TLSVersion.TLSv1)),
    _mutant("asks-no-certificate", "lets stations in without a certificate", _entrance("certificates_demanded", False)),
    _mutant("compares-no-serials", "does not see that the serial number is another than in the certificate", hears("BootNotification", drop("chargingStation.serialNumber"))),
)  # fmt: skip

_TRANSACTIONS = (
    _mutant("leaves-groups-out", "does not say which group a token belongs to", answers("Authorize", drop("idTokenInfo.groupIdToken")), answers("TransactionEvent", drop("idTokenInfo.groupIdToken"))),
    _mutant("refuses-long-tokens", "knows tokens of up to 36 characters only", Chokes("long tokens", _long_token)),
    _mutant("tells-of-no-token", "says what a token is worth that nobody showed", answers("TransactionEvent", put("idTokenInfo", {"status": "Accepted"}))),
    _mutant("minds-sequence", "refuses transaction events that come late, twice or after a gap", FollowsOrder("TransactionEvent", _transaction)),
    _mutant("demands-starts", "refuses events of transactions whose start it has not seen", KnowsTransactions()),
    _mutant("demands-evse", "refuses a transaction that begins without an EVSE", Chokes("events without an EVSE", _begins_nowhere)),
    _mutant("knows-few-reasons", "refuses most trigger reasons", Chokes("most trigger reasons", _unusual_reason)),
    _mutant("charges-repeats", "charges for events that came twice", ChargesRepeats()),
    _mutant("forgets-at-restart", "begins with empty books after a restart", MisSet("remembers", False)),
    _mutant("truncates-ids", "answers under the first 32 characters of a message id", TruncatesIds(32)),
    _mutant("mixes-up-ends", "takes the end of a transaction for that of another", hears("TransactionEvent", put("transactionInfo.transactionId", "another"), only=("eventType", "Ended"))),
    _mutant("refuses-signed-values", "refuses signed meter values", Chokes("signed meter values", _signed)),
    _mutant("same-transaction-id", "gives every transaction of 1.6 the same id", answers("StartTransaction", put("transactionId", 7))),
    _mutant("refuses-unknown-stops", "refuses the end of a 1.6 transaction that it does not know", Chokes("unknown transactions", _stop_of_none)),
)  # fmt: skip

_ASKING = (
    _mutant("resets-at-once", "sends every reset as Immediate", says("Reset", put("type", "Immediate"))),
    _mutant("always-operative", "makes operative what is to be inoperative", says("ChangeAvailability", put("operationalStatus", "Operative"))),
    _mutant("triggers-heartbeats", "triggers a heartbeat, whatever it is to trigger", says("TriggerMessage", put("requestedMessage", "Heartbeat"))),
    _mutant("unlocks-another", "unlocks another connector", says("UnlockConnector", put("connectorId", 2))),
    _mutant("reserves-any", "reserves any EVSE in place of one", says("ReserveNow", drop("evseId"))),
    _mutant("stops-another", "stops another transaction", says("RequestStopTransaction", put("transactionId", "another"))),
    _mutant("asks-of-no-transaction", "names no transaction when it asks for the status of one", says("GetTransactionStatus", drop("transactionId"))),
    _mutant("one-base-report", "asks for the same base report always", says("GetBaseReport", put("reportBase", "ConfigurationInventory"))),
    _mutant("halves-costs", "tells half the cost while a transaction runs", says("CostUpdated", scale("totalCost", 0.5))),
    _mutant("starts-another-connector", "starts at another connector of a 1.6 charge point", says("RemoteStartTransaction", put("connectorId", 2))),
    _mutant("asks-for-another-variable", "asks for another variable than it is told", says("GetVariables", put("getVariableData.*.variable", {"name": "Another"}))),
    _mutant("writes-another-value", "writes another value than it is told", says("SetVariables", put("setVariableData.*.attributeValue", "1"))),
    _mutant("forgets-criteria", "asks for reports without the criteria", says("GetReport", drop("componentCriteria"))),
    _mutant("writes-slot-one", "writes every network profile into slot 1", says("SetNetworkProfile", put("configurationSlot", 1))),
    _mutant("reserves-for-one", "reserves for a token without its group", says("ReserveNow", drop("groupIdToken"))),
    _mutant("lists-no-groups", "leaves groups out of local lists", says("SendLocalList", drop("localAuthorizationList.*.idTokenInfo.groupIdToken"))),
    _mutant("changes-another-key", "writes another configuration key of a 1.6 charge point", says("ChangeConfiguration", put("key", "HeartbeatInterval"))),
    _mutant("always-full-list", "sends every local list as Full", says("SendLocalList", put("updateType", "Full"))),
)  # fmt: skip

CATALOGUE = (*_CONVERSATION, *_ENTRANCE, *_TRANSACTIONS, *_ASKING)
