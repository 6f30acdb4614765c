"""`v2x-harness explain ID`: everything known of a case, rule, requirement, PICS item, key of a description or mutant, in words."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator, Sequence

from harness.catalogue import cases
from harness.device import vocabulary
from harness.errors import UsageError
from harness.mutants import MUTANTS
from harness.suggest import nearest
from harness.verdict.declare import CaseDeclaration, RuleDeclaration, rules
from harness.verdict.requirements import Requirement, is_known, requirement
from harness.verdict.verdict import Axis

_WIDTH = 100


def main(arguments: Sequence[str]) -> int:
    """Print the explanation; raises `UsageError` for an id that nothing has."""
    parser = argparse.ArgumentParser(
        prog="v2x-harness explain",
        description="Explain a case, rule, requirement, PICS item, key of a description or mutant.",
    )
    parser.add_argument("id", help="such as TC_SECC_Session_001, RULE_Power_001, V2G20-459, SECC.DC_BPT")
    wanted = parser.parse_args(arguments).id
    print("\n".join(_explanation(wanted)))
    return 0


def _explanation(wanted: str) -> Iterator[str]:
    known_cases = {each.id: each for each in cases()}
    known_rules = {each.id: each for each in rules()}
    if wanted in known_cases:
        return _of_case(known_cases[wanted])
    if wanted in known_rules:
        return _of_rule(known_rules[wanted])
    if wanted in MUTANTS:
        return _of_mutant(wanted)
    if (described := vocabulary.explain(wanted)) is not None:
        return iter(line for each in described.splitlines() for line in _wrapped(each))
    if (needed := _requirement(wanted)) is not None:
        return _of_requirement(needed)
    names = [*known_cases, *known_rules, *MUTANTS, *vocabulary.names()]
    meant = nearest(wanted, names)
    raise UsageError(
        f"nothing is called {wanted}: "
        + (f"did you mean {meant}?" if meant else "`v2x-harness list` names cases, rules and mutants")
    )


def _requirement(wanted: str) -> Requirement | None:
    return requirement(wanted) if is_known(wanted) else None


def _of_case(case: CaseDeclaration) -> Iterator[str]:
    yield case.id
    yield ""
    yield case.text
    yield ""
    yield f"SUT: {case.role}   least time: {case.lasts:g} s   axis: {case.axis.value}"
    yield f"Applies to devices that claim: {case.pics or 'nothing in particular'}"
    if case.needs:
        yield f"Needs of the bench: {', '.join(case.needs)}"
    yield from _covered(case.covers)
    yield from _detected(case.detects)
    yield f"Try it:     v2x-harness run --virtual-time --all --select {case.id}"
    yield f"See it fail: v2x-harness run --virtual-time --all --select {case.id} --mutant {case.detects[0]}"


def _of_rule(rule: RuleDeclaration) -> Iterator[str]:
    yield rule.id
    yield ""
    yield rule.text
    yield ""
    yield f"Watches everything that a {rule.role} under test sends on the link {rule.link}, in every case."
    if rule.axis is Axis.FIELD:
        yield "Its findings are on the field axis: legal or tolerated, yet they will hurt."
    yield from _covered(rule.covers)
    yield from _detected(rule.detects)
    yield f"Well exercised by: {', '.join(rule.exercised_by)}"


def _of_requirement(needed: Requirement) -> Iterator[str]:
    yield needed.citation
    yield from _wrapped(needed.text)
    if needed.condition:
        yield from _wrapped(f"When: {needed.condition}")
    yield f"Owed by: {', '.join(needed.roles)}   certainty: {needed.certainty.value}"
    if not needed.confirmed:
        yield "Verdicts that rest on it are provisional until somebody confirms it with the document."
    judging = [each.id for each in _judges() if needed.id in each.covers]
    if needed.untested and not judging:
        yield from _wrapped(f"Not tested: {needed.untested}")
    else:
        yield f"Judged by: {', '.join(judging) if judging else 'no case or rule yet'}"


def _of_mutant(name: str) -> Iterator[str]:
    mutant = MUTANTS[name]
    yield f"{name}: a faulty reference {mutant.role}"
    yield from _wrapped(mutant.what)
    noticed = [each.id for each in _judges() if name in each.detects]
    yield f"Detected by: {', '.join(noticed)}"
    yield f"Meet it: v2x-harness run --virtual-time --mutant {name}"


def _judges() -> list[CaseDeclaration | RuleDeclaration]:
    return [*cases(), *rules()]


def _covered(ids: Sequence[str]) -> Iterator[str]:
    yield "Covers:"
    for id in ids:
        yield from _wrapped(str(requirement(id)), "  ")


def _detected(names: Sequence[str]) -> Iterator[str]:
    yield "Proves itself on these mutants of the reference device:"
    for name in names:
        yield from _wrapped(f"{name}: {MUTANTS[name].what}", "  ")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
