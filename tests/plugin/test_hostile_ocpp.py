"""Whatever an OCPP peer does, every case ends soon, in bounded size, and says something about the peer, not about us."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.actor import tester_pki
from harness.actor.stage import Stage
from harness.catalogue import case_functions
from harness.device.description import DeviceDescription, load_description
from harness.evidence.record import CaseRecord
from harness.link.memory import MemoryNetwork
from harness.link.transport import Address
from harness.link.virtual import VirtualTimeLoop
from harness.plugin.select import skip_of
from harness.verdict.verdict import Verdict
from tests.hostile_ocpp import CSMSS, STATIONS
from tests.selftest.perform import perform

PORT = 9000
LONGEST = 300.0
"""Seconds, in virtual time, after which no case may still be busy with a peer that is of no use."""
MOST_OBSERVATIONS = 30_000
MOST_FINDINGS = 60
STATION = """\
device: {vendor: Acme, model: Post, serial: "7"}
roles:
  station: {ocpp: [2.1], identity: CS1, security_profile: 0, listen: "127.0.0.1:9000"}
pics:
  station: [OCPP_21, SECURITY_0, DC, SMART_CHARGING, RATE_UNIT_W, REMOTE_START, LOCAL_LIST]
pixit:
  station: {connect_time: 5 s, boot_time: 5 s, answer_time: 2 s, reconnect_time: 5 s, maximum_charge_power: 11 kW}
bench: {trigger: {kind: none}}
"""
CSMS = """\
device: {vendor: Acme, model: Cloud, serial: "7"}
roles:
  csms: {ocpp: [2.1], url: "ws://127.0.0.1:9000/ocpp", identity: CS1, security_profile: 0}
pics:
  csms: [OCPP_21, SECURITY_0]
pixit:
  csms: {answer_time: 2 s, boot_time: 5 s, reaction_time: 2 s, id_token: KNOWN}
bench: {trigger: {kind: none}}
"""
STATION_CASES = ("TC_STATION_Messages_001", "TC_STATION_Reports_001")
CSMS_CASES = ("TC_CSMS_Boot_002", "TC_CSMS_Frames_001")
BROKEN_RULES = {
    "no frames": "RULE_OcppFrame_001",
    "octets": "RULE_OcppFrame_001",
    "answers others": "RULE_OcppAnswer_001",
    "answers twice": "RULE_OcppAnswer_001",
    "refuses all": "RULE_OcppErrorCode_001",
    "repeating": "RULE_OcppCall_001",
}
"""What the passive rules have to say of a station, whatever the case."""


def described(text: str, folder: Path) -> DeviceDescription:
    path = folder / "acme.yaml"
    path.write_text(text, encoding="utf-8")
    return load_description(path)


Peer = Callable[[MemoryNetwork], Awaitable[None]]


def against(peer: Peer, case: str, description: DeviceDescription) -> tuple[CaseRecord, Stage]:
    """A case against a peer, in virtual time."""

    async def play() -> tuple[CaseRecord, Stage]:
        network = MemoryNetwork()
        _, declaration = case_functions()[case]
        pki = tester_pki.TesterPki(description, datetime.now(UTC))
        stage = Stage(description, pki, network=network, role=declaration.role)
        living = asyncio.get_running_loop().create_task(peer(network))  # type: ignore[arg-type]
        await stage.set_up()
        try:
            return await perform(case, stage), stage
        finally:
            await stage.tear_down()
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(play())


def living(name: str) -> Peer:
    async def live(network: MemoryNetwork) -> None:
        await STATIONS[name](network, Address("127.0.0.1", PORT))

    return live


def serving(name: str) -> Peer:
    async def live(network: MemoryNetwork) -> None:
        await network.listen(PORT, CSMSS[name])

    return live


def judge(record: CaseRecord, stage: Stage) -> None:
    assert not record.error, record.error
    assert record.elapsed < LONGEST
    assert len(stage.timeline.observations) < MOST_OBSERVATIONS
    assert len(record.rule_findings) <= MOST_FINDINGS
    for each in (*record.findings, *record.rule_findings):
        assert len(str(each)) < 700, str(each)
    assert record.verdict in (Verdict.FAIL, Verdict.INCONC, Verdict.PASS)
    if record.verdict is Verdict.INCONC:
        assert record.findings, "what kept the case from its purpose is not said"


@pytest.mark.parametrize("case", STATION_CASES)
@pytest.mark.parametrize("name", STATIONS)
def test_a_case_ends_with_a_verdict_about_the_station(name: str, case: str, tmp_path: Path) -> None:
    description = described(STATION, tmp_path)
    assert skip_of(case_functions()[case][1], description, quick=False) is None
    record, stage = against(living(name), case, description)
    judge(record, stage)
    wanted = BROKEN_RULES.get(name)
    assert wanted is None or wanted in {each.source for each in record.rule_findings}


@pytest.mark.parametrize("case", CSMS_CASES)
@pytest.mark.parametrize("name", CSMSS)
def test_a_case_ends_with_a_verdict_about_the_csms(name: str, case: str, tmp_path: Path) -> None:
    description = described(CSMS, tmp_path)
    assert skip_of(case_functions()[case][1], description, quick=False) is None
    judge(*against(serving(name), case, description))
