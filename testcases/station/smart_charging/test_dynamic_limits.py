"""Limits that move: dynamic profiles of stations that only charge, and local generation (2.1 K27, K28). The meters judge."""

from harness.ocpp.readings import outcome, reading, reported_update
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    StationUnderTest,
    charging_only,
    differs,
    equals,
    near,
    satisfies,
    test_case,
)

_DYNAMIC = STATION.DYNAMIC_PROFILES & STATION.RATE_UNIT_W
_UNKNOWN, _DATED = 987654, 47110


@test_case(
    "TC_STATION_DynamicLimits_001",
    covers=("K28.FR.06",),
    pics=_DYNAMIC,
    needs=("plug", "authorise"),
    detects=(
        "station-ignores-dynamic-updates",
        "station-frozen",
        "station-ignores-charging-profiles",
        "station-rubber-stamp",
    ),
    lasts=90.0,
)
async def test_a_pushed_limit_is_kept_at_once(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station follows each limit that UpdateDynamicSchedule brings, down and up.

    Given   a transaction under a dynamic TxProfile of half the charge power
    when    the CSMS pushes a limit of a quarter, and then one of three quarters
    then    the power keeps the first, and rises above half within the second
    """
    quarter = await station.ready_for_limits()
    await station.charging()
    sent = await csms.dispatch(charging_only(2 * quarter), dynamic=True)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="SupportsDynamicProfiles is claimed.")
    pushed = await csms.push(csms.tx_profile_id, limit=quarter)
    check.that(pushed.outcome, outcome, equals("Accepted"), advice="The profile is of kind Dynamic.")
    lower = station.expects.charge_at_most(quarter)
    check.course(await station.course(lower), lower, advice="Apply an update when it comes.")
    await csms.push(csms.tx_profile_id, limit=3 * quarter)
    higher = station.expects.charge_at_least(2 * quarter)
    seen = await station.course(higher)
    check.course(seen, higher, advice="An update takes the place of the former value.")
    check.course(seen, station.expects.charge_at_most(3 * quarter), advice="Keep the new limit.")


@test_case(
    "TC_STATION_DynamicLimits_002",
    covers=("K28.FR.13", "K28.FR.14"),
    pics=_DYNAMIC,
    needs=("plug", "authorise"),
    detects=("station-endless-schedules", "station-ignores-dynamic-updates", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_a_limit_without_updates_gives_way_to_the_default(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station leaves a dynamic limit that is not updated in time, and takes it up with the next update.

    Given   a default of a quarter of the charge power, and a dynamic TxProfile of three quarters that lasts 20 s
    when    20 s go by without an update, and then one comes
    then    the power keeps the default, and then rises above half
    """
    quarter = await station.ready_for_limits()
    await csms.limit(quarter)
    await station.charging()
    sent = await csms.dispatch(charging_only(3 * quarter), dynamic=True, lasting=20)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="SupportsDynamicProfiles is claimed.")
    await station.watch(21.0)
    stale = station.expects.charge_at_most(quarter)
    check.course(await station.course(stale), stale, advice="Compare dynUpdateTime + duration with the clock.")
    await csms.push(csms.tx_profile_id, limit=3 * quarter)
    fresh = station.expects.charge_at_least(2 * quarter)
    seen = await station.course(fresh, reports=1)
    advice = "An update makes the profile valid again."
    check.course(seen, fresh, requirement="K28.FR.14", advice=advice)


