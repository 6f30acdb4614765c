"""Faulty reference stations: registration, variables and reports, resets, availability; and what 1.6 has of its own."""

from __future__ import annotations

from harness.fault.fault import Fault, Mutant
from harness.fault.forgetful import Decorative, ForgetsAtBoot, GivesUp, KeepsFirst
from harness.fault.ocpp import Edits, Pretends, Withholds, drop, hears, put, says


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"station-{name}", "station", what, faults)


def _boot(status: str, *edits: object) -> Edits:
    """Another understanding of an answer to BootNotification with that status."""
    return Edits("in", "response", "BootNotification", edits, ("status", status))  # type: ignore[arg-type]


_REGISTRATION = (
    _mutant(
        "boots-too-often",
        "boots again every 2 s",
        _boot("Rejected", put("interval", 2)),
        _boot("Pending", put("interval", 2)),
    ),
    _mutant(
        "serves-while-rejected", "answers a CSMS that has rejected it", _boot("Rejected", put("status", "Pending"))
    ),
    _mutant("mute-while-pending", "refuses all requests while pending", _boot("Pending", put("status", "Rejected"))),
    _mutant("gives-up-booting", "boots two times, and no more", GivesUp("BootNotification", 2)),
    _mutant("own-clock", "keeps its own time", Decorative("ClockCtrlr.TimeSource", "RealTimeClock")),
)

_MODEL = (
    _mutant(
        "reads-one-variable",
        "answers the first of several questions only",
        KeepsFirst("GetVariables", "getVariableResult", 1),
    ),
    _mutant(
        "writes-one-variable",
        "answers the first of several settings only",
        KeepsFirst("SetVariables", "setVariableResult", 1),
    ),
    _mutant(
        "forgets-attribute-types",
        "takes every attribute for the actual value",
        hears("GetVariables", drop("getVariableData.*.attributeType")),
        hears("SetVariables", drop("setVariableData.*.attributeType")),
    ),
    _mutant(
        "reports-without-characteristics",
        "reports variables without what they may be",
        says("NotifyReport", drop("reportData.*.variableCharacteristics")),
    ),
    _mutant("reports-everything", "reports all, whatever is asked for", hears("GetReport", drop("componentVariable"))),
    _mutant(
        "reports-all-instances",
        "reports all instances",
        hears("GetReport", drop("componentVariable.*.variable.instance")),
    ),
    _mutant(
        "believes-every-criterion",
        "takes no account of criteria",
        hears("GetReport", drop("componentCriteria")),
    ),
)

_RESETS = (
    _mutant("reboots-for-an-evse", "reboots when one EVSE is to be reset", hears("Reset", drop("evseId"))),
    _mutant(
        "availability-lost-at-boot",
        "puts everything back into service with each boot",
        ForgetsAtBoot("ChangeAvailability", {"operationalStatus": "Operative", "evse": {"id": 1}}),
        ForgetsAtBoot("ChangeAvailability", {"operationalStatus": "Operative"}, "forgets-all-at-boot"),
    ),
    _mutant(
        "never-out-of-service",
        "goes on serving when it is taken out of service",
        hears("ChangeAvailability", put("operationalStatus", "Operative")),
    ),
    _mutant(
        "never-back-in-service",
        "stays out of service",
        hears("ChangeAvailability", put("operationalStatus", "Inoperative")),
    ),
    _mutant(
        "refuses-availability", "refuses to change its availability", Pretends(("ChangeAvailability",), "Rejected")
    ),
    _mutant("invents-vendors", "accepts the data of any vendor", Pretends(("DataTransfer",))),
)

_OF_16 = (
    _mutant(
        "16-ignores-configuration", "accepts ChangeConfiguration and does nothing", Pretends(("ChangeConfiguration",))
    ),
    _mutant(
        "16-ignores-remote-starts",
        "accepts RemoteStartTransaction and does nothing",
        Pretends(("RemoteStartTransaction",)),
    ),
    _mutant(
        "16-ignores-remote-stops",
        "accepts RemoteStopTransaction and does nothing",
        Pretends(("RemoteStopTransaction",)),
    ),
    _mutant(
        "16-hides-unknown-keys",
        "does not say which keys it does not know",
        Edits("out", "response", "GetConfiguration", (drop("unknownKey"),)),
    ),
    _mutant("16-lacks-keys", "tells half of its configuration", KeepsFirst("GetConfiguration", "configurationKey", 8)),
    _mutant(
        "16-all-writable",
        "calls every key writable",
        Edits("out", "response", "GetConfiguration", (put("configurationKey.*.readonly", False),)),
    ),
    _mutant(
        "16-no-finishing", "goes from charging to available", Withholds("StatusNotification", ("status", "Finishing"))
    ),
    _mutant(
        "16-never-suspended",
        "calls every interruption charging",
        says("StatusNotification", put("status", "Charging"), only=("status", "SuspendedEVSE")),
        says("StatusNotification", put("status", "Charging"), only=("status", "SuspendedEV")),
    ),
    _mutant(
        "16-no-transaction-data",
        "ends transactions without their values",
        says("StopTransaction", drop("transactionData")),
    ),
    _mutant(
        "16-stop-register-zero",
        "ends transactions with an empty register",
        says("StopTransaction", put("meterStop", 0)),
    ),
    _mutant("16-ignores-diagnostics", "answers GetDiagnostics and does nothing", Pretends(("GetDiagnostics",))),
    _mutant("16-every-end-local", "leaves the reason of an end out", says("StopTransaction", drop("reason"))),
    _mutant(
        "16-id-minus-one", "stops every transaction under the id -1", says("StopTransaction", put("transactionId", -1))
    ),
    _mutant("16-every-reset-hard", "takes every reset for a hard one", hears("Reset", put("type", "Hard"))),
)

CATALOGUE: tuple[Mutant, ...] = (*_REGISTRATION, *_MODEL, *_RESETS, *_OF_16)
