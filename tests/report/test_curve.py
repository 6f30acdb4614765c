"""The power curve shows what was reported, asked, measured and allowed, with the sign of the report: + is charge."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.evidence.reading import Frame
from harness.report.curve import curve_svg, describe
from harness.report.series import Curve, power_curve


def frame(at: float, name: str, message: Any, *, event: bool = False) -> Frame:
    return Frame(1, at, "v2g", 1, "secc", event, name, "", "", message)


def rational(value: float) -> dict[str, Any]:
    return {"Exponent": 0, "Value": value, "value": value}


def response(at: float, volts: float, amperes: float, **limits: float) -> Frame:
    mode = {name: rational(value) for name, value in limits.items()}
    fields = {"EVSEPresentVoltage": rational(volts), "EVSEPresentCurrent": rational(amperes)}
    return frame(at, "DC_ChargeLoopRes", {**fields, "BPT_Dynamic_DC_CLResControlMode": mode})


def curve_of(*frames: Frame) -> Curve:
    curve = power_curve(frames)
    assert curve is not None
    return curve


def line(curve: Curve, label: str) -> tuple[tuple[float, float], ...]:
    (found,) = (each for each in curve.lines if each.label.startswith(label))
    return found.points


def test_report_of_the_secc_is_voltage_times_current_with_its_sign() -> None:
    curve = curve_of(response(1.0, 400, -20), response(2.0, 400, 10))
    assert line(curve, "SECC reports") == ((1.0, -8000.0), (2.0, 4000.0))


def test_wish_of_the_ev_bench_setpoint_and_meter_are_on_the_same_axis() -> None:
    wish = {"EVPresentVoltage": rational(400), "BPT_Scheduled_DC_CLReqControlMode": {"EVTargetCurrent": rational(-5)}}
    curve = curve_of(
        frame(1.0, "DC_ChargeLoopReq", wish),
        frame(2.0, "BenchAction", {"action": "setpoint", "values": {"watts": -3000.0}}, event=True),
        frame(3.0, "Sample", {"power": -2900.0}, event=True),
    )
    assert line(curve, "EV asks for") == ((1.0, -2000.0),)
    assert line(curve, "bench setpoint") == ((2.0, -3000.0),)
    assert line(curve, "bench meter") == ((3.0, -2900.0),)
    assert curve.end == 3.0


@pytest.mark.parametrize("sign", [1, -1])
def test_discharge_limits_of_either_sign_bound_the_same_band(sign: int) -> None:
    limits = {"EVSEMaximumChargePower": 22e3, "EVSEMaximumDischargePower": sign * 11e3}
    curve = curve_of(response(1.0, 400, 1, **limits), response(2.0, 400, 1, **limits))
    (band,) = curve.bands
    assert band.steps == ((1.0, -11e3, 22e3),)


def test_side_that_allows_no_discharge_has_a_band_down_to_zero() -> None:
    curve = curve_of(response(1.0, 400, 1, EVSEMaximumChargePower=22e3), response(2.0, 400, 1))
    assert curve.bands[0].steps == ((1.0, 0.0, 22e3),)


def test_case_without_power_has_no_curve() -> None:
    assert power_curve([]) is None
    assert power_curve([response(1.0, 400, 1)]) is None
    assert power_curve([frame(1.0, "DC_ChargeLoopRes", message) for message in (None, {}, [], "x")]) is None


def test_impossible_powers_are_left_out_and_counted() -> None:
    curve = curve_of(response(1.0, 400, 1), response(2.0, 1e30, 1e30), response(3.0, 400, 1))
    assert curve.left_out == 1
    assert "1 values beyond any possible power" in describe(curve)


def test_picture_is_wellformed_with_text_as_text_and_ids_of_its_own() -> None:
    limits = {"EVSEMaximumChargePower": 22e3, "EVSEMaximumDischargePower": 11e3}
    curve = curve_of(*(response(n / 10, 400, -20 + n % 3, **limits) for n in range(5000)))
    svg = curve_svg(curve, key="one", marks=[(100.0, "#7 <x> $y$")])
    tree = ElementTree.fromstring(svg)
    words = [each.text for each in tree.iter() if each.text]
    assert any("power [kW]" in word for word in words)
    assert "#7 <x> $y$" in words
    assert any("EVSE limits (last −11.0 kW … +22.0 kW)" in word for word in words)
    ids = [each.get("id", "") for each in tree.iter() if each.get("id")]
    assert ids
    assert all(each.startswith("one-") for each in ids)
    assert len(set(ids)) == len(ids)
    assert len(svg) < 60_000


def test_limit_far_away_does_not_flatten_the_curve() -> None:
    far = {"EVSEMaximumChargePower": 500e3, "EVSEMaximumDischargePower": 500e3}
    curve = curve_of(response(1.0, 400, -5, **far), response(2.0, 400, 5, **far))
    ticks = [each.text or "" for each in ElementTree.fromstring(curve_svg(curve, key="k")).iter() if each.text]
    assert "2" in ticks
    assert "500" not in ticks


def test_same_curve_is_drawn_the_same_every_time() -> None:
    curve = curve_of(response(1.0, 400, -5), response(2.0, 400, 5))
    assert curve_svg(curve, key="k") == curve_svg(curve, key="k")


@pytest.mark.parametrize("changes", [3, 900])
def test_band_whose_limits_change_at_different_times_is_drawn(changes: int) -> None:
    frames = [
        response(n / 10, 400, 5, EVSEMaximumChargePower=5e3 + n // 2, EVSEMaximumDischargePower=4e3 + n // 3)
        for n in range(changes)
    ]
    curve = curve_of(*frames)
    assert curve.bands[0].steps[-1][1:] == (-(4e3 + (changes - 1) // 3), 5e3 + (changes - 1) // 2)
    assert "EVSE limits" in curve_svg(curve, key="k")


_AMOUNTS = st.one_of(st.integers(-(2**15), 2**15), st.floats(-1e9, 1e9), st.just(1e300))
_RESPONSES = st.tuples(_AMOUNTS, _AMOUNTS, st.none() | _AMOUNTS, st.none() | _AMOUNTS)


@settings(max_examples=25, deadline=None)
@given(st.lists(_RESPONSES, max_size=12), st.floats(0, 1e-3))
def test_whatever_a_device_claims_there_is_a_picture_or_none(claims: list[Any], pace: float) -> None:
    frames = []
    for n, (volts, amperes, most, discharge) in enumerate(claims):
        limits = {"EVSEMaximumChargePower": most, "EVSEMaximumDischargePower": discharge}
        frames.append(response(n * pace, volts, amperes, **{k: v for k, v in limits.items() if v is not None}))
    curve = power_curve(frames)
    if curve is not None:
        ElementTree.fromstring(curve_svg(curve, key="k"))
