"""What goes wrong around a case stands in the record of the run, and never passes for conformance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.actor.csms_words import CsmsWords
from harness.actor.stage import Stage
from harness.errors import BenchError, NotTestable
from harness.evidence.recorder import CaseRecorder
from harness.resources import resource
from harness.verdict.verdict import Verdict
from tests.runs import Runs

FEW = ("run", "--virtual-time", "-n", "1", "--select", "TC_SECC_Negotiation_00")
COUNT = 6


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runs:
    monkeypatch.chdir(tmp_path)
    return Runs(tmp_path, capsys)


def test_a_bench_that_breaks_at_set_up_ends_the_run(run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_stage: Stage) -> None:
        raise BenchError("eth0 fell off")

    monkeypatch.setattr(Stage, "set_up", broken)
    ran = run(*FEW)
    assert ran.code == 4
    assert ran.record.bench_errors == ("the bench broke: eth0 fell off",)
    assert [each.error for each in ran.record.cases] == ["the bench broke: eth0 fell off"]
    assert sum(each.why == "not reached" for each in ran.record.not_run) == COUNT - 1
    assert ran.err.count("eth0 fell off") == 2  # with the case, and in the sentence


def test_a_case_without_what_it_builds_on_blames_nobody(run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    async def absent(_csms: CsmsWords, component: str, variable: str, _value: Any, **_place: Any) -> None:
        raise NotTestable(f"the station has no {component}.{variable}")

    monkeypatch.setattr(CsmsWords, "prepare", absent)
    device = str(resource("fixtures", "devices", "reference-station-virtual.yaml"))
    ran = run("run", device, "--virtual-time", "-n", "1", "--select", "StartPoint_001 or CentralSetpoint_007")
    assert ran.code == 0, ran.err
    assert {each.id: each.verdict for each in ran.record.cases} == {
        "TC_STATION_StartPoint_001": Verdict.NONE,
        "TC_STATION_CentralSetpoint_007": Verdict.PASS,
    }
    assert "1 case had nothing to judge, for want of something optional" in ran.record.sentence
    assert "the station has no TxCtrlr.TxStartPoint" in ran.err


def test_a_defect_at_set_up_costs_its_case_alone(run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    sound, broken = Stage.set_up, [ZeroDivisionError("our own defect")]

    async def set_up(stage: Stage) -> None:
        if broken:
            raise broken.pop()
        await sound(stage)

    monkeypatch.setattr(Stage, "set_up", set_up)
    ran = run(*FEW)
    assert ran.code == 4
    verdicts = [each.verdict for each in ran.record.cases]
    assert verdicts == [Verdict.ERROR] + [Verdict.PASS] * (COUNT - 1)
    assert "our own defect" in ran.record.cases[0].error


def test_a_defect_at_the_end_of_a_case_keeps_the_run_from_conformance(
    run: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = Stage.tear_down

    async def tear_down(stage: Stage) -> None:
        await sound(stage)
        raise ZeroDivisionError("our own defect")

    monkeypatch.setattr(Stage, "tear_down", tear_down)
    ran = run(*FEW)
    assert ran.code == 4
    assert {each.verdict for each in ran.record.cases} == {Verdict.PASS}
    assert "the bench could not be cleared after TC_SECC_Negotiation_001" in " ".join(ran.record.bench_errors)


def test_evidence_that_cannot_be_written_ends_the_run(run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = CaseRecorder.close

    def close(recorder: CaseRecorder, *given: Any, **more: Any) -> None:
        sound(recorder, *given, **more)
        raise BenchError("cannot write evidence: no space left")

    monkeypatch.setattr(CaseRecorder, "close", close)
    ran = run(*FEW)
    assert ran.code == 4
    assert "no space left" in ran.record.sentence
    assert not ran.record.complete
    assert len(ran.record.cases) == 1


def test_a_case_that_never_ends_is_an_error_of_ours(run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.plugin.run.PATIENCE", -1e6)
    ran = run("run", "--virtual-time", "-n", "1", "--select", "TC_SECC_Negotiation_001")
    assert ran.code == 4
    assert "the case did not end" in ran.record.cases[0].error
