"""Outputs that follow grid functions: response times, ramps, and the way back after an event."""

import math

import pytest

from harness.grid.response import Hysteresis, Lag, Ramp, WayBack


def test_a_lag_has_come_nine_tenths_of_the_way_after_its_response_time() -> None:
    lag = Lag(100.0)
    lag.follow(0.0, 10.0, 50.0)
    assert lag.follow(0.0, 10.0, 60.0) == pytest.approx(10.0)
    assert lag.follow(0.0, 10.0, 70.0) == pytest.approx(1.0)


def test_a_lag_does_not_depend_on_how_often_it_is_asked() -> None:
    often, seldom = Lag(), Lag()
    for tenth in range(51):
        often.follow(8.0, 5.0, tenth / 10)
    seldom.follow(8.0, 5.0, 0.0)
    assert often.value == pytest.approx(seldom.follow(8.0, 5.0, 5.0)) == pytest.approx(7.2)


def test_without_a_response_time_the_target_is_there_at_once() -> None:
    lag = Lag(3.0)
    assert lag.follow(-7.0, 0.0, 1.0) == -7.0


def test_a_clock_that_is_set_back_lets_no_time_pass() -> None:
    lag, ramp = Lag(), Ramp()
    lag.follow(10.0, 5.0, 100.0)
    ramp.follow(10.0, 1.0, 100.0)
    assert lag.follow(10.0, 5.0, 40.0) == 0.0
    assert ramp.follow(10.0, 1.0, 40.0) == 0.0


def test_a_ramp_moves_with_its_rate_in_both_directions_and_stops_at_its_target() -> None:
    ramp = Ramp()
    ramp.follow(-100.0, 10.0, 0.0)
    assert ramp.follow(-100.0, 10.0, 4.0) == -40.0
    assert ramp.follow(-20.0, 10.0, 5.0) == -50.0
    assert ramp.follow(-20.0, 10.0, 6.0) == -40.0
    assert ramp.follow(-20.0, 10.0, 60.0) == -20.0


def test_a_ramp_without_a_rate_is_a_step() -> None:
    ramp = Ramp()
    assert ramp.follow(5.0, math.inf, 0.0) == 5.0
    ramp.rest_at(0.0, 1.0)
    assert ramp.value == 0.0


BACK = WayBack(low=49.8, high=50.1, delay=10.0, gradient=2.0)


def test_a_cap_falls_at_once_and_stays_until_the_mains_have_been_back_for_the_delay() -> None:
    cap = Hysteresis()
    assert cap.follow(50.4, 40.0, BACK, 0.0) == 40.0
    assert cap.follow(50.2, 80.0, BACK, 1.0) == 40.0, "not back within the band"
    assert cap.follow(50.0, 100.0, BACK, 2.0) == 40.0
    assert cap.follow(50.0, 100.0, BACK, 11.9) == 40.0


def test_a_cap_rises_with_the_gradient() -> None:
    cap = Hysteresis()
    cap.follow(50.4, 40.0, BACK, 0.0)
    cap.follow(50.0, 100.0, BACK, 1.0)
    cap.follow(50.0, 100.0, BACK, 11.0)
    assert cap.follow(50.0, 100.0, BACK, 21.0) == 60.0
    assert cap.follow(50.0, 100.0, BACK, 100.0) == 100.0


def test_an_excursion_during_the_delay_begins_it_anew() -> None:
    cap = Hysteresis()
    cap.follow(50.4, 40.0, BACK, 0.0)
    cap.follow(50.0, 100.0, BACK, 1.0)
    cap.follow(50.2, 80.0, BACK, 8.0)
    cap.follow(50.0, 100.0, BACK, 9.0)
    assert cap.follow(50.0, 100.0, BACK, 15.0) == 40.0
    assert cap.follow(50.0, 100.0, BACK, 19.0) == 40.0, "from here on it rises"
    assert cap.follow(50.0, 100.0, BACK, 24.0) == 50.0
