"""One session on both sides: who the EV is, what it needs, who lets it charge, and who ends it."""

from datetime import datetime, timedelta

from harness.messages.common_messages import AuthorizationReq, AuthorizationRes
from harness.messages.dc import DC_ChargeLoopRes, DC_ChargeParameterDiscoveryReq
from harness.ocpp.readings import outcome, reading, stopped_reason
from harness.v2g.readings import notification, offered_services, processing
from harness.vocabulary import (
    SECC,
    STATION,
    Check,
    Csms,
    Evcc,
    Service,
    StationUnderTest,
    equals,
    near,
    one_of,
    satisfies,
    test_case,
)

_MINUTE = 60.0
BOTH = (SECC.DC | SECC.DC_BPT) & SECC.EIM & STATION.ISO_15118_20 & STATION.OCPP_21
NEEDS = BOTH & SECC.DC_BPT & STATION.V2X
_ENERGY = 200.0
"""Wh by which a need may have changed between two messages of the EV."""


@test_case(
    "TC_CHARGER_Needs_001",
    covers=("CHARGER:needs", "Q01.FR.03"),
    pics=NEEDS,
    needs=("authorise",),
    detects=("charger-needs-doubled", "station-no-ev-limits", "station-silent-needs"),
    lasts=20.0,
)
async def test_the_powers_that_the_ev_told_reach_the_csms(
    csms: Csms, evcc: Evcc, station: StationUnderTest, check: Check
) -> None:
    """Station tells the CSMS the power limits that the EV gave in its charge parameters.

    Given   an EV that gives its limits in DC_ChargeParameterDiscoveryReq
    when    the station sends NotifyEVChargingNeeds
    then    maxChargePower and maxDischargePower are those of the EV
    """
    await station.ready()
    plugged = await station.plug_in()
    await station.authorise()
    needs = await csms.expect("NotifyEVChargingNeeds", within=station.pixit.start_time, after=plugged.number)
    limits = evcc.policy.limits
    charge, discharge = (
        reading(f"chargingNeeds.v2xChargingParameters.{name}") for name in ("maxChargePower", "maxDischargePower")
    )
    advice = "Pass on what the EV says, in W."
    check.that(needs, charge, near(limits.maximum_charge_power, "W", tolerance=1.0), advice=advice)
    check.that(needs, discharge, near(limits.maximum_discharge_power, "W", tolerance=1.0), advice=advice)
    check.holds(
        evcc.trace.of(DC_ChargeParameterDiscoveryReq).last is not None,
        expected="the needs after the EV told its limits",
        actual="before DC_ChargeParameterDiscoveryReq",
        seen=needs,
        advice="Wait until the EV has told its limits.",
    )


@test_case(
    "TC_CHARGER_Needs_002",
    covers=("CHARGER:needs", "Q01.FR.03"),
    pics=NEEDS & SECC.DYNAMIC,
    needs=("authorise",),
    detects=("charger-needs-per-cent", "station-silent-needs"),
    lasts=20.0,
)
async def test_the_energy_that_the_ev_asks_for_reaches_the_csms(
    csms: Csms, evcc: Evcc, station: StationUnderTest, check: Check
) -> None:
    """Station tells the CSMS the energies that the EV asked for in the schedule exchange.

    Given   an EV that gives EVTargetEnergyRequest in ScheduleExchangeReq
    when    the station sends NotifyEVChargingNeeds
    then    evTargetEnergyRequest is that energy in Wh
    """
    await station.ready()
    plugged = await station.plug_in()
    await station.authorise()
    needs = await csms.expect("NotifyEVChargingNeeds", within=station.pixit.start_time, after=plugged.number)
    wanted = (evcc.policy.target_soc / 100 - evcc.inlet.soc) * evcc.inlet.capacity
    told = reading("chargingNeeds.v2xChargingParameters.evTargetEnergyRequest")
    check.that(needs, told, near(wanted, "Wh", tolerance=_ENERGY), advice="Pass on Wh, neither percent nor kWh.")


