"""The CSMS on a network: answers as its policy says, calls and expectations as values, whatever the station does."""

# ruff: noqa: ARG001
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from harness.actor.csms import Csms
from harness.actor.csms_authority import OperatorAuthority
from harness.actor.csms_settings import CsmsSettings, Entrance
from harness.actor.csms_store import CsmsStore
from harness.actor.ocpp_line import CsmsAccess, ocpp_tls
from harness.errors import BenchError, DescriptionError, Inconclusive
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.memory import MemoryNetwork
from harness.link.observation import Closed, Connected, Refused, Silence, Undecodable
from harness.link.sockets import SocketNetwork
from harness.link.trace import Timeline
from harness.link.virtual import VirtualTimeLoop
from harness.ocpp.csms.periods import V2xPlan, central_setpoint, local_frequency
from harness.ocpp.csms.policy import CsmsPolicy, Manner
from harness.ocpp.security import PROFILES
from harness.ocppj.frame import Call, CallError, CallResult
from harness.pki.operator import operator_ca
from tests.actor.scripted_station import ScriptedStation

Told = Callable[[Csms, ScriptedStation], Awaitable[None]]


def story(told: Told | None = None, **choices: Any) -> Any:
    """Let a CSMS and one station that has connected play a scene in virtual time."""

    def decorate(told: Told) -> Callable[[], None]:
        def test() -> None:
            settings = CsmsSettings(policy=choices.get("policy", CsmsPolicy()), answer_time=10.0)

            async def run() -> None:
                csms = Csms(settings, MemoryNetwork(), Timeline(Clock()), identity="CS1")
                await csms.start()
                station = ScriptedStation(csms._network, csms.address, version=choices.get("version", "2.1"))
                await station.connect()
                await csms.connected(within=5)
                try:
                    await told(csms, station)
                finally:
                    await station.close()
                    await csms.stop()

            in_virtual_time(run)

        test.__name__, test.__doc__ = told.__name__, told.__doc__
        return test

    return decorate(told) if told is not None else decorate


def in_virtual_time(run: Callable[[], Awaitable[None]]) -> None:
    loop = VirtualTimeLoop()
    try:
        loop.run_until_complete(run())
    finally:
        loop.close()


# --- being called ---


@story
async def test_a_boot_is_answered_and_found_by_the_case(csms, station):
    assert (await station.boot())["status"] == "Accepted"
    seen = await csms.booted(within=10)
    assert seen.message.action == "BootNotification"
    assert csms.record.standing.status == "Accepted"


@story
async def test_a_station_that_does_not_boot_is_asked_to(csms, station):
    async def boot_when_asked() -> None:
        await station.requested("TriggerMessage")
        await station.boot()

    booting = asyncio.create_task(boot_when_asked())
    assert (await csms.booted(within=20)).message.action == "BootNotification"
    await booting


@story
async def test_a_station_that_never_boots_is_inconclusive_and_nobody_is_blamed(csms, station):
    station.answers["TriggerMessage"] = {"status": "NotImplemented"}
    with pytest.raises(Inconclusive, match="TriggerMessage"):
        await csms.booted(within=10)


@story
async def test_an_answer_comes_late_and_others_overtake_it(csms, station):
    csms.policy = csms.policy.manner("Heartbeat", delay=5.0)
    loop = asyncio.get_running_loop()
    began = loop.time()
    slow = asyncio.create_task(station.call("Heartbeat"))
    await station.boot()
    assert loop.time() == began
    await slow
    assert loop.time() - began == pytest.approx(5.0)


@story
async def test_an_answer_comes_twice_or_never(csms, station):
    csms.policy = csms.policy.manner("Heartbeat", times=2)
    await station.ask("Heartbeat")
    await asyncio.sleep(1)
    assert len(csms.trace.sent_by("csms").of(CallResult)) == 2
    csms.policy = csms.policy.silent_on("Heartbeat")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(30):
            await station.call("Heartbeat")


