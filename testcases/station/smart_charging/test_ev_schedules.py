"""EVs that choose a schedule, or get none: needs, choices and renegotiation (2.1 K16, K18, K19). The meters judge."""

from harness.ocpp.readings import outcome, reading, told_at
from harness.vocabulary import (
    STATION,
    Axis,
    Check,
    Csms,
    Inconclusive,
    Observation,
    StationUnderTest,
    at_most,
    charging_only,
    differs,
    equals,
    satisfies,
    test_case,
)

_PIC = STATION.SMART_CHARGING & STATION.RATE_UNIT_W & STATION.OCPP_21 & STATION.ISO_15118_20


def highest_limit(seen: Observation) -> float | None:
    """The highest limit (W) of a schedule that an EV chose."""
    periods = reading("chargingSchedule.chargingSchedulePeriod")(seen)
    return max((each.get("limit", 0.0) for each in periods), default=None) if periods else None


@test_case(
    "TC_STATION_EvSchedules_001",
    covers=("K18.FR.01", "K18.FR.06"),
    pics=_PIC,
    needs=("plug", "authorise", "ev_scheduled"),
    detects=("station-silent-needs", "station-everything-dynamic", "station-no-ev-limits"),
    lasts=40.0,
)
async def test_the_needs_of_an_ev_that_chooses_are_told(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells the needs of an EV in scheduled mode as such.

    Given   an EV of ISO 15118-20 that chooses scheduled mode
    when    a transaction begins
    then    NotifyEVChargingNeeds has controlMode ScheduledControl and v2xChargingParameters
    """
    await station.ready_for_limits()
    plugged = await station.plug_in("scheduled")
    await station.authorise()
    told = await csms.expect("NotifyEVChargingNeeds", within=station.pixit.start_time, after=plugged.number)
    mode = reading("chargingNeeds.controlMode")
    check.that(told, mode, equals("ScheduledControl"), advice="Tell the control mode that the EV chose.")
    parameters = reading("chargingNeeds.v2xChargingParameters")
    advice = "Sessions of ISO 15118-20 have these parameters, also where the EV only charges."
    check.that(told, parameters, differs(None), requirement="K18.FR.06", advice=advice)


@test_case(
    "TC_STATION_EvSchedules_002",
    covers=("K18.FR.10", "K18.FR.19", "K18.FR.09", "TC_K_53_CS"),
    pics=_PIC,
    needs=("plug", "authorise", "ev_scheduled"),
    detects=("station-silent-ev-schedules", "station-ev-schedules-too-high", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_the_schedule_that_the_ev_chose_is_told(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells the schedule that the EV chose, and that is within what the CSMS offered.

    Given   a transaction with an EV in scheduled mode
    when    the CSMS sends a TxProfile of a quarter of the charge power
    then    NotifyEVChargingSchedule has no limit above that, and names the schedule; and the power keeps it
    """
    quarter = await station.ready_for_limits()
    await station.charging("scheduled")
    sent = await csms.dispatch(charging_only(quarter))
    check.that(sent.outcome, outcome, equals("Accepted"), requirement="K16.FR.01", advice="Offer it to the EV.")
    after = sent.outcome.number
    told = await csms.expect("NotifyEVChargingSchedule", within=2 * station.pixit.answer_time, after=after)
    offered = at_most(quarter, "W", tolerance=1.0)
    check.that(told, highest_limit, offered, advice="Check the EV's choice against the schedule of the CSMS.")
    named, advice = reading("selectedChargingScheduleId"), "Say which schedule the EV chose."
    check.that(told, named, differs(None), requirement="K18.FR.19", axis=Axis.FIELD, advice=advice)
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="The EV charges by what it chose.")


