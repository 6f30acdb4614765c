"""Limits of the CSMS: purposes, stack levels, clearing and refusal (1.6 5.16, 2.x block K). The meters judge."""

from datetime import timedelta

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    StationUnderTest,
    central_setpoint,
    charging_only,
    equals,
    plain_limit,
    test_case,
)

_ANY = STATION.SMART_CHARGING & STATION.RATE_UNIT_W
_PIC = STATION.SMART_CHARGING & STATION.OCPP_21


@test_case(
    "TC_STATION_Limits_001",
    covers=("K01.FR.02", "K01.FR.04"),
    pics=_ANY,
    needs=("plug", "authorise"),
    detects=("station-ignored-limit", "station-rubber-stamp", "station-ignores-charging-profiles"),
    lasts=60.0,
)
async def test_a_limit_of_the_transaction_is_kept(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps the limit of a TxProfile.

    Given   a transaction that charges
    when    the CSMS sends a TxProfile with a limit of a quarter of the charge power
    then    meter values and bench meter show no more
    """
    watts = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(charging_only(watts))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    expected = station.expects.charge_at_most(watts)
    check.course(await station.course(expected), expected, advice="Hand the limit to the EV.")


@test_case(
    "TC_STATION_Limits_002",
    covers=("K01.FR.17",),
    pics=_ANY,
    needs=("plug", "authorise"),
    detects=("station-flat-stack", "station-ignored-limit", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_the_higher_stack_level_wins(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station uses the profile of the highest stack level, whichever came last.

    Given   a transaction with a TxProfile on stack level 1 and a limit of a quarter of the charge power
    when    a TxProfile on level 0 with twice that limit follows
    then    meter values and bench meter show no more than the lower limit
    """
    watts = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.dispatch(charging_only(watts), stack_level=1)
    await csms.dispatch(charging_only(2 * watts))
    expected = station.expects.charge_at_most(watts)
    check.course(await station.course(expected), expected, advice="Within a purpose the highest stack level counts.")


@test_case(
    "TC_STATION_Limits_003",
    covers=("K10.FR.01",),
    pics=_ANY,
    detects=("station-accepts-clearing-blindly", "station-ignores-clearing-profiles", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_clearing_nothing_is_unknown(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station says Unknown where no profile matches.

    Given   a connected station
    when    the CSMS clears a profile id that nobody installed
    then    the answer is Unknown
    """
    await station.ready()
    cleared = await csms.clear_profiles(number=987654)
    check.that(cleared.outcome, outcome, equals("Unknown"), advice="Accepted means that a profile was cleared.")


@test_case(
    "TC_STATION_Limits_004",
    covers=("K01.FR.09", "K01.FR.28"),
    pics=_PIC,
    detects=("station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_profiles_for_nothing_are_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a TxProfile without a transaction, and a profile for an EVSE that it does not have.

    Given   a station without a transaction
    when    the CSMS sends such profiles
    then    each is Rejected
    """
    await station.ready()
    made = [plain_limit(3000)]
    sent = await csms.set_profile(1, "TxProfile", made, transaction="no-such-transaction")
    check.that(sent.outcome, outcome, equals("Rejected"), advice="No transaction runs on the EVSE.")
    sent = await csms.set_profile(station.evses + 90, "TxDefaultProfile", made)
    check.that(sent.outcome, outcome, equals("Rejected"), requirement="K01.FR.28", advice="There is no such EVSE.")


@test_case(
    "TC_STATION_Limits_005",
    covers=("K21.FR.01", "K21.FR.02"),
    pics=_PIC & STATION.PRIORITY_CHARGING,
    needs=("plug", "authorise"),
    detects=("station-ignores-priority-charging", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_priority_without_a_profile_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station says NoProfile where no PriorityCharging profile is installed.

    Given   a transaction, and no PriorityCharging profile
    when    the CSMS sends UsePriorityCharging
    then    the answer is NoProfile
    """
    await station.ready()
    transaction = await station.charging()
    sent = await csms.prioritise(transaction)
    check.that(sent.outcome, outcome, equals("NoProfile"), advice="Look for a PriorityCharging profile first.")
    unknown = await csms.call("UsePriorityCharging", {"transactionId": "no-such-transaction", "activate": True})
    check.that(unknown.outcome, outcome, equals("Rejected"), requirement="K21.FR.02", advice="Unknown transaction.")


@test_case(
    "TC_STATION_Limits_006",
    covers=("K21.FR.03", "K21.FR.05"),
    pics=_PIC & STATION.PRIORITY_CHARGING,
    needs=("plug", "authorise"),
    detects=(
        "station-ignores-priority-charging",
        "station-silent-priority",
        "station-priority-upside-down",
        "station-rubber-stamp",
    ),
    lasts=40.0,
)
async def test_priority_charging_is_told(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells that priority charging is active.

    Given   a transaction, and a PriorityCharging profile
    when    the CSMS sends UsePriorityCharging
    then    it is Accepted, and NotifyPriorityCharging says activated
    """
    await station.ready()
    transaction = await station.charging()
    await csms.set_profile(0, "PriorityCharging", [plain_limit(station.pixit.maximum_charge_power)])
    sent = await csms.prioritise(transaction)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A PriorityCharging profile is installed.")
    told = await csms.expect("NotifyPriorityCharging", within=station.pixit.answer_time)
    check.that(told, reading("activated"), equals(True), requirement="K21.FR.05", advice="Tell the change.")


@test_case(
    "TC_STATION_Limits_007",
    covers=("K10.FR.03", "K10.FR.05"),
    pics=_PIC & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-ignores-clearing-profiles",),
    lasts=60.0,
)
async def test_a_cleared_setpoint_is_followed_no_more(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station leaves a profile as soon as it is cleared.

    Given   a transaction that discharges by a TxProfile
    when    the CSMS clears the TxProfiles of the EVSE
    then    it is Accepted, and meter values and bench meter show no discharge
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.dispatch(central_setpoint(watts))
    await station.settle(station.expects.power(watts))
    cleared = await csms.clear_profiles(evse_id=1, purpose="TxProfile")
    check.that(cleared.outcome, outcome, equals("Accepted"), advice="The criteria match the TxProfile.")
    expected = station.expects.discharge_at_most(0)
    check.course(await station.course(expected), expected, advice="Recompute at once what holds without the profile.")


@test_case(
    "TC_STATION_Limits_008",
    covers=("K02.FR.08",),
    pics=_ANY,
    needs=("plug", "authorise"),
    detects=("station-endless-schedules", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_schedule_that_has_run_out_uncovers_the_default(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station falls back to the default profile when a TxProfile has run out.

    Given   a default profile of a quarter of the charge power, and a TxProfile of half of it that lasts 30 s
    when    the 30 s are over
    then    meter values and bench meter show no more than the default allows
    """
    quarter = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.limit(quarter)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the default.")
    sent = await csms.dispatch(charging_only(2 * quarter), lasting=30)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    await station.watch(31.0)
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="A schedule ends with its duration.")


@test_case(
    "TC_STATION_Limits_009",
    covers=("K01.FR.37",),
    pics=_ANY,
    needs=("plug", "authorise"),
    detects=("station-ignored-valid-to", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_profile_ends_with_its_validity(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station leaves a profile at validTo.

    Given   a TxProfile of a quarter of the charge power, below one of half of it that is valid for 30 s
    when    validTo has passed
    then    meter values and bench meter show no more than the lower one allows
    """
    quarter = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(charging_only(quarter))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    until = csms.clock.wall() + timedelta(seconds=30)
    sent = await csms.dispatch(charging_only(2 * quarter), stack_level=1, validTo=until)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses validTo.")
    await station.watch(31.0)
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="validTo is the first instant without the profile.")


@test_case(
    "TC_STATION_Limits_010",
    covers=("K09.FR.01",),
    pics=_PIC,
    detects=("station-wrong-request-id", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_profiles_are_reported_under_the_id_of_the_question(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station copies requestId into its reports of profiles.

    Given   a default profile
    when    the CSMS asks for the profiles with a requestId
    then    ReportChargingProfiles carries it
    """
    await station.ready()
    await csms.limit(station.pixit.maximum_charge_power / 2)
    question = {"requestId": 4711, "chargingProfile": {"chargingProfilePurpose": "TxDefaultProfile"}}
    asked = await csms.call("GetChargingProfiles", question)
    check.that(asked.outcome, outcome, equals("Accepted"), advice="A default profile is installed.")
    told = await csms.expect("ReportChargingProfiles", within=station.pixit.answer_time)
    check.that(told, reading("requestId"), equals(4711), advice="Copy requestId of the question.")
