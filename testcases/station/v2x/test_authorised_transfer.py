"""What may be transferred: the needs of the EV, and what the CSMS allows, at once or later (OCPP 2.1 Q01, Q02)."""

from harness.ocpp.readings import event_type, outcome, reading, stopped_reason, trigger_reason
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Observation,
    StationUnderTest,
    at_least,
    at_most,
    central_setpoint,
    charging_only,
    equals,
    one_of,
    satisfies,
    test_case,
)

_NEEDS = "chargingNeeds"
requested = reading(f"{_NEEDS}.requestedEnergyTransfer")
available = reading(f"{_NEEDS}.availableEnergyTransfer")


@test_case(
    "TC_STATION_AuthorisedTransfer_001",
    covers=("Q01.FR.03", "K18.FR.06"),
    pics=STATION.V2X & STATION.ISO_15118_20,
    needs=("plug", "authorise"),
    detects=("station-silent-needs", "station-one-way-needs", "station-no-ev-limits"),
    lasts=40.0,
)
async def test_the_needs_of_a_bidirectional_ev_are_told(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells the CSMS what service the EV chose and what it can do.

    Given   a CSMS that allows bidirectional transfer
    when    a bidirectional EV is plugged in and authorised
    then    NotifyEVChargingNeeds asks for a bidirectional service of EVSE 1 and tells the EV's discharge power
    """
    await station.ready()
    plugged = await station.plug_in()
    await station.authorise()
    needs = await csms.expect("NotifyEVChargingNeeds", within=station.pixit.start_time, after=plugged.number)
    check.that(needs, reading("evseId"), equals(1), advice="Send NotifyEVChargingNeeds once the service is chosen.")
    both = satisfies("a bidirectional service", lambda name: "BPT" in name)
    check.that(needs, requested, both, advice="The EV offers it and the CSMS allowed it in Authorize.")
    parameters = reading(f"{_NEEDS}.v2xChargingParameters.maxDischargePower")
    check.that(needs, parameters, at_least(1, "W"), advice="Tell the EV's limits in v2xChargingParameters.")


@test_case(
    "TC_STATION_AuthorisedTransfer_002",
    covers=("Q01.FR.09", "Q02.FR.04", "Q02.FR.06", "Q02.FR.07"),
    pics=STATION.V2X & STATION.SERVICE_RENEGOTIATION,
    needs=("plug", "authorise"),
    detects=(
        "station-discharges-unasked",
        "station-ignores-allowed-energy-transfer",
        "station-silent-needs",
        "station-rubber-stamp",
    ),
    lasts=60.0,
)
async def test_bidirectional_transfer_waits_until_it_is_allowed(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station begins with charging alone where the CSMS allows nothing else, and renegotiates when it does.

    Given   a CSMS that leaves allowedEnergyTransfer out of its answer to Authorize
    when    a bidirectional EV charges, and then NotifyAllowedEnergyTransfer lists bidirectional services
    then    the needs ask for a one-way service first, and new ones for a bidirectional service after that
    """
    csms.policy = csms.policy.replace(allowed_energy_transfer=None)
    await station.ready()
    await csms.call("ClearCache", {})  # whom it remembers it may not ask about
    plugged = await station.plug_in()
    await station.authorise()
    needs = await csms.expect("NotifyEVChargingNeeds", within=station.pixit.start_time, after=plugged.number)
    one_way = satisfies("a one-way service", lambda name: "BPT" not in name)
    check.that(needs, requested, one_way, requirement="Q01.FR.09", advice="Nothing allowed means charging only.")
    listed = satisfies("the EV's bidirectional services too", lambda names: any("BPT" in name for name in names))
    check.that(
        needs, available, listed, requirement="Q01.FR.09", advice="List all services in availableEnergyTransfer."
    )
    transaction = await csms.transaction(1, within=station.pixit.start_time, after=plugged.number)
    sent = await csms.allow_transfer(transaction, "DC", "DC_BPT", "AC_three_phase", "AC_BPT")
    check.that(sent.outcome, outcome, equals("Accepted"), requirement="Q02.FR.06", advice="Renegotiate with the EV.")
    needs = await csms.expect("NotifyEVChargingNeeds", within=station.pixit.start_time, after=sent.outcome.number)
    both = satisfies("a bidirectional service", lambda name: "BPT" in name)
    check.that(needs, requested, both, requirement="Q02.FR.07", advice="Tell the needs anew after renegotiating.")


@test_case(
    "TC_STATION_AuthorisedTransfer_003",
    covers=("Q01.FR.05", "Q01.FR.06"),
    pics=STATION.V2X & STATION.ISO_15118_20,
    needs=("plug", "authorise"),
    detects=("station-deaf-to-refused-needs",),
    lasts=60.0,
)
async def test_refused_needs_are_renegotiated_or_end_the_transaction(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station does not go on with a service that the CSMS refused.

    Given   a CSMS that rejects the needs of each EV
    when    a bidirectional EV is plugged in and authorised
    then    the station asks for another service, or ends the transaction with ReqEnergyTransferRejected
    """
    csms.policy = csms.policy.replace(needs_status="Rejected")
    await station.ready()
    plugged = await station.plug_in()
    await station.authorise()
    first = await csms.expect("NotifyEVChargingNeeds", within=station.pixit.start_time, after=plugged.number)
    refused = requested(first)
    await station.watch(station.pixit.start_time)
    later = station.seen.after(first.number).sent_by("station")
    anew = later.where(lambda seen: requested(seen) not in (None, refused))
    ended = later.where(lambda seen: event_type(seen) == "Ended")
    check.holds(
        bool(len(anew) or len(ended)),
        expected="NotifyEVChargingNeeds for another service, or the end of the transaction",
        actual="neither",
        seen=first,
        requirement="Q01.FR.06",
        advice="Read the status of the answer to NotifyEVChargingNeeds.",
    )
    for seen in ended:
        check.that(seen, stopped_reason, one_of(["ReqEnergyTransferRejected"]), advice="Say why the transaction ended.")
        check.that(seen, trigger_reason, equals("AbnormalCondition"), advice="The end was not asked for.")


@test_case(
    "TC_STATION_AuthorisedTransfer_004",
    covers=("Q01.FR.02",),
    pics=STATION.V2X & STATION.ISO_15118_20,
    needs=("plug", "authorise"),
    detects=("station-no-evccid",),
    lasts=40.0,
)
async def test_a_transaction_names_the_ev(station: StationUnderTest, check: Check) -> None:
    """Station names the EV in the events of an ISO 15118-20 transaction.

    Given   a connected station
    when    a bidirectional EV is plugged in and authorised
    then    an idToken of its transaction's events has the EVCCID among its additional information
    """
    await station.ready()
    await station.charging()
    told = station.seen.sent_by("station").where(lambda seen: reading("idToken")(seen) is not None)
    events = told.where(lambda seen: event_type(seen) is not None)
    named = [each.get("type") for seen in events for each in reading("idToken.additionalInfo")(seen) or ()]
    check.holds(
        "EVCCID" in named,
        expected="additionalInfo of type EVCCID in the idToken",
        actual=f"additional information {named}",
        seen=events[0] if len(events) else None,
        advice="Put the EVCCID into idToken.additionalInfo.",
    )


@test_case(
    "TC_STATION_AuthorisedTransfer_005",
    covers=("Q01.FR.06",),
    pics=STATION.V2X & STATION.ISO_15118_20 & ~STATION.SERVICE_RENEGOTIATION,
    needs=("plug", "authorise"),
    detects=("station-deaf-to-refused-needs", "station-no-stopped-reason", "station-silent-needs"),
    lasts=60.0,
)
async def test_refused_needs_end_the_transaction_where_nothing_is_renegotiated(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station ends the transaction of an EV whose service the CSMS refused, where it cannot agree on another.

    Given   a station that renegotiates no services, and a CSMS that rejects the needs of each EV
    when    a bidirectional EV is plugged in and authorised
    then    the transaction ends with ReqEnergyTransferRejected, by AbnormalCondition
    """
    csms.policy = csms.policy.replace(needs_status="Rejected")
    await station.ready()
    plugged = await station.plug_in()
    await station.authorise()
    seen = await station.watch(2 * station.pixit.start_time)
    ended = seen.after(plugged.number).where(lambda each: event_type(each) == "Ended").last
    check.that(ended, stopped_reason, equals("ReqEnergyTransferRejected"), advice="Say why the transaction ended.")
    check.that(ended, trigger_reason, equals("AbnormalCondition"), advice="The end was not asked for.")


@test_case(
    "TC_STATION_AuthorisedTransfer_006",
    covers=("Q02.FR.06", "Q02.FR.07"),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.SERVICE_RENEGOTIATION,
    needs=("plug", "authorise"),
    detects=("station-ignores-allowed-energy-transfer", "station-discharges-on", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_permission_that_is_taken_back_ends_the_discharge(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station stops to discharge an EV when the CSMS no longer allows bidirectional services.

    Given   a transaction that discharges by a setpoint
    when    NotifyAllowedEnergyTransfer lists services without way back
    then    it is Accepted, new needs ask for such a service, and nothing is discharged any more
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    transaction = await station.charging()
    sent = await csms.dispatch(central_setpoint(watts))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    await station.settle(station.expects.power(watts))
    sent = await csms.allow_transfer(transaction, "DC", "AC_three_phase", "AC_single_phase")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Renegotiate with the EV.")
    needs = await csms.expect("NotifyEVChargingNeeds", within=station.pixit.start_time, after=sent.outcome.number)
    one_way = satisfies("a one-way service", lambda name: "BPT" not in name)
    check.that(needs, requested, one_way, requirement="Q02.FR.07", advice="Tell the needs anew after renegotiating.")
    over = station.expects.discharge_at_most(0)
    check.course(await station.course(over), over, advice="What is no longer allowed ends at once.")


@test_case(
    "TC_STATION_AuthorisedTransfer_007",
    covers=("Q01.FR.03",),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.ISO_15118_20,
    needs=("plug", "authorise", "ev_charge_only"),
    detects=("station-two-way-needs", "station-silent-needs", "station-ignored-limit", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_an_ev_that_can_only_charge_is_told_as_one_and_never_discharged(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station tells the CSMS of an EV that gives no energy back, and takes none from it.

    Given   an EV that can only be charged, at a station where the CSMS allows bidirectional services
    when    it is plugged in and authorised, and the CSMS sends a setpoint that discharges, and then a limit
    then    its needs ask for a one-way service without discharge power; it is never discharged, and keeps the limit
    """
    watts = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    begun = len(station.seen)
    await station.charging("charge_only")
    needs = station.seen.after(begun).where(lambda seen: requested(seen) is not None).last
    one_way = satisfies("a one-way service", lambda name: "BPT" not in name)
    check.that(needs, requested, one_way, advice="The EV offers no bidirectional service.")
    check.that(needs, discharge_power, at_most(0, "W"), advice="Tell the limits that the EV gave.")
    await csms.dispatch(central_setpoint(-watts))
    none = station.expects.discharge_at_most(0)
    check.course(await station.course(none), none, advice="An EV that gives nothing back is not discharged.")
    sent = await csms.dispatch(charging_only(watts))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="It can be charged by profiles all the same.")
    expected = station.expects.charge_at_most(watts)
    check.course(await station.course(expected), expected, advice="A limit counts for every EV.")


@test_case(
    "TC_STATION_AuthorisedTransfer_008",
    covers=("Q01.FR.03",),
    pics=STATION.V2X & STATION.ISO_15118_20,
    needs=("plug", "authorise"),
    detects=("station-no-control-mode", "station-no-ev-limits", "station-one-way-needs"),
    lasts=40.0,
)
async def test_the_needs_are_whole(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells all that the CSMS needs to plan for a bidirectional EV.

    Given   a CSMS that allows bidirectional transfer
    when    a bidirectional EV is plugged in and authorised
    then    its needs have the control mode, the chosen service among those that it offers, and its power in both directions
    """
    await station.ready()
    plugged = await station.plug_in()
    await station.authorise()
    needs = await csms.expect("NotifyEVChargingNeeds", within=station.pixit.start_time, after=plugged.number)
    modes = one_of(["ScheduledControl", "DynamicControl"])
    check.that(needs, reading(f"{_NEEDS}.controlMode"), modes, advice="Tell the control mode of the service chosen.")
    chosen = satisfies("the requested service among them", lambda names: requested(needs) in names)
    check.that(needs, available, chosen, advice="List all services that the EV offers.")
    both = satisfies("a bidirectional service among them", lambda names: any("BPT" in name for name in names))
    check.that(needs, available, both, advice="List all services that the EV offers.")
    for name in ("maxChargePower", "maxDischargePower"):
        power = reading(f"{_NEEDS}.v2xChargingParameters.{name}")
        check.that(needs, power, at_least(1, "W"), advice="Tell the EV's limits as magnitudes.")


def discharge_power(seen: Observation) -> float | None:
    """The most that an EV gives back by its needs, W; 0 where they do not say."""
    found = reading(f"{_NEEDS}.v2xChargingParameters.maxDischargePower")(seen)
    return None if requested(seen) is None else float(found or 0.0)
