"""The stage with OCPP on it: both sides over every security profile, the version a case is for, and a SUT that is not there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.actor import tester_pki
from harness.actor.csms import Csms
from harness.actor.csms_under_test import CsmsUnderTest
from harness.actor.stage import Stage, StageOptions
from harness.actor.station_under_test import StationUnderTest
from harness.actor.tester_station import TesterStation
from harness.catalogue import case_functions
from harness.device.description import DeviceDescription, load_description
from harness.errors import Inconclusive, NoConnection, UsageError
from harness.link.memory import MemoryNetwork
from harness.link.observation import BenchAction, Connected
from harness.link.virtual import VirtualTimeLoop
from harness.ocppj.frame import Call
from harness.ocppj.versions import Version
from harness.plugin.select import spoken
from harness.resources import resource
from tests.actor.scripted_station import ScriptedStation

Told = Callable[[Stage], Awaitable[None]]


def described(name: str, folder: Path, *changes: tuple[str, str]) -> DeviceDescription:
    text = resource("fixtures", "devices", f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return load_description(path)


def staged(
    told: Told, description: DeviceDescription, role: str, versions: tuple[Version, ...] = (), **more: object
) -> None:
    async def run() -> None:
        pki = tester_pki.TesterPki(description, datetime.now(UTC))
        stage = Stage(description, pki, StageOptions(virtual_time=True), role=role, versions=versions, **more)
        await stage.set_up()
        try:
            await told(stage)
        finally:
            await stage.tear_down()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(run())


def profile(number: int, scheme: str = "") -> tuple[tuple[str, str], ...]:
    changed = (("security_profile: 1", f"security_profile: {number}"), ("SECURITY_1", f"SECURITY_{number}"))
    generated = (("bench:\n", "certificates:\n  ocpp: {generated: true}\n\nbench:\n"),) if number >= 2 else ()
    return (*changed, *generated, *((("ws://", f"{scheme}://"),) if scheme else ()))


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_the_embedded_station_boots_at_the_testers_csms_in_every_security_profile(number: int, tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        assert isinstance(stage.csms, Csms) and isinstance(stage.station, StationUnderTest)
        await stage.station.ready()
        assert stage.csms.record.standing.status == "Accepted"
        secured = [seen.message.security != "" for seen in stage.timeline.trace.of(Connected)]
        assert secured == [number >= 2]
        assert await stage.absence() == stage.excuse == ""

    staged(told, described("reference-station-virtual", tmp_path, *profile(number)), "station")


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_the_tester_boots_at_the_embedded_csms_in_every_security_profile(number: int, tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        assert isinstance(stage.csms, CsmsUnderTest) and isinstance(stage.station, TesterStation)
        await stage.station.power_up()
        assert (await stage.station.call("Heartbeat")).accepted

    scheme = "wss" if number >= 2 else "ws"
    staged(told, described("reference-csms-virtual", tmp_path, *profile(number, scheme)), "csms")


def test_what_happens_at_the_plug_reaches_meter_and_csms(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        station, csms = stage.station, stage.csms
        assert isinstance(station, StationUnderTest) and isinstance(csms, Csms)
        await station.ready()
        transaction = await station.charging()
        await station.watch(10)
        assert stage.meter is not None and stage.meter.trace[-1].message.power > 5000
        await station.unplug()
        await station.watch(5)
        assert not csms.current(transaction).running
        done = [seen.message.action for seen in stage.timeline.trace.of(BenchAction)]
        assert done == ["plug", "authorise", "unplug"]

    staged(told, described("reference-station-virtual", tmp_path), "station")


def test_a_changed_grid_is_seen_by_the_station(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        csms = stage.csms
        assert isinstance(csms, Csms)
        await stage.station.ready()  # type: ignore[union-attr]
        await csms.set_sampling(5, ["Frequency"])
        await stage.grid.set(hertz=50.3)
        await stage.station.charging()  # type: ignore[union-attr]
        await asyncio.sleep(12)
        assert {each.value for each in csms.meter_values("Frequency")} == {50.3}

    staged(told, described("reference-station-virtual", tmp_path), "station")


def test_a_station_without_energy_is_no_charging_station(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        station = stage.station
        assert isinstance(station, StationUnderTest)
        await station.ready()
        await stage.csms.change_availability(False)  # type: ignore[union-attr]
        with pytest.raises(Inconclusive):
            await station.charging()

    staged(told, described("reference-station-virtual", tmp_path), "station")


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_case_is_spoken_in_the_version_it_is_for(version: Version, tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        assert isinstance(stage.station, TesterStation)
        await stage.station.power_up()
        assert stage.station.version == version
        assert {seen.facts["version"] for seen in stage.timeline.trace.of(Call)} == {version}

    staged(told, described("reference-csms-virtual", tmp_path), "csms", (version,))


def test_the_versions_of_a_case_are_those_with_which_its_claims_hold(tmp_path: Path) -> None:
    both = (("[2.1, 2.0.1, 1.6]", "[2.0.1, 2.1, 1.6]"),)
    description = described("reference-csms-virtual", tmp_path, *both)
    declared = {id: declaration for id, (_, declaration) in case_functions().items()}
    assert spoken(declared["TC_CSMS_Boot_001"], description) == ("2.0.1", "2.1")
    assert spoken(declared["TC_CSMS_Boot_002"], description) == ("2.0.1", "2.1", "1.6")
    assert spoken(declared["TC_CSMS_V2x_001"], description) == ("2.1",)
    assert spoken(declared["TC_SECC_Session_001"], description) == ()


def test_a_quiet_station_says_only_what_the_case_says_and_answers_as_it_is_told(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        station, csms = stage.station, stage.csms
        assert isinstance(station, TesterStation) and isinstance(csms, CsmsUnderTest)
        await station.connect()
        await asyncio.sleep(30)
        assert list(station.trace.sent_by("station").of(Call)) == []
        station.answers["GetBaseReport"] = "NotSupported"
        assert (await station.boot()).status == "Accepted"
        await csms.ask_for("TriggerMessage", {"requestedMessage": "Heartbeat"})
        asked = await station.expect("TriggerMessage", within=5)
        assert asked.message.payload == {"requestedMessage": "Heartbeat"}
        refused = [seen for seen in station.trace if seen.name == "GetBaseReport.error"]
        assert [seen.message.code for seen in refused] == ["NotSupported"]

    staged(told, described("reference-csms-virtual", tmp_path), "csms")


def test_the_next_request_may_follow_an_answer_that_never_came(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        station = stage.station
        assert isinstance(station, TesterStation)
        await station.power_up()
        assert (await station.call("Heartbeat", faults=(Lost(),))).silent
        assert (await station.call("Heartbeat")).accepted

    staged(told, described("reference-csms-virtual", tmp_path), "csms")


class Lost:
    """A fault that loses what is sent."""

    name = "lost"

    def on_message(self, _message: object, _direction: str) -> tuple[object, ...]:
        return ()

    def on_octets(self, octets: bytes, _message: object) -> tuple[bytes, ...]:
        return (octets,)

    def delay(self, _message: object, _direction: str) -> float:
        return 0.0


REAL = ("trigger: {kind: reference}", "trigger: {kind: none}")


def test_a_station_that_never_comes_is_told_by_the_address_it_was_awaited_at(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        with pytest.raises(Inconclusive):
            await stage.station.ready()  # type: ignore[union-attr]
        said = await stage.absence()
        assert "no station connected to ws://" in said and "/ocpp/CS1 within 10 s" in said

    bare = (REAL, ("meter: {kind: reference, accuracy: 10 W}", "meter: {kind: none}"))
    description = described("reference-station-virtual", tmp_path, *bare)
    staged(told, description, "station", network=MemoryNetwork())


def test_a_csms_that_is_not_there_is_told(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        with pytest.raises(NoConnection, match="no connection to the CSMS"):
            await stage.station.connect()  # type: ignore[union-attr]
        assert "tcp" in await stage.absence()

    staged(told, described("reference-csms-virtual", tmp_path, REAL), "csms", network=MemoryNetwork())


def test_a_role_that_is_not_described_has_nobody_to_play_with(tmp_path: Path) -> None:
    async def told(stage: Stage) -> None:
        with pytest.raises(UsageError, match="nobody plays its EV"):
            _ = stage.evcc

    staged(told, described("reference-csms-virtual", tmp_path), "csms")


POST = """\
device: {vendor: Acme, model: Post, serial: "7"}
roles:
  station: {ocpp: [2.1], identity: CS1, security_profile: 0, listen: "127.0.0.1:9000"}
pics:
  station: [OCPP_21, SECURITY_0, DC]
pixit:
  station: {connect_time: 5 s, maximum_charge_power: 11 kW}
bench: {trigger: {kind: none}}
"""


def test_a_station_that_was_put_out_of_service_is_put_back_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(POST, encoding="utf-8")
    description = load_description(path)

    async def play() -> list[tuple[str, int | None]]:
        network = MemoryNetwork()
        stage = Stage(
            description, tester_pki.TesterPki(description, datetime.now(UTC)), network=network, role="station"
        )
        await stage.set_up()
        station = ScriptedStation(network, stage.csms.address)
        await station.connect()
        await station.boot()
        await stage.csms.change_availability(False, 1)
        await stage.tear_down()
        asked = [each.payload for each in station.requests if each.action == "ChangeAvailability"]
        return [(each["operationalStatus"], each.get("evse", {}).get("id")) for each in asked]

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(play()) == [("Inoperative", 1), ("Operative", 1), ("Operative", None)]
