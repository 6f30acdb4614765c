"""Whatever a device does, every case ends soon, in bounded size, and says something about the device, not about us."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.actor import tester_pki
from harness.actor.stage import Stage
from harness.catalogue import case_functions
from harness.device.description import DeviceDescription, load_description
from harness.evidence.record import CaseRecord
from harness.link.link import BACKLOG_LIMIT
from harness.link.memory import MemoryNetwork
from harness.link.virtual import VirtualTimeLoop
from harness.plugin.select import skip_of
from harness.verdict.verdict import Verdict
from tests.hostile import DEVICES
from tests.runs import PLAIN
from tests.selftest.perform import perform

PORT = 50000
LONGEST = 150.0
"""Seconds, in virtual time, after which no case may still be busy with a device that is of no use."""
MOST_FINDINGS = 20
BROKEN_RULES = {
    "garbage": {"RULE_V2GTP_001"},
    "garbage exi": {"RULE_EXI_001"},
    "garbage later": {"RULE_EXI_001"},
    "mute": {"RULE_Timing_004"},
    "echo": {"RULE_Session_001"},
    "flood of garbage": {"RULE_V2GTP_001"},
    "flood of empty frames": {"RULE_EXI_001"},
    "huge": {"RULE_V2GTP_001"},
    "slow": {"RULE_Timing_004"},
    "negotiating": {"RULE_Session_001"},
    "astray": {"RULE_Session_001"},
    "unasked": {"RULE_Session_001"},
    "twice": {"RULE_Session_001"},
}
"""What the passive rules have to say of each, whatever the case."""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> DeviceDescription:
    path: Path = tmp_path_factory.mktemp("described") / "acme.yaml"
    path.write_text(PLAIN.replace("PORT", str(PORT)), encoding="utf-8")
    return load_description(path)


def against(name: str, case: str, description: DeviceDescription) -> tuple[CaseRecord, Stage]:
    """A case against one of the hostile devices, in virtual time."""

    async def play() -> tuple[CaseRecord, Stage]:
        network = MemoryNetwork()
        listener = await network.listen(PORT, DEVICES[name])
        stage = Stage(description, tester_pki.TesterPki(description, datetime.now(UTC)), network=network)
        await stage.set_up()
        try:
            record = await perform(case, stage)
            assert await stage.absence() == ""
            return record, stage
        finally:
            await stage.tear_down()
            await listener.close()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(play())


@pytest.mark.parametrize("name", DEVICES)
def test_every_case_ends_with_a_verdict_about_the_device(name: str, described: DeviceDescription) -> None:
    applying = [id for id, (_, case) in case_functions().items() if skip_of(case, described, quick=False) is None]
    assert len(applying) > 50
    verdicts = []
    for id in applying:
        record, stage = against(name, id, described)
        assert not record.error, record.error
        assert record.elapsed < LONGEST, id
        assert len(stage.timeline.observations) < 10 * BACKLOG_LIMIT, id
        assert len(record.rule_findings) <= MOST_FINDINGS * 5, id
        verdicts.append(record.verdict)
    assert Verdict.FAIL in verdicts


@pytest.mark.parametrize("name", DEVICES)
def test_an_ordinary_session_says_what_came_and_where(name: str, described: DeviceDescription) -> None:
    record, stage = against(name, "TC_SECC_Session_001", described)
    frames = {seen.number for seen in stage.timeline.observations}
    assert record.verdict is Verdict.FAIL
    found = [each for each in (*record.findings, *record.rule_findings) if each.verdict is Verdict.FAIL]
    assert found
    for each in found:
        assert each.frame in frames
        assert each.advice
        assert len(str(each)) < 500
    assert {each.source for each in record.rule_findings if each.fails} >= BROKEN_RULES.get(name, set())


def test_a_flood_of_the_same_fault_is_one_finding_with_a_count(described: DeviceDescription) -> None:
    record, _ = against("flood of empty frames", "TC_SECC_Session_001", described)
    (found,) = [each for each in record.rule_findings if each.source == "RULE_EXI_001"]
    assert found.frame == 3
    assert "199 more" in found.actual