@story
async def test_a_request_is_refused_by_the_code_of_the_policy(csms, station):
    csms.policy = csms.policy.refusing("Heartbeat", "SecurityError", first=1)
    refused = await station.call("Heartbeat")
    assert isinstance(refused, CallError) and refused.code == "SecurityError"
    assert isinstance(await station.call("Heartbeat"), CallResult)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"idToken": {"idToken": "x"}}, "OccurrenceConstraintViolation"),
        ({"idToken": {"idToken": 5, "type": "Central"}}, "TypeConstraintViolation"),
        ({"idToken": {"idToken": "x", "type": "Central"}, "more": 1}, "FormatViolation"),
    ],
)
def test_a_bad_payload_is_refused_with_the_code_of_the_version_and_not_taken(payload, code):
    @story
    async def told(csms, station):
        refused = await station.call("Authorize", payload)
        assert isinstance(refused, CallError)
        assert refused.code == code

    told()


@story(version="1.6")
async def test_1_6_codes_are_spelt_as_1_6_has_them(csms, station):
    refused = await station.call("Authorize", {})
    assert isinstance(refused, CallError) and refused.code == "OccurenceConstraintViolation"


@story
async def test_an_unknown_action_is_not_implemented(csms, station):
    refused = await station.call("Nonsense")
    assert isinstance(refused, CallError) and refused.code == "NotImplemented"


@story
async def test_a_send_is_noted_and_never_answered(csms, station):
    stream = {"id": 4, "variableMonitoringId": 1, "params": {"interval": 1}}
    await station.ask("OpenPeriodicEventStream", {"constantStreamData": stream})
    sent = len(csms.trace.sent_by("csms"))
    samples = {"id": 4, "pending": 0, "basetime": "2026-03-01T12:00:00Z", "data": [{"t": 0, "v": "1"}]}
    await station.tell("NotifyPeriodicEventStream", samples)
    await station.tell("NotifyPeriodicEventStream", {"id": "wrong"})
    seen = await csms.expect("NotifyPeriodicEventStream", within=5)
    assert seen.message.payload["id"] == 4
    assert csms.record.streams["4"].samples == 1
    await asyncio.sleep(1)
    assert len(csms.trace.sent_by("csms")) == sent


# --- what is no frame ---


@pytest.mark.parametrize(
    ("text", "message_id"),
    [
        ("no json", "-1"),
        ('{"a": 1}', "-1"),
        ("[2]", "-1"),
        ('[2, "m9"]', "m9"),
        ('[2, "m9", "Heartbeat", []]', "m9"),
        ('[2, 5, "Heartbeat", {}]', "-1"),
    ],
)
def test_what_is_no_frame_is_refused_and_the_conversation_goes_on(text, message_id):
    @story
    async def told(csms, station):
        await station.link.send_octets(text.encode(), "a broken frame")
        assert "currentTime" in await station.ask("Heartbeat")
        assert len(csms.trace.of(Undecodable)) == 1
        (refused,) = csms.trace.sent_by("csms").of(CallError)
        assert refused.message.message_id == message_id

    told()


@story
async def test_broken_answers_and_unknown_types_are_not_answered(csms, station):
    for text in ('[3, "x"]', '[4, "x", 5, "", {}]', '[9, "x", {}]'):
        await station.link.send_octets(text.encode(), "a broken frame")
    await station.ask("Heartbeat")
    assert len(csms.trace.of(Undecodable)) == 3
    assert not csms.trace.sent_by("csms").of(CallError)


@story
async def test_answers_that_nobody_asked_for_are_ignored(csms, station):
    await station.link.send(CallResult("stray", {}))
    await station.link.send(CallError("stray", "GenericError"))
    assert "currentTime" in await station.ask("Heartbeat")


# --- calling ---


@story
async def test_a_call_comes_back_as_a_value_accepted_refused_or_silent(csms, station):
    station.answers = {"Reset": "NotSupported", "ClearCache": None}
    assert (await csms.trigger("Heartbeat")).accepted
    refused = await csms.reset()
    assert (refused.error, refused.accepted, refused.response) == ("NotSupported", False, None)
    silent = await csms.call("ClearCache", within=3.0)
    assert silent.silent and isinstance(silent.outcome.message, Silence)
    assert silent.outcome.at - silent.request.at == pytest.approx(3.0)


@story
async def test_a_late_answer_does_not_go_to_the_next_call(csms, station):
    station.answers["ClearCache"] = None
    silent = await csms.call("ClearCache", within=3.0)
    station.answers["Reset"] = {"status": "Rejected"}
    await station.link.send(CallResult(silent.request.message.message_id, {"status": "Accepted"}))
    assert (await csms.reset()).status == "Rejected"


