"""When values count as settled, and what a charger's PIXIT lets a report and a meter show."""

import pytest

from harness.actor.course import HOLD, Course
from harness.actor.expectation import Expectations
from harness.device.pixit import SeccPixit
from harness.device.units import Tolerance
from harness.link.observation import Sample
from harness.link.trace import Timeline
from harness.v2g.readings import metered_charge_power, metered_power, reported_power
from harness.verdict.limits import at_most, near


class Hands:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time


def follow(powers: list[float], *, within: float = 5.0, step: float = 0.5) -> tuple[float | None, float]:
    """Meter samples one after the other; the instant from which they may be judged, and when that was known."""
    hands = Hands()
    timeline = Timeline(hands)  # type: ignore[arg-type]
    timeline.observe("meter", "meter", Sample(powers[0]))
    course = Course(timeline, {metered_power: at_most(1000.0, "W"), reported_power: near(0.0, tolerance=1.0)}, within)
    for power in powers:
        hands.time += step
        timeline.observe("meter", "meter", Sample(power))
        if (settled := course.settled()) is not None:
            return settled, hands.time
    return None, hands.time


def test_values_settle_when_they_kept_their_limit_for_a_while():
    settled, known = follow([3000.0, 2000.0, 900.0, 900.0, 900.0, 900.0])
    assert settled == pytest.approx(101.0)
    assert known == pytest.approx(101.0 + HOLD)


def test_a_value_that_breaks_its_limit_again_begins_anew():
    settled, _ = follow([900.0, 2000.0, 900.0, 900.0, 900.0])
    assert settled == pytest.approx(101.0)


def test_values_that_never_settle_are_judged_from_the_deadline_on():
    settled, known = follow([3000.0] * 40, within=4.0)
    assert settled == pytest.approx(104.0)
    assert known == pytest.approx(104.0 + HOLD)


def test_losses_lie_between_outlet_and_grid_in_both_directions():
    expects = Expectations(SeccPixit(efficiency=0.9, discharge_efficiency=0.8, standby_power=0.0), Tolerance(10.0))
    assert expects.at_grid(9000.0) == pytest.approx(10_000.0)
    assert expects.at_grid(-10_000.0) == pytest.approx(-8000.0)
    assert expects.at_outlet(10_000.0) == pytest.approx(9000.0)
    assert expects.at_outlet(-8000.0) == pytest.approx(-10_000.0)


def test_a_limit_of_the_ev_leaves_room_for_losses_when_charging():
    expects = Expectations(SeccPixit(efficiency=0.9, standby_power=0.0), Tolerance(10.0))
    limit = expects.charge_at_most(9000.0)[metered_charge_power]
    assert limit.holds(10_000.0)
    assert not limit.holds(12_500.0)
