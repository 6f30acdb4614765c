"""Every case passes on the sound reference and fails on each mutant it names; so does every rule."""

import pytest

from harness.catalogue import case_functions
from harness.mutants import MUTANTS
from harness.verdict.declare import RuleDeclaration, rules
from harness.verdict.requirements import requirement
from harness.verdict.verdict import Verdict
from tests.selftest.perform import devices_for, performed

CASES = {id: declaration for id, (_, declaration) in case_functions().items()}


def grouped(case: str, *values: object, id: str) -> object:
    """Keep what shares a case in one process, where its record is made once."""
    return pytest.param(*values, id=id, marks=pytest.mark.xdist_group(case))


@pytest.mark.parametrize(
    ("case", "device"),
    [
        grouped(id, id, device, id=f"{id}-{device}" if number else id)
        for id, each in CASES.items()
        for number, device in enumerate(devices_for(each))
    ],
)
def test_a_case_passes_on_the_sound_reference_and_breaks_no_rule(case: str, device: str) -> None:
    record = performed(case, device="" if device == devices_for(CASES[case])[0] else device)
    assert not record.error
    assert [str(found) for found in (*record.findings, *record.rule_findings)] == []
    assert record.verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("case", "mutant"),
    [grouped(id, id, mutant, id=f"{id}-{mutant}") for id, each in CASES.items() for mutant in each.detects],
)
def test_a_case_detects_each_mutant_it_names(case: str, mutant: str) -> None:
    record = performed(case, mutant)
    assert not record.error
    assert any(found.verdict is Verdict.FAIL for found in record.findings), "\n".join(map(str, record.findings))


@pytest.mark.parametrize(
    ("rule", "mutant"),
    [grouped(each.exercised_by[0], each, name, id=f"{each.id}-{name}") for each in rules() for name in each.detects],
)
def test_a_rule_detects_each_mutant_it_names(rule: RuleDeclaration, mutant: str) -> None:
    records = [performed(case, mutant) for case in rule.exercised_by]
    found = [each for record in records for each in record.rule_findings if each.source == rule.id]
    assert any(each.verdict is Verdict.FAIL for each in found)


@pytest.mark.parametrize("rule", [grouped(each.exercised_by[0], each, id=each.id) for each in rules()])
def test_a_rule_looks_at_something_sound_in_a_case_that_exercises_it(rule: RuleDeclaration) -> None:
    assert any(performed(case).rules_checked.get(rule.id, 0) for case in rule.exercised_by)


def test_every_mutant_is_named_by_a_case_or_a_rule() -> None:
    named = {name for each in CASES.values() for name in each.detects} | {n for each in rules() for n in each.detects}
    assert named == set(MUTANTS)


@pytest.mark.parametrize(("role", "share"), [("station", 0.7), ("csms", 0.5)])
def test_a_device_that_only_says_yes_fails_most_cases(role: str, share: float) -> None:
    """What is left is about things that nobody asks a device for, or that it has to refuse by not being there."""
    own = [each for each in CASES.values() if each.role == role]
    failed = [each for each in own if f"{role}-rubber-stamp" in each.detects]
    assert len(failed) > share * len(own)


def test_what_cases_and_rules_cover_is_in_the_catalogue() -> None:
    covered = {id for each in (*CASES.values(), *rules()) for id in each.covers}
    assert [id for id in sorted(covered) if requirement(id) is None] == []
