"""The faulty reference central systems: what cases and rules for a CSMS have to notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.fault.fault import Direction, Fault, Mutant
from harness.fault.ocpp import (
    AnswersTwice,
    Edit,
    Mute,
    NoFrames,
    RepeatsIds,
    Slow,
    Twice,
    Withholds,
    answers,
    drop,
    hears,
    is_frame,
    put,
    says,
    scale,
)
from harness.fault.settings import MisSet


@dataclass(frozen=True)
class Swallows(Fault):
    """Never hears requests of an action."""

    action: str

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        return () if direction == "in" and is_frame(message, "request", self.action) else (message,)


@dataclass(frozen=True)
class MindsCase(Fault):
    """Hears tokens that are not in capitals as other tokens."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction != "in" or not is_frame(message, "request", "Authorize"):
            return (message,)
        token = message.payload.get("idToken", {}).get("idToken", "")
        changed = put("idToken.idToken", f"{token}?") if token != token.upper() else put("idToken.idToken", token)
        return (replace(message, payload=changed.apply(message.payload)),)


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"csms-{name}", "csms", what, faults)


def _policy(name: str, value: Any) -> MisSet:
    return MisSet(f"policy.{name}", value)


def _entrance(name: str, value: Any) -> MisSet:
    return MisSet(f"entrance.{name}", value)


_PROFILE = "chargingProfile"
_SCHEDULES = f"{_PROFILE}.chargingSchedule.*"
_PERIODS = f"{_SCHEDULES}.chargingSchedulePeriod.*"
_V2X = "chargingNeeds.v2xChargingParameters"


def _profiles(*edits: Edit) -> Fault:
    return says("SetChargingProfile", *edits)


_ENTRANCE = (
    _mutant("asks-no-password", "lets stations in without a password", _entrance("security_profile", 0)),
    _mutant("knows-everybody", "lets in stations nobody has registered", _entrance("identities", None)),
    _mutant("speaks-2-0-1-only", "agrees to OCPP 2.0.1 alone", _entrance("versions", ("2.0.1",))),
    _mutant("refuses-compression", "does not agree to compression", _entrance("compression", False)),
)

_REGISTRATION = (
    _mutant("serves-before-boot", "takes messages of stations it has not accepted", _policy("unbooted", "serve")),
    _mutant("keeps-pending", "never accepts a station", _policy("boot_status", "Pending")),
    _mutant("rejects-stations", "rejects every station", _policy("boot_status", "Rejected")),
    _mutant("asks-for-no-inventory", "never asks a new station what it is", _policy("inventory", False)),
    _mutant("zero-interval", "gives a heartbeat interval of 0 with Accepted", answers("BootNotification", put("interval", 0))),
    _mutant("boots-without-status", "leaves the status out of its answer to a boot", answers("BootNotification", drop("status"))),
    _mutant("old-clock", "tells a time long past", answers("Heartbeat", put("currentTime", "2019-01-01T00:00:00Z"))),
    _mutant("local-clock", "tells the time without an offset", answers("Heartbeat", put("currentTime", "2026-03-01T12:00:00"))),
    _mutant("mute-heartbeats", "does not answer heartbeats", Mute("Heartbeat")),
    _mutant("late-answers", "answers every request after 7 s", Slow("", 7.0)),
    _mutant("slow", "answers every request after 35 s", Slow("", 35.0)),
    _mutant("answers-twice", "answers heartbeats two times", AnswersTwice("Heartbeat")),
    _mutant("repeats-message-ids", "gives every request the same message id", RepeatsIds()),
    _mutant("sends-no-frames", "leaves out the bracket that ends its answers", NoFrames()),
    _mutant("asks-twice", "sends each remote start two times", Twice("RequestStartTransaction")),
)  # fmt: skip

_AUTHORISATION = (
    _mutant("accepts-unknown-tokens", "accepts tokens nobody knows", _policy("unknown_token", "Accepted")),
    _mutant("accepts-blocked-tokens", "accepts every token", answers("Authorize", put("idTokenInfo.status", "Accepted"), put("idTagInfo.status", "Accepted"))),
    _mutant("refuses-tokens", "accepts no token", answers("Authorize", put("idTokenInfo.status", "Invalid"), put("idTagInfo.status", "Invalid"))),
    _mutant("judges-no-event-tokens", "does not say what a token in an event is worth", answers("TransactionEvent", drop("idTokenInfo"))),
    _mutant("minds-case", "knows tokens in capitals only", MindsCase()),
    _mutant("same-list-version", "sends every local list under version 1", says("SendLocalList", put("versionNumber", 1))),
    _mutant("names-no-transfer", "never says which energy transfers are allowed", answers("Authorize", drop("allowedEnergyTransfer")), Withholds("NotifyAllowedEnergyTransfer")),
)  # fmt: skip

_TRANSACTIONS = (
    _mutant("mute-events", "does not answer transaction events", Mute("TransactionEvent")),
    _mutant("mute-meter-values", "does not answer meter values", Mute("MeterValues")),
    _mutant("loses-ends", "does not hear of the end of transactions", hears("TransactionEvent", put("eventType", "Updated"), only=("eventType", "Ended"))),
    _mutant("tells-no-cost", "leaves the cost out at the end", answers("TransactionEvent", drop("totalCost"))),
    _mutant("reversed-cost", "charges for energy that was given back", answers("TransactionEvent", scale("totalCost", -1))),
    _mutant("limits-every-event", "sends a transaction limit with every answer", answers("TransactionEvent", put("transactionLimit", {"maxEnergy": 1000}))),
)  # fmt: skip

