"""The faulty reference central systems in steering: V2X, smart charging and DER control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.fault.fault import Direction, Fault, Mutant
from harness.fault.ocpp import (
    Mute,
    Remembering,
    Twice,
    Withholds,
    answers,
    drop,
    hears,
    is_frame,
    learns,
    put,
    says,
    scale,
)
from harness.fault.settings import MisSet
from harness.mutants.csms import Swallows

_PROFILE = "chargingProfile"
_SCHEDULES = f"{_PROFILE}.chargingSchedule.*"
_PERIODS = f"{_SCHEDULES}.chargingSchedulePeriod.*"
_MANY = [{"startPeriod": 60 * number, "limit": 6000.0} for number in range(5)]
_REFUSALS = frozenset(
    {
        *("Rejected", "NotSupported", "Failed", "Unknown", "NotFound", "NoProfile", "NoProfiles", "InvalidCertificate"),
        *("TxNotFound", "NoTariff", "NoFirmware"),
    }
)


@dataclass(frozen=True)
class NewProfileIds(Remembering):
    """Gives every profile an id of its own."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction != "out" or not is_frame(message, "request", "SetChargingProfile"):
            return (message,)
        number = self.memory["last"] = self.memory.get("last", 700) + 1
        return (replace(message, payload=put(f"{_PROFILE}.id", number).apply(message.payload)),)


@dataclass(frozen=True)
class OnlyOnce(Withholds):
    """Sends one request of an action, and none after it."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and is_frame(message, "request", self.action) and "sent" not in self.memory:
            self.memory["sent"] = message.message_id
            return (message,)
        return super().on_message(message, direction)


@dataclass(frozen=True)
class Stunned(Remembering):
    """Says nothing any more once a station has refused something: with a CALLERROR, or with one of `statuses`."""

    statuses: frozenset[str] = field(default=frozenset())

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "in" and self._refuses(message):
            self.memory["stunned"] = True
        return () if direction == "out" and self.memory.get("stunned") else (message,)

    def _refuses(self, message: Any) -> bool:
        number = getattr(message, "number", None)
        return number == 4 or (number == 3 and message.payload.get("status") in self.statuses)


@dataclass(frozen=True)
class Unread(Fault):
    """Takes reports of the device model without a variable."""

    variable: str

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction != "in" or not is_frame(message, "request", "NotifyReport"):
            return (message,)
        kept = [each for each in message.payload.get("reportData", ()) if each["variable"]["name"] != self.variable]
        return (replace(message, payload={**message.payload, "reportData": kept}),)


@dataclass(frozen=True)
class StumblesOverDepartures(Fault):
    """Cannot read a departure that is not written in UTC."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction != "in" or not is_frame(message, "request", "NotifyEVChargingNeeds"):
            return (message,)
        departure = message.payload["chargingNeeds"].get("departureTime", "")
        unread = drop("chargingNeeds").apply(message.payload) if "+" in departure else message.payload
        return (replace(message, payload=unread),)


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"csms-{name}", "csms", what, faults)


def _profiles(name: str, what: str, *edits: Any) -> Mutant:
    return _mutant(name, what, says("SetChargingProfile", *edits))


