"""`v2x-harness explain` knows every id that a report, a description or a list can show."""

from __future__ import annotations

import pytest

from harness.catalogue import cases
from harness.cli import main
from harness.device import vocabulary
from harness.mutants import MUTANTS
from harness.verdict.declare import rules
from harness.verdict.requirements import requirement


def explained(capsys: pytest.CaptureFixture[str], id: str) -> str:
    assert main(["explain", id]) == 0, id
    said = capsys.readouterr().out
    assert len(said.strip()) > 40, id
    return said


def test_a_case_comes_with_text_requirements_mutants_and_how_to_try_it(capsys: pytest.CaptureFixture[str]) -> None:
    said = explained(capsys, "TC_SECC_Session_001")
    for expected in ("SECC serves an ordinary session", "Given ", "Applies to devices that claim:", "Covers:"):
        assert expected in said
    assert "v2x-harness run --virtual-time --all --select TC_SECC_Session_001 --mutant secc-" in said


def test_a_rule_comes_with_what_it_watches(capsys: pytest.CaptureFixture[str]) -> None:
    said = explained(capsys, "RULE_Session_002")
    assert "Watches everything that a secc under test sends" in said
    assert "[V2G20-460]" in said
    assert "Well exercised by: TC_SECC_" in said


@pytest.mark.parametrize("spelling", ["V2G20-459", "[V2G20-459]"])
def test_a_requirement_names_who_judges_it(capsys: pytest.CaptureFixture[str], spelling: str) -> None:
    said = explained(capsys, spelling)
    assert "Judged by: " in said
    assert "RULE_Session_001" in said


def test_a_requirement_that_nothing_judges_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    said = explained(capsys, "Q05.FR.03")
    assert "Not tested: It permits an external system" in said
    assert "Judged by" not in said


def test_a_mutant_names_who_detects_it(capsys: pytest.CaptureFixture[str]) -> None:
    said = explained(capsys, "secc-answers-with-wrong-type")
    assert "a faulty reference secc" in said
    assert "TC_SECC_Session_001" in said


@pytest.mark.parametrize("id", ["SECC.DC_BPT", "pixit.secc.ramp_time", "bench.meter", "roles.secc.port"])
def test_a_claim_and_a_key_of_a_description_are_explained(capsys: pytest.CaptureFixture[str], id: str) -> None:
    explained(capsys, id)


@pytest.mark.parametrize(
    ("id", "meant"),
    [
        ("TC_SECC_Sesion_001", "TC_SECC_Session_001"),
        ("RULE_Sesion_001", "RULE_Session_001"),
        ("secc-answer-with-wrong-type", "secc-answers-with-wrong-type"),
        ("SECC.DC_BTP", "SECC.DC_BPT"),
    ],
)
def test_an_unknown_id_suggests_the_nearest(capsys: pytest.CaptureFixture[str], id: str, meant: str) -> None:
    assert main(["explain", id]) == 3
    assert f"nothing is called {id}: did you mean {meant}?" in capsys.readouterr().err


def test_an_id_like_nothing_says_where_to_look(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "42"]) == 3
    said = capsys.readouterr().err
    assert "nothing is called 42: " in said
    assert "`v2x-harness list`" in said


def test_everything_that_has_a_name_can_be_explained(capsys: pytest.CaptureFixture[str]) -> None:
    names = [*(each.id for each in (*cases(), *rules())), *MUTANTS, *vocabulary.names()]
    covered = sorted({id for each in (*cases(), *rules()) for id in each.covers})
    for id in (*names, *covered, *(requirement(id).citation.partition(" (")[0] for id in covered)):
        explained(capsys, id)
