"""The verdict of a run: the worst of everything, and nothing is shown by what did not run."""

from __future__ import annotations

from typing import Any

import pytest

from harness.evidence.conclude import conclude
from harness.evidence.record import CaseRecord, RuleRecord
from harness.verdict.verdict import Axis, Finding, Verdict

PASS, INCONC, FAIL, ERROR, NONE = Verdict.PASS, Verdict.INCONC, Verdict.FAIL, Verdict.ERROR, Verdict.NONE
FIELD = Finding("TC", FAIL, "r", "a", "b", axis=Axis.FIELD)
PROVISIONAL_FIELD = Finding("TC", FAIL, "r", "a", "b", axis=Axis.FIELD, provisional=True)


def cases(*verdicts: Verdict, findings: tuple[Finding, ...] = ()) -> list[CaseRecord]:
    return [
        CaseRecord(f"TC_A_x_{n:03}", "secc", "", "", (), "", (), verdict, "", 0.0, findings=findings)
        for n, verdict in enumerate(verdicts)
    ]


def rules(*verdicts: Verdict) -> list[RuleRecord]:
    return [RuleRecord(f"RULE_x_{n:03}", "", "", (), verdict, 1, 1) for n, verdict in enumerate(verdicts)]


@pytest.mark.parametrize(
    ("of_cases", "of_rules", "more", "verdict", "exit_code", "sentence"),
    [
        (cases(PASS, PASS), rules(PASS, NONE), {}, PASS, 0, "Conformant: all 2 cases that apply passed and the one rule"),
        (cases(PASS), [], {}, PASS, 0, "Conformant: the one case that applies passed."),
        (cases(PASS, FAIL), [], {}, FAIL, 1, "Not conformant: 1 case failed; 1 case of 2 passed."),
        (cases(PASS), rules(FAIL), {}, FAIL, 1, "Not conformant: 1 rule was broken; 1 case of 1 passed."),
        (cases(FAIL, FAIL), rules(FAIL, FAIL), {}, FAIL, 1, "2 cases failed and 2 rules were broken"),
        (cases(PASS, INCONC), [], {}, INCONC, 2, "Inconclusive, though nothing failed: 1 case stayed inconclusive"),
        (cases(PASS, NONE), [], {}, PASS, 0, "passed. 1 case had nothing to judge, for want of something optional."),
        (cases(FAIL, NONE), [], {}, FAIL, 1, "1 case failed; 0 cases of 2 passed. 1 case had nothing to judge"),
        (cases(PASS), rules(INCONC), {}, INCONC, 2, "1 rule stayed inconclusive"),
        (cases(FAIL, INCONC), [], {}, FAIL, 1, "1 case failed; 1 case stayed inconclusive"),
        (cases(PASS, ERROR), [], {}, ERROR, 4, "No verdict, for the bench or harness broke: 1 case could not be"),
        (cases(FAIL, ERROR), [], {}, ERROR, 4, "Not conformant, and the bench or harness broke"),
        (cases(PASS), [], {"bench_errors": ["eth0 is down.", "x"]}, ERROR, 4, "broke: eth0 is down (and 1 more); 1 case"),
        ([], [], {"bench_errors": ["eth0 is down"]}, ERROR, 4, "No verdict, for the bench or harness broke: eth0 is down."),
        ([], [], {}, INCONC, 2, "Inconclusive: no case was run"),
        (cases(NONE), rules(NONE), {}, INCONC, 2, "Inconclusive: no case was run"),
        (cases(PASS), [], {"complete": False}, INCONC, 2, "The run ended early"),
        (cases(FAIL), [], {"complete": False}, FAIL, 1, "The run ended early"),
        ([], [], {"complete": False}, INCONC, 2, "no case was run, so nothing is shown. The run ended early"),
        (cases(PASS, findings=(FIELD,)), [], {}, PASS, 0, "Conformant"),
        (cases(PASS, findings=(FIELD,)), [], {"strict_field": True}, FAIL, 1, "1 field finding counted as failure"),
        (cases(PASS, findings=(PROVISIONAL_FIELD,)), [], {"strict_field": True}, INCONC, 2, "1 field finding"),
    ],
)  # fmt: skip
def test_run_is_concluded(
    of_cases: Any, of_rules: Any, more: Any, verdict: Verdict, exit_code: int, sentence: str
) -> None:
    conclusion = conclude(of_cases, of_rules, **more)
    assert (conclusion.verdict, conclusion.exit_code) == (verdict, exit_code)
    assert sentence in conclusion.sentence