@story
async def test_calls_wait_for_each_other_unless_a_case_wants_them_at_once(csms, station):
    waiting: list[Call] = []
    station.answers["ClearCache"] = lambda _payload: waiting.append(1) or {"status": "Accepted"}
    both = await asyncio.gather(*(csms.call("ClearCache") for _ in range(2)))
    assert all(each.accepted for each in both)
    calls = csms.trace.where(lambda seen: getattr(seen.message, "action", "") == "ClearCache")
    assert [each.sender for each in calls] == ["csms", "station", "csms", "station"]
    station.answers["ClearCache"] = None
    await asyncio.gather(*(csms.call("ClearCache", within=1.0, at_once=True) for _ in range(2)))
    late = csms.trace.after(calls.last.number).of(Call)
    assert late[1].at - late[0].at < 0.5


@story
async def test_a_broken_answer_is_no_acceptance_and_is_complained_about(csms, station):
    await station.start()
    station.answers["SetChargingProfile"] = {"status": "Accepted", "extra": 1}
    outcome = await csms.dispatch(central_setpoint(-1000))
    assert outcome.status == "Accepted" and not outcome.accepted
    assert not csms.record.profiles
    await station.ask("Heartbeat")
    assert [each.code for each in station.complaints] == ["FormatViolation"]


@story(version="2.0.1")
async def test_older_versions_have_no_frame_to_complain_with(csms, station):
    station.answers["Reset"] = {"status": "Maybe"}
    assert not (await csms.reset()).sound
    await station.ask("Heartbeat")
    assert not csms.trace.sent_by("csms").of(CallError)


@story
async def test_a_call_that_a_case_makes_illegal_leaves_no_trace_in_the_books(csms, station):
    outcome = await csms.call("SetChargingProfile", {"evseId": "one"})
    assert outcome.status == "Accepted"
    assert not csms.record.profiles


@story
async def test_a_station_that_leaves_in_the_middle_ends_the_call(csms, station):
    station.answers["Reset"] = None

    async def leave() -> None:
        await station.requested("Reset")
        await station.close()

    leaving = asyncio.create_task(leave())
    outcome = await csms.reset()
    assert outcome.ended and isinstance(outcome.outcome.message, Closed)
    await leaving
    with pytest.raises(Inconclusive, match="not connected"):
        await csms.reset()


# --- expecting ---


@story
async def test_what_is_expected_is_found_by_fields_at_any_depth_and_in_order(csms, station):
    await station.start()
    for seq, mode in ((1, "ChargingOnly"), (2, "CentralSetpoint")):
        await station.event("Updated", "OperationModeChanged", seq, info={"operationMode": mode})
    seen = await csms.expect("TransactionEvent", operationMode="CentralSetpoint", within=5)
    assert seen.message.payload["seqNo"] == 2
    missing = await csms.expect("TransactionEvent", operationMode="ChargingOnly", within=5)
    assert isinstance(missing.message, Silence)
    again = await csms.expect("TransactionEvent", operationMode="ChargingOnly", within=5, after=0)
    assert again.message.payload["seqNo"] == 1


@story
async def test_what_came_before_the_last_request_is_not_what_is_expected_after_it(csms, station):
    await station.ask("Heartbeat")
    await csms.trigger("Heartbeat")
    assert isinstance((await csms.expect("Heartbeat", within=3)).message, Silence)


# --- the words ---


@story
async def test_a_transaction_is_started_steered_read_and_stopped(csms, station):
    async def play() -> None:
        asked = await station.requested("RequestStartTransaction")
        info = {"remoteStartId": asked.payload["remoteStartId"]}
        await station.start("tx7", 1, idToken=asked.payload["idToken"], info=info)
        await station.requested("RequestStopTransaction")
        value = {"value": -2.9, "measurand": "Power.Active.Setpoint", "unitOfMeasure": {"unit": "kW"}}
        meter = [{"timestamp": "2026-03-01T12:01:00Z", "sampledValue": [value]}]
        await station.event("Ended", "RemoteStop", 1, "tx7", meterValue=meter)

    playing = asyncio.create_task(play())
    transaction = await csms.start_transaction()
    assert transaction.transaction_id == "tx7"
    outcome = await csms.dispatch(central_setpoint(-3000), lasting=60)
    assert outcome.accepted
    (profile,) = csms.record.profiles.values()
    assert (profile.transaction_id, profile.evse_id) == ("tx7", 1)
    ended = await csms.stop_transaction(transaction)
    assert ended.message.payload["eventType"] == "Ended"
    (reading,) = csms.meter_values("Power.Active.Setpoint", transaction=transaction)
    assert (reading.value, reading.unit) == (-2900.0, "W")
    assert not csms.current(transaction).running
    assert not csms.record.profiles
    await playing