@test_case(
    "TC_STATION_EvSchedules_003",
    covers=("K16.FR.01", "K16.FR.02", "K16.FR.05", "K16.FR.11", "K16.FR.13", "K16.FR.14", "SC.02", "TC_K_58_CS"),
    pics=_PIC,
    needs=("plug", "authorise", "ev_scheduled"),
    detects=(
        "station-silent-ev-schedules",
        "station-ignores-charging-profiles",
        "station-frozen",
        "station-rubber-stamp",
    ),
    lasts=90.0,
)
async def test_a_new_profile_is_negotiated_anew(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station lets the EV choose anew when the CSMS sends another profile, and lowers its rate at once.

    Given   a transaction with an EV that chose a schedule of three quarters of the charge power
    when    the CSMS replaces the TxProfile by one of a quarter
    then    NotifyEVChargingSchedule tells another choice within that, and the power keeps it
    """
    quarter = await station.ready_for_limits()
    await station.charging("scheduled")
    first = await csms.dispatch(charging_only(3 * quarter))
    if not first.accepted:
        raise Inconclusive(f"the first TxProfile was not taken: {first}")
    patience = 2 * station.pixit.answer_time
    await csms.expect("NotifyEVChargingSchedule", within=patience, after=first.outcome.number)
    sent = await csms.dispatch(charging_only(quarter))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A profile may be replaced during the session.")
    told = await csms.expect("NotifyEVChargingSchedule", within=patience, after=sent.outcome.number)
    offered = at_most(quarter, "W", tolerance=1.0)
    advice = "Renegotiate the schedule and tell what came of it."
    check.that(told, highest_limit, offered, requirement="K16.FR.05", advice=advice)
    named, advice = reading("selectedChargingScheduleId"), "Say which schedule the EV chose."
    check.that(told, named, differs(None), requirement="K16.FR.14", axis=Axis.FIELD, advice=advice)
    expected = station.expects.charge_at_most(quarter)
    advice = "Do not wait for the renegotiation where the new limit is lower."
    check.course(await station.course(expected), expected, requirement="K16.FR.11", advice=advice)


@test_case(
    "TC_STATION_EvSchedules_004",
    covers=("K19.FR.11", "TC_K_54_CS"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-ignored-limit", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_without_a_profile_the_default_holds(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station charges by the default where the CSMS has no profile for the needs of the EV.

    Given   a default of a quarter of the charge power, and a CSMS that answers NoChargingProfile
    when    a transaction with an EV of ISO 15118-20 begins
    then    energy flows, and no more than the default
    """
    quarter = await station.ready_for_limits()
    csms.policy = csms.policy.replace(needs_status="NoChargingProfile")
    sent = await csms.limit(quarter)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the default profile is refused.")
    await station.charging()
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="Without a TxProfile the default is the schedule.")


@test_case(
    "TC_STATION_EvSchedules_005",
    covers=("K19.FR.14", "K18.FR.21", "K20.FR.05"),
    pics=_PIC & STATION.LOCAL_LIST & STATION.OFFLINE_AUTHORIZATION,
    needs=("plug", "authorise"),
    detects=("station-undated-needs", "station-silent-needs"),
    lasts=150.0,
    axis=Axis.FIELD,
)
async def test_needs_of_an_outage_are_told_with_their_time(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells needs that came while the CSMS was away afterwards, with the time at which they came.

    Given   a token in the local list
    when    the CSMS goes away, an EV of ISO 15118-20 is plugged in and the token presented, and the CSMS comes back
    then    NotifyEVChargingNeeds comes with a timestamp of before the CSMS was back
    """
    await station.ready_for_limits()
    await csms.prepare("LocalAuthListCtrlr", "Enabled", True)
    await csms.prepare("AuthCtrlr", "LocalAuthorizeOffline", True)
    await csms.send_local_list(station.token)
    await csms.stop()
    await station.watch(2.0)
    plugged = await station.plug_in()
    await station.authorise()
    await station.watch(station.pixit.start_time)
    back = csms.clock.wall()
    await csms.start()
    await csms.connected(station.pixit.reconnect_time)
    patience = station.pixit.answer_time + 20.0
    told = await csms.expect("NotifyEVChargingNeeds", within=patience, after=plugged.number)
    early = satisfies(f"a time before {back:%H:%M:%S}", lambda at: at < back)
    advice = "Keep the needs, and the time at which the EV told them."
    check.that(told, told_at, early, axis=Axis.FIELD, advice=advice)


@test_case(
    "TC_STATION_EvSchedules_006",
    covers=("K16.FR.02", "K16.FR.11", "K11.FR.01"),
    pics=_PIC & STATION.EMS_CONTROL,
    needs=("plug", "authorise", "ev_scheduled", "limit", "release"),
    detects=("station-silent-ev-schedules", "station-deaf-to-site", "station-frozen"),
    lasts=90.0,
)
async def test_a_limit_of_the_site_is_negotiated_too(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station lets the EV choose anew when a limit of the site lowers what it may take.

    Given   a transaction with an EV that chose a schedule of three quarters of the charge power
    when    a system on site sets a limit of a quarter
    then    NotifyEVChargingSchedule tells another choice within that, and the power keeps it
    """
    quarter = await station.ready_for_limits()
    await station.charging("scheduled")
    first = await csms.dispatch(charging_only(3 * quarter))
    if not first.accepted:
        raise Inconclusive(f"the TxProfile was not taken: {first}")
    patience = 2 * station.pixit.answer_time
    await csms.expect("NotifyEVChargingSchedule", within=patience, after=first.outcome.number)
    held = await station.hold_below(quarter)
    told = await csms.expect("NotifyEVChargingSchedule", within=patience, after=held.number)
    offered = at_most(quarter, "W", tolerance=1.0)
    check.that(told, highest_limit, offered, advice="Any change of the composite schedule is one for the EV.")
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, requirement="K11.FR.01", advice="Keep the limit at once.")
    await station.release()
