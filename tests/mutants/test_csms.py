"""Every faulty CSMS behaves otherwise than the sound one, as its stations see it."""

from __future__ import annotations

from functools import cache

import pytest

from harness.fault.fault import Mutant
from harness.mutants import csms
from tests.mutants.csms_life import Said, life


@cache
def sound() -> Said:
    return life()


def test_the_sound_csms_does_the_same_every_day_and_stays_to_the_end() -> None:
    assert life() == sound()
    assert not any(isinstance(each, str) and each.startswith("over") for each in sound())
    assert ("SignCertificate", 0, {"status": "Accepted"}) in sound()


def test_names_are_of_the_csms_and_no_two_say_the_same() -> None:
    assert len({each.name for each in csms.CATALOGUE}) == len(csms.CATALOGUE) >= 30
    assert all(each.name.startswith("csms-") and each.role == "csms" for each in csms.CATALOGUE)
    assert len({each.what for each in csms.CATALOGUE}) == len(csms.CATALOGUE)


@pytest.mark.parametrize("mutant", csms.CATALOGUE, ids=lambda each: each.name)
def test_a_mutant_is_seen_by_its_stations(mutant: Mutant) -> None:
    assert life(mutant.armed()) != sound()