@story(version="1.6")
async def test_1_6_is_steered_by_the_same_words(csms, station):
    begin = {"connectorId": 1, "idTag": "TEST-VALID-01", "meterStart": 0, "timestamp": "2026-03-01T12:00:00Z"}

    async def play() -> None:
        await station.requested("RemoteStartTransaction")
        answer = await station.ask("StartTransaction", begin)
        await station.requested("RemoteStopTransaction")
        stop = {"transactionId": answer["transactionId"], "meterStop": 9, "timestamp": "2026-03-01T13:00:00Z"}
        await station.ask("StopTransaction", stop)

    playing = asyncio.create_task(play())
    transaction = await csms.start_transaction()
    assert (await csms.limit(6000, evse_id=1)).accepted
    assert (await csms.stop_transaction(transaction)).message.action == "StopTransaction"
    await playing
    assert (await csms.set_variable("", "HeartbeatInterval", 30)).accepted


@story
async def test_a_station_that_does_not_start_is_inconclusive(csms, station):
    station.answers["RequestStartTransaction"] = {"status": "Rejected"}
    with pytest.raises(Inconclusive, match="RequestStartTransaction: Rejected"):
        await csms.start_transaction()
    station.answers["RequestStartTransaction"] = {"status": "Accepted"}
    with pytest.raises(Inconclusive, match="no transaction began"):
        await csms.start_transaction(within=5)


@story
async def test_the_inventory_is_complete_when_all_parts_are_there(csms, station):
    async def report() -> None:
        number = (await station.requested("GetBaseReport")).payload["requestId"]
        for seq in range(3):
            entry = {"component": {"name": "C"}, "variable": {"name": f"V{seq}"}, "variableAttribute": [{"value": "1"}]}
            part = {"requestId": number, "generatedAt": "2026-03-01T12:00:00Z", "seqNo": seq, "tbc": seq < 2}
            await station.ask("NotifyReport", {**part, "reportData": [entry]})

    reporting = asyncio.create_task(report())
    assert sorted(await csms.inventory()) == ["c.v0", "c.v1", "c.v2"]
    await reporting


@story
async def test_an_inventory_that_stays_incomplete_is_inconclusive(csms, station):
    with pytest.raises(Inconclusive, match="not complete"):
        await csms.inventory(within=5)


@story(policy=CsmsPolicy(plan=V2xPlan("CentralSetpoint", setpoint=-5000)))
async def test_the_needs_of_an_ev_are_answered_with_a_profile(csms, station):
    await station.start()
    needs = {"requestedEnergyTransfer": "DC_BPT", "v2xChargingParameters": {"maxChargePower": 9000}}
    needs["v2xChargingParameters"]["maxDischargePower"] = 8000
    assert await station.ask("NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": needs}) == {"status": "Accepted"}
    order = await station.requested("SetChargingProfile")
    period = order.payload["chargingProfile"]["chargingSchedule"][0]["chargingSchedulePeriod"][0]
    assert period["setpoint"] == -5000
    await station.ask("Heartbeat")
    assert csms.record.profiles


@story(policy=CsmsPolicy(plan=V2xPlan("CentralSetpoint", setpoint=-5000)))
async def test_a_station_without_time_is_not_asked_again_before_it_said(csms, station):
    said = {"reasonCode": "RateLimitExceeded", "additionalInfo": "30 seconds before retry"}
    answers = iter([{"status": "Rejected", "statusInfo": said}, {"status": "Accepted"}])
    station.answers["SetChargingProfile"] = lambda _payload: next(answers)
    await station.start()
    needs = {"requestedEnergyTransfer": "DC_BPT"}
    await station.ask("NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": needs})
    await asyncio.sleep(60)
    first, second = csms.trace.where(lambda seen: getattr(seen.message, "action", "") == "SetChargingProfile").of(Call)
    assert second.at - first.at == pytest.approx(30, abs=1)
    assert csms.record.profiles


