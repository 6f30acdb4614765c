"""Limits of systems on site beside those of the CSMS: what is told of them, and when (2.x K11 to K13). The meters judge."""

from harness.ocpp.readings import reading, trigger_reason
from harness.vocabulary import (
    STATION,
    Axis,
    Check,
    Csms,
    StationUnderTest,
    differs,
    equals,
    satisfies,
    test_case,
)

_PIC = STATION.EMS_CONTROL & (STATION.OCPP_201 | STATION.OCPP_21)


@test_case(
    "TC_STATION_SiteLimits_001",
    covers=("K12.FR.01", "K12.FR.02", "K12.FR.04", "SC.02"),
    pics=_PIC,
    needs=("plug", "authorise", "limit", "release"),
    detects=("station-silent-limits", "station-claims-limits-of-others", "station-overdone"),
    lasts=90.0,
)
async def test_a_limit_of_the_site_waits_for_the_transaction(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station tells a limit of the site also while nothing is charged, and keeps it in the next transaction.

    Given   a station without a transaction
    when    a system on site sets a limit of a quarter of the charge power, and a transaction begins
    then    NotifyChargingLimit names a source other than CSO, and the power keeps the limit
    """
    quarter = await station.ready_for_limits()
    held = await station.hold_below(quarter)
    told = await csms.expect("NotifyChargingLimit", within=station.pixit.answer_time, after=held.number)
    source = reading("chargingLimit.chargingLimitSource")
    check.that(told, source, differs("CSO"), requirement="K12.FR.04", advice="Tell whose limit it is.")
    await station.charging()
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="The limit holds whenever something is charged.")
    await station.release()


@test_case(
    "TC_STATION_SiteLimits_002",
    covers=("K11.FR.03", "K12.FR.03"),
    pics=_PIC,
    needs=("limit", "release"),
    detects=("station-limits-without-schedules", "station-silent-limits"),
    lasts=30.0,
)
async def test_a_limit_of_the_site_is_told_with_its_schedule(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station tells the schedule of a limit of the site where it is to.

    Given   a station that is to tell limits with their schedules (NotifyChargingLimitWithSchedules)
    when    a system on site sets a limit
    then    NotifyChargingLimit has a schedule with that limit
    """
    quarter = await station.ready_for_limits()
    await csms.prepare("SmartChargingCtrlr", "NotifyChargingLimitWithSchedules", True)
    held = await station.hold_below(quarter)
    told = await csms.expect("NotifyChargingLimit", within=station.pixit.answer_time, after=held.number)
    await station.release()
    scheduled = satisfies(f"a schedule with a limit of {quarter:g} W", lambda found: abs(_least(found) - quarter) < 1.0)
    check.that(told, reading("chargingSchedule"), scheduled, advice="Send the schedule along.")


def _least(schedules: object) -> float:
    """The lowest limit (W) in schedules; infinite without one."""
    listed = schedules if isinstance(schedules, list) else []
    limits = [each["limit"] for one in listed for each in one["chargingSchedulePeriod"] if "limit" in each]
    return min(limits, default=float("inf"))


@test_case(
    "TC_STATION_SiteLimits_003",
    covers=("K11.FR.04", "K13.FR.01", "K13.FR.03"),
    pics=_PIC,
    needs=("plug", "authorise", "limit", "release"),
    detects=("station-silent-rate-changes", "station-frozen"),
    lasts=120.0,
)
async def test_a_changed_rate_is_told_with_its_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells that the rate of a transaction changed by a limit of the site, and charges on when that is gone.

    Given   a transaction that charges
    when    a system on site sets a limit of a quarter of the charge power, and takes it back
    then    TransactionEvents of reason ChargingRateChanged tell both, and the power rises above half again
    """
    quarter = await station.ready_for_limits()
    await station.charging()
    patience, changed = station.settling + station.pixit.answer_time, "ChargingRateChanged"
    held = await station.hold_below(quarter)
    told = await csms.expect("TransactionEvent", within=patience, after=held.number, triggerReason=changed)
    check.that(told, trigger_reason, equals(changed), advice="Tell the CSMS what the site did.")
    lower = station.expects.charge_at_most(quarter)
    check.course(await station.course(lower), lower, requirement="K11.FR.01", advice="Keep the limit of the site.")
    gone = await station.release()
    told = await csms.expect("TransactionEvent", within=patience, after=gone.number, triggerReason=changed)
    reason, advice = equals(changed), "Tell the CSMS what the site did."
    check.that(told, trigger_reason, reason, requirement="K13.FR.03", advice=advice)
    free = station.expects.charge_at_least(2 * quarter)
    advice = "Leave a limit that is taken back."
    check.course(await station.course(free), free, requirement="K13.FR.01", advice=advice)


@test_case(
    "TC_STATION_SiteLimits_004",
    covers=("K11.FR.02", "K12.FR.02", "SC.03"),
    pics=_PIC,
    needs=("limit", "release"),
    detects=("station-ignores-variables", "station-silent-limits"),
    lasts=40.0,
)
async def test_small_changes_of_a_limit_are_not_told(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells changes of a limit that are larger than LimitChangeSignificance, and may keep others to itself.

    Given   a LimitChangeSignificance of 20 percent, and a limit of the site of half the charge power
    when    the limit falls by 5 percent of itself, and then to half of itself
    then    the first is not told, the second is
    """
    quarter = await station.ready_for_limits()
    await csms.prepare("SmartChargingCtrlr", "LimitChangeSignificance", 20)
    await station.hold_below(2 * quarter)
    await station.watch(station.pixit.answer_time)
    small = await station.hold_below(1.9 * quarter)
    await station.watch(station.pixit.answer_time)
    told = csms.trace.sent_by("station").after(small.number).where(_tells_a_limit)
    check.holds(
        told.last is None,
        expected="nothing about a change by 5 percent",
        actual="NotifyChargingLimit",
        seen=told.last,
        advice="Compare the change with LimitChangeSignificance, which was set to 20 percent.",
        axis=Axis.FIELD,
    )
    large = await station.hold_below(quarter)
    seen = await csms.expect("NotifyChargingLimit", within=station.pixit.answer_time, after=large.number)
    await station.release()
    source = reading("chargingLimit.chargingLimitSource")
    check.that(seen, source, differs("CSO"), advice="A change by half is significant.")


def _tells_a_limit(seen: object) -> bool:
    return getattr(getattr(seen, "message", None), "action", "") == "NotifyChargingLimit"


@test_case(
    "TC_STATION_SiteLimits_005",
    covers=("K11.FR.07",),
    pics=STATION.EMS_CONTROL & STATION.OCPP_21,
    needs=("plug", "authorise", "limit", "release"),
    detects=("station-ignores-variables", "station-switches-nothing-on", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_the_site_is_not_heard_where_it_must_not(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ignores limits of the site where profiles of others are not allowed.

    Given   ExternalConstraintsProfileDisallowed, and a transaction that charges
    when    a system on site sets a limit of a quarter of the charge power
    then    the power stays above half
    """
    quarter = await station.ready_for_limits()
    await csms.prepare("SmartChargingCtrlr", "ExternalConstraintsProfileDisallowed", True)
    await station.charging()
    await station.hold_below(quarter)
    await station.watch(station.settling)
    free = station.expects.charge_at_least(2 * quarter)
    check.course(await station.course(free), free, advice="Do as ExternalConstraintsProfileDisallowed says.")
    await station.release()
