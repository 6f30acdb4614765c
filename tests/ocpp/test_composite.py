"""Composite schedules: worked examples, and property tests against an evaluator that goes second by second.

The evaluator below shares no code with the oracle: it knows nothing of breakpoints and merging, and says for one second at a
time, in the plainest words, what holds.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.ocpp.composite import (
    EXTERNAL,
    GENERATION,
    MAXIMUM,
    PRIORITY,
    TX,
    TX_DEFAULT,
    Circumstances,
    Installed,
    Part,
    Running,
    Supply,
    composite,
    from_1_6,
    values_at,
)
from harness.ocppj.payload import check_payload

NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)
ONE = Circumstances(supplies={1: Supply()}, running={1: Running("tx", NOON)})
IDLE = replace(ONE, running={})


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def period(start: int, limit: float | None = None, **values: Any) -> dict[str, Any]:
    return {"startPeriod": start, **({} if limit is None else {"limit": limit}), **values}


def profile(
    purpose: str, *periods: dict[str, Any], evse: int | None = None, level: int = 0, **values: Any
) -> Installed:
    """A profile that begins at noon; members of the schedule are told from those of the profile by their names."""
    schedule: dict[str, Any] = {"id": 1, "chargingRateUnit": values.pop("unit", "A")}
    schedule["chargingSchedulePeriod"] = list(periods)
    held = {name: values.pop(name) for name in ("updated_at", "delays", "selected") if name in values}
    for name in ("duration", "startSchedule", "useLocalTime"):
        if name in values:
            schedule[name] = values.pop(name)
    kind = values.pop("kind", "Absolute")
    if kind in ("Absolute", "Recurring"):
        schedule.setdefault("startSchedule", NOON.isoformat())
    content = {
        "id": 1,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": [schedule],
    }
    owner = evse if evse is not None else 1 if purpose == TX else 0
    return Installed(content | values, owner, **held)


def limits(parts: tuple[Part, ...]) -> dict[int, Any]:
    return {part.start: part.values.get("limit") for part in parts}


# --- worked examples --------------------------------------------------------------------------------------------------


def test_a_higher_stack_level_hides_a_lower_one_until_its_duration_ends() -> None:
    low = profile(TX_DEFAULT, period(0, 6), period(100, 8), period(200, 10), duration=400)
    high = profile(TX_DEFAULT, period(0, 7), period(100, 9), duration=150, level=1)
    for order in ((low, high), (high, low)):
        assert limits(composite(order, ONE, 1, NOON, 350, "A")) == {0: 7, 100: 9, 150: 8, 200: 10}


THREE = (
    profile(MAXIMUM, period(0, 10)),
    profile(TX_DEFAULT, period(0, 6), period(60, 10), period(120, 8), period(180, 15), period(260, 8), duration=300),
    profile(TX, period(0, 8), period(50, 11), period(140, 16), period(200, 6), period(240, 12), duration=260),
)


def test_a_transaction_profile_replaces_the_default_and_the_maximum_caps_both() -> None:
    assert limits(composite(THREE, ONE, 1, NOON, 260, "A")) == {0: 8, 50: 10, 200: 6, 240: 10}


def test_when_the_transaction_profile_ends_the_default_shows_and_then_the_maximum_alone() -> None:
    assert limits(composite(THREE, ONE, 1, NOON, 400, "A")) == {0: 8, 50: 10, 200: 6, 240: 10, 260: 8, 300: 10}


def test_a_later_question_shifts_all_starts() -> None:
    assert limits(composite(THREE, ONE, 1, at(7), 250, "A")) == {0: 8, 43: 10, 193: 6, 233: 10}
    assert limits(composite(THREE, ONE, 1, at(6.5), 250, "A")) == {0: 8, 44: 10, 194: 6, 234: 10}


def test_without_a_transaction_the_default_counts_as_if_one_began_now() -> None:
    relative = profile(TX_DEFAULT, period(0, 6), period(60, 16), kind="Relative")
    assert limits(composite((relative,), IDLE, 1, at(5000), 100, "A")) == {0: 6, 60: 16}
    assert limits(composite((THREE[2],), IDLE, 1, NOON, 100, "A")) == {0: None}


def test_a_relative_schedule_counts_from_the_start_of_the_transaction() -> None:
    relative = profile(TX, period(0, 6), period(60, 16), kind="Relative")
    assert limits(composite((relative,), ONE, 1, at(20), 100, "A")) == {0: 6, 40: 16}


def discharging(**values: Any) -> Installed:
    return profile(TX, period(0, operationMode="CentralSetpoint", **values), unit="W")


@pytest.mark.parametrize(
    ("values", "setpoint"),
    [
        ({"limit": 1500, "dischargeLimit": -2000, "setpoint": 1800}, 1500),
        ({"limit": 6000, "dischargeLimit": -5000, "setpoint": -6000}, -5000),
        ({"limit": 15000, "setpoint": -4000}, -4000),
        ({"limit": 2000, "setpoint": 2000}, 2000),
    ],
)
def test_setpoints_are_clipped_to_the_limits(values: dict[str, float], setpoint: float) -> None:
    assert values_at((discharging(**values),), ONE, 1, NOON, "W")["setpoint"] == setpoint


def test_an_external_discharge_limit_holds_for_a_setpoint_of_the_csms() -> None:
    external = profile(EXTERNAL, period(0, operationMode="ExternalLimits", dischargeLimit=-3000), unit="W")
    held = values_at((discharging(dischargeLimit=-8000, setpoint=-7000), external), ONE, 1, NOON, "W")
    assert (held["dischargeLimit"], held["setpoint"]) == (-3000, -3000)


def test_an_external_limit_of_zero_forbids_charging_and_allows_the_discharge_that_was_asked_for() -> None:
    external = profile(EXTERNAL, period(0, 0), unit="W")
    held = values_at((discharging(setpoint=-5000), external), ONE, 1, NOON, "W")
    assert (held["limit"], held["setpoint"]) == (0, -5000)


def test_an_external_setpoint_wins_unless_the_csms_has_priority() -> None:
    external = profile(EXTERNAL, period(0, operationMode="ExternalSetpoint", setpoint=-1000), unit="W")
    both = (discharging(setpoint=3000), external)
    held = values_at(both, ONE, 1, NOON, "W")
    assert (held["setpoint"], held["operationMode"]) == (-1000, "ExternalSetpoint")
    held = values_at(both, replace(ONE, external_first=False), 1, NOON, "W")
    assert (held["setpoint"], held["operationMode"]) == (3000, "CentralSetpoint")


def test_local_generation_is_added_and_is_no_cap() -> None:
    generation = profile(GENERATION, period(0, 2000), unit="W")
    default = profile(TX_DEFAULT, period(0, 5000), unit="W")
    assert values_at((default, generation), ONE, 1, NOON, "W")["limit"] == 7000
    assert (
        values_at((default, generation, profile(MAXIMUM, period(0, 4000), unit="W")), ONE, 1, NOON, "W")["limit"]
        == 6000
    )


def test_power_and_current_are_compared_over_the_phases() -> None:
    mixed = (profile(MAXIMUM, period(0, 32)), profile(TX, period(0, 11000, numberPhases=3), unit="W"))
    assert values_at(mixed, ONE, 1, NOON, "A")["limit"] == pytest.approx(15.94, abs=0.005)
    assert values_at(mixed, ONE, 1, NOON, "W")["limit"] == 11000


def test_the_fewest_phases_hold() -> None:
    mixed = (profile(MAXIMUM, period(0, 32, numberPhases=1)), profile(TX, period(0, 16, numberPhases=3)))
    assert values_at(mixed, ONE, 1, NOON, "A") == {"limit": 16, "numberPhases": 1}
    assert values_at(mixed, ONE, 1, NOON, "W")["limit"] == 16 * 230


def test_values_per_phase_are_reported_and_capped_per_phase() -> None:
    phases = profile(TX, period(0, 4000, limit_L2=3000, limit_L3=1000), unit="W")
    cap = profile(MAXIMUM, period(0, 6000), unit="W")
    held = values_at((phases, cap), ONE, 1, NOON, "W")
    assert held == {"limit": 2000, "limit_L2": 2000, "limit_L3": 1000}


def test_a_dynamic_profile_without_update_gives_way_and_comes_back_with_one() -> None:
    default = profile(TX_DEFAULT, period(0, 3000), unit="W")
    dynamic = profile(TX, period(0, 9000), unit="W", kind="Dynamic", duration=60, level=2, updated_at=NOON)
    assert limits(composite((default, dynamic), ONE, 1, NOON, 200, "W")) == {0: 9000, 61: 3000}
    renewed = replace(dynamic, updated_at=at(90))
    assert values_at((default, renewed), ONE, 1, at(91), "W")["limit"] == 9000


def test_offline_a_profile_gives_way_after_its_time() -> None:
    default = profile(TX_DEFAULT, period(0, 2000), unit="W")
    limited = profile(TX, period(0, 9000), unit="W", level=1, maxOfflineDuration=120)
    offline = replace(ONE, offline_since=NOON)
    assert limits(composite((default, limited), offline, 1, NOON, 300, "W")) == {0: 9000, 121: 2000}
    assert limits(composite((default, limited), ONE, 1, NOON, 300, "W")) == {0: 9000}


def test_a_daily_schedule_that_begins_in_the_evening_holds_after_midnight() -> None:
    night = profile(TX_DEFAULT, period(0, 6), kind="Recurring", recurrencyKind="Daily", duration=6 * 3600,
                    startSchedule="2026-01-01T22:00:00Z")  # fmt: skip
    one_in_the_morning = datetime(2026, 6, 22, 1, tzinfo=UTC)
    assert limits(composite((night,), ONE, 1, one_in_the_morning, 86400, "A")) == {0: 6, 10800: None, 75600: 6}


def test_a_weekly_schedule_begins_again_after_seven_days() -> None:
    weekly = profile(TX_DEFAULT, period(0, 6), period(86400, 10), kind="Recurring", recurrencyKind="Weekly")
    assert limits(composite((weekly,), ONE, 1, NOON, 8 * 86400, "A")) == {0: 6, 86400: 10, 7 * 86400: 6}


def test_a_recurring_schedule_has_not_begun_before_its_start() -> None:
    later = profile(
        TX_DEFAULT, period(0, 6), kind="Recurring", recurrencyKind="Daily", startSchedule=at(100).isoformat()
    )
    assert limits(composite((later,), ONE, 1, NOON, 200, "A")) == {0: None, 100: 6}


BERLIN = replace(ONE, zone=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(("local", "hour"), [(True, 17), (False, 18)])
def test_a_daily_schedule_follows_local_time_only_if_told_to(local: bool, hour: int) -> None:
    evening = profile(TX_DEFAULT, period(0, 6), kind="Recurring", recurrencyKind="Daily", duration=3600,
                      startSchedule="2026-01-15T18:00:00Z", useLocalTime=local)  # fmt: skip
    winter = datetime(2026, 2, 1, tzinfo=UTC)
    assert limits(composite((evening,), BERLIN, 1, winter, 86400, "A")) == {
        0: None,
        hour * 3600: 6,
        (hour + 1) * 3600: None,
    }
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    begin = (hour - 1 if local else hour) * 3600
    assert limits(composite((evening,), BERLIN, 1, summer, 86400, "A")) == {0: None, begin: 6, begin + 3600: None}


def test_a_local_schedule_skips_the_hour_that_is_skipped_and_repeats_the_one_that_is_repeated() -> None:
    night = profile(TX_DEFAULT, period(0, 6), period(2 * 3600, 10), period(3 * 3600, 16), kind="Recurring",
                    recurrencyKind="Daily", startSchedule="2026-01-01T00:00:00Z", useLocalTime=True)  # fmt: skip
    spring = datetime(2026, 3, 28, 23, tzinfo=UTC)  # midnight in Berlin; 2:00 becomes 3:00
    assert limits(composite((night,), BERLIN, 1, spring, 6 * 3600, "A")) == {0: 6, 7200: 16}
    autumn = datetime(2026, 10, 24, 22, tzinfo=UTC)  # midnight in Berlin; 3:00 becomes 2:00
    assert limits(composite((night,), BERLIN, 1, autumn, 6 * 3600, "A")) == {0: 6, 7200: 10, 14400: 16}


def test_priority_charging_replaces_the_transactions_profiles_and_stays_capped() -> None:
    profiles = (*THREE, profile(PRIORITY, period(0, 32)))
    assert limits(composite(profiles, ONE, 1, NOON, 100, "A"))[0] == 8
    assert limits(composite(profiles, replace(ONE, priority=frozenset({1})), 1, NOON, 400, "A")) == {0: 10}


def test_random_delays_shift_all_periods_but_the_first_and_not_the_end() -> None:
    delayed = profile(TX, period(0, 6), period(100, 8), duration=200, delays=(30.0,))
    assert limits(composite((delayed,), ONE, 1, NOON, 300, "A")) == {0: 6, 130: 8, 200: None}


def test_without_a_transaction_nothing_is_delayed() -> None:
    delayed = profile(TX_DEFAULT, period(0, 6), period(100, 8), delays=(30.0,))
    assert limits(composite((delayed,), IDLE, 1, NOON, 300, "A")) == {0: 6, 100: 8}


def test_a_profile_of_another_transaction_says_nothing() -> None:
    other = profile(TX, period(0, 6), transactionId="another")
    assert values_at((other,), ONE, 1, NOON, "A") == {}


def test_validity_bounds_a_profile() -> None:
    bounded = profile(TX, period(0, 6), validFrom=at(10).isoformat(), validTo=at(20).isoformat())
    assert limits(composite((bounded,), ONE, 1, NOON, 60, "A")) == {0: None, 10: 6, 20: None}


def test_a_duration_of_zero_gives_what_holds_now() -> None:
    assert limits(composite(THREE, ONE, 1, at(60), 0, "A")) == {0: 10}


def test_what_the_supply_can_do_caps_everything() -> None:
    weak = replace(ONE, supplies={1: Supply(limit=5000, discharge_limit=-2000)})
    held = values_at((discharging(limit=9000, setpoint=-7000),), weak, 1, NOON, "W")
    assert (held["limit"], held["dischargeLimit"], held["setpoint"]) == (5000, -2000, -2000)
    assert values_at((), weak, 1, NOON, "W") == {"limit": 5000, "dischargeLimit": -2000}


TWO = Circumstances(supplies={0: Supply(limit=50000), 1: Supply(limit=11000), 2: Supply(limit=22000)})


def test_the_station_is_the_sum_of_its_evses_capped_by_what_concerns_it() -> None:
    default = profile(TX_DEFAULT, period(0, 7000), unit="W", evse=1)
    assert values_at((default,), TWO, 0, NOON, "W")["limit"] == 29000
    assert values_at((default, profile(MAXIMUM, period(0, 20000), unit="W")), TWO, 0, NOON, "W")["limit"] == 20000


def test_setpoints_of_several_evses_add_up() -> None:
    both = tuple(profile(TX, period(0, setpoint=value), unit="W", evse=evse) for evse, value in ((1, -3000), (2, 5000)))
    running = replace(TWO, running={1: Running("a", NOON), 2: Running("b", NOON)})
    assert values_at(both, running, 0, NOON, "W")["setpoint"] == 2000


def test_profiles_of_1_6_become_those_of_2_x() -> None:
    old = {
        "chargingProfileId": 5,
        "transactionId": 77,
        "stackLevel": 1,
        "chargingProfilePurpose": "ChargePointMaxProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "startSchedule": "2026-06-21T12:00:00Z",
            "chargingSchedulePeriod": [period(0, 10)],
        },
    }
    new = from_1_6(old)
    assert check_payload("2.0.1", "SetChargingProfile", "request", {"evseId": 0, "chargingProfile": new}) == ()
    assert values_at((Installed(new, 0),), IDLE, 1, NOON, "A") == {"limit": 10}


# --- second by second -------------------------------------------------------------------------------------------------


def plain_values(profiles: list[Installed], now: Circumstances, second: int) -> dict[str, Any]:
    """What holds on EVSE 1 at a whole second after noon; everything in W, without phases."""

    def says(held: Installed) -> dict[str, Any] | None:
        content, schedule = held.profile, held.profile["chargingSchedule"][0]
        kind, duration = content["chargingProfileKind"], schedule.get("duration")
        if "validFrom" in content and at(second) < datetime.fromisoformat(content["validFrom"]):
            return None
        if "validTo" in content and not at(second) < datetime.fromisoformat(content["validTo"]):
            return None
        patience = content.get("maxOfflineDuration")
        if now.offline_since and patience and (at(second) - now.offline_since).total_seconds() > patience:
            return None
        if kind == "Dynamic":
            assert held.updated_at is not None
            late = (at(second) - held.updated_at).total_seconds()
            return None if duration is not None and late > duration else schedule["chargingSchedulePeriod"][0]
        if kind == "Relative":
            begin = now.running[1].started
        else:
            begin = datetime.fromisoformat(schedule["startSchedule"])
            while kind == "Recurring" and begin + timedelta(days=1) <= at(second):
                begin += timedelta(days=1)
        passed = (at(second) - begin).total_seconds()
        if passed < 0 or (duration is not None and passed >= duration):
            return None
        current = None
        for each in schedule["chargingSchedulePeriod"]:
            if each["startPeriod"] <= passed:
                current = each
        return current

    def speaking(purpose: str, *owners: int) -> dict[str, Any] | None:
        fitting = [
            held for held in profiles if held.profile["chargingProfilePurpose"] == purpose and held.evse in owners
        ]
        for held in sorted(fitting, key=lambda each: (-each.profile["stackLevel"], -each.evse)):
            found = says(held)
            if found is not None:
                return found
        return None

    own = speaking(TX, 1) or speaking(TX_DEFAULT, 0, 1) or {}
    if 1 in now.priority:
        own = speaking(PRIORITY, 0, 1) or own
    caps = [each for each in (speaking(MAXIMUM, 0), speaking(EXTERNAL, 0), speaking(EXTERNAL, 1)) if each]
    result: dict[str, Any] = {}
    ceilings = [each["limit"] for each in (own, *caps) if "limit" in each]
    floors = [each["dischargeLimit"] for each in (own, *caps) if "dischargeLimit" in each]
    if ceilings:
        result["limit"] = sorted(ceilings)[0]
    if floors:
        result["dischargeLimit"] = sorted(floors)[-1]
    if "setpoint" in own:
        wanted = own["setpoint"]
        if ceilings and wanted > result["limit"]:
            wanted = result["limit"]
        if floors and wanted < result["dischargeLimit"]:
            wanted = result["dischargeLimit"]
        result["setpoint"] = wanted
    for extra in (speaking(GENERATION, 0), speaking(GENERATION, 1)):
        if extra and ceilings:
            result["limit"] += extra["limit"]
    return result


_POWER = st.integers(0, 9).map(lambda kilowatts: kilowatts * 1000)
_DAY_EDGE = 86400 - 150


@st.composite
def _profiles(draw: st.DrawFn) -> Installed:
    purpose = draw(st.sampled_from([MAXIMUM, EXTERNAL, PRIORITY, TX, TX, TX_DEFAULT, TX_DEFAULT, GENERATION]))
    kinds = ["Absolute", "Recurring", "Dynamic"] + ([] if purpose == MAXIMUM else ["Relative"])
    kind = draw(st.sampled_from(kinds))
    starts = sorted({0, *draw(st.lists(st.integers(1, 300), max_size=3))}) if kind != "Dynamic" else [0]
    periods = []
    for start in starts:
        values: dict[str, Any] = {"limit": draw(_POWER)}
        if purpose not in (GENERATION, PRIORITY) and draw(st.booleans()):
            values["dischargeLimit"] = -draw(_POWER)
        if purpose in (TX, TX_DEFAULT) and draw(st.booleans()):
            values["setpoint"] = draw(_POWER) - draw(_POWER)
        periods.append(period(start, **values))
    more: dict[str, Any] = {}
    if draw(st.booleans()):
        more["duration"] = draw(st.integers(1, 300))
    if kind in ("Absolute", "Recurring"):
        back = draw(st.sampled_from([0, _DAY_EDGE, 86400 + 50])) if kind == "Recurring" else 0
        more["startSchedule"] = at(draw(st.integers(-100, 100)) - back).isoformat()
    if kind == "Recurring":
        more["recurrencyKind"] = "Daily"
    if kind == "Dynamic":
        more["updated_at"] = at(draw(st.integers(-100, 100)))
    if draw(st.integers(0, 4)) == 0:
        more["validFrom"] = at(draw(st.integers(0, 200))).isoformat()
    if draw(st.integers(0, 4)) == 0:
        more["validTo"] = at(draw(st.integers(0, 200))).isoformat()
    if draw(st.integers(0, 4)) == 0:
        more["maxOfflineDuration"] = draw(st.integers(1, 200))
    owner = 1 if purpose == TX else 0 if purpose == MAXIMUM else draw(st.integers(0, 1))
    return profile(purpose, *periods, evse=owner, level=draw(st.integers(0, 3)), unit="W", kind=kind, **more)


def _distinct(held: Installed) -> tuple[Any, ...]:
    """Two profiles of one purpose, level and owner replace each other, so a station never holds both."""
    return held.profile["chargingProfilePurpose"], held.profile["stackLevel"], held.evse


_CIRCUMSTANCES = st.builds(
    lambda began, priority, offline: Circumstances(
        supplies={1: Supply()},
        running={1: Running("tx", at(began))},
        priority=frozenset({1}) if priority else frozenset(),
        offline_since=None if offline is None else at(offline),
    ),
    st.integers(-200, 0),
    st.booleans(),
    st.none() | st.integers(-100, 100),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(_profiles(), max_size=6, unique_by=_distinct), _CIRCUMSTANCES, st.integers(0, 60))
def test_the_composite_schedule_is_what_holds_second_by_second(
    profiles: list[Installed], now: Circumstances, asked: int
) -> None:
    duration = 320
    parts = composite(profiles, now, 1, at(asked), duration, "W")
    assert parts[0].start == 0
    assert all(before.values != after.values for before, after in pairwise(parts))
    for second in range(duration):
        held = [part.values for part in parts if part.start <= second][-1]
        assert held == plain_values(profiles, now, asked + second), f"second {second}"


@given(st.lists(_profiles(), max_size=6, unique_by=_distinct), _CIRCUMSTANCES, st.integers(0, 300), st.randoms())
def test_the_order_of_profiles_does_not_matter(
    profiles: list[Installed], now: Circumstances, second: int, dice: Any
) -> None:
    shuffled = list(profiles)
    dice.shuffle(shuffled)
    assert values_at(profiles, now, 1, at(second), "W") == values_at(shuffled, now, 1, at(second), "W")


@given(st.lists(_profiles(), max_size=6, unique_by=_distinct), _CIRCUMSTANCES, st.integers(0, 300))
def test_a_setpoint_never_leaves_its_limits_before_generation_is_added(
    profiles: list[Installed], now: Circumstances, second: int
) -> None:
    held = values_at([each for each in profiles if each.profile["chargingProfilePurpose"] != GENERATION],
                     now, 1, at(second), "W")  # fmt: skip
    if "setpoint" in held:
        assert held["setpoint"] <= max(held.get("limit", 1e9), held.get("dischargeLimit", -1e9))
        assert held["setpoint"] >= held.get("dischargeLimit", -1e9)


@given(st.lists(_profiles(), max_size=6, unique_by=_distinct), _CIRCUMSTANCES, st.integers(0, 300))
def test_power_is_current_times_voltage_and_phases(profiles: list[Installed], now: Circumstances, second: int) -> None:
    watts, amperes = (values_at(profiles, now, 1, at(second), unit) for unit in ("W", "A"))  # type: ignore[arg-type]
    assert watts.keys() == amperes.keys()
    for name, value in watts.items():
        assert amperes[name] * 690 == pytest.approx(value)