@story
async def test_an_afrr_order_reaches_the_stations_it_concerns(csms, station):
    assert await csms.afrr_everywhere(50) == []
    await station.start()
    curve = ((-100, -3000.0), (100, 3000.0))
    await csms.dispatch(local_frequency(0, ((49.8, -6000.0), (50.2, 6000.0)), curve))
    (outcome,) = await csms.afrr_everywhere(50)
    assert outcome.request.message.payload["signal"] == 50


@story
async def test_dynamic_values_are_pushed_and_offered(csms, station):
    await station.start()
    outcome = await csms.dispatch(central_setpoint(-1000), dynamic=True, lasting=60)
    number = outcome.request.message.payload["chargingProfile"]["id"]
    assert (await csms.push(number, setpoint=2000.0)).accepted
    csms.offer(number, setpoint=-500.0)
    answer = await station.ask("PullDynamicScheduleUpdate", {"chargingProfileId": number})
    assert answer["scheduleUpdate"]["setpoint"] == -500.0


@story
async def test_der_controls_are_set_read_and_cleared(csms, station):
    curve = {"priority": 1, "yUnit": "PctMaxVar", "curveData": [{"x": 92, "y": 44}]}
    outcome = await csms.set_der("VoltVar", curve)
    name = outcome.request.message.payload["controlId"]

    async def report() -> None:
        number = (await station.requested("GetDERControl")).payload["requestId"]
        entry = {"id": name, "curveType": "VoltVar", "isDefault": True, "isSuperseded": False, "curve": curve}
        await station.ask("ReportDERControl", {"requestId": number, "curve": [entry]})

    reporting = asyncio.create_task(report())
    assert (await csms.der_controls(isDefault=True)).accepted
    await reporting
    assert csms.record.der_controls[name].reported
    assert (await csms.clear_der(True)).accepted
    assert not csms.record.der_controls


# --- connections ---


@story
async def test_a_second_connection_takes_the_place_of_the_first(csms, station):
    again = ScriptedStation(station.network, station.address)
    await again.connect()
    await again.ask("Heartbeat")
    assert station.ended is not None
    assert (await csms.trigger("Heartbeat")).accepted
    assert [each.action for each in again.requests] == ["TriggerMessage"]
    assert csms.record.standing.connected
    await again.close()


@story
async def test_message_ids_go_on_after_a_reconnect(csms, station):
    await csms.trigger("Heartbeat")
    await station.close()
    await csms.station().gone(within=5)
    waiting = asyncio.create_task(csms.station().reconnected(within=10))
    await asyncio.sleep(1)
    await station.connect()
    assert await waiting
    await csms.trigger("Heartbeat")
    ids = [each.message.message_id for each in csms.trace.sent_by("csms").of(Call)]
    assert len(set(ids)) == 2


@story
async def test_the_csms_closes_and_tears_connections_down(csms, station):
    await csms.station().drop()
    await asyncio.sleep(1)
    assert station.ended is not None
    assert not csms.station().is_connected
    await station.connect()
    await csms.connected(within=5)
    await csms.station().close()
    assert (await csms.station().gone(within=1)).name == "Closed"


@story
async def test_a_station_that_never_comes_is_inconclusive(csms, station):
    with pytest.raises(Inconclusive, match="CS9 did not connect"):
        await csms.station("CS9").connected(within=5)


def test_many_stations_of_several_versions_are_served_at_once():
    async def run() -> None:
        csms = Csms(CsmsSettings(), MemoryNetwork(), Timeline(Clock()))
        await csms.start()
        versions = ["1.6", "2.0.1", "2.1"] * 10
        stations = [
            ScriptedStation(csms._network, csms.address, f"CS{number}", version)
            for number, version in enumerate(versions)
        ]
        await asyncio.gather(*(station.connect() for station in stations))
        await asyncio.gather(*(station.boot() for station in stations))
        outcomes = await asyncio.gather(*(csms.station(each.identity).reset() for each in stations))
        assert all(each.accepted for each in outcomes)
        kinds = {station.requests[0].payload["type"] for station in stations if station.version == "1.6"}
        assert kinds == {"Hard"}
        await asyncio.gather(*(station.close() for station in stations))
        await csms.stop()

    in_virtual_time(run)


