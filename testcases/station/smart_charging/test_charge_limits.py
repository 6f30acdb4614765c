"""Limits in every version: where they come from, which of them holds, in what unit (1.6 5.16, 2.x K01, K02, K06). The meters judge."""

from collections.abc import Mapping
from typing import Any

from harness.ocpp.readings import event_type, outcome
from harness.v2g.readings import metered_charge_power
from harness.vocabulary import (
    STATION,
    Axis,
    Check,
    Csms,
    MeterProbe,
    StationUnderTest,
    charging_only,
    equals,
    plain_limit,
    test_case,
)

_PIC = STATION.SMART_CHARGING & STATION.RATE_UNIT_W
_VOLTS = 230.0
"""Nominal phase voltage that limits in A are made with; what is expected of them leaves room for other mains."""


@test_case(
    "TC_STATION_ChargeLimits_001",
    covers=("K01.FR.14", "TC_K_10_CS"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-ignored-limit", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_default_of_the_station_holds_for_a_new_transaction(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station keeps the default profile of EVSE 0 in a transaction that begins afterwards.

    Given   a TxDefaultProfile of a quarter of the charge power for EVSE 0 (connector 0)
    when    a transaction begins
    then    meter values and bench meter show no more
    """
    quarter = await station.ready_for_limits()
    sent = await csms.limit(quarter)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the default profile is refused.")
    await station.charging()
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="A default for EVSE 0 holds for every EVSE.")


@test_case(
    "TC_STATION_ChargeLimits_002",
    covers=("K01.FR.15", "TC_K_01_CS"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-ignored-limit", "station-watts-as-amperes", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_default_of_one_evse_holds_for_a_new_transaction(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station keeps the default profile of one EVSE in a transaction that begins on it.

    Given   a TxDefaultProfile of a quarter of the charge power for EVSE 1
    when    a transaction begins there
    then    meter values and bench meter show no more
    """
    quarter = await station.ready_for_limits()
    sent = await csms.limit(quarter, evse_id=1)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the default profile is refused.")
    await station.charging()
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="Look for defaults of the EVSE, in the unit given.")


@test_case(
    "TC_STATION_ChargeLimits_003",
    covers=("K01.FR.32", "TC_K_28_CS"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-ignored-limit", "station-ignores-charging-profiles", "station-frozen", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_new_default_reaches_a_running_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station goes on with a running transaction under a new default profile.

    Given   a transaction that charges without limits of the CSMS
    when    a TxDefaultProfile of a quarter of the charge power comes
    then    meter values and bench meter show no more
    """
    quarter = await station.ready_for_limits()
    await station.charging()
    sent = await csms.limit(quarter)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the default profile is refused.")
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="Apply a new default to what runs already.")


@test_case(
    "TC_STATION_ChargeLimits_004",
    covers=("K01.FR.07", "K01.FR.05", "K01.FR.10"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-frozen", "station-weak", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_limit_is_followed_down_and_up(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station follows a limit that is lowered, and one that is raised again.

    Given   a transaction that charges
    when    its TxProfile is replaced by one of a quarter, and that by one of three quarters of the charge power
    then    the power keeps the first, and comes near the second without passing it
    """
    quarter = await station.ready_for_limits()
    await station.charging()
    await csms.dispatch(charging_only(quarter))
    lowered = station.expects.charge_at_most(quarter)
    check.course(await station.course(lowered), lowered, advice="Apply what replaces a profile at once.")
    raised = await csms.dispatch(charging_only(3 * quarter))
    check.that(raised.outcome, outcome, equals("Accepted"), requirement="K01.FR.05", advice="The id is the same.")
    free = station.expects.charge_at_least(2 * quarter)
    seen = await station.course(free)
    check.course(seen, free, advice="Forget the former limit when its profile is replaced.")
    check.course(seen, station.expects.charge_at_most(3 * quarter), advice="Keep the new limit.")


@test_case(
    "TC_STATION_ChargeLimits_005",
    covers=("K01.FR.07",),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-stops-at-once", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_limit_of_zero_suspends_and_the_next_one_resumes(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station stops the energy at a limit of 0, keeps the transaction, and goes on within the next limit.

    Given   a transaction that charges
    when    its TxProfile becomes one of 0, and then one of half the charge power
    then    no energy flows and the transaction goes on; then energy flows again, and no more than the new limit
    """
    quarter = await station.ready_for_limits()
    await station.charging()
    stopped = await csms.dispatch(charging_only(0.0))
    check.that(stopped.outcome, outcome, equals("Accepted"), advice="A limit of 0 is a limit.")
    rest = station.expects.rest()
    check.course(await station.course(rest), rest, advice="A limit of 0 lets nothing flow.")
    ended = station.seen.since(stopped.at).where(lambda seen: event_type(seen) == "Ended").last
    check.holds(
        ended is None,
        expected="a transaction that goes on, suspended by the EVSE",
        actual="it ended",
        seen=ended,
        advice="Suspend at a limit of 0; the CSMS means to go on.",
        axis=Axis.FIELD,
    )
    await csms.dispatch(charging_only(2 * quarter))
    flowing = station.expects.charge_at_least(quarter)
    seen = await station.course(flowing)
    check.course(seen, flowing, advice="Resume when the limit allows it.")
    check.course(seen, station.expects.charge_at_most(2 * quarter), advice="The limit holds after a pause, too.")


@test_case(
    "TC_STATION_ChargeLimits_006",
    covers=("K04.FR.05", "SC.01"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-ceilings-as-defaults", "station-ignored-limit", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_the_maximum_of_the_station_caps_a_transaction(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station keeps its maximum profile although a TxProfile allows more.

    Given   a ChargingStationMaxProfile (ChargePointMaxProfile) of a quarter of the charge power, and a transaction
    when    a TxProfile of half the charge power comes
    then    meter values and bench meter show no more than the maximum
    """
    quarter = await station.ready_for_limits()
    sent = await csms.limit(quarter, purpose="ChargingStationMaxProfile")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A maximum for EVSE 0 is sound.")
    await station.charging()
    await csms.dispatch(charging_only(2 * quarter))
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="Take the lowest of maximum and transaction.")


@test_case(
    "TC_STATION_ChargeLimits_007",
    covers=("K02.FR.04",),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=(
        "station-defaults-as-ceilings",
        "station-ignores-charging-profiles",
        "station-watts-as-amperes",
        "station-rubber-stamp",
    ),
    lasts=90.0,
)
async def test_a_transaction_profile_overrides_the_default(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station lets a TxProfile take the place of the default, also where it allows more.

    Given   a transaction under a default of a quarter of the charge power
    when    a TxProfile of three quarters comes
    then    the power rises above the default, and keeps the TxProfile
    """
    quarter = await station.ready_for_limits()
    await csms.limit(quarter)
    await station.charging()
    lower = station.expects.charge_at_most(quarter)
    check.course(await station.course(lower), lower, requirement="K01.FR.14", advice="The default holds at first.")
    await csms.dispatch(charging_only(3 * quarter))
    higher = station.expects.charge_at_least(2 * quarter)
    seen = await station.course(higher)
    check.course(seen, higher, advice="A TxProfile replaces the default for its transaction; it is no second limit.")
    check.course(seen, station.expects.charge_at_most(3 * quarter), advice="Keep the limit of the TxProfile.")


@test_case(
    "TC_STATION_ChargeLimits_008",
    covers=("K02.FR.05",),
    pics=_PIC,
    needs=("plug", "authorise", "unplug"),
    detects=("station-keeps-tx-profiles",),
    lasts=120.0,
)
async def test_a_transaction_profile_ends_with_its_transaction(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station forgets a TxProfile when its transaction ends.

    Given   a transaction with a TxProfile of a quarter of the charge power
    when    the EV leaves, and another transaction begins
    then    the power rises above that quarter
    """
    quarter = await station.ready_for_limits()
    await station.charging()
    await csms.dispatch(charging_only(quarter))
    lower = station.expects.charge_at_most(quarter)
    await station.settle(lower)
    left = await station.unplug()
    await csms.expect(_ending(csms), _is_end, within=station.pixit.answer_time, after=left.number)
    await station.charging()
    free = station.expects.charge_at_least(2 * quarter)
    check.course(await station.course(free), free, advice="Delete TxProfiles when their transaction ends.")


def _ending(csms: Csms) -> str:
    """The message that ends a transaction."""
    return "StopTransaction" if csms.version == "1.6" else "TransactionEvent"


def _is_end(request: Mapping[str, Any]) -> bool:
    return bool(request.get("eventType", "Ended") == "Ended")


@test_case(
    "TC_STATION_ChargeLimits_009",
    covers=("K01.FR.51", "K01.FR.49"),
    pics=STATION.SMART_CHARGING & STATION.RATE_UNIT_A,
    needs=("plug", "authorise"),
    detects=("station-amperes-of-all-phases", "station-amperes-as-watts", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_limit_in_amperes_is_one_of_each_phase(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes a limit in A for the current of each phase.

    Given   a transaction that charges
    when    a TxProfile comes whose limit in A is half the charge power, spread over the phases of the supply
    then    the power is at most that (a fifth is left to the voltage of the mains), and not next to nothing either
    """
    half = 2 * await station.ready_for_limits()
    await station.charging()
    amperes = round(half / (_VOLTS * station.pixit.phases), 1)
    running = csms.record.running[0]
    sent = await csms.set_profile(1, "TxProfile", [plain_limit(amperes)], unit="A", transaction=running.transaction_id)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="RateUnit has A.")
    expected = station.expects.charge_at_most(1.2 * half)
    seen = await station.course(expected)
    check.course(seen, expected, advice="A limit in A is one of each phase; three phases carry three times that.")
    flowing = station.expects.charge_at_least(0.4 * half)
    check.course(seen, flowing, axis=Axis.FIELD, advice="See whether A is taken for W, or for the sum of the phases.")


@test_case(
    "TC_STATION_ChargeLimits_010",
    covers=("K06.FR.01", "K01.FR.103"),
    pics=_PIC,
    needs=("plug", "authorise", "meter"),
    detects=("station-drops-profiles-offline", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_limit_outlives_the_connection(
    csms: Csms, station: StationUnderTest, meter: MeterProbe, check: Check
) -> None:
    """Station keeps the limit of a transaction while the CSMS is away.

    Given   a transaction with a TxProfile of a quarter of the charge power
    when    the CSMS goes away
    then    the bench meter shows no more than before
    """
    quarter = await station.ready_for_limits()
    await station.charging()
    sent = await csms.dispatch(charging_only(quarter))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    expected = station.expects.charge_at_most(quarter)
    await station.settle(expected)
    await csms.stop()
    gone = csms.clock.now()
    await station.watch(2 * station.settling + 10.0)
    await csms.start()
    kept = expected[metered_charge_power]
    check.every(meter.trace.since(gone), metered_charge_power, kept, advice="An outage alone ends no profile.")


@test_case(
    "TC_STATION_ChargeLimits_011",
    covers=("K05.FR.03", "TC_K_37_CS"),
    pics=_PIC & STATION.REMOTE_START,
    needs=("plug",),
    detects=("station-watts-as-amperes", "station-starts-without-profile"),
    lasts=90.0,
)
async def test_a_profile_that_comes_with_a_remote_start_holds(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station keeps the TxProfile of the request that started the transaction.

    Given   an EV that is plugged in
    when    the CSMS starts a transaction with a TxProfile of half the charge power
    then    energy flows, and no more than that
    """
    half = 2 * await station.ready_for_limits()
    await station.plug_in()
    profile = csms.profile("TxProfile", [plain_limit(half)], number=4711)
    await csms.start_transaction(1, station.token, profile=profile, within=station.pixit.start_time)
    await station.watch(station.pixit.start_time)
    flowing = station.expects.charge_at_least(half / 2)
    seen = await station.course(flowing)
    check.course(seen, flowing, advice="The profile allows half the charge power.", axis=Axis.FIELD)
    check.course(seen, station.expects.charge_at_most(half), advice="Use the profile of the start for its transaction.")


@test_case(
    "TC_STATION_ChargeLimits_012",
    covers=("K01.FR.27", "TC_K_13_CS"),
    pics=_PIC & (STATION.OCPP_201 | STATION.OCPP_21),
    needs=("plug", "authorise"),
    detects=("station-forgets-profiles-at-boot", "station-rubber-stamp"),
    lasts=240.0,
)
async def test_a_default_outlives_a_reboot(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps default profiles over a reboot.

    Given   a TxDefaultProfile of a quarter of the charge power
    when    the station is reset, and a transaction begins
    then    meter values and bench meter show no more
    """
    quarter = await station.ready_for_limits()
    sent = await csms.limit(quarter)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the default profile is refused.")
    reset = await csms.reset("Immediate")
    await csms.expect("BootNotification", within=station.pixit.boot_time, after=reset.outcome.number)
    await station.ready()
    await station.report_every()
    await station.charging()
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="Store defaults where a reboot leaves them.")


@test_case(
    "TC_STATION_ChargeLimits_013",
    covers=("K01.FR.17",),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-stack-upside-down", "station-flat-stack", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_the_highest_default_wins_until_it_is_cleared(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station uses the default of the highest stack level, and the lower one when that is gone.

    Given   defaults of three quarters of the charge power on level 0, and of a quarter on level 1
    when    a transaction runs, and the one of level 1 is cleared
    then    the power keeps the quarter first; then it rises above that, up to three quarters
    """
    quarter = await station.ready_for_limits()
    await csms.set_profile(0, "TxDefaultProfile", [plain_limit(3 * quarter)])
    await csms.set_profile(0, "TxDefaultProfile", [plain_limit(quarter)], stack_level=1)
    await station.charging()
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="Within a purpose the highest stack level counts.")
    cleared = await csms.clear_profiles(purpose="TxDefaultProfile", stack_level=1)
    check.that(cleared.outcome, outcome, equals("Accepted"), requirement="K10.FR.04", advice="One profile matches.")
    uncovered = station.expects.charge_at_least(2 * quarter)
    seen = await station.course(uncovered)
    check.course(seen, uncovered, requirement="K10.FR.05", advice="What lies below shows when the top is cleared.")
    lower = station.expects.charge_at_most(3 * quarter)
    check.course(seen, lower, advice="The default of level 0 is still there.")


@test_case(
    "TC_STATION_ChargeLimits_014",
    covers=("K07.FR.01", "K15.FR.15", "K18.FR.15"),
    pics=_PIC & STATION.LOCAL_LIST & STATION.OFFLINE_AUTHORIZATION,
    needs=("plug", "authorise", "meter"),
    detects=("station-drops-profiles-offline", "station-ignores-charging-profiles"),
    lasts=150.0,
)
async def test_a_default_holds_for_what_begins_without_connection(
    csms: Csms, station: StationUnderTest, meter: MeterProbe, check: Check
) -> None:
    """Station keeps the default in a transaction that begins while the CSMS is away.

    Given   a default of half the charge power, and a token in the local list
    when    the CSMS goes away, an EV is plugged in and the token presented
    then    energy flows, and the bench meter shows no more than the default
    """
    half = 2 * await station.ready_for_limits()
    sent = await csms.limit(half)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the default profile is refused.")
    await csms.prepare("LocalAuthListCtrlr", "Enabled", True)
    await csms.prepare("AuthCtrlr", "LocalAuthorizeOffline", True)
    await csms.send_local_list(station.token)
    await csms.stop()
    await station.watch(2.0)
    await station.plug_in()
    await station.authorise()
    await station.watch(station.pixit.start_time + station.settling)
    begun = csms.clock.now()
    await station.watch(10.0)
    await csms.start()
    seen = meter.trace.since(begun)
    flowing = station.expects.charge_at_least(half / 2)[metered_charge_power]
    check.every(seen, metered_charge_power, flowing, axis=Axis.FIELD, advice="The token is in the local list.")
    kept = station.expects.charge_at_most(half)[metered_charge_power]
    check.every(seen, metered_charge_power, kept, advice="Without the CSMS the profiles hold that are stored.")


@test_case(
    "TC_STATION_ChargeLimits_015",
    covers=("K05.FR.04", "TC_K_38_CS"),
    pics=_PIC & STATION.REMOTE_START & (STATION.OCPP_201 | STATION.OCPP_21),
    needs=("plug",),
    detects=("station-ignores-variables", "station-ignores-remote-starts", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_without_smart_charging_a_remote_start_needs_no_profile(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station starts remotely and lets the profile be where smart charging is off.

    Given   SmartChargingCtrlr.Enabled off, and an EV that is plugged in
    when    the CSMS starts a transaction with a TxProfile of a quarter of the charge power
    then    a transaction begins, and the power rises above half
    """
    quarter = await station.ready_for_limits()
    await csms.prepare("SmartChargingCtrlr", "Enabled", False)
    await station.plug_in()
    token = {"idToken": station.token.id_token, "type": station.token.type}
    profile = csms.profile("TxProfile", [plain_limit(quarter)], number=4711)
    asked = {"idToken": token, "remoteStartId": 4712, "evseId": 1, "chargingProfile": profile}
    sent = await csms.call("RequestStartTransaction", asked)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Ignore the profile, not the start.")
    await station.watch(station.pixit.start_time)
    free = station.expects.charge_at_least(2 * quarter)
    check.course(await station.course(free), free, advice="Without smart charging a profile means nothing.")
    await csms.set_variable("SmartChargingCtrlr", "Enabled", True)


@test_case(
    "TC_STATION_ChargeLimits_016",
    covers=("K01.FR.07", "K01.FR.05"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-keeps-former", "station-frozen", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_the_last_of_many_limits_holds(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station follows the last of many limits that come one after the other, as a dispatch of a grid operator sends them.

    Given   a transaction that charges
    when    ten TxProfiles, each in the place of the former, come within a few seconds, the last of a quarter of the charge power
    then    each is answered, the last with Accepted, and the power keeps it
    """
    quarter = await station.ready_for_limits()
    await station.charging()
    for watts in (*(3 * quarter - 100 * step for step in range(9)), quarter):
        sent = await csms.dispatch(charging_only(watts))
        if sent.silent:
            break
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Take profiles as fast as they are answered.")
    expected = station.expects.charge_at_most(quarter)
    check.course(
        await station.course(expected), expected, advice="The newest profile of a place is the one that holds."
    )
