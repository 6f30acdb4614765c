"""Every faulty charger differs from the sound one in what an EV or a bench meter can see."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.mutants import MUTANTS, find_mutant


def test_names_are_said_with_their_role_and_one_sentence():
    for name, mutant in MUTANTS.items():
        assert name == mutant.name and name.startswith(f"{mutant.role}-") and name == name.lower()
        assert mutant.faults and mutant.what and "\n" not in mutant.what


def test_no_two_mutants_share_a_sentence():
    said = [mutant.what for mutant in MUTANTS.values()]

    assert not {each for each in said if said.count(each) > 1}


def test_an_unknown_mutant_suggests_the_nearest():
    with pytest.raises(UsageError, match="secc-zero-session-id"):
        find_mutant("secc-zero-sesion-id")


def test_two_devices_of_one_mutant_share_no_memory():
    for mutant in MUTANTS.values():
        for one, other in zip(mutant.armed(), mutant.armed(), strict=True):
            memory = getattr(one, "memory", None)
            assert memory is None or memory is not getattr(other, "memory", None)
