"""How the tester's station comes to a CSMS and goes again, and what it leaves behind there."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.actor.begun_by_hand import BegunByHand
from harness.actor.csms_under_test import CsmsUnderTest
from harness.actor.stage import Stage
from harness.actor.tester_station import TesterStation
from harness.catalogue import case_functions
from harness.errors import Inconclusive
from harness.link.observation import Refused
from harness.link.websocket import Pong, Upgraded
from harness.ocpp.readings import compressed, subprotocol
from harness.ocppj.frame import Call, CallResult
from harness.plugin.select import NOT_TESTABLE, skip_of
from tests.actor.test_sides import Told, described, profile, staged


def at_the_csms(told: Told, folder: Path, number: int = 1) -> None:
    changes = profile(number, "wss" if number >= 2 else "")
    staged(told, described("reference-csms-virtual", folder, *changes), "csms", ("2.1",))


def sides(stage: Stage) -> tuple[CsmsUnderTest, TesterStation]:
    assert isinstance(stage.csms, CsmsUnderTest) and isinstance(stage.station, TesterStation)
    return stage.csms, stage.station


def test_who_knocks_with_the_right_credentials_is_let_in_and_with_others_refused(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        _, station = sides(stage)
        let_in = await station.knock(compression=False)
        assert isinstance(let_in.message, Upgraded)
        assert (subprotocol(let_in), compressed(let_in)) == ("ocpp2.1", False)
        for wrong in ({"password": b"another"}, {"user": "CS2"}, {"identity": "CS2"}, {"basic": False}):
            refused = await station.knock(**wrong)
            assert isinstance(refused.message, Refused) and "40" in str(refused.message)
        assert (await station.knock(offered=("ocpp9.9",))).message.stage == "websocket"

    at_the_csms(told, tmp_path)


def test_refused_knocking_keeps_nobody_from_connecting(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        _csms, station = sides(stage)
        await station.knock(password=b"another")
        await station.connect()
        assert (await station.boot()).accepted
        assert isinstance((await station.ping(1.0)).message, Pong)

    at_the_csms(told, tmp_path)


def test_a_foreign_certificate_is_refused_and_none_too(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        csms, station = sides(stage)
        for certificate in ((b"", b""), stage.pki.ocpp.foreign_client(csms.pixit.serial)):
            assert isinstance((await station.knock(certificate=certificate)).message, Refused)
        assert isinstance((await station.knock()).message, Upgraded)

    at_the_csms(told, tmp_path, 3)


def test_a_late_answer_leaves_late_and_others_meanwhile(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        csms, station = sides(stage)
        await station.connect()
        await station.boot()
        station.answers["ClearCache"], station.lateness["ClearCache"] = {"status": "Accepted"}, 4.0
        asked = await csms.sends("ClearCache", {})
        assert (await station.call("Heartbeat")).turnaround == 0.0
        await station.watch(5.0)
        (answered,) = (
            seen for seen in station.trace.of(CallResult) if seen.message.message_id == asked.message.message_id
        )
        assert answered.at - asked.at == 4.0

    at_the_csms(told, tmp_path)


def test_the_csms_is_made_to_ask_when_its_own_questions_are_over(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        csms, station = sides(stage)
        await station.connect()
        await station.boot()
        asked = await csms.sends("GetBaseReport", {"requestId": 99, "reportBase": "SummaryInventory"})
        own, *_ = (seen for seen in station.trace.of(Call) if seen.sender == "csms")
        assert own.message.payload["reportBase"] == "FullInventory"
        assert asked.message.payload["requestId"] == 99
        assert asked.at - own.at == 1.0

    at_the_csms(told, tmp_path)


def test_a_connection_that_does_not_come_back_is_inconclusive(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        _, station = sides(stage)
        await station.connect()
        await station.cut_connection(1000.0)
        with pytest.raises(Inconclusive, match="within 10 s"):
            await station.back(10.0)
        with pytest.raises(Inconclusive, match="not connected"):
            await station.ping(1.0)

    at_the_csms(told, tmp_path)


def test_the_books_of_the_embedded_csms_outlive_a_power_cycle(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        csms, station = sides(stage)
        await station.connect()
        await station.boot()
        name = station.new_transaction()
        await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.token)
        await csms.power_cycle()
        await station.back(60.0)
        reference = stage.scene.description.bench.embedded
        assert reference and (await station.call("Heartbeat")).accepted  # it needs no second boot

    at_the_csms(told, tmp_path)


def test_what_a_case_leaves_open_is_ended(tmp_path: Path) -> None:
    seen: list[str] = []

    async def told(stage: Stage) -> None:
        _csms, station = sides(stage)
        stage.timeline.listen(
            lambda each: (
                seen.append(each.message.payload["eventType"])
                if isinstance(each.message, Call) and each.message.action == "TransactionEvent"
                else None
            )
        )
        await station.connect()
        await station.boot()
        for number in range(2):
            await station.event(("Started", "Updated")[number], "Trigger", number, station.new_transaction(), evse=1)

    at_the_csms(told, tmp_path)
    assert seen == ["Started", "Updated", "Ended", "Ended"]


def test_transactions_of_1_6_are_ended_too() -> None:
    begun = BegunByHand()
    begun.follow(Call("1", "StartTransaction", {"meterStart": 1000}), {"transactionId": 7})
    begun.follow(Call("2", "StartTransaction", {"meterStart": 2000}), {"transactionId": 8})
    begun.follow(Call("3", "StopTransaction", {"transactionId": 7}), {})
    stop = {"transactionId": 8, "meterStop": 2000, "timestamp": "2026-03-01T12:00:00Z"}
    assert list(begun.endings("2026-03-01T12:00:00Z")) == [("StopTransaction", stop)]


def test_a_case_for_certificates_is_not_testable_by_password(tmp_path: Path) -> None:
    both = described("reference-csms-virtual", tmp_path, ("    - SECURITY_1\n", "    - SECURITY_1\n    - SECURITY_3\n"))
    skip = skip_of(case_functions()["TC_CSMS_Tls_002"][1], both, quick=False)
    assert skip is not None and skip.why == NOT_TESTABLE
    assert skip.reason.startswith("reached by security profile 1; describe one for CSMS.SECURITY_3")
