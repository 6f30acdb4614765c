"""The energy that a bench meter saw, by its counters or by its powers."""

import pytest

from harness.actor.meter import MeterProbe
from harness.link.observation import Sample
from harness.link.trace import Timeline


class Standing:
    def now(self) -> float:
        return 0.0


def probe(*samples: tuple[float, Sample]) -> MeterProbe:
    """A probe that has read these samples (s, reading) and reads no more."""
    timeline = Timeline(Standing())  # type: ignore[arg-type]
    for at, sample in samples:
        timeline.observe("meter", "meter", sample, at=at)
    meter = MeterProbe.__new__(MeterProbe)
    meter._timeline = timeline
    return meter


def test_energy_comes_from_the_counters_where_there_are_any():
    meter = probe((0.0, Sample(1.0, energy_import=5.0, energy_export=1.0)), (10.0, Sample(1.0, None, None, 25.0, 2.0)))
    assert meter.energy(0.0, 10.0) == pytest.approx(19.0)


def test_energy_is_integrated_from_powers_otherwise():
    meter = probe((0.0, Sample(3600.0)), (5.0, Sample(3600.0)), (10.0, Sample(7200.0)))
    assert meter.energy(0.0, 10.0) == pytest.approx(5.0 + 7.5)


def test_one_reading_is_no_energy():
    assert probe((0.0, Sample(1.0))).energy(0.0, 10.0) is None