_CHARGING = (
    _mutant("rejects-needs", "rejects the needs of every EV", _policy("needs_status", "Rejected")),
    _mutant("accepts-any-transfer", "accepts energy transfers that are not allowed", _policy("needs_status", "Accepted")),
    _mutant("promises-profiles", "accepts needs and sends no profile", Withholds("SetChargingProfile")),
    _mutant("late-profiles", "sends the profile 90 s after the needs", _policy("profile_delay", 90.0)),
    _mutant("ignores-ev-limits", "takes every EV for a strong one", hears("NotifyEVChargingNeeds", put(f"{_V2X}.maxDischargePower", 100_000), put(f"{_V2X}.maxChargePower", 100_000))),
    _mutant("ignores-v2x-window", "discharges EVs below their window", hears("NotifyEVChargingNeeds", drop(f"{_V2X}.evMinV2XEnergyRequest"))),
    _mutant("ignores-one-way", "takes every EV for a bidirectional one", hears("NotifyEVChargingNeeds", put("chargingNeeds.requestedEnergyTransfer", "DC_BPT"))),
    _mutant("profiles-without-transaction", "names no transaction in a TxProfile", _profiles(drop(f"{_PROFILE}.transactionId"))),
    _mutant("foreign-transaction", "names another transaction in a TxProfile", _profiles(put(f"{_PROFILE}.transactionId", "another"))),
    _mutant("profiles-for-station", "sends TxProfiles to EVSE 0", _profiles(put("evseId", 0))),
    _mutant("reversed-setpoint", "sends setpoints with the wrong sign", _profiles(scale(f"{_PERIODS}.setpoint", -1))),
    _mutant("setpoint-in-kilowatts", "sends setpoints in kW", _profiles(scale(f"{_PERIODS}.setpoint", 0.001))),
    _mutant("too-much", "asks for ten times the power", _profiles(scale(f"{_PERIODS}.setpoint", 10), scale(f"{_PERIODS}.limit", 10))),
    _mutant("discharge-limit-in-charging", "sends a discharge limit with plain charging", _profiles(put(f"{_PERIODS}.dischargeLimit", -1000))),
    _mutant("phase-values", "sends limits per phase that no EV asked for", _profiles(put(f"{_PERIODS}.limit_L2", 1000))),
    _mutant("no-start-schedule", "leaves startSchedule out", _profiles(drop(f"{_SCHEDULES}.startSchedule"))),
    _mutant("first-period-late", "begins its schedules at 10 s", _profiles(put(f"{_PERIODS}.startPeriod", 10))),
    _mutant("external-purpose", "sends limits as if they were external", _profiles(put(f"{_PROFILE}.chargingProfilePurpose", "ChargingStationExternalConstraints"))),
    _mutant("highest-stack-level", "uses stack level 1000", _profiles(put(f"{_PROFILE}.stackLevel", 1000))),
    _mutant("refuses-pulls", "has no update for a station that asks", answers("PullDynamicScheduleUpdate", put("status", "Rejected"), drop("scheduleUpdate"))),
    _mutant("answers-any-pull", "has an update for profiles it never sent", answers("PullDynamicScheduleUpdate", put("status", "Accepted"), put("scheduleUpdate", {"limit": 0}))),
    _mutant("accepts-any-ev-schedule", "accepts schedules beyond its own limits", _policy("ev_schedule_status", "Accepted")),
    _mutant("deaf-to-limits", "does not hear of limits others set", Swallows("NotifyChargingLimit")),
    _mutant("reversed-afrr", "passes aFRR signals on with the wrong sign", says("AFRRSignal", scale("signal", -1))),
    _mutant("old-afrr", "passes aFRR signals on with a time long past", says("AFRRSignal", put("timestamp", "2019-01-01T00:00:00Z"))),
)  # fmt: skip

_DER_AND_OTHERS = (
    _mutant("timed-defaults", "gives default DER controls a duration", says("SetDERControl", put("curve.duration", 900), only=("isDefault", True))),
    _mutant("untimed-controls", "gives scheduled DER controls no duration", says("SetDERControl", drop("curve.duration"), only=("isDefault", False))),
    _mutant("wrong-der-object", "sends every DER control with a second object", says("SetDERControl", put("gradient", {"priority": 0, "gradient": 1, "softGradient": 1}))),
    _mutant("mute-der-reports", "does not take reports of DER controls", Mute("ReportDERControl")),
    _mutant("mute-der-alarms", "does not take DER alarms", Mute("NotifyDERAlarm")),
    _mutant("loses-request-id", "sends a signed certificate without the requestId", says("CertificateSigned", drop("requestId"))),
    _mutant("loses-certificate-type", "sends a signed certificate without its type", says("CertificateSigned", drop("certificateType"))),
    _mutant("signs-nothing", "refuses every certificate request", _policy("sign_requests", False)),
    _mutant("promises-certificates", "accepts certificate requests and sends nothing", Withholds("CertificateSigned")),
    _mutant("good-certificates", "calls every certificate good", answers("GetCertificateChainStatus", put("certificateStatus.*.status", "Good"))),
    _mutant("refuses-streams", "takes no event streams", _policy("streams", False)),
    _mutant("knows-every-vendor", "accepts messages of unknown vendors", answers("DataTransfer", put("status", "Accepted"))),
)  # fmt: skip

CATALOGUE = (*_ENTRANCE, *_REGISTRATION, *_AUTHORISATION, *_TRANSACTIONS, *_CHARGING, *_DER_AND_OTHERS)
