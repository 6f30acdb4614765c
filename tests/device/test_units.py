"""Quantities with and without units."""

from __future__ import annotations

import pytest

from harness.device.units import DURATION, ENERGY, POWER, SHARE, VOLTAGE, Tolerance, quantity


@pytest.mark.parametrize(
    ("written", "unit", "value"),
    [
        ("11 kW", POWER, 11_000.0),
        ("-3kW", POWER, -3_000.0),
        (1500, POWER, 1_500.0),
        ("1500", POWER, 1_500.0),
        ("1e3 W", POWER, 1_000.0),
        ("250 ms", DURATION, 0.25),
        ("250 µs", DURATION, 0.00025),
        ("2 min", DURATION, 120.0),
        ("60 kWh", ENERGY, 60_000.0),
        ("95 %", SHARE, 0.95),
        (0.95, SHARE, 0.95),
        ("0.4 kV", VOLTAGE, 400.0),
    ],
)
def test_a_quantity_becomes_a_number_in_base_units(written, unit, value):
    assert quantity(written, unit) == value


@pytest.mark.parametrize(
    ("written", "unit", "said"),
    [
        ("11 kV", POWER, "'11 kV' is a voltage, not a power"),
        ("11 kw", POWER, "did you mean kW?"),
        ("11 horses", POWER, "known: W, mW, kW, MW"),
        ("0,25 s", DURATION, "decimals with a point"),
        ("soon", DURATION, "is not a duration"),
        ("1.2.3 s", DURATION, "holds no number"),
        (True, POWER, "write for example 11 kW"),
        (None, POWER, "write for example 11 kW"),
        (float("nan"), POWER, "is not finite"),
        (float("inf"), POWER, "is not finite"),
        ("9" * 400, POWER, "is not finite"),
        ([1], POWER, "is not a power"),
    ],
)
def test_what_is_no_quantity_is_told_with_an_example(written, unit, said):
    with pytest.raises(ValueError, match=r"example|did you mean|known") as raised:
        quantity(written, unit)
    assert said in str(raised.value)


def test_a_tolerance_is_the_larger_of_amount_and_share():
    tolerance = Tolerance(amount=100.0, share=0.05)
    assert tolerance.at(1_000.0) == 100.0
    assert tolerance.at(-10_000.0) == 500.0
