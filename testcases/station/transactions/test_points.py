"""Where transactions begin and end: TxStartPoint and TxStopPoint, unplugging, time-outs (OCPP 2.x E01 to E03, E06, E09)."""

from harness.ocpp.readings import (
    charging_state,
    event_type,
    plug_state,
    reading,
    stopped_reason,
    transaction_id,
    trigger_reason,
)
from harness.v2g.readings import metered_power
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, Trace, equals, one_of, test_case

_NEWER = STATION.OCPP_201 | STATION.OCPP_21
_START = "A transaction begins when one of the points of TxStartPoint is reached, and not before."
_STOP = "A transaction ends when one of the points of TxStopPoint is left, and not before."


def events(seen: Trace) -> Trace:
    """The TransactionEvents in a trace."""
    return seen.sent_by("station").where(lambda each: event_type(each) is not None)


@test_case(
    "TC_STATION_StartPoint_001",
    covers=("E01.FR.02", "TC_E_09_CS"),
    pics=_NEWER,
    needs="plug",
    detects=("station-begins-at-the-reader", "station-evse-never"),
    lasts=20.0,
)
async def test_a_transaction_begins_at_the_plug(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station begins a transaction when an EV is connected, where TxStartPoint is EVConnected.

    Given   TxStartPoint EVConnected, and nobody who is authorised
    when    an EV is plugged in
    then    Started comes, with the EVSE and without a token
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "TxStartPoint", "EVConnected")
    plugged = await station.plug_in()
    begun = await csms.expect("TransactionEvent", within=station.pixit.answer_time, after=plugged.number)
    check.that(begun, event_type, equals("Started"), advice=_START)
    check.that(begun, reading("evse.id"), equals(1), requirement="E01.FR.16", advice="Name the EVSE once it is known.")
    check.that(
        begun, charging_state, equals("EVConnected"), requirement="E01.FR.18", advice="Nobody is authorised yet."
    )


@test_case(
    "TC_STATION_StartPoint_002",
    covers=("E01.FR.03", "E03.FR.01", "TC_E_10_CS", "TC_E_04_CS"),
    pics=_NEWER,
    needs=("plug", "authorise"),
    detects=("station-begins-at-the-plug",),
    lasts=40.0,
)
async def test_a_transaction_begins_at_the_reader(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station begins a transaction when somebody is authorised, where TxStartPoint is Authorized.

    Given   TxStartPoint Authorized, and nothing plugged in
    when    a token is presented, and an EV plugged in afterwards
    then    Started comes with the token after it was presented, and an event of the plug names the EVSE
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "TxStartPoint", "Authorized")
    shown = await station.authorise()
    begun = await csms.expect("TransactionEvent", within=station.pixit.answer_time, after=shown.number)
    check.that(begun, event_type, equals("Started"), advice=_START)
    token = equals(station.token.id_token)
    check.that(begun, reading("idToken.idToken"), token, requirement="E03.FR.01", advice="Say who it was.")
    plugged = await station.plug_in()
    joined = await csms.expect("TransactionEvent", within=station.pixit.answer_time, after=plugged.number)
    check.that(joined, reading("evse.id"), equals(1), requirement="E01.FR.16", advice="Name the EVSE once it is known.")


