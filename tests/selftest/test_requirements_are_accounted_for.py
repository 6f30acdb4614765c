"""Bidirectional power transfer and DER control: each requirement has a judge on its side, or says why it has none."""

from __future__ import annotations

import pytest

from harness.catalogue import cases
from harness.verdict.declare import rules
from harness.verdict.requirements import Requirement, requirements, untested_requirements

SIDES = {"station": {"station", "charger"}, "csms": {"csms"}}
"""Whose cases and rules look at what a role owes."""
OWED = [each for each in requirements("OCPP 2.1") if each.id.startswith(("V2X.", "Q", "R0"))]


def judges(owed: Requirement) -> set[str]:
    sides = set().union(*(SIDES[role] for role in owed.roles))
    return {each.id for each in (*cases(), *rules()) if owed.id in each.covers and each.role in sides}


@pytest.mark.parametrize("owed", OWED, ids=lambda each: each.id)
def test_a_requirement_is_covered_or_says_why_not(owed: Requirement) -> None:
    assert bool(judges(owed)) != bool(owed.untested), f"{owed.text} {sorted(judges(owed))} {owed.untested!r}"


def test_a_reason_is_a_sentence() -> None:
    reasons = {each.id: each.untested for each in requirements() if each.untested}
    assert {id for id, said in reasons.items() if not (said[0].isupper() and said.endswith("."))} == set()


def test_what_is_untested_is_found_by_the_roles_that_owe_it() -> None:
    told = {each.id for each in untested_requirements(["station"])}
    assert "Q05.FR.03" in told
    assert told == {each.id for each in requirements() if each.untested and "station" in each.roles}