# --- state ---


def test_the_books_survive_a_restart(tmp_path):
    async def first() -> None:
        csms = Csms(CsmsSettings(), MemoryNetwork(), Timeline(Clock()), store=CsmsStore(tmp_path / "csms.db"))
        await csms.start()
        station = ScriptedStation(csms._network, csms.address)
        await station.connect()
        await station.boot(serialNumber="S1")
        await station.start("t1", 1, idToken={"idToken": "X", "type": "Central"})
        await csms.dispatch(central_setpoint(-3000))
        await csms.set_der("FixedVar", {"priority": 0, "setpoint": 5, "unit": "PctMaxVar"})
        await station.close()
        await csms.stop()

    async def second() -> None:
        policy = CsmsPolicy(unbooted="refuse")
        store = CsmsStore(tmp_path / "csms.db")
        csms = Csms(CsmsSettings(policy=policy), MemoryNetwork(), Timeline(Clock()), identity="CS1", store=store)
        await csms.start()
        assert not csms.record.standing.connected
        assert csms.record.standing.serial == "S1"
        station = ScriptedStation(csms._network, csms.address)
        await station.connect()
        await station.ask("Heartbeat")  # accepted by the boot before the restart
        await station.event("Updated", "MeterValuePeriodic", 1)
        (running,) = csms.record.running
        assert (running.transaction_id, running.id_token, running.last_seq) == ("t1", "X", 1)
        (profile,) = csms.record.profiles.values()
        assert profile.content["chargingSchedule"][0]["chargingSchedulePeriod"][0]["setpoint"] == -3000
        assert list(csms.record.der_controls) == ["der-1"]
        await csms.dispatch(central_setpoint(-1000))
        await csms.dispatch(central_setpoint(-1000), stack_level=1)
        assert [each.profile_id for each in csms.record.profiles.values()] == [1, 2]  # numbers go on
        await station.event("Ended", "StopAuthorized", 2)
        assert not csms.record.profiles
        await station.close()
        await csms.stop()
        store.close()

    async def third() -> None:
        store = CsmsStore(tmp_path / "csms.db")
        csms = Csms(CsmsSettings(), MemoryNetwork(), Timeline(Clock()), identity="CS1", store=store)
        assert not csms.record.running
        assert not csms.record.profiles
        store.close()

    for run in (first, second, third):
        in_virtual_time(run)


def test_a_file_that_is_no_store_is_said_so(tmp_path):
    path = tmp_path / "other.db"
    path.write_text("this is no database, and long enough to be read as one " * 50)
    with pytest.raises(BenchError, match="cannot be used"):
        CsmsStore(path)


# --- security, over real sockets ---


def over_sockets(told, entrance: Entrance, **access: Any) -> None:
    async def run() -> None:
        csms = Csms(CsmsSettings(entrance), SocketNetwork(), Timeline(Clock()), authority=access.pop("authority", None))
        await csms.start()
        reach = CsmsAccess(
            SocketNetwork(),
            csms.address,
            csms.url,
            access.pop("identity", "CS1"),
            PROFILES[access.pop("profile", entrance.security_profile)],
            **access,
        )
        timeline = Timeline(Clock())
        opened = await reach.open(timeline, Capture())
        try:
            await told(csms, opened)
        finally:
            if opened.line is not None:
                await opened.line.link.close()
            await csms.stop()

    asyncio.run(run())


async def comes_in(csms, opened):
    assert opened.line is not None, opened.seen.message
    assert csms.trace.of(Connected)


async def is_refused(csms, opened):
    assert opened.line is None
    await asyncio.sleep(0)
    assert isinstance(opened.seen.message, Refused)


PASSWORDS = {"CS1": "0123456789abcdef01"}


@pytest.mark.parametrize(
    ("told", "access"),
    [
        (comes_in, {"password": b"0123456789abcdef01"}),
        (comes_in, {"password": bytes.fromhex("0123456789abcdef01")}),
        (is_refused, {"password": b"wrong"}),
        (is_refused, {"profile": 0}),
        (is_refused, {"identity": "CS2", "password": b"0123456789abcdef01"}),
    ],
)
def test_profile_1_wants_the_password_of_the_station(told, access):
    over_sockets(told, Entrance(security_profile=1, passwords=PASSWORDS), **access)


