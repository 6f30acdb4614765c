"""One long day of a station, in which everything that it can do happens once; two stations can be compared by it."""

from __future__ import annotations

import json
from typing import Any

from harness.fault.fault import Fault
from tests.ocpp.station.bench import OTHER, TAG, Bench
from tests.ocpp.station.profiles import FREQUENCY, dynamic, limit, mode, profile, setpoint

DROOP = {"overFreq": 50.036, "underFreq": 49.964, "overDroop": 0.05, "underDroop": 0.05, "responseTime": 5}
VOLTS = [{"x": 92, "y": 44}, {"x": 98, "y": 0}, {"x": 102, "y": 0}, {"x": 108, "y": -44}]
Seen = list[str]


class Day:
    """`seen` is what an observer at the wire and at the plug sees."""

    def __init__(self, **settings: Any) -> None:
        self.bench = Bench(**settings)
        self.seen: Seen = []

    def ask(self, action: str, payload: dict[str, Any] | None = None) -> None:
        answer = self.bench.ask(action, payload)
        self.seen.append(f"{action}: {json.dumps(answer, sort_keys=True)}")

    def install(self, one: dict[str, Any], evse: int = 1) -> None:
        running = self.bench.station.transactions.of_evse.get(evse)
        if one["chargingProfilePurpose"] == "TxProfile" and running is not None:
            one = {"transactionId": running.id, **one}
        self.ask("SetChargingProfile", {"evseId": evse, "chargingProfile": one})

    def wait(self, seconds: float) -> None:
        """Let time pass; note what flows, as an independent meter shows it."""
        self.bench.run(seconds)
        self.seen += [f"{self.bench.true_power(evse):.0f} W" for evse in self.bench.station.evses]

    def end(self) -> Seen:
        sent = [f"{at:.0f} {action} {json.dumps(payload, sort_keys=True)}" for at, action, payload in self.bench.sent]
        return [*self.seen, *sent, *self.bench.wrong, *self.bench.bent, f"held back {self.bench.held:.0f} s"]


