"""A composite schedule is right when it says at every instant what the profiles come to, however it is cut."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from harness.actor.ocpp_call import CallOutcome
from harness.actor.schedule_expectation import ScheduleExpectation, site_limit, told_schedule
from harness.device.pixit import StationPixit
from harness.link.clock import Clock
from harness.link.observation import Observation
from harness.ocpp.csms import periods as words
from harness.ocpp.csms import profiles as book
from harness.ocpp.csms.profiles import objections
from harness.ocpp.csms.samples import Span, sample_profiles
from harness.ocpp.csms.station import Station
from harness.ocppj.frame import Call, CallResult

NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)
PIXIT = StationPixit(maximum_charge_power=11_000.0, maximum_discharge_power=10_000.0)


def seen(message: Any) -> Observation:
    return Observation(1, 0.0, "ocpp", "station", message)


def answer(*periods: dict[str, Any], duration: int = 100, start: str = "2026-06-21T12:00:00Z") -> CallOutcome:
    schedule = {"evseId": 1, "duration": duration, "scheduleStart": start, "chargingRateUnit": "W"}
    told = {"status": "Accepted", "schedule": schedule | {"chargingSchedulePeriod": list(periods)}}
    asked = {"evseId": 1, "duration": 100, "chargingRateUnit": "W"}
    return CallOutcome(
        seen(Call("1", "GetCompositeSchedule", asked)), seen(CallResult("1", told, "GetCompositeSchedule"))
    )


def expectation(*made: words.Period, held_below: float | None = None) -> ScheduleExpectation:
    """Of a station that took a default profile for EVSE 1 at noon, on a clock that shows noon at 0 s."""
    station = Station("CS1")
    content = words.profile(1, "TxDefaultProfile", [words.schedule(made, start=NOON)])
    book.install(station, 1, content, NOON)
    others = () if held_below is None else (site_limit(held_below),)
    return ScheduleExpectation(PIXIT, station, FixedClock(), others=others)


class FixedClock(Clock):
    def __init__(self) -> None: ...

    def wall(self, _at: float | None = None) -> datetime:
        return NOON


def holds(expected: ScheduleExpectation, told: CallOutcome) -> bool:
    return bool(expected.of(told).holds(told_schedule(told.outcome)))


FALLING = (words.plain_limit(5000), words.plain_limit(2000, start=60))


@pytest.mark.parametrize(
    "told",
    [
        answer({"startPeriod": 0, "limit": 5000}, {"startPeriod": 60, "limit": 2000}),
        answer(
            {"startPeriod": 0, "limit": 5000}, {"startPeriod": 30, "limit": 5000}, {"startPeriod": 58, "limit": 2001}
        ),
    ],
)
def test_the_course_counts_and_not_how_it_is_cut(told: CallOutcome) -> None:
    assert holds(expectation(*FALLING), told)


@pytest.mark.parametrize(
    "told",
    [
        answer({"startPeriod": 0, "limit": 5000}),
        answer({"startPeriod": 0, "limit": 5000}, {"startPeriod": 50, "limit": 2000}),
        answer({"startPeriod": 0, "limit": 5100}, {"startPeriod": 60, "limit": 2000}),
        answer({"startPeriod": 0}, {"startPeriod": 60, "limit": 2000}),
        answer({"startPeriod": 0, "limit": 5000}, {"startPeriod": 60, "limit": 2000}, duration=90),
        answer({"startPeriod": 0, "limit": 5000}, start="2026-06-21T11:00:00Z"),
        answer({"startPeriod": 0, "limit": 5000, "setpoint": 4000}, {"startPeriod": 60, "limit": 2000}),
        answer(),
    ],
)
def test_another_course_is_told(told: CallOutcome) -> None:
    assert not holds(expectation(*FALLING), told)


def test_an_answer_of_1_6_is_read_and_may_leave_out_what_was_asked() -> None:
    periods = [{"startPeriod": 0, "limit": 5000}, {"startPeriod": 60, "limit": 2000}]
    schedule = {"chargingRateUnit": "W", "chargingSchedulePeriod": periods}
    told = {"status": "Accepted", "connectorId": 1, "chargingSchedule": schedule}
    asked = seen(Call("1", "GetCompositeSchedule", {"connectorId": 1, "duration": 100, "chargingRateUnit": "W"}))
    assert holds(expectation(*FALLING), CallOutcome(asked, seen(CallResult("1", told, "GetCompositeSchedule"))))


def test_a_station_may_tell_less_where_it_can_do_no_more() -> None:
    most = expectation(words.plain_limit(22_000))
    assert holds(most, answer({"startPeriod": 0, "limit": 11_000}))
    assert holds(most, answer({"startPeriod": 0, "limit": 22_000}))
    assert not holds(most, answer({"startPeriod": 0, "limit": 6000}))


def test_setpoints_have_their_sign_their_mode_and_the_caps_of_the_site() -> None:
    expected = expectation(words.central_setpoint(-5000), held_below=3000)
    mode = {"startPeriod": 0, "operationMode": "CentralSetpoint", "limit": 3000, "dischargeLimit": -3000}
    assert holds(expected, answer(mode | {"setpoint": -3000}))
    for wrong in ({"setpoint": 3000}, {"setpoint": -5000}, {"setpoint": -3000, "operationMode": "ChargingOnly"}):
        assert not holds(expected, answer(mode | wrong))
    assert "setpoint -3000 W" in expected.of(answer(mode)).expects


@pytest.mark.parametrize("seed", range(20))
def test_profiles_by_the_dice_are_such_as_a_csms_may_send(seed: int) -> None:
    station = Station("CS1")
    for number, sample in enumerate(sample_profiles(seed, Span(11_000, 10_000, levels=9, periods=24)), 1):
        schedule = words.schedule(sample.periods, start=NOON, duration=sample.duration)
        transaction = "tx" if sample.purpose == "TxProfile" else None
        content = words.profile(
            number,
            sample.purpose,
            [schedule],
            kind=sample.kind,
            stack_level=sample.stack_level,
            transaction=transaction,
        )
        assert list(objections(station, sample.evse, content | sample.choices)) == []
        book.install(station, sample.evse, content, NOON)