@test_case(
    "TC_CHARGER_Needs_004",
    covers=("CHARGER:needs", "Q01.FR.03"),
    pics=NEEDS & SECC.DYNAMIC,
    needs=("authorise",),
    detects=("charger-departure-forgotten", "station-silent-needs"),
    lasts=20.0,
)
async def test_the_csms_hears_when_the_ev_wants_to_leave(
    csms: Csms, evcc: Evcc, station: StationUnderTest, check: Check
) -> None:
    """Station tells the CSMS the departure time that the EV gave in the schedule exchange.

    Given   an EV whose ScheduleExchangeReq says in how many seconds it leaves
    when    the station sends NotifyEVChargingNeeds
    then    departureTime is that instant, within a minute
    """
    await station.ready()
    plugged = await station.plug_in()
    await station.authorise()
    needs = await csms.expect("NotifyEVChargingNeeds", within=station.pixit.start_time, after=plugged.number)
    leaves = csms.clock.wall() + timedelta(seconds=evcc.policy.departure_time)
    near_it = satisfies(
        f"{leaves:%H:%M:%S} UTC ± 60 s",
        lambda told: abs((datetime.fromisoformat(told) - leaves).total_seconds()) <= _MINUTE,
    )
    told = reading("chargingNeeds.departureTime")
    check.that(needs, told, near_it, advice="DepartureTime counts seconds from the message that says it.")


@test_case(
    "TC_CHARGER_Needs_003",
    covers=("CHARGER:needs", "Q01.FR.02"),
    pics=NEEDS,
    needs=("authorise",),
    detects=("charger-another-evccid", "station-no-evccid"),
    lasts=20.0,
)
async def test_the_csms_hears_which_ev_it_is(evcc: Evcc, station: StationUnderTest, check: Check) -> None:
    """Station names the EV by the EVCCID of its SessionSetupReq.

    Given   an EV with an EVCCID
    when    its driver is authorised, after the EV has said who it is
    then    the idToken of a TransactionEvent carries that EVCCID in additionalInfo
    """
    await station.ready()
    await station.plug_in()
    await station.watch(3.0)  # a driver who comes to the reader before the EV has spoken is not what this is about
    await station.authorise()
    await station.watch(3.0)
    more = reading("idToken.additionalInfo")
    event = station.seen.where(lambda seen: more(seen) is not None).last
    own = {"additionalIdToken": evcc.policy.evccid, "type": "EVCCID"}
    named = satisfies(f"the EVCCID {evcc.policy.evccid} among additional tokens", lambda listed: own in listed)
    check.that(event, more, named, advice="Pass on the EVCCID of SessionSetupReq.")


@test_case(
    "TC_CHARGER_Services_001",
    covers=("CHARGER:services", "Q01.FR.09"),
    pics=NEEDS,
    needs=("authorise",),
    detects=("station-discharges-unasked",),
    lasts=20.0,
)
async def test_the_ev_is_not_offered_what_the_csms_does_not_allow(
    csms: Csms, evcc: Evcc, station: StationUnderTest, check: Check
) -> None:
    """SECC offers no bidirectional service where the CSMS allows charging alone.

    Given   a CSMS whose answer to Authorize allows the service DC alone
    when    a bidirectional EV is plugged in and authorised, and asks for the services
    then    DC_BPT is not among them
    """
    csms.policy = csms.policy.replace(allowed_energy_transfer=("DC",))
    await station.ready()
    await csms.call("ClearCache", {})  # whom it remembers it may not ask about
    await station.plug_in()
    await station.authorise()
    await station.watch(5.0)
    listed = evcc.trace.where(lambda seen: offered_services(seen) is not None).last
    one_way = satisfies("no bidirectional service", lambda ids: int(Service.DC_BPT) not in ids)
    check.that(listed, offered_services, one_way, advice="Offer what allowedEnergyTransfer lists.")


@test_case(
    "TC_CHARGER_Authorisation_001",
    covers="CHARGER:authorisation",
    pics=BOTH,
    needs=("authorise",),
    detects=("charger-authorises-unasked",),
    lasts=20.0,
)
async def test_the_ev_waits_until_the_driver_is_authorised(evcc: Evcc, station: StationUnderTest, check: Check) -> None:
    """SECC lets the EV wait until the station knows who charges.

    Given   an EV that is plugged in, and a driver who has not been at the reader
    when    the EV asks to be authorised, again and again
    then    the SECC answers Ongoing, until the driver is authorised; then the session goes on
    """
    await station.ready()
    await station.plug_in()
    waiting = await station.watch(6.0)
    asked = waiting.of(AuthorizationRes)
    check.every(
        asked,
        processing,
        satisfies("Ongoing", lambda said: said.value.startswith("Ongoing")),
        advice="Wait for the CSMS.",
    )
    authorised = await station.authorise()
    await station.watch(station.pixit.start_time)
    loop = evcc.trace.since(authorised.at).of(DC_ChargeLoopRes).last
    check.holds(
        loop is not None,
        expected="a charge loop once the driver is authorised",
        actual="none",
        seen=loop,
        advice="Tell the SECC when the CSMS has accepted the token.",
    )


