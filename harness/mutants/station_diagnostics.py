"""Faulty reference stations for what a CSMS and a driver look at: monitors, logs, customer data, displays, reservations, lists."""

from __future__ import annotations

from harness.fault.fault import Fault, Mutant
from harness.fault.ocpp import Pretends, Withholds, answers, drop, hears, put, says, scale


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"station-{name}", "station", what, faults)


_DESK = (
    _mutant(
        "endless-reservations",
        "forgets when a reservation ends",
        hears("ReserveNow", put("expiryDateTime", "2100-01-01T00:00:00Z")),
    ),
    _mutant("forgets-groups", "forgets the group of a reservation", hears("ReserveNow", drop("groupIdToken"))),
    _mutant(
        "reserves-blindly",
        "says Accepted to reservations that it refused",
        answers("ReserveNow", put("status", "Accepted"), drop("statusInfo")),
    ),
    _mutant(
        "cancels-blindly",
        "says Accepted where there was no reservation to cancel",
        answers("CancelReservation", put("status", "Accepted"), drop("statusInfo")),
    ),
    _mutant("silent-reservations", "does not tell that a reservation is over", Withholds("ReservationStatusUpdate")),
    _mutant(
        "nameless-reservations",
        "does not say which reservation a transaction takes up",
        says("TransactionEvent", drop("reservationId")),
    ),
    _mutant(
        "ignores-clearing-messages",
        "accepts ClearDisplayMessage and does nothing",
        Pretends(("ClearDisplayMessage",)),
    ),
    _mutant(
        "messages-for-all",
        "takes messages of one transaction for general ones",
        hears("SetDisplayMessage", drop("message.transactionId")),
    ),
    _mutant("endless-messages", "forgets when a message ends", hears("SetDisplayMessage", drop("message.endDateTime"))),
    _mutant(
        "lists-all-messages",
        "lists every message whatever is asked for",
        hears("GetDisplayMessages", drop("id"), drop("priority"), drop("state")),
    ),
    _mutant("lists-no-messages", "never lists its messages", Withholds("NotifyDisplayMessages")),
    _mutant(
        "shows-blindly",
        "says Accepted to messages that it cannot show",
        answers("SetDisplayMessage", put("status", "Accepted"), drop("statusInfo")),
    ),
    _mutant(
        "ignores-list-updates",
        "counts updates of the local list and leaves the list as it is",
        hears("SendLocalList", drop("localAuthorizationList"), only=("updateType", "Differential")),
    ),
    _mutant(
        "keeps-old-lists",
        "adds a full local list to what there is",
        hears("SendLocalList", put("updateType", "Differential"), only=("updateType", "Full")),
    ),
    _mutant(
        "invents-list-versions",
        "tells a list version where there is no list",
        answers("GetLocalListVersion", put("versionNumber", 7)),
    ),
)

_WATCHING = (
    _mutant("silent-alerts", "raises no events of monitors", Withholds("NotifyEvent")),
    _mutant("alerts-never-end", "does not say that a value is back", says("NotifyEvent", drop("eventData.*.cleared"))),
    _mutant(
        "nameless-alerts",
        "does not say which monitor an event comes from",
        says("NotifyEvent", drop("eventData.*.variableMonitoringId")),
    ),
    _mutant(
        "hasty-monitors",
        "speaks twice as often as a periodic monitor is told to",
        hears("SetVariableMonitoring", scale("setMonitoringData.*.value", 0.5)),
    ),
    _mutant(
        "monitors-anew",
        "makes a new monitor where one is to be replaced",
        hears("SetVariableMonitoring", drop("setMonitoringData.*.id")),
    ),
    _mutant(
        "ignores-monitoring-levels", "accepts SetMonitoringLevel and does nothing", Pretends(("SetMonitoringLevel",))
    ),
    _mutant("ignores-monitoring-bases", "accepts SetMonitoringBase and does nothing", Pretends(("SetMonitoringBase",))),
    _mutant(
        "reports-all-monitors",
        "reports every monitor whatever is asked for",
        hears("GetMonitoringReport", drop("monitoringCriteria"), drop("componentVariable")),
    ),
    _mutant(
        "withholds-customer-data", "never sends what it stores of a customer", Withholds("NotifyCustomerInformation")
    ),
    _mutant("keeps-customer-data", "never forgets a customer", hears("CustomerInformation", put("clear", False))),
)

_LOGS = (
    _mutant("silent-logs", "does not tell how an upload goes", Withholds("LogStatusNotification")),
    _mutant(
        "pretends-uploads",
        "says that its log was uploaded, and brings it nowhere",
        hears("GetLog", put("log.remoteLocation", "http://nowhere.invalid:9")),
        says("LogStatusNotification", put("status", "Uploaded"), only=("status", "UploadFailure")),
    ),
    _mutant(
        "hides-failed-uploads",
        "calls every upload successful",
        says("LogStatusNotification", put("status", "Uploaded"), only=("status", "UploadFailure")),
    ),
    _mutant("never-retries-uploads", "tries an upload once only", hears("GetLog", put("retries", 0))),
)

CATALOGUE: tuple[Mutant, ...] = (*_DESK, *_WATCHING, *_LOGS)
