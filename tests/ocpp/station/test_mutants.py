"""Every faulty station differs from the sound one where somebody can see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest

from harness.fault.fault import Fault, Mutant
from harness.mutants.station import CATALOGUE
from tests.ocpp.station.exercise import CHAPTERS

Chapter = Callable[[tuple[Fault, ...]], list[str]]


@cache
def sound(chapter: Chapter) -> list[str]:
    return seen_in(chapter, ())


def seen_in(chapter: Chapter, faults: tuple[Fault, ...]) -> list[str]:
    """What is seen, without what is drawn anew each time: keys and certificates."""
    return [re.sub(r"-----BEGIN.*?-----END [A-Z ]+-----", "PEM", line) for line in chapter(faults)]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.__name__)
def test_a_sound_station_lives_through_the_day_the_same_way_twice(chapter: Chapter) -> None:
    assert seen_in(chapter, ()) == sound(chapter)


@pytest.mark.parametrize("mutant", CATALOGUE, ids=lambda mutant: mutant.name)
def test_a_faulty_station_shows_its_fault(mutant: Mutant) -> None:
    assert any(seen_in(chapter, mutant.armed()) != sound(chapter) for chapter in CHAPTERS), mutant.what


def test_names_are_unique_and_there_are_enough() -> None:
    names = [mutant.name for mutant in CATALOGUE]
    assert len(set(names)) == len(names) >= 60
    assert "station-rubber-stamp" in names