@test_case(
    "TC_CHARGER_Authorisation_002",
    covers=("CHARGER:authorisation", "TC_F_01_CS"),
    pics=BOTH & STATION.REMOTE_START,
    detects=("charger-never-authorises", "station-ignores-remote-starts", "station-rubber-stamp"),
    lasts=25.0,
)
async def test_a_remote_start_lets_the_ev_that_waits_charge(
    csms: Csms, evcc: Evcc, station: StationUnderTest, check: Check
) -> None:
    """Charger begins to charge the EV that waits at its plug when the CSMS asks for that.

    Given   an EV that is plugged in and waits to be authorised
    when    the CSMS sends RequestStartTransaction
    then    the EV is authorised over ISO 15118-20, and comes to the charge loop
    """
    await station.ready()
    plugged = await station.plug_in()
    await station.watch(3.0)
    sent = await csms.start_remotely(station.token)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="An EV is plugged in, and nobody else has begun.")
    await station.watch(station.pixit.start_time)
    check.holds(
        evcc.trace.since(plugged.at).of(DC_ChargeLoopRes).last is not None,
        expected="a charge loop after the remote start",
        actual="none",
        seen=sent.outcome,
        advice="Tell the SECC what the station has decided.",
    )


@test_case(
    "TC_CHARGER_Stop_001",
    covers=("CHARGER:end", "TC_F_03_CS", "V2G20:notification-sent"),
    pics=BOTH & SECC.NOTIFICATION,
    needs=("authorise",),
    detects=("secc-never-notifies", "station-ignores-remote-stops", "station-rubber-stamp"),
    lasts=15.0,
)
async def test_a_remote_stop_ends_the_session_of_the_ev(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Charger asks the EV to end its session when the CSMS stops the transaction.

    Given   an EV in the charge loop
    when    the CSMS stops the transaction
    then    EVSEStatus says Terminate, the EV's session ends, and the transaction ends with the reason Remote
    """
    await station.ready()
    transaction = await station.charging()
    ended = await csms.stop_transaction(transaction)
    check.that(ended, stopped_reason, equals("Remote"), requirement="TC_F_03_CS", advice="Say who ended it.")
    await station.watch(station.pixit.reaction_time + 2.0)
    said = station.seen.where(lambda each: notification(each) is not None).last
    advice = "Notify the EV, so that it opens its contactor without load."
    check.that(said, notification, equals("Terminate"), requirement="V2G20:notification-sent", advice=advice)


@test_case(
    "TC_CHARGER_Stop_002",
    covers=("CHARGER:end", "E15.FR.04"),
    pics=BOTH,
    needs=("authorise",),
    detects=("station-no-stopped-reason", "station-calls-every-end-remote"),
    lasts=20.0,
)
async def test_the_end_of_the_session_by_the_ev_ends_the_transaction(
    csms: Csms, evcc: Evcc, station: StationUnderTest, check: Check
) -> None:
    """Station ends the transaction when the EV ends its session.

    Given   an EV in the charge loop
    when    the EV ends it with PowerDelivery(Stop) and SessionStopReq(Terminate)
    then    the transaction ends, and its reason is that the EV stopped or left
    """
    await station.ready()
    await evcc.reach(AuthorizationReq)
    await station.authorise()
    loop = await evcc.charge_loop()
    transaction = await csms.transaction(1, within=station.pixit.start_time)
    await loop.run(seconds=3)
    await evcc.stop()
    ended = await csms.ending(transaction, within=station.pixit.reaction_time + 10.0)
    by_ev = one_of(("StoppedByEV", "EVDisconnected"))
    check.that(ended, stopped_reason, by_ev, advice="Say who ended it.")
