"""Schedules in time: periods, starts, validity, recurrence, local time, delays, state of charge (1.6 5.16, 2.x K01). The meters judge."""

from datetime import datetime, timedelta

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Observation,
    Period,
    StationUnderTest,
    equals,
    plain_limit,
    satisfies,
    test_case,
)

_PIC = STATION.SMART_CHARGING & STATION.RATE_UNIT_W
_DAY = 86400


def lead(station: StationUnderTest) -> int:
    """Seconds in which the power can settle and be judged."""
    return round(station.settling + 2 * station.pixit.meter_interval + 5.0)


def ahead(csms: Csms, seconds: float) -> datetime:
    """An instant so many s from now."""
    return csms.clock.wall() + timedelta(seconds=seconds)


def in_steps(quarter: float, change: int) -> list[Period]:
    """Half the charge power, and a quarter after `change` s."""
    return [plain_limit(2 * quarter), plain_limit(quarter, start=change)]


async def until(csms: Csms, station: StationUnderTest, at: float) -> None:
    """Let time pass until an instant on the clock."""
    await station.watch(max(0.0, at - csms.clock.now()))


@test_case(
    "TC_STATION_Schedules_001",
    covers=("K01.FR.12",),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-first-period-only", "station-hasty-schedules", "station-ignored-limit", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_period_lasts_until_the_next_one_begins(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station goes from one period of a schedule to the next at its time.

    Given   a transaction that charges
    when    a default of half the charge power comes, which is a quarter from its second period on
    then    the power comes above the quarter first, and keeps to the quarter after the change
    """
    quarter, change = await station.ready_for_limits(), 2 * lead(station)
    await station.charging()
    begun = csms.clock.now()
    sent = await csms.set_profile(0, "TxDefaultProfile", in_steps(quarter, change))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Two periods in order are sound.")
    await until(csms, station, begun + lead(station))
    first = station.expects.charge_at_least(1.5 * quarter)
    seen = await station.course(first)
    check.course(seen, first, advice="startPeriod counts from startSchedule, in s.")
    check.course(seen, station.expects.charge_at_most(2 * quarter), advice="The first period holds at first.")
    await until(csms, station, begun + change)
    second = station.expects.charge_at_most(quarter)
    check.course(await station.course(second), second, advice="Follow the second period from its startPeriod on.")


@test_case(
    "TC_STATION_Schedules_002",
    covers=("K01.FR.30", "TC_K_23_CS"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-hurried-start", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_schedule_does_nothing_before_its_start(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station imposes nothing before startSchedule, and the limit from then on.

    Given   a transaction that charges
    when    a default of a quarter of the charge power comes whose schedule begins later
    then    the power stays above half until then, and keeps the quarter afterwards
    """
    quarter, wait = await station.ready_for_limits(), lead(station)
    await station.charging()
    begun = csms.clock.now()
    later = {"startSchedule": ahead(csms, wait)}
    sent = await csms.set_profile(0, "TxDefaultProfile", [plain_limit(quarter)], plan=later)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A schedule may begin later.")
    before = station.expects.charge_at_least(2 * quarter)
    check.course(await station.course(before), before, advice="Wait for startSchedule.")
    await until(csms, station, begun + wait)
    after = station.expects.charge_at_most(quarter)
    check.course(await station.course(after), after, advice="Begin at startSchedule without being asked again.")


@test_case(
    "TC_STATION_Schedules_003",
    covers=("K01.FR.36", "TC_K_21_CS"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-ignored-valid-from", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_profile_does_nothing_before_it_is_valid(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station uses a profile from validFrom on, and not before.

    Given   a transaction that charges
    when    a default of a quarter of the charge power comes that is valid later
    then    the power stays above half until then, and keeps the quarter afterwards
    """
    quarter, wait = await station.ready_for_limits(), lead(station)
    await station.charging()
    begun = csms.clock.now()
    valid = ahead(csms, wait)
    sent = await csms.set_profile(0, "TxDefaultProfile", [plain_limit(quarter)], validFrom=valid)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A profile may become valid later.")
    before = station.expects.charge_at_least(2 * quarter)
    check.course(await station.course(before), before, advice="Wait for validFrom.")
    await until(csms, station, begun + wait)
    after = station.expects.charge_at_most(quarter)
    check.course(await station.course(after), after, advice="Begin at validFrom without being asked again.")


@test_case(
    "TC_STATION_Schedules_004",
    covers=("K01.FR.13", "K01.FR.40"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-recurs-never", "station-endless-schedules", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_daily_schedule_holds_today(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station repeats a daily schedule, and leaves it for the rest of the day when its duration is over.

    Given   a transaction that charges
    when    a daily default of a quarter of the charge power comes that began a day and 10 s ago
    then    the power keeps the quarter; after the duration it rises above half
    """
    quarter, lasting = await station.ready_for_limits(), lead(station)
    await station.charging()
    begun = csms.clock.now()
    sent = await csms.set_profile(
        0,
        "TxDefaultProfile",
        [plain_limit(quarter)],
        kind="Recurring",
        recurrencyKind="Daily",
        duration=lasting + 10,
        plan={"startSchedule": ahead(csms, -_DAY - 10)},
    )
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why a daily profile is refused.")
    today = station.expects.charge_at_most(quarter)
    check.course(await station.course(today), today, advice="Begin again each day at the time of startSchedule.")
    await until(csms, station, begun + lasting)
    rest = station.expects.charge_at_least(2 * quarter)
    check.course(await station.course(rest), rest, advice="After duration nothing is left of the day's schedule.")


@test_case(
    "TC_STATION_Schedules_005",
    covers=("K01.FR.40", "K01.FR.13"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-weekly-every-day", "station-recurs-never", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_weekly_schedule_holds_on_its_day_alone(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station repeats a weekly schedule on its day of the week, and on no other.

    Given   a transaction that charges
    when    a weekly default of a quarter of the charge power comes that began yesterday, then one that began a week ago
    then    the first leaves the power above half, the second holds it below the quarter
    """
    quarter = await station.ready_for_limits()
    await station.charging()
    for days, kept in ((1, False), (7, True)):
        sent = await csms.set_profile(
            0,
            "TxDefaultProfile",
            [plain_limit(quarter)],
            kind="Recurring",
            recurrencyKind="Weekly",
            duration=3600,
            plan={"startSchedule": ahead(csms, -days * _DAY - 10)},
        )
        check.that(sent.outcome, outcome, equals("Accepted"), advice="See why a weekly profile is refused.")
        expected = station.expects.charge_at_most(quarter) if kept else station.expects.charge_at_least(2 * quarter)
        check.course(await station.course(expected), expected, advice="Compare the day of the week with startSchedule.")


@test_case(
    "TC_STATION_Schedules_006",
    covers=("K01.FR.42", "K01.FR.41"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-relative-since-long-ago", "station-first-period-only", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_a_relative_schedule_begins_with_the_transaction(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station counts a relative schedule from the start of the transaction.

    Given   a relative default of half the charge power, and of a quarter from its second period on
    when    a transaction begins some time later
    then    the power comes above the quarter first, and keeps to the quarter after the change
    """
    quarter, change = await station.ready_for_limits(), 2 * lead(station)
    sent = await csms.set_profile(0, "TxDefaultProfile", in_steps(quarter, change), kind="Relative")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Relative schedules have no startSchedule.")
    await station.watch(float(change))
    await station.charging()
    begun = csms.clock.now()
    first = station.expects.charge_at_least(1.5 * quarter)
    seen = await station.course(first)
    check.course(seen, first, advice="Count from when energy can flow, not from when the profile came.")
    check.course(seen, station.expects.charge_at_most(2 * quarter), advice="The first period holds at first.")
    await until(csms, station, begun + change)
    second = station.expects.charge_at_most(quarter)
    check.course(await station.course(second), second, advice="Follow the second period from its startPeriod on.")


@test_case(
    "TC_STATION_Schedules_007",
    covers=("K01.FR.11", "K02.FR.08"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-endless-schedules", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_period_after_the_duration_is_skipped(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends a schedule with its duration, before periods that would begin later.

    Given   a default of a quarter of the charge power on level 0
    when    one of level 1 comes with a duration, whose second period, of half the charge power, begins after that
    then    the power keeps the quarter of level 0 when the second period would have begun
    """
    quarter, lasting = await station.ready_for_limits(), lead(station)
    await csms.limit(quarter)
    await station.charging()
    begun = csms.clock.now()
    made = [plain_limit(2 * quarter), plain_limit(3 * quarter, start=lasting + 5)]
    sent = await csms.set_profile(0, "TxDefaultProfile", made, stack_level=1, duration=lasting)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Skip what begins too late, and take the rest.")
    during = station.expects.charge_at_most(2 * quarter)
    check.course(await station.course(during), during, advice="The higher level holds during its duration.")
    await until(csms, station, begun + lasting + 5)
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="A schedule ends with its duration.")


@test_case(
    "TC_STATION_Schedules_008",
    covers=("K01.FR.90",),
    pics=_PIC & STATION.LOCAL_TIME,
    needs=("plug", "authorise"),
    detects=("station-ignored-local-time", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_local_time_is_read_off_the_clock_on_the_wall(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station reads startSchedule as local time where the schedule says so, whatever offset is written.

    Given   a station that is two hours ahead of UTC, and a transaction that charges
    when    a default of a quarter of the charge power comes with useLocalTime, that begins now by the clock on the wall
    then    meter values and bench meter show no more
    """
    quarter = await station.ready_for_limits()
    await csms.set_variable("ClockCtrlr", "TimeZone", "")
    await csms.prepare("ClockCtrlr", "TimeOffset", "+02:00")
    await station.charging()
    plan = {"startSchedule": ahead(csms, 2 * 3600 - 10), "useLocalTime": True}
    sent = await csms.set_profile(0, "TxDefaultProfile", [plain_limit(quarter)], plan=plan)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="SupportsUseLocalTime is claimed.")
    expected = station.expects.charge_at_most(quarter)
    check.course(
        await station.course(expected), expected, advice="Ignore the offset in startSchedule; take the clock's."
    )


@test_case(
    "TC_STATION_Schedules_009",
    covers=("K01.FR.92", "K01.FR.93", "K01.FR.94"),
    pics=_PIC & STATION.RANDOMIZED_DELAY,
    needs=("plug", "authorise"),
    detects=("station-no-random-delay", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_periods_begin_after_a_random_delay(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station delays each period but the first by a random time, drawn once.

    Given   a transaction
    when    a TxProfile with randomizedDelay of an hour comes, and the CSMS asks for the composite schedule twice
    then    the periods begin up to an hour late, not all of them in time, and at the same instants in both answers
    """
    quarter = await station.ready_for_limits()
    running = await station.charging()
    starts = [0, 5000, 10000, 15000]
    made = [plain_limit(quarter + 100 * number, start=start) for number, start in enumerate(starts)]
    sent = await csms.set_profile(
        1, "TxProfile", made, transaction=running.transaction_id, plan={"randomizedDelay": 3600}
    )
    check.that(sent.outcome, outcome, equals("Accepted"), advice="SupportsRandomizedDelay is claimed.")
    first = await csms.composite_schedule(1, 20000, "W")
    delayed = satisfies(
        "periods that begin 0 to 3600 s late, not all of them in time",
        lambda found: len(found) == 4 and _late(found, starts) and any(map(_is_late, found[1:], starts[1:])),
    )
    check.that(first.outcome, period_starts, delayed, advice="Draw a delay for each period but the first.")
    again = await csms.composite_schedule(1, 20000, "W")
    drawn = period_starts(first.outcome) or []
    same = satisfies(f"about {drawn} again", lambda found: len(found) == len(drawn) and _near(found, drawn))
    check.that(again.outcome, period_starts, same, requirement="K01.FR.93", advice="Draw once for a transaction.")


def period_starts(seen: Observation) -> list[int] | None:
    """The startPeriods (s) of a composite schedule."""
    periods = reading("schedule.chargingSchedulePeriod")(seen)
    return [each["startPeriod"] for each in periods] if periods else None


_SLACK = 10
"""Seconds that pass between a profile and the questions about it."""


def _late(found: list[int], starts: list[int]) -> bool:
    return all(start - _SLACK <= at <= start + 3600 for at, start in zip(found, starts, strict=True))


def _is_late(at: int, start: int) -> bool:
    return at > start


def _near(found: list[int], drawn: list[int]) -> bool:
    return all(abs(one - other) <= _SLACK for one, other in zip(found, drawn, strict=True))


@test_case(
    "TC_STATION_Schedules_010",
    covers=("K01.FR.100",),
    pics=_PIC & STATION.LIMIT_AT_SOC,
    needs=("plug", "authorise", "ev_nearly_full"),
    detects=("station-ignored-soc-limit", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_full_ev_gets_the_limit_of_its_state_of_charge(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station lowers the limit for an EV whose state of charge has reached limitAtSoC.

    Given   a transaction with an EV that is nearly full
    when    a default of half the charge power comes with limitAtSoC of a quarter from 50 % on
    then    meter values and bench meter show no more than the quarter
    """
    quarter = await station.ready_for_limits()
    await station.charging("nearly_full")
    plan = {"limitAtSoC": {"soc": 50, "limit": quarter}}
    sent = await csms.set_profile(0, "TxDefaultProfile", [plain_limit(2 * quarter)], plan=plan)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="SupportsLimitAtSoC is claimed.")
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="Compare the EV's state of charge with limitAtSoC.")


@test_case(
    "TC_STATION_Schedules_011",
    covers=("K01.FR.100",),
    pics=_PIC & STATION.LIMIT_AT_SOC,
    needs=("plug", "authorise"),
    detects=("station-soc-limit-always",),
    lasts=60.0,
)
async def test_an_ev_that_is_not_full_keeps_the_limit_of_the_period(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station leaves limitAtSoC alone until the EV has reached that state of charge.

    Given   a transaction with an EV that is not full
    when    a default of three quarters of the charge power comes with limitAtSoC of a quarter from 99 % on
    then    the power rises above half
    """
    quarter = await station.ready_for_limits()
    await csms.limit(quarter)
    await station.charging()
    plan = {"limitAtSoC": {"soc": 99, "limit": quarter}}
    sent = await csms.set_profile(0, "TxDefaultProfile", [plain_limit(3 * quarter)], plan=plan)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="SupportsLimitAtSoC is claimed.")
    expected = station.expects.charge_at_least(2 * quarter)
    check.course(await station.course(expected), expected, advice="limitAtSoC holds from its soc on.")