def test_a_station_that_is_not_known_is_not_found():
    over_sockets(is_refused, Entrance(identities=frozenset({"CS1"})), identity="CS2")


@pytest.mark.parametrize("profile", [2, 3])
def test_profiles_2_and_3_run_over_tls_with_the_certificates_they_want(profile):
    now = datetime.now(UTC)
    ca = operator_ca(now)
    chain, key = ca.own_chain("localhost", "v2x-harness", now)
    station_chain, station_key = ca.own_chain("CS1-SERIAL", "v2x-harness", now, server=False)
    entrance = Entrance(security_profile=profile, passwords=PASSWORDS, chain=chain, key=key, roots=ca.root_pem)

    async def told(csms, opened):
        await comes_in(csms, opened)
        link = opened.line.link
        station = {"model": "M", "vendorName": "V", "serialNumber": "SERIAL" if profile == 3 else "ANY"}
        await link.send(Call("m1", "BootNotification", {"reason": "PowerUp", "chargingStation": station}))
        answer = await link.receive(link.timeline.clock.now() + 5)
        assert answer.message.payload["status"] == "Accepted"

    tls = ocpp_tls(station_chain, station_key, ca.root_pem)
    over_sockets(told, entrance, password=PASSWORDS["CS1"].encode(), tls=tls)


def test_in_profile_3_the_serial_number_must_be_that_of_the_certificate():
    now = datetime.now(UTC)
    ca = operator_ca(now)
    chain, key = ca.own_chain("localhost", "v2x-harness", now)
    station_chain, station_key = ca.own_chain("OTHER", "v2x-harness", now, server=False)
    entrance = Entrance(security_profile=3, chain=chain, key=key, roots=ca.root_pem)

    async def told(csms, opened):
        link = opened.line.link
        station = {"model": "M", "vendorName": "V", "serialNumber": "SERIAL"}
        await link.send(Call("m1", "BootNotification", {"reason": "PowerUp", "chargingStation": station}))
        until = link.timeline.clock.now() + 5
        assert (await link.receive(until)).message.code == "SecurityError"
        ended = await link.receive(until)
        while not isinstance(ended.message, Closed):
            assert not isinstance(ended.message, Silence)
            ended = await link.receive(until)

    over_sockets(told, entrance, tls=ocpp_tls(station_chain, station_key, ca.root_pem))


def test_tls_without_a_certificate_is_a_clear_error():
    with pytest.raises(DescriptionError, match="security profile 2 needs a certificate chain"):
        _ = Entrance(security_profile=2).door


# --- certificates ---


def test_a_certificate_request_is_signed_and_refused_with_a_reason():
    from tests.pki.test_operator import request_for

    async def run() -> None:
        authority = OperatorAuthority(operator_ca(datetime.now(UTC)))
        csms = Csms(CsmsSettings(), MemoryNetwork(), Timeline(Clock()), authority=authority)
        await csms.start()
        station = ScriptedStation(csms._network, csms.address)
        await station.connect()
        answer = await station.ask("SignCertificate", {"csr": request_for("CS1"), "requestId": 4})
        assert answer == {"status": "Accepted"}
        signed = await station.requested("CertificateSigned")
        assert signed.payload["certificateChain"].startswith("-----BEGIN CERTIFICATE-----")
        assert await station.ask("SignCertificate", {"csr": "nothing", "requestId": 5}) == {"status": "Rejected"}
        assert "cannot be read" in authority.reasons["CS1"]
        await station.close()
        await csms.stop()

    in_virtual_time(run)


def test_a_manner_may_be_given_whole():
    assert CsmsPolicy().manner("Heartbeat", Manner(times=0)) == CsmsPolicy().silent_on("Heartbeat")


@story
async def test_an_answer_is_in_the_books_before_the_next_message_is_read(csms, station):
    """A station goes on from its answer in the very next frame."""
    await station.boot()
    noted: list[int] = []
    taken = csms.taken

    def watched(identity: str, seen: Any) -> None:
        if isinstance(seen.message, CallResult):
            noted.append(len(csms.record.profiles))
        taken(identity, seen)

    csms.taken = watched
    assert (await csms.limit(6000.0)).accepted
    assert noted == [1]
