"""Physical values keep their worth on the way into a message and back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.quantity import EXPONENTS, decimal, number, rational


@given(st.integers(-(2**15), 2**15 - 1), st.sampled_from(EXPONENTS))
def test_what_fits_exactly_is_exact(value, exponent):
    wanted = Decimal(value).scaleb(exponent)

    assert decimal(rational(wanted)) == wanted


@given(st.floats(-3e7, 3e7))
def test_the_nearest_pair_is_at_most_a_ten_thousandth_off(value):
    pair = rational(value)

    assert pair.Exponent in EXPONENTS and -(2**15) <= pair.Value < 2**15
    assert abs(number(pair) - value) <= max(0.0005, abs(value) * 2e-4)


@given(st.floats(-3e7, 3e7), st.floats(-3e7, 3e7))
def test_order_survives_rounding(one, other):
    low, high = sorted((one, other))

    assert number(rational(low)) <= number(rational(high))


@pytest.mark.parametrize("value", [4e7, -4e7, float("inf"), float("nan")])
def test_what_does_not_fit_is_refused(value):
    with pytest.raises(ValueError, match="does not fit"):
        rational(value)
