"""A day in the life of a CSMS, as its stations see it: everything it says, when it says it, and what it keeps to itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from harness.actor.embedded_csms import REFERENCE, EmbeddedCsms
from harness.actor.ocpp_line import CsmsAccess
from harness.errors import BenchError
from harness.fault.fault import Fault
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.memory import MemoryNetwork
from harness.link.trace import Timeline
from harness.link.virtual import VirtualTimeLoop
from harness.ocpp.security import PROFILES
from harness.ocpp.times import moment
from harness.ocppj.frame import Call, CallError, CallResult
from tests.actor.scripted_station import ScriptedStation
from tests.pki.test_operator import request_for

_PASSWORD = "0123456789abcdef-x"
_PATIENCE = 40.0
AT = "2026-03-01T12:00:00Z"
TOKEN = {"idToken": "TEST-VALID-01", "type": "ISO14443"}
Said = list[Any]


def life(faults: Sequence[Fault] = ()) -> Said:
    """What the stations saw of a CSMS with these faults."""
    loop = VirtualTimeLoop()
    try:
        return loop.run_until_complete(_life(faults))
    finally:
        loop.close()


async def _life(faults: Sequence[Fault]) -> Said:
    said: Said = []
    settings = REFERENCE.listening(
        security_profile=1, passwords={"CS1": _PASSWORD, "CS9": _PASSWORD}, identities=frozenset({"CS1"})
    )
    network = MemoryNetwork()
    csms = EmbeddedCsms(settings, network, faults=faults)
    await csms.start()
    for identity, password in (("CS1", ""), ("CS9", _PASSWORD), ("CS1", _PASSWORD)):
        said.append(await _knock(csms, network, identity, password))
    station = ScriptedStation(network, csms.address)
    station.password, station.answers = _PASSWORD, {"GetBaseReport": {"status": "Accepted"}}
    try:
        await station.connect()
        await _day(csms, station, said)
        said += _heard(station)
    except (ConnectionError, BenchError) as error:
        said.append(f"over: {error}")
    finally:
        if hasattr(station, "link"):
            await station.close()
        await csms.stop()
    return said


async def _knock(csms: EmbeddedCsms, network: MemoryNetwork, identity: str, password: str) -> Any:
    """Whether a station is let in, with which version, and whether compressed."""
    profile = PROFILES[1 if password else 0]
    reach = CsmsAccess(network, csms.address, "ws://csms/ocpp", identity, profile, password=password.encode())
    opened = await reach.open(Timeline(Clock()), Capture())
    if opened.line is None:
        return str(opened.seen.message)
    found = (identity, opened.line.version, opened.line.socket.compression)
    await opened.line.link.close()
    return found


async def _day(csms: EmbeddedCsms, station: ScriptedStation, said: Said) -> None:
    ask = _Asking(station, said)
    await ask("Heartbeat")
    await ask("BootNotification", reason="PowerUp", chargingStation={"vendorName": "V", "model": "M"})
    await ask("Heartbeat")
    await _authorise(ask)
    await _charge(csms, ask)
    await _steer(csms, ask)
    await _others(ask)


async def _authorise(ask: _Asking) -> None:
    for token in ("TEST-VALID-01", "test-valid-01", "TEST-BLOCKED-01", "NOBODY"):
        await ask("Authorize", idToken={"idToken": token, "type": "ISO14443"})


async def _charge(csms: EmbeddedCsms, ask: _Asking) -> None:
    start = {"remoteStartId": 1, "idToken": TOKEN}
    await csms.send_request("RequestStartTransaction", start)
    evs = {
        1: ("DC_BPT", "TEST-VALID-01", {"maxChargePower": 9000, "maxDischargePower": 8000}),
        2: ("DC", "TEST-VALID-01", {"maxChargePower": 9000}),
        3: ("DC_BPT", "TEST-CHARGE-ONLY-01", {"maxChargePower": 9000, "maxDischargePower": 8000}),
        4: ("DC_BPT", "TEST-VALID-01", {"maxChargePower": 9000, "maxDischargePower": 8, "evMinV2XEnergyRequest": 5}),
        5: ("DC_BPT", "TEST-VALID-01", {"maxChargePower": 9000, "maxDischargePower": 3000}),
    }
    for evse, (transfer, token, v2x) in evs.items():
        used = {"idToken": token, "type": "ISO14443"}
        await _event(ask, "Started", 0, evse, idToken=used, meterValue=_registers(0, 0))
        needs = {"requestedEnergyTransfer": transfer, "v2xChargingParameters": v2x}
        await ask("NotifyEVChargingNeeds", evseId=evse, chargingNeeds=needs)
    await asyncio.sleep(120)
    chosen = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 99_000}]}
    await ask("NotifyEVChargingSchedule", timeBase=AT, evseId=2, chargingSchedule=chosen)
    await ask("MeterValues", evseId=1, meterValue=_registers(1000, 2000))
    await ask("NotifyChargingLimit", chargingLimit={"chargingLimitSource": "EMS"})
    await _event(ask, "Ended", 1, 1, meterValue=_registers(1000, 9000))


async def _event(ask: _Asking, kind: str, seq: int, evse: int, **more: Any) -> None:
    reason = "Authorized" if kind == "Started" else "StopAuthorized"
    told = {"eventType": kind, "triggerReason": reason, "seqNo": seq, "timestamp": AT}
    place = {"evse": {"id": evse}} if kind == "Started" else {}
    await ask("TransactionEvent", **told, **place, transactionInfo={"transactionId": f"t{evse}"}, **more)


def _registers(taken: float, given: float) -> list[Any]:
    values = (("Energy.Active.Import.Register", taken), ("Energy.Active.Export.Register", given))
    return [{"timestamp": AT, "sampledValue": [{"measurand": name, "value": value} for name, value in values]}]


async def _steer(csms: EmbeddedCsms, ask: _Asking) -> None:
    period = {"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": -1000}
    schedule = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [period]}
    profile = {"id": 900, "stackLevel": 1, "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Dynamic"}
    profile |= {"transactionId": "t5", "chargingSchedule": [schedule]}
    await csms.send_request("SetChargingProfile", {"evseId": 5, "chargingProfile": profile})
    await asyncio.sleep(60)
    for number in (900, 901):
        await ask("PullDynamicScheduleUpdate", chargingProfileId=number)
    curve = {"priority": 0, "yUnit": "PctMaxVar", "curveData": [{"x": 92, "y": 44}]}
    timed = {**curve, "startTime": AT, "duration": 900}
    for name, default, content in (("d", True, curve), ("s", False, timed)):
        asked = {"isDefault": default, "controlId": name, "controlType": "VoltVar", "curve": content}
        await csms.send_request("SetDERControl", asked)
    await csms.send_request("AFRRSignal", {"timestamp": AT, "signal": 50})
    await csms.send_request("SendLocalList", {"versionNumber": 7, "updateType": "Full"})
    await asyncio.sleep(180)
    await ask("ReportDERControl", requestId=1)
    await ask("NotifyDERAlarm", controlType="HFMustTrip", timestamp=AT)


async def _others(ask: _Asking) -> None:
    asked = {"csr": request_for("CS1"), "certificateType": "V2GCertificate", "requestId": 4}
    await ask("SignCertificate", **asked)
    hashed = {"hashAlgorithm": "SHA256", "issuerNameHash": "a", "issuerKeyHash": "b", "serialNumber": "c"}
    status = {"source": "OCSP", "urls": ["http://x"], "certificateHashData": hashed}
    await ask("GetCertificateChainStatus", certificateStatusRequests=[status])
    await ask("DataTransfer", vendorId="org.nobody")
    stream = {"id": 4, "variableMonitoringId": 1, "params": {"interval": 1}}
    await ask("OpenPeriodicEventStream", constantStreamData=stream)
    await asyncio.sleep(60)


class _Asking:
    """Asks, and writes down what came, and after how many seconds."""

    def __init__(self, station: ScriptedStation, said: Said) -> None:
        self._station, self._said = station, said

    async def __call__(self, action: str, **payload: Any) -> None:
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await self._station.call(action, payload)
        except TimeoutError:
            self._said.append((action, "silence"))
            return
        took = round(asyncio.get_running_loop().time() - began)
        if isinstance(answer, CallError):
            self._said.append((action, took, answer.code))
        elif isinstance(answer, CallResult):
            self._said.append((action, took, _plain(answer.payload)))


def _heard(station: ScriptedStation) -> Said:
    """The CSMS's own requests with the time, how many answers it sent in all, and whether its ids were its own."""
    sent = station.link.timeline.trace.sent_by("csms")
    calls = [(round(seen.at), seen.message.action, _plain(seen.message.payload)) for seen in sent.of(Call)]
    ids = {seen.message.message_id for seen in sent.of(Call)}
    return [*calls, len(ids), len(sent.of(CallResult))]


def _plain(part: Any) -> Any:
    """Without what differs from run to run: times of today, certificates."""
    if isinstance(part, dict):
        return {name: _plain(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_plain(value) for value in part]
    if not isinstance(part, str):
        return part
    if part.startswith("-----BEGIN"):
        return "certificates"
    when = moment(part)
    return "now" if when is not None and part.endswith("Z") and when.year >= 2026 else part
