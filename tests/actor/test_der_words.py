"""What cases of DER control are made of: curves, what they say around a point, and controls with their times."""

import pytest

from harness.actor.der_words import der_curve, on_curve

VOLT_VAR = ((92.0, 44.0), (98.0, 0.0), (102.0, 0.0), (108.0, -44.0))


def test_a_curve_travels_with_points_of_few_digits_and_its_own_members() -> None:
    made = der_curve((50.2, 100 / 3), unit="PctMaxW", responseTime=2)
    assert made == {"yUnit": "PctMaxW", "curveData": [{"x": 50.2, "y": 33.333}], "responseTime": 2}


@pytest.mark.parametrize(
    ("x", "low", "high"),
    [
        (95.0, 11.0, 33.0),
        (100.0, 0.0, 0.0),
        (97.5, 0.0, 14.667),
        (80.0, 44.0, 44.0),
        (120.0, -44.0, -44.0),
    ],
)
def test_a_curve_says_something_between_its_values_around_a_point(x: float, low: float, high: float) -> None:
    assert on_curve(VOLT_VAR, x, 1.5) == pytest.approx((low, high), abs=0.001)


def test_a_peak_of_a_curve_within_the_margin_counts() -> None:
    assert on_curve(((0.0, 0.0), (1.0, 5.0), (2.0, 0.0)), 0.8, 0.5) == pytest.approx((1.5, 5.0))
