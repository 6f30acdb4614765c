"""Profiles that a station must not take, and how much it has to take (1.6 5.16, 2.x K01, K05, K28)."""

from typing import Any

from harness.ocpp.readings import outcome, reason_code
from harness.vocabulary import (
    STATION,
    Axis,
    CallOutcome,
    Check,
    Csms,
    Inconclusive,
    NotTestable,
    StationUnderTest,
    differs,
    equals,
    plain_limit,
    test_case,
)

_PIC = STATION.SMART_CHARGING & STATION.RATE_UNIT_W
_NEW = _PIC & (STATION.OCPP_201 | STATION.OCPP_21)
_NO_TRANSACTION = "987654321"


@test_case(
    "TC_STATION_ProfileChecks_001",
    covers=("K01.FR.28", "TC_K_14_CS"),
    pics=_PIC,
    detects=("station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_profile_for_an_unknown_evse_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a default profile for an EVSE (connector) that it does not have.

    Given   a connected station
    when    the CSMS sends a TxDefaultProfile for such an EVSE
    then    the answer is Rejected
    """
    quarter = await station.ready_for_limits()
    sent = await csms.limit(quarter, evse_id=station.evses + 90)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Look the EVSE up before anything else.")


@test_case(
    "TC_STATION_ProfileChecks_002",
    covers=("K01.FR.09", "TC_K_02_CS"),
    pics=_PIC,
    detects=("station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_transaction_profile_without_transaction_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses a TxProfile where no transaction runs.

    Given   a station without a transaction
    when    the CSMS sends a TxProfile for EVSE 1
    then    the answer is Rejected
    """
    quarter = await station.ready_for_limits()
    sent = await csms.set_profile(1, "TxProfile", [plain_limit(quarter)], transaction=_NO_TRANSACTION)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="A TxProfile needs a transaction that runs.")


@test_case(
    "TC_STATION_ProfileChecks_003",
    covers=("K01.FR.33", "TC_K_16_CS"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_profile_for_another_transaction_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses a TxProfile for a transaction other than the one that runs.

    Given   a transaction on EVSE 1
    when    the CSMS sends a TxProfile for EVSE 1 with the id of no transaction
    then    the answer is Rejected
    """
    quarter = await station.ready_for_limits()
    await station.charging()
    sent = await csms.set_profile(1, "TxProfile", [plain_limit(quarter)], transaction=_NO_TRANSACTION)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Compare transactionId with the running one.")


@test_case(
    "TC_STATION_ProfileChecks_004",
    covers=("K01.FR.16", "TC_K_11_CS"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_transaction_profile_for_the_whole_station_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses a TxProfile for EVSE 0 (connector 0).

    Given   a transaction on EVSE 1
    when    the CSMS sends a TxProfile of that transaction for EVSE 0
    then    the answer is Rejected
    """
    quarter = await station.ready_for_limits()
    running = await station.charging()
    sent = await csms.set_profile(0, "TxProfile", [plain_limit(quarter)], transaction=running.transaction_id)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="A TxProfile is for the EVSE of its transaction.")


@test_case(
    "TC_STATION_ProfileChecks_005",
    covers=("K04.FR.03",),
    pics=_PIC,
    detects=("station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_maximum_for_one_evse_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a maximum of the station that is sent for one EVSE.

    Given   a connected station
    when    the CSMS sends a ChargingStationMaxProfile (ChargePointMaxProfile) for EVSE 1
    then    the answer is Rejected
    """
    quarter = await station.ready_for_limits()
    sent = await csms.limit(quarter, evse_id=1, purpose="ChargingStationMaxProfile")
    check.that(sent.outcome, outcome, equals("Rejected"), advice="The maximum of the station is for EVSE 0 alone.")


@test_case(
    "TC_STATION_ProfileChecks_006",
    covers=("OCPP:stack-levels", "K01.FR.17"),
    pics=_PIC,
    detects=("station-no-limit-of-stack", "station-accepts-profiles-blindly"),
    lasts=5.0,
)
async def test_stack_levels_are_taken_up_to_the_highest(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes every stack level up to the highest that it names, and none above.

    Given   a station that names its highest stack level (ProfileStackLevel, ChargeProfileMaxStackLevel)
    when    the CSMS sends defaults on that level, and well above it
    then    it is as high as its PIXIT says; the first is Accepted, the second not
    """
    quarter = await station.ready_for_limits()
    highest = await number_told(csms, "ProfileStackLevel")
    made = [plain_limit(quarter)]
    top = await csms.set_profile(0, "TxDefaultProfile", made, stack_level=highest)
    promised(check, highest, station.pixit.profile_stack_levels - 1, "stack level", top)
    advice = "The highest level is one that can be used."
    check.that(top.outcome, outcome, equals("Accepted"), axis=Axis.FIELD, advice=advice)
    above = await csms.set_profile(0, "TxDefaultProfile", made, stack_level=highest + 10)
    check.that(above.outcome, outcome, differs("Accepted"), advice="Refuse what would be stored under another level.")


def promised(check: Check, told: int, least: int, what: str, sent: CallOutcome) -> None:
    """What the station tells of its room is what its PIXIT promises."""
    check.holds(
        told >= least,
        expected=f"room up to {what} {least}, as its PIXIT says",
        actual=f"it says {told}",
        seen=sent.outcome,
        advice="Bring the device model and the PIXIT together.",
    )


async def number_told(csms: Csms, variable: str) -> int:
    """A number of SmartChargingCtrlr; `Inconclusive` where the station does not tell it."""
    told = await csms.get_variable("SmartChargingCtrlr", variable)
    if told is None or not told.isdigit():
        raise NotTestable(f"SmartChargingCtrlr.{variable} was not told: {told}")
    return int(told)


@test_case(
    "TC_STATION_ProfileChecks_007",
    covers=("OCPP:periods",),
    pics=_PIC,
    detects=("station-few-periods", "station-refuses-profiles"),
    lasts=5.0,
)
async def test_periods_are_taken_up_to_the_most(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes as many periods in a schedule as it says, and no more.

    Given   a station that tells how many periods a schedule may have (PeriodsPerSchedule, ChargingScheduleMaxPeriods)
    when    the CSMS sends a default with that many periods, and one with one more
    then    it is at least what its PIXIT says; the first is Accepted, the second is not
    """
    await station.ready_for_limits()
    most = await number_told(csms, "PeriodsPerSchedule")
    made = [plain_limit(1000.0 + number, start=60 * number) for number in range(most + 1)]
    taken = await csms.set_profile(0, "TxDefaultProfile", made[:-1])
    promised(check, most, station.pixit.periods_per_schedule, "period", taken)
    check.that(taken.outcome, outcome, equals("Accepted"), advice="Take as many periods as you say.")
    refused = await csms.set_profile(0, "TxDefaultProfile", made)
    check.that(
        refused.outcome, outcome, differs("Accepted"), advice="Refuse what you cannot keep; drop nothing silently."
    )


@test_case(
    "TC_STATION_ProfileChecks_008",
    covers=("OCPP:sound-schedules",),
    pics=_PIC,
    detects=("station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=5.0,
    axis=Axis.FIELD,
)
async def test_schedules_that_make_no_sense_are_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a schedule without a beginning, or in disorder.

    Given   a connected station
    when    the CSMS sends absolute defaults without startSchedule, with a first period that begins at 60 s, and with periods
            out of order, and a relative one with startSchedule
    then    none of them is Accepted
    """
    quarter = await station.ready_for_limits()
    one, two = plain_limit(quarter), plain_limit(quarter / 2, start=60)
    bad: tuple[tuple[str, list[Any], dict[str, Any]], ...] = (
        ("K01.FR.40", [one, two], {"plan": {"startSchedule": None}}),
        ("K01.FR.31", [two], {}),
        ("K01.FR.35", [one, plain_limit(quarter, start=90), two], {}),
        ("K01.FR.41", [one, two], {"kind": "Relative", "plan": {"startSchedule": csms.clock.wall()}}),
    )
    for requirement, made, choices in bad:
        sent = await csms.set_profile(0, "TxDefaultProfile", made, **choices)
        advice = "Say that it cannot be followed."
        check.that(sent.outcome, outcome, differs("Accepted"), requirement=requirement, axis=Axis.FIELD, advice=advice)


@test_case(
    "TC_STATION_ProfileChecks_009",
    covers=("K01.FR.52", "K01.FR.53"),
    pics=_NEW,
    detects=("station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_defaults_of_station_and_evse_do_not_share_a_level(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses a default for EVSE 0 beside one of the same stack level for a single EVSE, and the other way round.

    Given   a default of level 0 for EVSE 1, and later, alone, one for EVSE 0
    when    the CSMS sends one of the same level for EVSE 0, and later for EVSE 1
    then    each is Rejected
    """
    quarter = await station.ready_for_limits()
    for first, second, requirement in ((1, 0, "K01.FR.52"), (0, 1, "K01.FR.53")):
        await csms.clear_profiles(purpose="TxDefaultProfile")
        await insisted(csms, first, quarter, 47110)
        sent = await csms.set_profile(second, "TxDefaultProfile", [plain_limit(quarter)], number=47111)
        advice = "Two defaults of one level would contradict each other."
        check.that(sent.outcome, outcome, equals("Rejected"), requirement=requirement, advice=advice)


async def insisted(csms: Csms, evse: int, watts: float, number: int) -> None:
    """A default that has to be there; `Inconclusive` where the station refuses it."""
    sent = await csms.set_profile(evse, "TxDefaultProfile", [plain_limit(watts)], number=number)
    if not sent.accepted:
        raise Inconclusive(f"the default for EVSE {evse} was not taken: {sent}")


@test_case(
    "TC_STATION_ProfileChecks_010",
    covers=("K01.FR.44",),
    pics=_NEW & STATION.DC,
    detects=("station-accepts-profiles-blindly",),
    lasts=5.0,
    axis=Axis.FIELD,
)
async def test_phases_at_a_dc_outlet_are_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a profile that counts phases at a DC outlet.

    Given   a station with DC outlets that does not choose phases of its input (DCInputPhaseControl)
    when    the CSMS sends a default with numberPhases
    then    the answer is Rejected
    """
    quarter = await station.ready_for_limits()
    if await csms.get_variable("EVSE", "DCInputPhaseControl", evse=1) == "true":
        raise NotTestable("the station chooses the phases of its input (DCInputPhaseControl)")
    sent = await csms.set_profile(1, "TxDefaultProfile", [plain_limit(quarter, numberPhases=3)])
    check.that(sent.outcome, outcome, equals("Rejected"), axis=Axis.FIELD, advice="reasonCode NoPhaseForDC tells why.")


@test_case(
    "TC_STATION_ProfileChecks_011",
    covers=("K01.FR.22", "K02.FR.07"),
    pics=_NEW,
    detects=("station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=5.0,
    axis=Axis.FIELD,
)
async def test_the_csms_does_not_set_limits_of_others(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a profile of the CSMS that claims to be a limit of the site.

    Given   a connected station
    when    the CSMS sends a profile of purpose ChargingStationExternalConstraints
    then    it is not Accepted
    """
    quarter = await station.ready_for_limits()
    sent = await csms.limit(quarter, purpose="ChargingStationExternalConstraints")
    advice = "That purpose is for systems on site; the CSMS could not even clear it again."
    check.that(sent.outcome, outcome, differs("Accepted"), axis=Axis.FIELD, advice=advice)


@test_case(
    "TC_STATION_ProfileChecks_012",
    covers=("K01.FR.29", "TC_K_15_CS"),
    pics=_NEW,
    detects=("station-ignores-variables", "station-smart-charging-off", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_smart_charging_can_be_switched_off(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes profiles as long as smart charging is on, and none while it is off.

    Given   a connected station that takes a default
    when    the CSMS switches SmartChargingCtrlr.Enabled off and sends a default again
    then    the answer is no longer Accepted, a CALLERROR being the ordinary one
    """
    quarter = await station.ready_for_limits()
    sent = await csms.limit(quarter)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="What is claimed has to be on as delivered.")
    await csms.prepare("SmartChargingCtrlr", "Enabled", False)
    sent = await csms.limit(quarter)
    await csms.set_variable("SmartChargingCtrlr", "Enabled", True)
    check.that(sent.outcome, outcome, differs("Accepted"), advice="Answer NotSupported while it is off.")


@test_case(
    "TC_STATION_ProfileChecks_013",
    covers=("K05.FR.05",),
    pics=_NEW & STATION.REMOTE_START,
    needs=("plug",),
    detects=("station-ignores-remote-starts", "station-rubber-stamp"),
    lasts=20.0,
)
async def test_a_remote_start_with_an_unfit_profile_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses a remote start whose profile it cannot use.

    Given   an EV that is plugged in
    when    the CSMS asks for a start with a default profile instead of a TxProfile
    then    the answer is Rejected
    """
    quarter = await station.ready_for_limits()
    await station.plug_in()
    profile = csms.profile("TxDefaultProfile", [plain_limit(quarter)], number=4711)
    token = {"idToken": station.token.id_token, "type": station.token.type}
    asked = {"idToken": token, "remoteStartId": 4712, "evseId": 1, "chargingProfile": profile}
    sent = await csms.call("RequestStartTransaction", asked)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Only a TxProfile can come along with a start.")


@test_case(
    "TC_STATION_ProfileChecks_014",
    covers=("K01.FR.70",),
    pics=_PIC & STATION.PRIORITY_CHARGING,
    detects=("station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_priority_profile_with_a_duration_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses a PriorityCharging profile that ends by itself.

    Given   a connected station
    when    the CSMS sends a PriorityCharging profile whose schedule has a duration
    then    the answer is Rejected
    """
    quarter = await station.ready_for_limits()
    sent = await csms.limit(4 * quarter, purpose="PriorityCharging", lasting=600)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Priority ends by being switched off.")


@test_case(
    "TC_STATION_ProfileChecks_015",
    covers=("K01.FR.95",),
    pics=_PIC & STATION.RANDOMIZED_DELAY,
    detects=("station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_random_delay_of_the_maximum_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses randomizedDelay in a profile that is for no transaction.

    Given   a connected station
    when    the CSMS sends a ChargingStationMaxProfile with randomizedDelay
    then    the answer is Rejected
    """
    quarter = await station.ready_for_limits()
    made, plan = [plain_limit(quarter)], {"randomizedDelay": 60}
    sent = await csms.set_profile(0, "ChargingStationMaxProfile", made, plan=plan)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Delays are drawn for transactions.")


@test_case(
    "TC_STATION_ProfileChecks_016",
    covers=("K01.FR.81",),
    pics=_PIC & STATION.EMS_CONTROL & STATION.OCPP_21,
    detects=("station-accepts-profiles-blindly", "station-no-reasons", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_ids_of_the_site_are_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a profile of the CSMS with an id that is set aside for systems on site.

    Given   a station whose MaxExternalConstraintsId is 5000
    when    the CSMS sends defaults under the ids 5000 and 5001
    then    the first is Rejected with InvalidProfileId, the second Accepted
    """
    quarter = await station.ready_for_limits()
    await csms.prepare("SmartChargingCtrlr", "MaxExternalConstraintsId", 5000)
    sent = await csms.set_profile(0, "TxDefaultProfile", [plain_limit(quarter)], number=5000)
    await csms.set_profile(0, "TxDefaultProfile", [plain_limit(quarter)], number=5001)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Keep the ids of the CSMS and of the site apart.")
    check.that(sent.outcome, reason_code, equals("InvalidProfileId"), advice="Give the reasonCode.")


@test_case(
    "TC_STATION_ProfileChecks_017",
    covers=("K01.FR.146", "K01.FR.144"),
    pics=_PIC & STATION.OCPP_21,
    needs=("plug", "authorise"),
    detects=("station-accepts-profiles-blindly", "station-no-reasons", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_limits_of_single_phases_alone_are_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses limits of the second and third phase without one of the first.

    Given   a transaction
    when    the CSMS sends a TxProfile with limit_L2 and limit_L3 alone
    then    it is Rejected with PhaseConflict
    """
    quarter = await station.ready_for_limits()
    running = await station.charging()
    made = [{"startPeriod": 0, "limit_L2": round(quarter / 3), "limit_L3": round(quarter / 3)}]
    sent = await csms.set_profile(1, "TxProfile", made, transaction=running.transaction_id)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="limit is that of the first phase then.")
    check.that(sent.outcome, reason_code, equals("PhaseConflict"), advice="Give the reasonCode.")


@test_case(
    "TC_STATION_ProfileChecks_025",
    covers=("K01.FR.21",),
    pics=_PIC,
    detects=("station-refuses-profiles", "station-smart-charging-off"),
    lasts=5.0,
    axis=Axis.FIELD,
)
async def test_a_least_charging_rate_is_taken(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes a schedule with minChargingRate, which it may use or let be.

    Given   a connected station
    when    the CSMS sends a default with minChargingRate
    then    the answer is Accepted
    """
    quarter = await station.ready_for_limits()
    sent = await csms.set_profile(0, "TxDefaultProfile", [plain_limit(2 * quarter)], plan={"minChargingRate": quarter})
    advice = "minChargingRate is a hint; a station without use for it lets it be."
    check.that(sent.outcome, outcome, equals("Accepted"), axis=Axis.FIELD, advice=advice)
