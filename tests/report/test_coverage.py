"""A requirement is as well covered as what looked at it says, and what nobody looked at is said to be so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.evidence.record import CaseRecord, NotRun, RequirementRecord, RuleRecord
from harness.report.coverage import Coverage, coverage
from harness.verdict.verdict import Axis, Finding, Verdict
from tests.report.sample import run_record

FOUND = Finding("TC_A_x_001", Verdict.FAIL, "R", "a", "b")
ELSEWHERE = replace(FOUND, requirement="S")


def case(verdict: Verdict, *findings: Finding, id: str = "TC_A_x_001") -> CaseRecord:
    return CaseRecord(id, "a", "", "", ("R",), "", (), verdict, "", 0.0, findings)


def rule(verdict: Verdict, *findings: Finding) -> RuleRecord:
    return RuleRecord("RULE_x_001", "", "", ("R",), verdict, 1, 1, tuple(("TC_A_x_001", each) for each in findings))


def absent(why: str, reason: str = "") -> NotRun:
    return NotRun("TC_A_x_009", "", ("R",), why, reason)


def of_r(*records: CaseRecord | RuleRecord | NotRun) -> Coverage:
    run = replace(
        run_record(),
        cases=tuple(each for each in records if isinstance(each, CaseRecord)),
        rules=tuple(each for each in records if isinstance(each, RuleRecord)),
        not_run=tuple(each for each in records if isinstance(each, NotRun)),
    )
    return next(each for each in coverage(run) if each.requirement == "R")


@pytest.mark.parametrize(
    ("records", "status"),
    [
        ([case(Verdict.PASS)], "passed"),
        ([case(Verdict.FAIL, FOUND)], "failed"),
        ([case(Verdict.FAIL, ELSEWHERE)], "inconclusive"),
        ([case(Verdict.INCONC, replace(FOUND, provisional=True))], "provisional"),
        ([case(Verdict.INCONC, replace(FOUND, verdict=Verdict.INCONC))], "inconclusive"),
        ([case(Verdict.ERROR)], "error"),
        ([case(Verdict.PASS, replace(FOUND, axis=Axis.FIELD))], "passed"),
        ([case(Verdict.PASS), rule(Verdict.FAIL, FOUND)], "failed"),
        ([case(Verdict.PASS), case(Verdict.INCONC, id="TC_A_x_002")], "inconclusive"),
        ([rule(Verdict.NONE)], "not tested"),
        ([rule(Verdict.PASS)], "passed"),
        ([rule(Verdict.NONE), case(Verdict.PASS)], "passed"),
        ([absent("not applicable", "no AC")], "not applicable"),
        ([absent("left out")], "not tested"),
        ([absent("not applicable"), absent("left out")], "not tested"),
        ([absent("not applicable"), case(Verdict.PASS)], "passed"),
    ],
)
def test_requirement_has_the_status_of_what_covers_it(
    records: list[CaseRecord | RuleRecord | NotRun], status: str
) -> None:
    assert of_r(*records).status == status


def test_remark_says_why() -> None:
    assert of_r(absent("not applicable", "no AC")).why == "not applicable: no AC"
    assert of_r(rule(Verdict.NONE)).why == "no traffic of this run exercised it"
    assert of_r(case(Verdict.FAIL, FOUND)).why == "in TC_A_x_001"
    assert of_r(case(Verdict.PASS), absent("left out")).why == "1 further case not run"


def test_requirement_that_only_a_finding_cites_is_listed_and_field_practice_is_not() -> None:
    field = replace(FOUND, requirement="FIELD-X", axis=Axis.FIELD)
    run = replace(run_record(), cases=(case(Verdict.FAIL, ELSEWHERE, field),), rules=(), not_run=())
    assert [(each.requirement, each.status) for each in coverage(run)] == [("R", "inconclusive"), ("S", "failed")]


def test_requirement_that_nothing_can_judge_is_listed_with_the_reason() -> None:
    known = {"T": RequirementRecord("t", "OCPP 2.1", "1", "cited", "It is a definition.")}
    run = replace(
        run_record(), cases=(case(Verdict.PASS),), rules=(), not_run=(), untested=("T", "R"), requirements=known
    )
    assert coverage(run) == (
        Coverage("R", "passed", "", ("TC_A_x_001",)),
        Coverage("T", "not tested", "It is a definition.", ()),
    )
