"""Clearing profiles by id and by criteria, in every version (1.6 5.5, 2.x K10). The meters judge what is left."""

from harness.ocpp.readings import outcome
from harness.vocabulary import STATION, Check, Csms, Inconclusive, StationUnderTest, equals, plain_limit, test_case

_PIC = STATION.SMART_CHARGING & STATION.RATE_UNIT_W
_ID, _OTHER_ID = 47110, 47111


@test_case(
    "TC_STATION_ClearProfiles_001",
    covers=("K10.FR.03", "K10.FR.05", "K10.FR.07", "TC_K_05_CS", "TC_K_09_CS"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-ignores-clearing-profiles", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_cleared_default_holds_no_longer(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station goes on without a default profile that is cleared by its id.

    Given   a transaction under a default of a quarter of the charge power
    when    the CSMS clears the profile by its id
    then    it is Accepted, and the power rises above half
    """
    quarter = await station.ready_for_limits()
    await csms.set_profile(0, "TxDefaultProfile", [plain_limit(quarter)], number=_ID)
    await station.charging()
    lower = station.expects.charge_at_most(quarter)
    check.course(await station.course(lower), lower, requirement="K01.FR.14", advice="The default holds at first.")
    cleared = await csms.clear_profiles(number=_ID)
    check.that(cleared.outcome, outcome, equals("Accepted"), advice="The profile is installed under this id.")
    free = station.expects.charge_at_least(2 * quarter)
    check.course(await station.course(free), free, requirement="K10.FR.07", advice="Recompute as if it never was.")


@test_case(
    "TC_STATION_ClearProfiles_002",
    covers=("K10.FR.04", "TC_K_06_CS"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=(
        "station-clears-all-levels",
        "station-ignores-charging-profiles",
        "station-clears-no-level",
        "station-rubber-stamp",
    ),
    lasts=60.0,
)
async def test_a_level_is_cleared_and_the_others_stay(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station clears the profile of one stack level and purpose, and keeps that of another level.

    Given   defaults of a quarter of the charge power on level 0, and of three quarters on level 1
    when    the CSMS clears the defaults of level 1, and a transaction begins
    then    it is Accepted, and the power keeps the quarter
    """
    quarter = await station.ready_for_limits()
    await csms.set_profile(0, "TxDefaultProfile", [plain_limit(quarter)])
    await csms.set_profile(0, "TxDefaultProfile", [plain_limit(3 * quarter)], stack_level=1)
    cleared = await csms.clear_profiles(purpose="TxDefaultProfile", stack_level=1)
    check.that(cleared.outcome, outcome, equals("Accepted"), advice="One profile meets both criteria.")
    await station.charging()
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="Join criteria by AND; leave what does not match.")


@test_case(
    "TC_STATION_ClearProfiles_003",
    covers=("K10.FR.04", "K10.FR.01", "TC_K_24_CS", "TC_K_08_CS"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-ignores-clearing-profiles", "station-accepts-clearing-blindly", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_all_profiles_of_a_purpose_are_cleared(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station clears all profiles that meet a criterion, and says Unknown when none is left.

    Given   defaults of a quarter of the charge power on two levels
    when    the CSMS clears the defaults, twice, and a transaction begins
    then    the first is Accepted and the second Unknown, and the power rises above half
    """
    quarter = await station.ready_for_limits()
    for level in (0, 1):
        await csms.set_profile(0, "TxDefaultProfile", [plain_limit(quarter)], stack_level=level)
    cleared = await csms.clear_profiles(purpose="TxDefaultProfile")
    check.that(cleared.outcome, outcome, equals("Accepted"), advice="Two profiles match.")
    again = await csms.clear_profiles(purpose="TxDefaultProfile")
    advice = "Clear all that match at once; Accepted means that something was cleared."
    check.that(again.outcome, outcome, equals("Unknown"), requirement="K10.FR.01", advice=advice)
    await station.charging()
    free = station.expects.charge_at_least(2 * quarter)
    check.course(await station.course(free), free, advice="Nothing is left of profiles that are cleared.")


@test_case(
    "TC_STATION_ClearProfiles_004",
    covers=("K10.FR.01", "TC_K_07_CS"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-clears-all-profiles", "station-accepts-clearing-blindly", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_criteria_that_nothing_meets_clear_nothing(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station says Unknown to criteria that no profile meets, and keeps what it has.

    Given   a default of a quarter of the charge power on level 0
    when    the CSMS clears the maximum of the station, then defaults of level 1, and a transaction begins
    then    both are Unknown, and the power keeps the quarter
    """
    quarter = await station.ready_for_limits()
    await csms.limit(quarter)
    for purpose, level in (("ChargingStationMaxProfile", 0), ("TxDefaultProfile", 1)):
        cleared = await csms.clear_profiles(purpose=purpose, stack_level=level)
        check.that(cleared.outcome, outcome, equals("Unknown"), advice="No profile meets all criteria.")
    await station.charging()
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="Clear what meets the criteria, nothing else.")


@test_case(
    "TC_STATION_ClearProfiles_005",
    covers=("K10.FR.03",),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-clears-all-profiles", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_clearing_one_id_leaves_the_others(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station clears the profile with the id that is named, and no other.

    Given   a default of three quarters of the charge power on level 1, and of a quarter on level 0, with ids
    when    the CSMS clears that of level 1 by its id, and a transaction begins
    then    it is Accepted, and the power keeps the quarter
    """
    quarter = await station.ready_for_limits()
    await csms.set_profile(0, "TxDefaultProfile", [plain_limit(quarter)], number=_ID)
    await csms.set_profile(0, "TxDefaultProfile", [plain_limit(3 * quarter)], stack_level=1, number=_OTHER_ID)
    cleared = await csms.clear_profiles(number=_OTHER_ID)
    check.that(cleared.outcome, outcome, equals("Accepted"), advice="The profile is installed under this id.")
    await station.charging()
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="An id names one profile.")


@test_case(
    "TC_STATION_ClearProfiles_006",
    covers=("K10.FR.04",),
    pics=_PIC,
    detects=("station-clears-no-level", "station-ignores-clearing-profiles", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_level_zero_is_a_level(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station finds the profiles of stack level 0 by that level.

    Given   a default on stack level 0
    when    the CSMS clears what is on stack level 0, twice
    then    the first is Accepted, and the second Unknown
    """
    quarter = await station.ready_for_limits()
    await csms.limit(quarter)
    cleared = await csms.clear_profiles(stack_level=0)
    check.that(
        cleared.outcome, outcome, equals("Accepted"), advice="Tell a stackLevel of 0 from one that is not given."
    )
    again = await csms.clear_profiles(stack_level=0)
    check.that(again.outcome, outcome, equals("Unknown"), requirement="K10.FR.01", advice="It is cleared already.")


@test_case(
    "TC_STATION_ClearProfiles_007",
    covers=("K10.FR.08", "K10.FR.04"),
    pics=_PIC & STATION.EMS_CONTROL & (STATION.OCPP_201 | STATION.OCPP_21),
    needs=("plug", "authorise", "limit", "release"),
    detects=("station-accepts-clearing-blindly", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_the_csms_does_not_clear_limits_of_others(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps a limit of the site although the CSMS clears profiles that it could be one of.

    Given   a transaction that a system on site holds below a quarter of the charge power
    when    the CSMS clears profiles of purpose ChargingStationExternalConstraints, and then those of stack level 0
    then    the first is Unknown, and the power keeps the quarter
    """
    quarter = await station.ready_for_limits()
    await station.charging()
    await station.hold_below(quarter)
    expected = station.expects.charge_at_most(quarter)
    await station.settle(expected)
    cleared = await csms.clear_profiles(purpose="ChargingStationExternalConstraints")
    check.that(cleared.outcome, outcome, equals("Unknown"), advice="Only what the CSMS set is the CSMS's to clear.")
    await csms.clear_profiles(stack_level=0)
    check.course(await station.course(expected), expected, requirement="K10.FR.04", advice="Leave limits of others.")
    await station.release()


@test_case(
    "TC_STATION_ClearProfiles_008",
    covers=("K10.FR.09",),
    pics=_PIC & STATION.EMS_CONTROL & (STATION.OCPP_201 | STATION.OCPP_21),
    needs=("limit", "release"),
    detects=("station-accepts-clearing-blindly", "station-ignores-clearing-profiles"),
    lasts=30.0,
)
async def test_a_limit_of_the_site_is_not_cleared_by_its_id(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station says Unknown to the id of a limit of the site.

    Given   a limit of the site that the station reports with its id
    when    the CSMS clears that id
    then    the answer is Unknown
    """
    quarter = await station.ready_for_limits()
    await station.hold_below(quarter)
    await station.watch(station.pixit.answer_time)
    await csms.reported_profiles(chargingProfilePurpose="ChargingStationExternalConstraints")
    numbers = [each.profile_id for each in csms.record.profiles.values() if each.source != "CSO"]
    if not numbers:
        raise Inconclusive("the station reports no limit of the site")
    cleared = await csms.clear_profiles(number=numbers[0])
    await station.release()
    check.that(cleared.outcome, outcome, equals("Unknown"), advice="Only what the CSMS set is the CSMS's to clear.")