def provisioning(faults: tuple[Fault, ...]) -> Seen:
    day = Day(faults=faults, evses=2)
    heartbeat = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
    secret = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    day.ask("GetVariables", {"getVariableData": [heartbeat, secret]})
    day.ask("SetVariables", {"setVariableData": [{**heartbeat, "attributeValue": "20"}]})
    day.ask("GetVariables", {"getVariableData": [heartbeat]})
    day.ask("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    day.ask("Nonsense")
    day.ask("GetReport", {"requestId": 2, "componentVariable": [{"component": {"name": "TxCtrlr"}}]})
    monitor = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "ActiveTransactionId"}}
    day.ask("SetVariableMonitoring", {"setMonitoringData": [{**monitor, "type": "Delta", "value": 1, "severity": 5}]})
    day.bench.charge()
    day.ask("ClearVariableMonitoring", {"id": [1]})
    day.bench.unplug()
    day.ask("TriggerMessage", {"requestedMessage": "Heartbeat"})
    day.ask("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 1}})
    day.wait(70)
    day.ask("Reset", {"type": "Immediate"})
    day.seen.append(str(day.bench.station.restart.due))
    return [*day.end(), *_pending(faults)]


def _pending(faults: tuple[Fault, ...]) -> Seen:
    pending = {"currentTime": "2026-03-01T12:00:00Z", "interval": 10, "status": "Pending"}
    day = Day(faults=faults, replies={"BootNotification": lambda _payload: pending})
    day.bench.charge()
    day.wait(15)
    return day.end()


def driving(faults: tuple[Fault, ...]) -> Seen:
    day = Day(faults=faults, evses=2)
    day.bench.charge()
    day.wait(61)
    running = day.bench.station.transactions.of_evse
    for evse in (1, 2):
        day.ask("UnlockConnector", {"evseId": evse, "connectorId": 1})
    day.ask("Reset", {"type": "Immediate", "evseId": 1})
    start = {"remoteStartId": 7, "evseId": 2, "idToken": {"idToken": "REMOTE", "type": "Central"}}
    day.bench.plug_in(evse=2)
    day.ask("RequestStartTransaction", start)
    day.wait(5)
    day.ask("RequestStopTransaction", {"transactionId": running[2].id if 2 in running else "gone"})
    day.ask("ClearCache")
    entry = {"idToken": OTHER, "idTokenInfo": {"status": "Accepted"}}
    day.ask("SendLocalList", {"versionNumber": 2, "updateType": "Full", "localAuthorizationList": [entry]})
    day.ask("GetLocalListVersion")
    day.bench.unplug(2)
    day.bench.present(OTHER, evse=2)
    day.ask("CustomerInformation", {"requestId": 4, "report": True, "clear": True, "idToken": TAG})
    day.wait(70)
    return [*day.end(), *_refused(faults), *_needs(faults)]


def _refused(faults: tuple[Fault, ...]) -> Seen:
    blocked = {"idTokenInfo": {"status": "Blocked"}}
    day = Day(faults=faults, replies={"Authorize": lambda _payload: blocked})
    day.bench.charge_if_possible()
    day.wait(3)
    later = Day(faults=faults, replies={"TransactionEvent": lambda event: blocked if "idToken" in event else {}})
    later.bench.charge_if_possible()
    later.wait(3)
    broken = Day(faults=faults, replies={"TransactionEvent": lambda _event: "InternalError"})
    broken.bench.charge_if_possible()
    broken.wait(60)
    return [*day.end(), *later.end(), *broken.end()]


def _needs(faults: tuple[Fault, ...]) -> Seen:
    refused = Day(faults=faults, replies={"NotifyEVChargingNeeds": lambda _payload: {"status": "Rejected"}})
    refused.bench.charge_if_possible()
    plain = Day(faults=faults, replies={"Authorize": lambda _payload: {"idTokenInfo": {"status": "Accepted"}}})
    transaction = plain.bench.charge()
    plain.install(profile(1, setpoint(-4000)))
    plain.wait(3)
    plain.ask("NotifyAllowedEnergyTransfer", {"transactionId": transaction, "allowedEnergyTransfer": ["DC", "DC_BPT"]})
    plain.wait(3)
    return [*refused.end(), *plain.end()]


def profiles(faults: tuple[Fault, ...]) -> Seen:
    day = Day(faults=faults, evses=2)
    day.bench.charge()
    day.bench.charge(evse=2)
    day.install(profile(1, limit(3000), purpose="TxDefaultProfile"), 0)
    day.install(profile(2, limit(6000), limit(2000, 40), level=2, schedule={"duration": 80}))
    day.install(profile(3, limit(5000), purpose="TxDefaultProfile", level=1), 2)
    day.wait(30)
    for evse in (1, 0):
        day.ask("GetCompositeSchedule", {"evseId": evse, "duration": 120})
    day.wait(30)
    day.wait(40)
    bounds = {"validFrom": day.bench.at(30), "validTo": day.bench.at(60)}
    day.install(profile(4, limit(4000), level=5, **bounds))
    for _ in range(3):
        day.wait(25)
    day.install(profile(5, limit(9000), level=6, schedule={"limitAtSoC": {"soc": 10, "limit": 2500}}))
    day.wait(3)
    day.ask("GetChargingProfiles", {"requestId": 5, "chargingProfile": {"chargingProfileId": [1]}})
    day.ask("ClearChargingProfile", {"chargingProfileId": 5})
    day.ask("ClearChargingProfile", {"chargingProfileId": 5})
    day.install(profile(6, limit(1000), limit(2000, 5), limit(3000, 200), level=7, schedule={"randomizedDelay": 100}))
    day.wait(120)
    day.install(profile(7, limit(9000), limit(8000, 5)), 9)
    priority = profile(
        8, limit(8000), purpose="PriorityCharging", kind="Absolute", schedule={"startSchedule": day.bench.at(-5)}
    )
    day.install(priority)
    running = day.bench.station.transactions.of_evse[1].id
    for active in (True, False):
        day.ask("UsePriorityCharging", {"transactionId": running, "activate": active})
        day.wait(2)
    return day.end()


def v2x(faults: tuple[Fault, ...]) -> Seen:
    reply = {"status": "Accepted", "scheduleUpdate": {"setpoint": -2500}}
    variables = {"SampledDataCtrlr.TxUpdatedInterval": "10"}
    day = Day(
        faults=faults, variables=variables, load=1000.0, replies={"PullDynamicScheduleUpdate": lambda _payload: reply}
    )
    day.bench.charge()
    day.install(profile(1, setpoint(-4000, dischargeLimit=-8000)))
    day.wait(15)
    day.ask("GetCompositeSchedule", {"evseId": 1, "duration": 60})
    day.install(
        dynamic(2, setpoint(3000, dischargeLimit=-8000), level=1, schedule={"duration": 30}, dynUpdateInterval=20)
    )
    day.ask("UpdateDynamicSchedule", {"chargingProfileId": 2, "scheduleUpdate": {"setpoint": -9000}})
    day.wait(5)
    day.wait(25)
    day.ask("ClearChargingProfile", {"chargingProfileId": 2})
    day.install(dynamic(3, setpoint(3000), level=2, schedule={"duration": 10}))
    day.wait(15)
    day.install(profile(4, FREQUENCY, level=3))
    day.wait(2)
    day.bench.mains["frequency"] = 49.9
    day.wait(2)
    day.ask("AFRRSignal", {"timestamp": day.bench.at(0), "signal": 50})
    day.wait(2)
    day.bench.load = 8000.0
    day.install(profile(5, mode("LocalLoadBalancing"), level=4))
    day.wait(5)
    day.install(profile(6, mode("Idle", evseSleep=True), level=5))
    day.wait(15)
    return day.end()


def der(faults: tuple[Fault, ...]) -> Seen:
    day = Day(faults=faults)
    day.bench.charge()
    day.install(profile(1, setpoint(-9000)))

    def put(identifier: str, kind: str, member: str, body: dict[str, Any], default: bool = True) -> None:
        day.ask("SetDERControl", {"isDefault": default, "controlId": identifier, "controlType": kind, member: body})

    put("d1", "FreqDroop", "freqDroop", {**DROOP, "priority": 2})
    put("d2", "FreqDroop", "freqDroop", {**DROOP, "priority": 1})
    put("x", "PowerMonitoringMustTrip", "curve", {"priority": 1, "yUnit": "Not_Applicable", "curveData": VOLTS})
    put("v", "VoltVar", "curve", {"priority": 1, "yUnit": "PctMaxVar", "curveData": VOLTS})
    put(
        "w",
        "VoltWatt",
        "curve",
        {"priority": 1, "yUnit": "PctMaxW", "curveData": [{"x": 106, "y": 100}, {"x": 110, "y": 0}]},
    )
    put("l", "LimitMaxDischarge", "limitMaxDischarge", {"priority": 1, "pctMaxDischargePower": 20})
    day.wait(2)
    for start, number in ((5, 5), (15, 3)):
        timed = {"startTime": day.bench.at(start), "duration": 20, "priority": number}
        put(f"s{number}", "FixedVar", "fixedVar", {"setpoint": 30, "unit": "PctMaxVar", **timed}, default=False)
        day.wait(6)
    day.ask("ClearDERControl", {"isDefault": True, "controlId": "l"})
    for disturbed in ({"frequency": 50.1}, {"frequency": 50.0, "grid_voltage": 250.0}, {"grid_voltage": 230.0}):
        day.bench.mains.update(disturbed)
        day.wait(5)
    day.ask("GetDERControl", {"requestId": 8, "controlType": "FreqDroop", "isDefault": True})
    day.ask("ClearDERControl", {"isDefault": True, "controlId": "w"})
    day.ask("GetDERControl", {"requestId": 9})
    day.wait(30)
    return day.end()


def outages(faults: tuple[Fault, ...]) -> Seen:
    seen: Seen = []
    for void in (False, True):
        day = Day(faults=faults)
        day.bench.charge()
        day.install(profile(1, limit(2000), purpose="TxDefaultProfile"), 0)
        day.install(profile(2, setpoint(-5000), level=1, maxOfflineDuration=30, invalidAfterOfflineDuration=void))
        day.bench.disconnect()
        day.wait(20)
        day.wait(50)
        day.bench.connect()
        day.wait(5)
        day.bench.unplug()
        seen += day.end()
    return seen


def site(faults: tuple[Fault, ...]) -> Seen:
    day = Day(faults=faults)
    day.bench.charge()
    day.bench.station.charging.site.demand(0, day.bench.time, limit=4000.0)
    day.wait(3)
    day.bench.station.charging.site.release(0, day.bench.time)
    day.wait(3)
    day.install(dynamic(5, mode("ExternalSetpoint")))
    day.bench.station.charging.site.demand(1, day.bench.time, setpoint=-3000.0)
    day.wait(3)
    return day.end()


def desk(faults: tuple[Fault, ...]) -> Seen:
    day = Day(faults=faults)
    day.ask("ReserveNow", {"id": 4, "expiryDateTime": day.bench.at(100), "idToken": TAG, "evseId": 1})
    day.wait(1)
    day.ask("CancelReservation", {"reservationId": 4})
    day.wait(1)
    message = {"id": 3, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "Hello"}}
    day.ask("SetDisplayMessage", {"message": message})
    day.ask("GetDisplayMessages", {"requestId": 1})
    day.ask("InstallCertificate", {"certificateType": "V2GRootCertificate", "certificate": "nonsense"})
    unknown = {"hashAlgorithm": "SHA256", "issuerNameHash": "a", "issuerKeyHash": "b", "serialNumber": "c"}
    day.ask("DeleteCertificate", {"certificateHashData": unknown})
    day.ask("CertificateSigned", {"certificateChain": "nonsense"})
    day.ask("GetLog", {"logType": "SecurityLog", "requestId": 3, "log": {"remoteLocation": "https://files/"}})
    firmware = {"location": "https://files/image", "retrieveDateTime": day.bench.at(0)}
    day.ask("UpdateFirmware", {"requestId": 1, "firmware": firmware})
    day.wait(2)
    return day.end()


CHAPTERS = (desk, site, outages, der, v2x, driving, profiles, provisioning)
"""The quick ones first."""
