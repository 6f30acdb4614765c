"""Composite schedules: what the station says it will do, and where it cannot say (OCPP block K, K08).

What they have to be is computed from the profiles that were sent, not written down by hand.
"""

from datetime import timedelta

from harness.ocpp.readings import outcome
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    StationUnderTest,
    central_setpoint,
    charging_only,
    equals,
    one_of,
    plain_limit,
    test_case,
    told_schedule,
)

_PIC = STATION.SMART_CHARGING & STATION.RATE_UNIT_W
_TAKEN = "See why the station refuses the profile."


@test_case(
    "TC_STATION_CompositeSchedule_001",
    covers=("K08.FR.02", "K08.FR.04", "K08.FR.06", "SC.01", "TC_K_41_CS"),
    pics=_PIC,
    detects=(
        "station-composite-shifted",
        "station-ignored-limit",
        "station-hasty-schedules",
        "station-composite-frozen",
        "station-rubber-stamp",
    ),
    lasts=5.0,
)
async def test_the_composite_schedule_is_the_lowest_of_all_purposes(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station reports the lowest limit of its profiles at every instant.

    Given   a default profile of half the charge power, and of a quarter after 60 s, below a higher maximum
    when    the CSMS asks for the composite schedule of 100 s
    then    it has half the charge power until the 60 s are over, and then a quarter
    """
    half = station.pixit.maximum_charge_power / 2
    await station.ready()
    await csms.limit(1.5 * half, purpose="ChargingStationMaxProfile")
    sent = await csms.set_profile(1, "TxDefaultProfile", [plain_limit(half), plain_limit(half / 2, start=60)])
    check.that(sent.outcome, outcome, equals("Accepted"), advice=_TAKEN)
    told = await csms.composite_schedule(1, 100, "W")
    check.that(told.outcome, outcome, equals("Accepted"), advice="Answer with what the profiles come to.")
    check.that(told.outcome, told_schedule, station.schedule(told), advice="The lowest limit counts at every instant.")


@test_case(
    "TC_STATION_CompositeSchedule_002",
    covers=("K08.FR.08", "SC.04"),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=(
        "station-composite-without-mode",
        "station-reversed-setpoint",
        "station-halved-setpoint",
        "station-rubber-stamp",
    ),
    lasts=40.0,
)
async def test_the_composite_schedule_tells_the_setpoint(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports the setpoint that it follows in its composite schedule.

    Given   a transaction under a setpoint that discharges
    when    the CSMS asks for the composite schedule
    then    it has that setpoint
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(watts))
    check.that(sent.outcome, outcome, equals("Accepted"), advice=_TAKEN)
    told = await csms.composite_schedule(1, 60, "W")
    check.that(told.outcome, told_schedule, station.schedule(told), advice="Report setpoints with their sign.")


@test_case(
    "TC_STATION_CompositeSchedule_003",
    covers=("K08.FR.05", "TC_K_47_CS"),
    pics=_PIC,
    detects=("station-rubber-stamp",),
    lasts=5.0,
)
async def test_the_schedule_of_an_unknown_evse_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses to report the schedule of an EVSE that it does not have.

    Given   a connected station
    when    the CSMS asks for the composite schedule of such an EVSE
    then    the answer is Rejected
    """
    await station.ready()
    told = await csms.composite_schedule(station.evses + 90, 60)
    check.that(told.outcome, outcome, equals("Rejected"), advice="Look the EVSE up first.")


@test_case(
    "TC_STATION_CompositeSchedule_004",
    covers=("V2X.03", "V2X.04", "K08.FR.08"),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.EMS_CONTROL,
    needs=("plug", "authorise", "limit"),
    detects=(
        "station-composite-uncapped",
        "station-composite-without-mode",
        "station-reversed-setpoint",
        "station-rubber-stamp",
    ),
    lasts=40.0,
)
async def test_a_setpoint_is_reported_as_far_as_the_caps_let_it_through(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station clips setpoints to the limits of all other profiles in its composite schedule.

    Given   a schedule of setpoints of half the charge power and, after 60 s, half the discharge power
    when    a maximum and a system on site allow a quarter, and the CSMS asks for the composite schedule
    then    both setpoints are capped at that quarter
    """
    charge, discharge = station.pixit.maximum_charge_power, station.pixit.maximum_discharge_power
    await station.ready()
    transaction = await station.charging()
    await csms.limit(charge / 4, purpose="ChargingStationMaxProfile")
    await station.hold_below(discharge / 4)
    made = [central_setpoint(charge / 2), central_setpoint(-discharge / 2, start=60)]
    sent = await csms.set_profile(1, "TxProfile", made, transaction=transaction.transaction_id)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Capping happens in the merged schedule.")
    told = await csms.composite_schedule(1, 120, "W")
    expected = station.schedule(told, held_below=discharge / 4)
    check.that(told.outcome, told_schedule, expected, advice="Clip setpoints to limit and dischargeLimit.")


@test_case(
    "TC_STATION_CompositeSchedule_005",
    covers=("K08.FR.04", "K08.FR.08", "V2X.01", "V2X.04", "SC.01", "K01.FR.12"),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.V2X_IDLE & STATION.EMS_CONTROL,
    needs=("plug", "authorise", "limit", "release"),
    detects=(
        "station-flat-stack",
        "station-recurs-never",
        "station-ignored-discharge-limit",
        "station-endless-schedules",
        "station-rubber-stamp",
    ),
    lasts=60.0,
)
async def test_profiles_by_the_dice_come_to_what_they_have_to(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station merges profiles of all purposes and stack levels, whatever they are.

    Given   a transaction, and profiles by the dice: maxima, daily defaults and setpoints in both directions
    when    the CSMS asks for the composite schedule, free and under a limit of the site
    then    it is at every instant what the profiles come to
    """
    watts = station.pixit.maximum_discharge_power / 3
    await station.ready()
    transaction = await station.charging()
    for seed in (1, 2, 3):
        await csms.clear_all_profiles()
        now = csms.clock.wall()
        for sample in station.samples(seed):
            sent = await csms.install(sample, transaction, now)
            check.that(sent.outcome, outcome, equals("Accepted"), advice=_TAKEN)
        told = await csms.composite_schedule(1, 900, "W")
        check.that(
            told.outcome, told_schedule, station.schedule(told), advice="Look at the first instant that differs."
        )
        await station.hold_below(watts)
        told = await csms.composite_schedule(1, 900, "W")
        expected = station.schedule(told, held_below=watts)
        check.that(told.outcome, told_schedule, expected, advice="A limit of the site caps what the profiles come to.")
        await station.release()


@test_case(
    "TC_STATION_CompositeSchedule_006",
    covers=("K01.FR.13",),
    pics=_PIC,
    detects=("station-recurs-never", "station-endless-schedules", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_daily_schedule_comes_back_and_leaves_a_gap(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station runs through a daily schedule each day, and uncovers the lower stack level between two runs.

    Given   a default of half the charge power, and above it a daily one of a quarter for 120 s
    when    the daily one began a day and a minute ago, and the CSMS asks for the composite schedule of 120 s
    then    it has a quarter for a minute, and then half
    """
    half = station.pixit.maximum_charge_power / 2
    await station.ready()
    sent = await csms.limit(half)
    check.that(sent.outcome, outcome, equals("Accepted"), advice=_TAKEN)
    begun = (csms.clock.wall() - timedelta(days=1, seconds=60)).isoformat(timespec="seconds")
    sent = await csms.set_profile(
        0,
        "TxDefaultProfile",
        [charging_only(half / 2)],
        kind="Recurring",
        recurrencyKind="Daily",
        duration=120,
        stack_level=1,
        plan={"startSchedule": begun},
    )
    check.that(sent.outcome, outcome, equals("Accepted"), advice=_TAKEN)
    told = await csms.composite_schedule(1, 120, "W")
    check.that(told.outcome, told_schedule, station.schedule(told), advice="Count from startSchedule in whole days.")


@test_case(
    "TC_STATION_CompositeSchedule_007",
    covers=("K08.FR.03",),
    pics=_PIC,
    detects=("station-composite-shifted", "station-ignored-limit", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_the_schedule_of_the_whole_station_is_the_sum_under_its_maximum(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station reports for EVSE 0 what all its EVSEs together may take, at most its maximum.

    Given   a default profile for each EVSE, and a maximum for the station that ends after 60 s
    when    the CSMS asks for the composite schedule of EVSE 0
    then    it has the maximum for 60 s, and then the sum of the defaults
    """
    quarter = station.pixit.maximum_charge_power / 4
    await station.ready()
    sent = await csms.limit(quarter)
    check.that(sent.outcome, outcome, equals("Accepted"), advice=_TAKEN)
    sent = await csms.limit(quarter / 2, purpose="ChargingStationMaxProfile", lasting=60)
    check.that(sent.outcome, outcome, equals("Accepted"), advice=_TAKEN)
    told = await csms.composite_schedule(0, 120, "W")
    check.that(told.outcome, told_schedule, station.schedule(told), advice="Add the EVSEs up, then apply the maximum.")


@test_case(
    "TC_STATION_CompositeSchedule_008",
    covers=("K08.FR.07", "TC_K_42_CS"),
    pics=STATION.SMART_CHARGING & STATION.OCPP_21 & ~STATION.RATE_UNIT_A,
    detects=("station-rubber-stamp",),
    lasts=5.0,
)
async def test_a_schedule_in_a_unit_that_the_station_does_not_have_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses to report a schedule in a unit that is not among its RateUnit.

    Given   a station that takes limits in W alone
    when    the CSMS asks for the composite schedule in A
    then    the answer is Rejected
    """
    await station.ready()
    told = await csms.composite_schedule(1, 60, "A")
    refused = one_of(["Rejected"])
    check.that(told.outcome, outcome, refused, advice="Compare chargingRateUnit with SmartChargingCtrlr.RateUnit.")


@test_case(
    "TC_STATION_CompositeSchedule_009",
    covers=("K08.FR.02", "K08.FR.06", "TC_K_40_CS"),
    pics=_PIC,
    detects=("station-flat-stack", "station-endless-schedules", "station-composite-frozen", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_the_highest_stack_level_shows_until_it_ends(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports the highest stack level of a purpose, and the one below from its end on.

    Given   a default profile of half the charge power in two steps, and above it one of a quarter for 60 s
    when    the CSMS asks for the composite schedule of 150 s
    then    it has a quarter for 60 s, and then what the lower one says
    """
    half = station.pixit.maximum_charge_power / 2
    await station.ready()
    above = await csms.set_profile(1, "TxDefaultProfile", [plain_limit(half / 2)], stack_level=1, duration=60)
    check.that(above.outcome, outcome, equals("Accepted"), advice=_TAKEN)
    below = await csms.set_profile(1, "TxDefaultProfile", [plain_limit(half), plain_limit(half / 4, start=110)])
    check.that(below.outcome, outcome, equals("Accepted"), advice=_TAKEN)
    told = await csms.composite_schedule(1, 150, "W")
    check.that(told.outcome, told_schedule, station.schedule(told), advice="Look at each stack level at each instant.")


@test_case(
    "TC_STATION_CompositeSchedule_010",
    covers=("K08.FR.02", "K08.FR.03", "K08.FR.06", "TC_K_39_CS"),
    pics=_PIC,
    detects=("station-rubber-stamp",),
    lasts=5.0,
)
async def test_without_profiles_there_is_a_schedule_all_the_same(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station reports what it can do where no profile says less.

    Given   a station without profiles
    when    the CSMS asks for the composite schedule of the station, for 300 s
    then    it is accepted, and a schedule of 300 s comes, of at least one period
    """
    await station.ready()
    await csms.clear_all_profiles()
    told = await csms.composite_schedule(0, 300, "W")
    check.that(told.outcome, outcome, equals("Accepted"), advice="A schedule needs no profile.")
    check.that(told.outcome, told_schedule, station.schedule(told), advice="Answer with one period at least.")


@test_case(
    "TC_STATION_CompositeSchedule_011",
    covers=("K01.FR.36", "K01.FR.37", "K01.FR.30", "TC_K_21_CS", "TC_K_22_CS", "TC_K_23_CS"),
    pics=_PIC,
    detects=(
        "station-ignored-valid-from",
        "station-ignored-valid-to",
        "station-composite-frozen",
        "station-rubber-stamp",
    ),
    lasts=5.0,
)
async def test_validity_and_start_show_in_the_composite_schedule(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station reports a profile from validFrom to validTo, and from startSchedule on, and not outside.

    Given   a default profile, above it one that is valid from 60 s to 120 s from now, and one whose schedule starts after 180 s
    when    the CSMS asks for the composite schedule of 240 s
    then    each shows in its time, and the default in between
    """
    half, now = station.pixit.maximum_charge_power / 2, csms.clock.wall().replace(microsecond=0)

    def later(seconds: int) -> str:
        return (now + timedelta(seconds=seconds)).isoformat()

    await station.ready()
    plans = (
        ([plain_limit(half)], {}),
        ([plain_limit(half / 2)], {"stack_level": 1, "validFrom": later(60), "validTo": later(120)}),
        ([plain_limit(half / 4)], {"stack_level": 2, "plan": {"startSchedule": later(180)}}),
    )
    for made, choices in plans:
        sent = await csms.set_profile(1, "TxDefaultProfile", made, **choices)
        check.that(sent.outcome, outcome, equals("Accepted"), advice=_TAKEN)
    told = await csms.composite_schedule(1, 240, "W")
    check.that(told.outcome, told_schedule, station.schedule(told), advice="Look at validity at each instant.")
