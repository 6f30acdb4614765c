"""The faulty reference stations: what cases and rules for an OCPP station have to notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.fault.fault import Fault, Mutant
from harness.fault.ocpp import (
    AnswersTwice,
    Mute,
    NoFrames,
    OtherErrorCode,
    Pretends,
    RepeatsIds,
    Slow,
    Twice,
    Withholds,
    add,
    answers,
    drop,
    hears,
    learns,
    prune,
    put,
    says,
    scale,
)
from harness.fault.signal import Clamped, Latched, Scaled, SlowRamp, Stuck, reversed_signal


@dataclass(frozen=True)
class Configured(Fault):
    """A variable of the device model has another value than it must have."""

    variable: str
    value: str

    def on_settings(self, settings: Any) -> Any:
        return replace(settings, variables={**settings.variables, self.variable: self.value})


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"station-{name}", "station", what, faults)


_IDLE: Mapping[str, str] = {
    "SetChargingProfile": "charging-profiles",
    "ClearChargingProfile": "clearing-profiles",
    "UpdateDynamicSchedule": "dynamic-updates",
    "UsePriorityCharging": "priority-charging",
    "NotifyAllowedEnergyTransfer": "allowed-energy-transfer",
    "AFRRSignal": "afrr-signals",
    "SetDERControl": "der-controls",
    "ClearDERControl": "clearing-der-controls",
    "GetDERControl": "questions-for-der-controls",
    "SetVariables": "variables",
    "ChangeAvailability": "availability",
    "Reset": "resets",
    "RequestStartTransaction": "remote-starts",
    "RequestStopTransaction": "remote-stops",
    "TriggerMessage": "triggers",
    "GetChargingProfiles": "questions-for-profiles",
    "GetBaseReport": "questions-for-inventory",
    "GetReport": "questions-for-variables",
    "SendLocalList": "local-lists",
    "ClearCache": "clearing-the-cache",
    "ReserveNow": "reservations",
    "CancelReservation": "cancelled-reservations",
    "SetVariableMonitoring": "monitors",
    "ClearVariableMonitoring": "clearing-monitors",
    "SetDisplayMessage": "display-messages",
    "InstallCertificate": "certificates",
    "DeleteCertificate": "deleted-certificates",
    "CertificateSigned": "signed-certificates",
    "GetLog": "log-requests",
    "UpdateFirmware": "firmware-updates",
    "UnlockConnector": "unlocking",
    "CustomerInformation": "customer-questions",
}
"""Actions that a mutant accepts and ignores, and what its name says of them."""

_PROFILE = "chargingProfile"
_PERIODS = f"{_PROFILE}.chargingSchedule.*.chargingSchedulePeriod.*"

_HEARING = (
    _mutant(
        "reversed-setpoint",
        "takes a setpoint with the wrong sign: charges where it should discharge",
        hears("SetChargingProfile", scale(f"{_PERIODS}.setpoint", -1)),
        hears("UpdateDynamicSchedule", scale("scheduleUpdate.setpoint", -1)),
    ),
    _mutant(
        "halved-setpoint",
        "follows half of a setpoint",
        hears("SetChargingProfile", scale(f"{_PERIODS}.setpoint", 0.5)),
        hears("UpdateDynamicSchedule", scale("scheduleUpdate.setpoint", 0.5)),
    ),
    _mutant(
        "ignored-limit",
        "takes limits for ten times what they are",
        hears("SetChargingProfile", scale(f"{_PERIODS}.limit", 10)),
    ),
    _mutant(
        "ignored-discharge-limit",
        "forgets dischargeLimit",
        hears("SetChargingProfile", drop(f"{_PERIODS}.dischargeLimit")),
        hears("UpdateDynamicSchedule", drop("scheduleUpdate.dischargeLimit")),
    ),
    _mutant(
        "flat-stack",
        "puts every profile on stack level 0",
        hears("SetChargingProfile", put(f"{_PROFILE}.stackLevel", 0)),
    ),
    _mutant("ignored-valid-to", "forgets validTo", hears("SetChargingProfile", drop(f"{_PROFILE}.validTo"))),
    _mutant("ignored-valid-from", "forgets validFrom", hears("SetChargingProfile", drop(f"{_PROFILE}.validFrom"))),
    _mutant(
        "endless-schedules",
        "forgets the duration of a schedule; a dynamic profile never becomes stale",
        hears("SetChargingProfile", drop(f"{_PROFILE}.chargingSchedule.*.duration")),
    ),
    _mutant(
        "hasty-schedules",
        "runs through a schedule in half its time",
        hears("SetChargingProfile", scale(f"{_PERIODS}.startPeriod", 0.5)),
    ),
    _mutant(
        "unlimited-offline",
        "forgets maxOfflineDuration and discharges on while offline",
        hears("SetChargingProfile", drop(f"{_PROFILE}.maxOfflineDuration")),
    ),
    _mutant(
        "forgiving-offline",
        "forgets invalidAfterOfflineDuration and takes the profile up again after an outage",
        hears("SetChargingProfile", drop(f"{_PROFILE}.invalidAfterOfflineDuration")),
    ),
    _mutant(
        "never-pulls", "forgets dynUpdateInterval", hears("SetChargingProfile", drop(f"{_PROFILE}.dynUpdateInterval"))
    ),
    _mutant(
        "ignored-soc-limit",
        "forgets limitAtSoC",
        hears("SetChargingProfile", drop(f"{_PROFILE}.chargingSchedule.*.limitAtSoC")),
    ),
    _mutant(
        "no-random-delay",
        "forgets randomizedDelay",
        hears("SetChargingProfile", drop(f"{_PROFILE}.chargingSchedule.*.randomizedDelay")),
    ),
    _mutant("sleepless", "never sleeps when told to", hears("SetChargingProfile", drop(f"{_PERIODS}.evseSleep"))),
    _mutant("no-baseline", "takes v2xBaseline for 0", hears("SetChargingProfile", put(f"{_PERIODS}.v2xBaseline", 0))),
    _mutant(
        "reversed-frequency-curve",
        "turns the frequency curve round: worsens what it should support",
        hears("SetChargingProfile", scale(f"{_PERIODS}.v2xFreqWattCurve.*.power", -1)),
    ),
    _mutant("deaf-to-signals", "takes every aFRR signal for 0", hears("AFRRSignal", put("signal", 0))),
    _mutant("profiles-for-all", "applies every profile to EVSE 1", hears("SetChargingProfile", put("evseId", 1))),
    _mutant(
        "der-priorities-lost",
        "takes every DER control for priority 0",
        *(
            hears("SetDERControl", put(f"{name}.priority", 0))
            for name in ("curve", "freqDroop", "limitMaxDischarge", "fixedVar")
        ),
    ),
    _mutant(
        "der-limit-ignored",
        "stores a discharge cap but does not keep it",
        hears("SetDERControl", put("limitMaxDischarge.pctMaxDischargePower", 100)),
    ),
    _mutant(
        "der-droop-flat",
        "stores a droop but hardly follows it",
        hears("SetDERControl", put("freqDroop.overDroop", 100.0), put("freqDroop.underDroop", 100.0)),
    ),
    _mutant(
        "der-clears-everything",
        "clears all controls whatever is named",
        hears("ClearDERControl", drop("controlId"), drop("controlType")),
    ),
    _mutant(
        "der-reports-everything",
        "reports all controls whatever is asked for",
        hears("GetDERControl", drop("controlId"), drop("controlType"), drop("isDefault")),
    ),
    _mutant("resets-only-when-idle", "takes every reset for OnIdle", hears("Reset", put("type", "OnIdle"))),
    _mutant(
        "believes-every-token",
        "takes every token for accepted",
        learns("Authorize", put("idTokenInfo.status", "Accepted")),
    ),
    _mutant(
        "discharges-unasked",
        "takes bidirectional transfer for allowed whatever the CSMS says",
        learns("Authorize", put("allowedEnergyTransfer", ["DC_BPT"])),
    ),
    _mutant(
        "deaf-to-refused-needs",
        "takes its needs for accepted",
        learns("NotifyEVChargingNeeds", put("status", "Accepted")),
    ),
    _mutant(
        "impatient", "takes a pending registration for accepted", learns("BootNotification", put("status", "Accepted"))
    ),
    _mutant("ignores-refused-events", "lets a refused token go on", learns("TransactionEvent", drop("idTokenInfo"))),
    _mutant(
        "rejects-updates-silently",
        "accepts pulled values but keeps the old ones",
        learns("PullDynamicScheduleUpdate", drop("scheduleUpdate")),
    ),
)

_SAYING = (
    _mutant(
        "no-operation-mode",
        "leaves operationMode out of its events",
        says("TransactionEvent", drop("transactionInfo.operationMode")),
    ),
    _mutant(
        "wrong-operation-mode",
        "always reports ChargingOnly",
        says("TransactionEvent", put("transactionInfo.operationMode", "ChargingOnly")),
    ),
    _mutant("skips-sequence", "counts its events in twos", says("TransactionEvent", scale("seqNo", 2))),
    _mutant("sequence-from-one", "begins to count events at 1", says("TransactionEvent", add("seqNo", 1))),
    _mutant("hides-outages", "never marks events as offline", says("TransactionEvent", drop("offline"))),
    _mutant(
        "no-stopped-reason",
        "never says why a transaction ended",
        says("TransactionEvent", drop("transactionInfo.stoppedReason"), only=("eventType", "Ended")),
    ),
    _mutant(
        "no-charging-state",
        "never tells chargingState",
        says("TransactionEvent", drop("transactionInfo.chargingState")),
    ),
    _mutant(
        "always-charging",
        "reports Charging whatever happens",
        says("TransactionEvent", put("transactionInfo.chargingState", "Charging")),
    ),
    _mutant(
        "wrong-trigger",
        "gives Trigger as the reason of every update",
        says("TransactionEvent", put("triggerReason", "Trigger"), only=("eventType", "Updated")),
    ),
    _mutant("no-evccid", "does not name the EV", says("TransactionEvent", drop("idToken.additionalInfo"))),
    _mutant(
        "no-remote-start-id",
        "does not name the remote start",
        says("TransactionEvent", drop("transactionInfo.remoteStartId")),
    ),
    _mutant("no-meter-values", "sends events without meter values", says("TransactionEvent", drop("meterValue"))),
    _mutant(
        "negative-export",
        "reports exported power as a negative number",
        says("TransactionEvent", scale("meterValue.*.sampledValue.*.value", -1)),
    ),
    _mutant(
        "kilo-values",
        "reports a thousandth without saying so",
        says("TransactionEvent", scale("meterValue.*.sampledValue.*.value", 0.001)),
    ),
    _mutant(
        "no-begin-context",
        "calls every value periodic",
        says("TransactionEvent", put("meterValue.*.sampledValue.*.context", "Sample.Periodic")),
    ),
    _mutant(
        "one-way-needs",
        "never says that the EV can discharge",
        says(
            "NotifyEVChargingNeeds",
            put("chargingNeeds.requestedEnergyTransfer", "DC"),
            put("chargingNeeds.availableEnergyTransfer", ["DC"]),
        ),
    ),
    _mutant(
        "no-ev-limits",
        "leaves the EV's power limits out of its needs",
        says("NotifyEVChargingNeeds", drop("chargingNeeds.v2xChargingParameters")),
    ),
    _mutant(
        "wrong-request-id",
        "answers questions under another requestId",
        says("NotifyReport", add("requestId", 1)),
        says("ReportChargingProfiles", add("requestId", 1)),
        says("ReportDERControl", add("requestId", 1)),
    ),
    _mutant(
        "der-forgets-superseded",
        "reports superseded controls as if they counted",
        says(
            "ReportDERControl",
            *(put(f"{name}.*.isSuperseded", False) for name in ("curve", "freqDroop", "limitMaxDischarge", "fixedVar")),
        ),
    ),
    _mutant(
        "der-start-without-ousted",
        "does not say which control a start ousts",
        says("NotifyDERStartStop", drop("supersededIds")),
    ),
    _mutant("der-alarm-never-ends", "raises alarms anew where they end", says("NotifyDERAlarm", drop("alarmEnded"))),
    _mutant(
        "der-alarm-without-fault",
        "raises alarms without gridEventFault",
        says("NotifyDERAlarm", drop("gridEventFault")),
    ),
    _mutant(
        "priority-upside-down",
        "reports the contrary of priority charging",
        says("NotifyPriorityCharging", put("activated", False)),
    ),
    _mutant(
        "local-time-stamps",
        "writes times without an offset",
        says("TransactionEvent", put("timestamp", "2026-03-01T12:00:00")),
    ),
    _mutant("silent-der-start", "never tells that a control begins or ends", Withholds("NotifyDERStartStop")),
    _mutant("silent-der-alarm", "raises no alarms", Withholds("NotifyDERAlarm")),
    _mutant("silent-needs", "keeps the needs of the EV to itself", Withholds("NotifyEVChargingNeeds")),
    _mutant("silent-priority", "does not tell that priority charging changed", Withholds("NotifyPriorityCharging")),
    _mutant("silent-states", "never tells connector states", Withholds("NotifyEvent"), Withholds("StatusNotification")),
    _mutant("silent-limits", "keeps limits of the site to itself", Withholds("NotifyChargingLimit")),
    _mutant("silent-release", "does not tell that a limit of the site is gone", Withholds("ClearedChargingLimit")),
    _mutant(
        "no-heartbeat",
        "never sends a heartbeat of its own",
        Configured("OCPPCommCtrlr.HeartbeatInterval", "86400"),
        learns("BootNotification", put("interval", 86400)),
    ),
    _mutant("repeats-message-ids", "numbers all its requests 1", RepeatsIds()),
    _mutant("undated-events", "leaves the time out of NotifyEvent", says("NotifyEvent", drop("generatedAt"))),
    _mutant(
        "no-started-event",
        "begins transactions with Updated",
        says("TransactionEvent", put("eventType", "Updated"), only=("eventType", "Started")),
    ),
    _mutant(
        "goes-on-after-the-end",
        "calls every event after the first the end of the transaction",
        says("TransactionEvent", put("eventType", "Ended"), only=("eventType", "Updated")),
    ),
    _mutant("events-twice", "sends every event two times", Twice("TransactionEvent")),
)

_ANSWERING = (
    _mutant(
        "no-superseded-ids",
        "does not say which DER controls it superseded",
        answers("SetDERControl", drop("supersededIds")),
    ),
    _mutant("refuses-profiles", "refuses every charging profile", Pretends(("SetChargingProfile",), "Rejected")),
    _mutant("refuses-der", "refuses every DER control", Pretends(("SetDERControl",), "NotSupported")),
    _mutant(
        "accepts-der-blindly", "accepts what it does not support", answers("SetDERControl", put("status", "Accepted"))
    ),
    _mutant(
        "accepts-profiles-blindly",
        "says Accepted to profiles that it refused",
        answers("SetChargingProfile", put("status", "Accepted"), drop("statusInfo")),
    ),
    _mutant(
        "accepts-clearing-blindly",
        "says Accepted where nothing was to clear",
        answers("ClearChargingProfile", put("status", "Accepted")),
    ),
    _mutant("no-reasons", "refuses without a reason", answers("SetChargingProfile", drop("statusInfo"))),
    _mutant(
        "composite-without-mode",
        "reports a composite schedule of limits alone",
        answers("GetCompositeSchedule", drop("schedule.chargingSchedulePeriod.*.setpoint")),
    ),
    _mutant(
        "composite-shifted",
        "reports a composite schedule with limits too high",
        answers("GetCompositeSchedule", add("schedule.chargingSchedulePeriod.*.limit", 1000.0)),
    ),
    _mutant("mute-on-triggers", "never answers TriggerMessage", Mute("TriggerMessage")),
    _mutant("sends-no-frames", "ends its JSON a character early", NoFrames()),
    _mutant("answers-twice", "answers every request two times", AnswersTwice("")),
    _mutant("invents-error-codes", "refuses with error codes of its own", OtherErrorCode("SorryNotToday")),
    _mutant(
        "answers-without-status", "leaves the status out of its answers", answers("TriggerMessage", drop("status"))
    ),
    _mutant("mute-on-der", "never answers SetDERControl", Mute("SetDERControl")),
    _mutant("late-answers", "answers after 7 s", Slow("", 7.0)),
    _mutant("slow-answers", "answers after 20 s", Slow("", 20.0)),
    _mutant(
        "reveals-password",
        "answers with a value where it must not",
        answers(
            "GetVariables",
            put("getVariableResult.*.attributeValue", "secret"),
            put("getVariableResult.*.attributeStatus", "Accepted"),
        ),
    ),
)

_BUILDING = (
    _mutant(
        "power-reversed", "is wired the wrong way round: discharges where it should charge", reversed_signal("power")
    ),
    _mutant("never-discharges", "its stage takes no command to discharge", Clamped("power", 0.0, 1e9)),
    _mutant("sluggish", "takes minutes to follow a command", SlowRamp("power", 30.0)),
    _mutant("weak", "its stage gives half the power", Scaled("power", 0.5)),
    _mutant("overdone", "its stage gives a fifth too much", Scaled("power", 1.2)),
    _mutant("frozen", "its stage stays with the first power it was told", Latched("power")),
    _mutant("meter-reversed", "its meter is installed the wrong way round", reversed_signal("meter_power")),
    _mutant(
        "meter-too-high",
        "its meter shows a fifth too much",
        Scaled("meter_power", 1.2),
        Scaled("energy_import", 1.2),
        Scaled("energy_export", 1.2),
    ),
    _mutant("registers-stuck", "its registers do not count", Stuck("energy_import"), Stuck("energy_export")),
    _mutant("registers-fall", "its registers count down", Scaled("energy_import", -1.0), Scaled("energy_export", -1.0)),
    _mutant("blind-to-frequency", "does not see the frequency of the mains", Stuck("frequency")),
    _mutant("blind-to-voltage", "does not see the voltage of the mains", Stuck("grid_voltage")),
    _mutant("blind-to-building", "does not see the load of the building", Stuck("upstream")),
    _mutant(
        "modes-missing",
        "lacks mandatory operation modes",
        Configured("V2XChargingCtrlr.SupportedOperationModes", "ChargingOnly"),
    ),
    _mutant(
        "der-switched-off", "claims grid functions that are switched off", Configured("DCDERCtrlr.Enabled", "false")
    ),
    _mutant(
        "smart-charging-off",
        "claims smart charging that is switched off",
        Configured("SmartChargingCtrlr.Enabled", "false"),
    ),
    _mutant(
        "no-limit-of-stack",
        "claims more stack levels than it keeps apart",
        Configured("SmartChargingCtrlr.ProfileStackLevel", "0"),
    ),
    _mutant(
        "stops-at-once", "ends a transaction when energy stops", Configured("TxCtrlr.TxStopPoint", "EnergyTransfer")
    ),
    _mutant(
        "no-extra-measurands",
        "leaves setpoints, residuals and reactive power out of its values although they are listed",
        says(
            "TransactionEvent",
            *(
                prune("meterValue.*.sampledValue", "measurand", f"Power.{name}")
                for name in ("Active.Setpoint", "Active.Residual", "Reactive.Import", "Reactive.Export")
            ),
        ),
    ),
)

CATALOGUE: tuple[Mutant, ...] = (
    _mutant("rubber-stamp", "accepts everything and does nothing", Pretends()),
    *(
        _mutant(f"ignores-{name}", f"accepts {action} and does nothing", Pretends((action,)))
        for action, name in _IDLE.items()
    ),
    *_HEARING,
    *_SAYING,
    *_ANSWERING,
    *_BUILDING,
)