_V2X = (
    _profiles("limits-with-every-mode", "sends limits with every operation mode", put(f"{_PERIODS}.limit", 9000.0), put(f"{_PERIODS}.dischargeLimit", -9000.0)),
    _profiles("loses-modes", "leaves the operation mode out", drop(f"{_PERIODS}.operationMode")),
    _profiles("nothing-dynamic", "sends Dynamic profiles as Relative ones", put(f"{_PROFILE}.chargingProfileKind", "Relative")),
    _profiles("endless-setpoints", "sends profiles without duration", drop(f"{_SCHEDULES}.duration")),
    _profiles("curves-of-a-point", "sends curves of one point", put(f"{_PERIODS}.v2xFreqWattCurve", [{"frequency": 50.0, "power": 0.0}]), put(f"{_PERIODS}.v2xSignalWattCurve", [{"signal": 0, "power": 0.0}])),
    _profiles("no-baseline", "sends curves without a baseline", drop(f"{_PERIODS}.v2xBaseline")),
    _profiles("always-amperes", "writes every schedule in A", put(f"{_SCHEDULES}.chargingRateUnit", "A")),
    _profiles("discharges-single-phases", "sends setpoints per phase that no EV asked for", put(f"{_PERIODS}.setpoint_L2", -1000.0), put(f"{_PERIODS}.setpoint", -1000.0)),
    _profiles("only-single-phases", "leaves the plain value out beside those of phases", drop(f"{_PERIODS}.setpoint")),
    _mutant("tells-transfers-of-another", "tells allowed transfers of another transaction", says("NotifyAllowedEnergyTransfer", put("transactionId", "another"))),
    _mutant("forgets-transfers", "does not keep to the transfers that it has told", learns("NotifyAllowedEnergyTransfer", put("status", "Rejected"))),
    _mutant("has-no-profile-instead", "says that it has no profile where the transfer is not allowed", answers("NotifyEVChargingNeeds", put("status", "NoChargingProfile"))),
    _mutant("allows-everybody", "allows every driver to discharge", answers("Authorize", put("allowedEnergyTransfer", ["DC", "DC_BPT"]))),
    _mutant("stumbles-over-modes", "cannot read changes of the operation mode", hears("TransactionEvent", drop("eventType"), only=("triggerReason", "OperationModeChanged"))),
    _mutant("stumbles-over-export", "cannot read meter values of a transaction", hears("TransactionEvent", drop("eventType"), only=("triggerReason", "MeterValuePeriodic"))),
    _mutant("deaf-to-modes", "does not read which operation modes a station has", Unread("SupportedOperationModes")),
)  # fmt: skip

_SMART_CHARGING = (
    _profiles("many-periods", "sends five periods, whatever fits", put(f"{_SCHEDULES}.chargingSchedulePeriod", _MANY)),
    _profiles("two-schedules", "sends two schedules to choose from", put(f"{_PROFILE}.chargingSchedule", [{"id": number, "chargingRateUnit": "W", "startSchedule": "2026-01-01T00:00:00Z", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6000.0}]} for number in (1, 2)])),
    _profiles("always-watts", "writes every schedule in W", put(f"{_SCHEDULES}.chargingRateUnit", "W")),
    _profiles("low-profile-ids", "gives profiles ids that stations keep for themselves", put(f"{_PROFILE}.id", 1)),
    _profiles("defaults-to-evse-1", "sends every profile to EVSE 1", put("evseId", 1)),
    _profiles("relative-maximum", "sends every profile as a Relative one", put(f"{_PROFILE}.chargingProfileKind", "Relative"), drop(f"{_SCHEDULES}.startSchedule")),
    _profiles("loses-recurrency", "does not say how often a profile recurs", drop(f"{_PROFILE}.recurrencyKind")),
    _profiles("timed-priority", "sends every schedule with a duration", put(f"{_SCHEDULES}.duration", 900)),
    _profiles("relative-with-start", "gives Relative profiles a start of their own", put(f"{_SCHEDULES}.startSchedule", "2026-01-01T00:00:00Z")),
    _profiles("chooses-a-phase", "names a phase to use with three phases", put(f"{_PERIODS}.phaseToUse", 2), put(f"{_PERIODS}.numberPhases", 3)),
    _profiles("modes-for-all", "sends operation modes to stations of any version", put(f"{_PERIODS}.operationMode", "ChargingOnly")),
    _profiles("everything-on-connector-1", "sends every profile of 1.6 to connector 1", put("connectorId", 1)),
    _profiles("reversed-limits", "sends limits with the wrong sign", scale("csChargingProfiles.chargingSchedule.chargingSchedulePeriod.*.limit", -1)),
    _mutant("clears-every-profile-of-1-6", "clears profiles of 1.6 without saying which", says("ClearChargingProfile", drop("chargingProfilePurpose"), drop("connectorId"))),
    _mutant("stumbles-over-departures", "cannot read departures with an offset", StumblesOverDepartures()),
    _mutant("mute-needs", "does not answer the needs of EVs", Mute("NotifyEVChargingNeeds")),
    _mutant("new-profile-ids", "gives every profile a new id", NewProfileIds()),
    _mutant("profiles-twice", "sends every profile two times", Twice("SetChargingProfile")),
    _mutant("impatient", "sends a profile again at once that came too early", learns("SetChargingProfile", put("statusInfo.additionalInfo", "0 seconds before retry"))),
    _mutant("offers-once", "sends one profile and no second", OnlyOnce("SetChargingProfile")),
    _mutant("rejects-ev-schedules", "rejects schedules that keep to its limits", MisSet("policy.ev_schedule_status", "Rejected")),
    _mutant("starts-with-default", "starts transactions with a TxDefaultProfile", says("RequestStartTransaction", put(f"{_PROFILE}.chargingProfilePurpose", "TxDefaultProfile"))),
    _mutant("composite-of-evse-1", "asks for the composite schedule of EVSE 1 only", says("GetCompositeSchedule", put("evseId", 1))),
    _mutant("asks-by-everything", "asks for profiles by ids and by criteria at once", says("GetChargingProfiles", put(f"{_PROFILE}.chargingProfileId", [1]), put(f"{_PROFILE}.stackLevel", 0))),
    _mutant("mute-profile-reports", "does not take reports of profiles", Mute("ReportChargingProfiles")),
    _mutant("clears-nothing-named", "asks to clear profiles without saying which", says("ClearChargingProfile", drop("chargingProfileId"), drop("chargingProfileCriteria"))),
    _mutant("clears-external", "asks to clear the limits of others", says("ClearChargingProfile", put("chargingProfileCriteria.chargingProfilePurpose", "ChargingStationExternalConstraints"))),
    _mutant("deaf-to-releases", "does not hear that others take their limits back", Swallows("ClearedChargingLimit")),
    _mutant("empty-pulls", "accepts pulls and gives no values", answers("PullDynamicScheduleUpdate", drop("scheduleUpdate"))),
    _mutant("pushes-elsewhere", "sends updates for a profile that nobody has", says("UpdateDynamicSchedule", put("chargingProfileId", 1))),
    _mutant("pushes-once", "pushes one update of a profile and no second", OnlyOnce("UpdateDynamicSchedule")),
    _profiles("loses-offline-limits", "does not say how long a profile holds offline", drop(f"{_PROFILE}.maxOfflineDuration"), drop(f"{_PROFILE}.invalidAfterOfflineDuration")),
    _mutant("reversed-pushes", "sends updates with the wrong sign", says("UpdateDynamicSchedule", scale("scheduleUpdate.setpoint", -1)), answers("PullDynamicScheduleUpdate", scale("scheduleUpdate.setpoint", -1))),
    _mutant("prioritises-another", "gives priority to another transaction", says("UsePriorityCharging", put("transactionId", "another"))),
    _mutant("mute-priority", "does not take that priority has changed", Mute("NotifyPriorityCharging")),
    _mutant("stunned-by-errors", "says nothing any more after a CALLERROR", Stunned()),
    _mutant("stunned-by-refusals", "says nothing any more after a refusal", Stunned(_REFUSALS)),
)  # fmt: skip

