"""Faulty stations that go wrong with bidirectional power transfer and with what they say they will do (block Q, K08)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.fault.fault import Direction, Fault, Mutant
from harness.fault.ocpp import Pretends, answers, drop, hears, is_frame, learns, put, says, scale
from harness.fault.signal import NeverRises
from harness.mutants.station import Configured

_PERIODS = "chargingProfile.chargingSchedule.*.chargingSchedulePeriod.*"
_TOLD = "schedule.chargingSchedulePeriod.*"
_REPORTED = "chargingProfile.*"


@dataclass(frozen=True)
class Hides(Fault):
    """Says of every variable of a component that it does not know the component."""

    component: str

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction != "out" or not is_frame(message, "response", "GetVariables"):
            return (message,)
        told = [self._of(each) for each in message.payload["getVariableResult"]]
        return (replace(message, payload={**message.payload, "getVariableResult": told}),)

    def _of(self, result: dict[str, Any]) -> dict[str, Any]:
        if result["component"]["name"] != self.component:
            return result
        kept = {name: value for name, value in result.items() if name != "attributeValue"}
        return {**kept, "attributeStatus": "UnknownComponent"}


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"station-{name}", "station", what, faults)


_SCHEDULES = (
    _mutant(
        "composite-uncapped",
        "reports the setpoint that was asked for, whatever caps it",
        answers("GetCompositeSchedule", scale(f"{_TOLD}.setpoint", 2)),
    ),
    _mutant(
        "composite-frozen",
        "reports the schedule of a moment as if it held for ever",
        answers("GetCompositeSchedule", put(f"{_TOLD}.startPeriod", 0)),
    ),
)

_SITE = (
    _mutant(
        "deaf-to-site",
        "does not let itself be told by systems on site",
        Configured("SmartChargingCtrlr.ExternalControlSignalsEnabled", "false"),
    ),
    _mutant(
        "refuses-site-profiles",
        "lets systems on site speak only where the CSMS waits for it",
        Configured("SmartChargingCtrlr.ExternalConstraintsProfileDisallowed", "true"),
        Pretends(("SetVariables",)),
    ),
    _mutant(
        "site-kind-lost",
        "does not say of what kind and mode profiles of the site are",
        says(
            "ReportChargingProfiles",
            put(f"{_REPORTED}.chargingProfileKind", "Relative"),
            drop(f"{_REPORTED}.chargingSchedule.*.chargingSchedulePeriod.*.operationMode"),
        ),
    ),
    _mutant(
        "csms-setpoint-first",
        "prefers the setpoint of the CSMS whatever SetpointPriority says",
        Configured("SmartChargingCtrlr.SetpointPriority", "CSMS"),
        Pretends(("SetVariables",)),
    ),
)

_MODES = (
    _mutant(
        "deaf-to-reactive-setpoints",
        "takes every reactive setpoint for 0",
        hears("SetChargingProfile", put(f"{_PERIODS}.setpointReactive", 0)),
        hears("UpdateDynamicSchedule", put("scheduleUpdate.setpointReactive", 0)),
    ),
    _mutant("discharges-on", "does not stop to discharge once it has begun", NeverRises("power")),
    _mutant(
        "claims-sleep",
        "says that the EVSE sleeps where it cannot",
        says("TransactionEvent", put("evseSleep", True)),
    ),
    _mutant(
        "takes-values-per-phase",
        "overlooks values per phase that no EV asked for",
        hears(
            "SetChargingProfile",
            *(
                drop(f"{_PERIODS}.{name}_{phase}")
                for name in ("limit", "dischargeLimit", "setpoint")
                for phase in ("L2", "L3")
            ),
        ),
    ),
    _mutant("hides-the-ev", "does not know the component ConnectedEV", Hides("ConnectedEV")),
    _mutant(
        "two-way-needs",
        "says that every EV can give energy back",
        says(
            "NotifyEVChargingNeeds",
            put("chargingNeeds.requestedEnergyTransfer", "DC_BPT"),
            put("chargingNeeds.v2xChargingParameters.maxDischargePower", 10_000.0),
        ),
    ),
    _mutant(
        "no-control-mode",
        "leaves the control mode and the services of the EV out of its needs",
        says("NotifyEVChargingNeeds", drop("chargingNeeds.controlMode"), drop("chargingNeeds.availableEnergyTransfer")),
    ),
    _mutant(
        "priority-for-ever",
        "does not let priority charging end",
        hears("UsePriorityCharging", put("activate", True)),
    ),
    _mutant(
        "hasty-offline",
        "leaves every profile a few seconds after the connection is lost",
        hears("SetChargingProfile", put("chargingProfile.maxOfflineDuration", 3)),
    ),
    _mutant(
        "signals-at-once",
        "follows an aFRR signal when it comes, not when it says",
        hears("AFRRSignal", put("timestamp", "2020-01-01T00:00:00Z")),
    ),
    _mutant(
        "pulls-blindly",
        "takes the values of an answer that refuses them",
        learns("PullDynamicScheduleUpdate", put("status", "Accepted"), put("scheduleUpdate", {"setpoint": 0.0})),
    ),
)

CATALOGUE: tuple[Mutant, ...] = (*_SCHEDULES, *_SITE, *_MODES)