@test_case(
    "TC_STATION_DynamicLimits_003",
    covers=("K28.FR.06", "K28.FR.11"),
    pics=_DYNAMIC,
    detects=("station-ignores-dynamic-updates", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_an_update_of_no_profile_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses to update a profile that it does not have.

    Given   a connected station
    when    the CSMS pushes a limit for an id that nobody installed
    then    the answer is Rejected
    """
    quarter = await station.ready_for_limits()
    pushed = await csms.push(_UNKNOWN, limit=quarter)
    check.that(pushed.outcome, outcome, equals("Rejected"), advice="Look the profile up; Accepted means it is applied.")


@test_case(
    "TC_STATION_LocalGeneration_001",
    covers=("K27.FR.01", "K27.FR.03", "SC.01"),
    pics=STATION.LOCAL_GENERATION & STATION.RATE_UNIT_W,
    needs=("plug", "authorise", "generation"),
    detects=("station-generation-as-limit", "station-silent-limits", "station-deaf-to-site", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_local_generation_comes_on_top(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station adds what is generated on site to its limit, tells it as that, and leaves it when it is gone.

    Given   a transaction under a default of half the charge power
    when    generation on site offers a quarter, and takes it back
    then    NotifyChargingLimit says isLocalGeneration; the power rises above half, within three quarters; then it is half again
    """
    quarter = await station.ready_for_limits()
    await csms.limit(2 * quarter)
    await station.charging()
    lower = station.expects.charge_at_most(2 * quarter)
    await station.settle(lower)
    offered = await station.generate(quarter)
    told = await csms.expect("NotifyChargingLimit", within=station.pixit.answer_time, after=offered.number)
    local = reading("chargingLimit.isLocalGeneration")
    advice = "Tell generation apart from limits."
    check.that(told, local, equals(True), requirement="K27.FR.03", advice=advice)
    higher = station.expects.charge_at_least(2.5 * quarter)
    seen = await station.course(higher)
    check.course(seen, higher, advice="Local generation is added to the limit; it is no limit itself.")
    check.course(seen, station.expects.charge_at_most(3 * quarter), advice="Add no more than is generated.")
    await station.generate(0.0)
    check.course(await station.course(lower), lower, advice="Without generation the former limit holds.")


@test_case(
    "TC_STATION_LocalGeneration_002",
    covers=("K27.FR.01", "K27.FR.02"),
    pics=STATION.LOCAL_GENERATION,
    needs=("generation",),
    detects=(
        "station-generation-as-limit",
        "station-claims-limits-of-others",
        "station-ignores-questions-for-profiles",
        "station-rubber-stamp",
    ),
    lasts=20.0,
)
async def test_local_generation_is_reported_as_a_profile(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports local generation among its profiles, under a purpose and a source of its own.

    Given   generation on site that offers a quarter of the charge power
    when    the CSMS asks for profiles of that purpose
    then    one of purpose LocalGeneration is reported, of a source other than CSO
    """
    quarter = await station.ready_for_limits()
    await station.generate(quarter)
    await station.watch(station.pixit.answer_time)
    number = csms.system.new_request_id()
    wanted = {"chargingProfilePurpose": "LocalGeneration"}
    asked = await csms.call("GetChargingProfiles", {"requestId": number, "chargingProfile": wanted})
    check.that(asked.outcome, outcome, equals("Accepted"), advice="Local generation is held as a profile.")
    told = await csms.expect("ReportChargingProfiles", within=station.pixit.answer_time, requestId=number)
    await station.generate(0.0)
    source, profiles = reading("chargingLimitSource"), reading("chargingProfile")
    check.that(told, source, differs("CSO"), advice="The site made it, not the CSMS.")
    generation = satisfies(
        "one of purpose LocalGeneration",
        lambda found: any(each["chargingProfilePurpose"] == "LocalGeneration" for each in found),
    )
    check.that(told, profiles, generation, requirement="K27.FR.02", advice="Report it under its own purpose.")


@test_case(
    "TC_STATION_DynamicLimits_004",
    covers=("K28.FR.05",),
    pics=_DYNAMIC,
    detects=(
        "station-undated-updates",
        "station-ignores-questions-for-profiles",
        "station-ignores-charging-profiles",
        "station-rubber-stamp",
    ),
    lasts=10.0,
)
async def test_a_dynamic_profile_is_dated_when_it_comes(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station dates a dynamic profile that has no dynUpdateTime with its arrival.

    Given   a dynamic default without dynUpdateTime
    when    the CSMS asks for it
    then    it is reported with the time at which it came
    """
    quarter = await station.ready_for_limits()
    came = csms.clock.wall().timestamp()
    sent = await csms.set_profile(0, "TxDefaultProfile", [charging_only(quarter)], kind="Dynamic", number=_DATED)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="SupportsDynamicProfiles is claimed.")
    number = csms.system.new_request_id()
    question = {"requestId": number, "chargingProfile": {"chargingProfileId": [_DATED]}}
    asked = await csms.call("GetChargingProfiles", question)
    check.that(asked.outcome, outcome, equals("Accepted"), requirement="K09.FR.06", advice="The profile is there.")
    told = await csms.expect("ReportChargingProfiles", within=station.pixit.answer_time, requestId=number)
    dated = near(came, "s since 1970", tolerance=30.0)
    check.that(told, reported_update, dated, advice="Set dynUpdateTime to now where it is missing.")


@test_case(
    "TC_STATION_LocalGeneration_003",
    covers=("K27.FR.04", "K27.FR.05"),
    pics=STATION.LOCAL_GENERATION & STATION.EMS_CONTROL,
    needs=("generation", "limit", "release"),
    detects=("station-generation-as-limit", "station-limits-without-schedules", "station-silent-limits"),
    lasts=30.0,
)
async def test_generation_and_limits_are_told_apart(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells generation on site and a limit of the site in messages of their own, with their schedules.

    Given   a station that is to tell limits with their schedules
    when    generation on site offers a power, and a system on site sets a limit
    then    one NotifyChargingLimit says isLocalGeneration and the other does not, each with a schedule
    """
    quarter = await station.ready_for_limits()
    await csms.prepare("SmartChargingCtrlr", "NotifyChargingLimitWithSchedules", True)
    within = station.pixit.answer_time
    offered = await station.generate(quarter)
    generated = await csms.expect("NotifyChargingLimit", within=within, after=offered.number)
    held = await station.hold_below(2 * quarter)
    limited = await csms.expect("NotifyChargingLimit", within=within, after=held.number)
    await station.release()
    await station.generate(0.0)
    for told, local in ((generated, True), (limited, False)):
        flag, advice = reading("chargingLimit.isLocalGeneration"), "Tell generation apart from limits."
        said = equals(True) if local else differs(True)
        check.that(told, flag, said, requirement="K27.FR.05", advice=advice)
        advice = "Send the schedule along."
        check.that(told, reading("chargingSchedule"), differs(None), requirement="K27.FR.04", advice=advice)