@test_case(
    "TC_STATION_StartPoint_003",
    covers=("E01.FR.05", "TC_E_01_CS", "TC_E_03_CS"),
    pics=_NEWER,
    needs=("plug", "authorise"),
    detects=("station-begins-at-the-plug", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_transaction_begins_with_plug_and_token(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station begins a transaction when an EV is connected and somebody authorised, where TxStartPoint is PowerPathClosed.

    Given   TxStartPoint PowerPathClosed
    when    an EV is plugged in, and a token presented some seconds later
    then    no event comes before the token, and Started comes after it, with the token and the EVSE
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "TxStartPoint", "PowerPathClosed")
    await station.plug_in()
    early = events(await station.watch(station.pixit.answer_time)).last
    check.holds(early is None, expected="no event before the token", actual="one", seen=early, advice=_START)
    shown = await station.authorise()
    begun = await csms.expect("TransactionEvent", within=station.pixit.start_time, after=shown.number)
    check.that(begun, event_type, equals("Started"), advice=_START)
    check.that(begun, reading("evse.id"), equals(1), requirement="E01.FR.16", advice="Name the EVSE.")
    token = equals(station.token.id_token)
    check.that(begun, reading("idToken.idToken"), token, requirement="E01.FR.10", advice="Say who it was.")


@test_case(
    "TC_STATION_StartPoint_004",
    covers=("E01.FR.06", "TC_E_02_CS"),
    pics=_NEWER,
    needs=("plug", "authorise"),
    detects=("station-begins-at-the-plug", "station-begins-at-the-reader", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_transaction_begins_with_energy(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station begins a transaction when energy flows, where TxStartPoint is EnergyTransfer.

    Given   TxStartPoint EnergyTransfer
    when    an EV is plugged in, and a token presented
    then    the first event is Started, and says Charging
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "TxStartPoint", "EnergyTransfer")
    plugged = await station.plug_in()
    await station.authorise()
    begun = await csms.expect("TransactionEvent", within=station.pixit.start_time, after=plugged.number)
    check.that(begun, event_type, equals("Started"), advice=_START)
    check.that(begun, charging_state, equals("Charging"), requirement="TC_E_02_CS", advice=_START)


@test_case(
    "TC_STATION_StopPoint_001",
    covers=("E06.FR.03", "TC_E_15_CS", "TC_E_21_CS"),
    pics=_NEWER & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-ends-at-the-plug", "station-ignores-remote-stops", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_transaction_ends_with_its_authorisation(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends a transaction with its authorisation, where TxStopPoint is Authorized.

    Given   TxStopPoint Authorized, and a transaction in which energy flows
    when    the CSMS stops it
    then    Ended comes, although the EV is still connected
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "TxStopPoint", "Authorized")
    running = await station.charging()
    ended = await csms.stop_transaction(running, within=station.pixit.start_time)
    check.that(ended, event_type, equals("Ended"), advice=_STOP)
    check.that(ended, trigger_reason, equals("RemoteStop"), requirement="E06.FR.15", advice="Name what ended it.")


@test_case(
    "TC_STATION_StopPoint_002",
    covers=("E06.FR.02", "TC_E_14_CS"),
    pics=_NEWER & STATION.REMOTE_START,
    needs=("plug", "authorise", "unplug"),
    detects=("station-ends-at-the-reader", "station-ignores-remote-stops", "station-rubber-stamp"),
    lasts=50.0,
)
async def test_a_transaction_ends_at_the_plug(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends a transaction when the EV leaves, where TxStopPoint is EVConnected.

    Given   TxStopPoint EVConnected, and a transaction in which energy flows
    when    the CSMS stops it, and the EV is unplugged some seconds later
    then    the stop is told as an update, without energy, and Ended comes after the plug was pulled
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "TxStopPoint", "EVConnected")
    running = await station.charging()
    sent = await csms.stop_remotely(running.transaction_id)
    updated = await csms.expect("TransactionEvent", within=station.pixit.start_time, triggerReason="RemoteStop")
    check.that(updated, event_type, equals("Updated"), advice=_STOP)
    await station.watch(station.settling)
    early = events(station.seen.after(sent.outcome.number)).where(lambda each: event_type(each) == "Ended").last
    check.holds(early is None, expected="no end before the EV leaves", actual="Ended", seen=early, advice=_STOP)
    left = await station.unplug()
    ended = await csms.ending(running, within=station.pixit.answer_time, after=left.number)
    check.that(ended, event_type, equals("Ended"), advice=_STOP)


@test_case(
    "TC_STATION_StopPoint_003",
    covers=("E06.FR.07", "TC_E_08_CS"),
    pics=_NEWER & STATION.SMART_CHARGING,
    needs=("plug", "authorise"),
    detects=("station-stops-at-once", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_pause_does_not_end_a_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station suspends a transaction in which a limit leaves no energy, and does not end it where EnergyTransfer is no
    TxStopPoint.

    Given   a transaction in which energy flows, and a station without EnergyTransfer among its TxStopPoint
    when    the CSMS limits charging to 0 W
    then    the charging state becomes SuspendedEVSE, and the transaction does not end
    """
    await station.ready()
    points = await csms.get_variable("TxCtrlr", "TxStopPoint") or ""
    check.holds("EnergyTransfer" not in points, expected="no EnergyTransfer", actual=points, advice="See TxStopPoint.")
    await station.charging()
    mark = len(station.seen)
    await csms.limit(0.0, purpose="ChargingStationMaxProfile")
    await station.watch(station.settling + station.pixit.answer_time)
    seen = events(station.seen.after(mark))
    states = [state for each in seen if (state := charging_state(each)) is not None]
    check.holds("SuspendedEVSE" in states, expected="SuspendedEVSE", actual=str(states), requirement="E01.FR.18")
    ended = seen.where(lambda each: event_type(each) == "Ended").last
    check.holds(ended is None, expected="a transaction that goes on", actual="Ended", seen=ended, advice=_STOP)


@test_case(
    "TC_STATION_Unplugging_001",
    covers=("E09.FR.01", "E06.FR.06", "TC_E_20_CS", "TC_E_37_CS"),
    needs=("plug", "authorise", "unplug", "meter"),
    detects=("station-calls-every-end-remote", "station-no-stopped-reason"),
    lasts=60.0,
)
async def test_unplugging_ends_a_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends a transaction when the EV is unplugged, and gives EVDisconnected as the reason.

    Given   StopTxOnEVSideDisconnect, and a transaction in which energy flows
    when    the EV is unplugged
    then    the transaction ends with reason EVDisconnected, no energy flows, and the connector becomes Available
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "StopTxOnEVSideDisconnect", True)
    running = await station.charging()
    left = await station.unplug()
    ended = await csms.ending(running, within=station.pixit.answer_time, after=left.number)
    advice = "Whoever unplugs ends the transaction."
    check.that(ended, stopped_reason, equals("EVDisconnected"), requirement="E06.FR.08", advice=advice)
    await station.watch(station.pixit.answer_time)
    seen = station.seen.after(left.number)
    check.every(
        (await station.watch(2.0)),
        metered_power,
        station.expects.rest()[metered_power],
        advice="Nothing is plugged in.",
    )
    states = [state for each in seen if (state := plug_state(each)) is not None]
    free = states[-1:] == ["Available"]
    check.holds(free, expected="Available in the end", actual=str(states), requirement="G01.FR.04", advice="Tell it.")


@test_case(
    "TC_STATION_Unplugging_002",
    covers=("E10.FR.03", "TC_E_26_CS"),
    pics=_NEWER,
    needs=("plug", "authorise", "unplug"),
    detects=("station-forgives-no-unplugging", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_unplugging_suspends_if_wanted(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps a transaction over an unplugging where StopTxOnEVSideDisconnect is off, and goes on with it.

    Given   StopTxOnEVSideDisconnect off, TxStopPoint Authorized, and a transaction in which energy flows
    when    the EV is unplugged, and plugged in again 5 s later
    then    the transaction does not end, and energy flows again in it, without a new authorisation
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "StopTxOnEVSideDisconnect", False)
    await csms.prepare("TxCtrlr", "TxStopPoint", "Authorized")
    running = await station.charging()
    left = await station.unplug()
    await station.watch(5.0)
    plugged = await station.plug_in()
    again = await csms.expect(
        "TransactionEvent", within=station.pixit.start_time, after=plugged.number, chargingState="Charging"
    )
    same = equals(running.transaction_id)
    check.that(again, transaction_id, same, advice="The authorisation outlives the plug: go on when the EV is back.")
    ended = events(station.seen.after(left.number)).where(lambda each: event_type(each) == "Ended").last
    check.holds(ended is None, expected="a transaction that goes on", actual="Ended", seen=ended, advice=_STOP)


@test_case(
    "TC_STATION_ConnectionTimeOut_001",
    covers=("E03.FR.05", "TC_E_05_CS", "TC_E_39_CS"),
    pics=_NEWER,
    needs="authorise",
    detects=("station-waits-for-ever", "station-no-stopped-reason", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_transaction_without_an_ev_ends(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends a transaction for which nobody plugs in, in time and with the reason.

    Given   TxStartPoint Authorized, and EVConnectionTimeOut of 10 s
    when    a token is presented, and nobody plugs in
    then    Ended comes after 10 s, with triggerReason EVConnectTimeout and stoppedReason Timeout
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "TxStartPoint", "Authorized")
    await csms.prepare("TxCtrlr", "TxStopPoint", "Authorized")
    await csms.prepare("TxCtrlr", "EVConnectionTimeOut", 10)
    shown = await station.authorise()
    ended = await csms.expect(
        "TransactionEvent", within=10.0 + station.pixit.answer_time, after=shown.number, eventType="Ended"
    )
    advice = "Wait EVConnectionTimeOut for the plug, and end what nobody uses."
    check.that(ended, stopped_reason, equals("Timeout"), advice=advice)
    check.that(ended, trigger_reason, equals("EVConnectTimeout"), requirement="E01.FR.15", advice=advice)
    waited = ended.at - shown.at
    check.holds(waited >= 9.0, expected="10 s", actual=f"{waited:.1f} s", requirement="TC_E_05_CS", advice=advice)


@test_case(
    "TC_STATION_ConnectionTimeOut_002",
    covers=("TC_E_05_CS", "E03.FR.15"),
    needs=("plug", "authorise", "meter"),
    detects=("station-waits-for-ever", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_an_authorisation_that_nobody_uses_is_gone(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station gives no energy to an EV that is plugged in after the time for it is over.

    Given   EVConnectionTimeOut of 10 s
    when    a token is presented, and an EV plugged in 15 s later
    then    no energy flows
    """
    await station.ready()
    await csms.prepare("TxCtrlr", "EVConnectionTimeOut", 10)
    await station.authorise()
    await station.watch(15.0)
    await station.plug_in()
    seen = await station.watch(station.pixit.start_time)
    advice = "An authorisation ends with EVConnectionTimeOut: the next EV may be somebody else's."
    check.every(seen, metered_power, station.expects.rest()[metered_power], advice=advice)


@test_case(
    "TC_STATION_Faults_001",
    covers=("E06.FR.16", "G01.FR.01"),
    needs=("plug", "authorise", "break_down", "repair", "meter"),
    detects=("station-silent-states",),
    lasts=60.0,
)
async def test_a_broken_evse_ends_its_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends the transaction of an EVSE that breaks, stops the energy, and tells that the connector is faulted.

    Given   a transaction in which energy flows
    when    the EVSE breaks, and is repaired later
    then    the transaction ends, the connector is told as Faulted, no energy flows, and it is told otherwise afterwards
    """
    await station.ready()
    running = await station.charging()
    broken = await station.break_down()
    ended = await csms.ending(running, within=station.pixit.answer_time, after=broken.number)
    reasons = one_of(("Other", "PowerLoss", "GroundFault", "OvercurrentFault", "PowerQuality", "EmergencyStop"))
    check.that(ended, stopped_reason, reasons, advice="What ended it was no driver.")
    await station.watch(station.pixit.answer_time)
    states = [state for each in station.seen.after(broken.number) if (state := plug_state(each)) is not None]
    check.holds("Faulted" in states, expected="Faulted", actual=str(states), requirement="G01.FR.01", advice="Tell it.")
    check.every(
        await station.watch(2.0), metered_power, station.expects.rest()[metered_power], advice="Open the contactors."
    )
    repaired = await station.repair()
    await station.watch(station.pixit.answer_time)
    states = [state for each in station.seen.after(repaired.number) if (state := plug_state(each)) is not None]
    check.holds(
        states[-1:] != ["Faulted"] and bool(states), expected="another state", actual=str(states), advice="Tell it."
    )