_DER = (
    _mutant("schedules-defaults", "sends controls that can only be defaults as scheduled ones", says("SetDERControl", put("isDefault", False))),
    _mutant("watts-for-vars", "gives every curve the unit of active power", says("SetDERControl", put("curve.yUnit", "PctMaxW"), put("fixedVar.unit", "PctMaxW"))),
    _mutant("reversed-var", "sends fixed reactive power with the wrong sign", says("SetDERControl", scale("fixedVar.setpoint", -1))),
    _mutant("timed-default-droop", "gives default droops a duration", says("SetDERControl", put("freqDroop.duration", 900), put("freqDroop.startTime", "2026-01-01T00:00:00Z"))),
    _mutant("clears-scheduled-only", "clears scheduled controls where defaults were meant", says("ClearDERControl", put("isDefault", False))),
    _mutant("asks-der-of-class", "asks for DER controls of the other class", says("GetDERControl", put("isDefault", False))),
    _mutant("der-in-a-curve", "sends every DER control with a curve besides", says("SetDERControl", put("curve", {"priority": 1, "yUnit": "Not_Applicable", "curveData": [{"x": 1.0, "y": 1.0}]}))),
    _mutant("der-twice", "sends every DER control two times", Twice("SetDERControl")),
    _mutant("clears-every-control", "clears DER controls without saying which", says("ClearDERControl", drop("controlId"), drop("controlType"))),
    _mutant("mute-der-starts", "does not take that DER controls start and stop", Mute("NotifyDERStartStop")),
    _mutant("one-der-id", "gives every DER control the same id", says("SetDERControl", put("controlId", "der"))),
)  # fmt: skip


CATALOGUE = (*_V2X, *_SMART_CHARGING, *_DER)
