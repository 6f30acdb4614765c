"""Transactions as OCPP 1.6 tells them: states, registers, reasons, ids; resets, unlocking and remote control in them."""

from harness.ocpp.readings import (
    connector_status,
    contexts,
    import_register,
    outcome,
    reading,
    stopped_reason,
    transaction_id,
)
from harness.vocabulary import STATION, Check, Csms, Observation, StationUnderTest, Token, equals, one_of, test_case

_PIC = STATION.OCPP_16
_STATES = "Tell each change of a connector by StatusNotification: what drivers see in their app comes from there."


def states(csms: Csms, after: int) -> list[str]:
    """The states of connector 1 that were told after a frame, each once in a row."""
    found = [seen for seen in csms.trace.after(after).sent_by("station") if reading("connectorId")(seen) == 1]
    told = [state for seen in found if (state := connector_status(seen)) is not None]
    return [state for number, state in enumerate(told) if number == 0 or told[number - 1] != state]


def in_order(wanted: tuple[str, ...], told: list[str]) -> bool:
    """Whether states came in an order, with whatever between them."""
    rest = iter(told)
    return all(any(state == each for each in rest) for state in wanted)


@test_case(
    "TC_STATION_States16_001",
    covers="OCPP16:status",
    pics=_PIC & STATION.REMOTE_START,
    needs=("plug", "authorise", "unplug"),
    detects=("station-16-no-finishing", "station-silent-states", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_connector_goes_through_its_states(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells the states of a connector from Available over Preparing, Charging and Finishing to Available.

    Given   a connector that is available
    when    an EV is plugged in, charges, is stopped by the CSMS and unplugged
    then    Preparing, Charging, Finishing and Available are told in that order
    """
    await station.ready()
    mark = len(station.seen)
    running = await station.charging()
    await csms.stop_transaction(running)
    await station.watch(station.pixit.answer_time)
    await station.unplug()
    await station.watch(station.pixit.answer_time)
    told = states(csms, mark)
    wanted = ("Preparing", "Charging", "Finishing", "Available")
    check.holds(in_order(wanted, told), expected=", ".join(wanted), actual=", ".join(told), advice=_STATES)


@test_case(
    "TC_STATION_States16_002",
    covers="OCPP16:status",
    pics=_PIC & STATION.SMART_CHARGING & STATION.RATE_UNIT_W,
    needs=("plug", "authorise"),
    detects=("station-16-never-suspended", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_limit_of_nothing_suspends(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells SuspendedEVSE while a limit leaves no energy, and Charging when it is gone.

    Given   a transaction in which energy flows
    when    the CSMS limits charging to 0 W, and takes the limit back
    then    SuspendedEVSE and then Charging are told, and the transaction does not end
    """
    await station.ready()
    running = await station.charging()
    await station.watch(2.0)
    mark = len(station.seen)
    await csms.limit(0.0, purpose="ChargingStationMaxProfile")
    await station.watch(station.settling + station.pixit.answer_time)
    await csms.clear_profiles(purpose="ChargingStationMaxProfile")
    await station.watch(station.settling + station.pixit.start_time)
    told = states(csms, mark)
    wanted = ("SuspendedEVSE", "Charging")
    check.holds(in_order(wanted, told), expected=", ".join(wanted), actual=", ".join(told), advice=_STATES)
    goes_on = csms.current(running).running
    check.holds(goes_on, expected="a transaction that goes on", actual="its end", advice="A pause is no end.")


@test_case(
    "TC_STATION_States16_003",
    covers="OCPP16:status",
    pics=_PIC,
    needs=("plug", "authorise", "ev_nearly_full"),
    detects=("station-16-never-suspended",),
    lasts=900.0,
)
async def test_an_ev_that_is_full_suspends(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells SuspendedEV when the EV takes no more.

    Given   an EV that is nearly full
    when    it charges until it takes nothing
    then    SuspendedEV is told after Charging
    """
    await station.ready()
    mark = len(station.seen)
    await station.charging("nearly_full")
    for _half in range(30):
        if "SuspendedEV" in states(csms, mark):
            break
        await station.watch(30.0)
    told = states(csms, mark)
    wanted = ("Charging", "SuspendedEV")
    check.holds(in_order(wanted, told), expected=", ".join(wanted), actual=", ".join(told), advice=_STATES)


@test_case(
    "TC_STATION_Transactions16_001",
    covers=("OCPP16:stop-transaction", "OCPP16:transaction-data"),
    pics=_PIC & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-16-no-transaction-data", "station-16-stop-register-zero", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_the_end_has_registers_and_values(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends a transaction with its register, and with the values of begin and end.

    Given   StopTxnSampledData with the import register, and a transaction in which energy flows
    when    the CSMS stops it
    then    meterStop is above meterStart, transactionData has values of Transaction.Begin and Transaction.End, and the
            register in it is meterStop
    """
    await station.ready()
    await csms.prepare("SampledDataCtrlr", "TxEndedMeasurands", "Energy.Active.Import.Register")
    running = await station.charging()
    await station.watch(station.settling + 10.0)
    ended = await csms.stop_transaction(running)
    stop, begun = reading("meterStop")(ended) or 0, running.import_begin or 0.0
    check.holds(
        stop > begun, expected=f"above {begun:g} Wh", actual=f"{stop:g} Wh", seen=ended, advice="Read the meter."
    )
    found = contexts(ended) or set()
    both = {"Transaction.Begin", "Transaction.End"} <= found
    advice = "StopTxnSampledData asks for values of begin and end in transactionData."
    required = "OCPP16:transaction-data"
    check.holds(
        both, expected="both contexts", actual=str(sorted(found)), seen=ended, requirement=required, advice=advice
    )
    shown = import_register(ended)
    same = shown is not None and abs(shown - stop) <= 2.0
    check.holds(same, expected=f"{stop:g} Wh", actual=f"{shown} Wh", seen=ended, requirement=required, advice=advice)


@test_case(
    "TC_STATION_Reset16_001",
    covers="OCPP16:reset",
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-16-every-reset-hard", "station-16-every-end-local", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_resets_end_transactions_with_their_reasons(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends its transaction for a soft and for a hard reset, says which it was, and boots.

    Given   a transaction in which energy flows
    when    the CSMS sends Reset Soft, and, in another transaction, Reset Hard
    then    both are accepted, the transactions end with SoftReset and HardReset, and the station boots each time
    """
    await station.ready()
    for kind, reason in (("Soft", "SoftReset"), ("Hard", "HardReset")):
        await station.charging()
        sent = await csms.call("Reset", {"type": kind})
        check.that(sent.outcome, outcome, equals("Accepted"), advice="Nothing stands against it.")
        after = sent.outcome.number
        ended = await csms.event("Ended", within=station.pixit.boot_time + station.pixit.answer_time, after=after)
        check.that(ended, stopped_reason, equals(reason), advice="Say which reset it was.")
        boot = await csms.expect("BootNotification", within=station.pixit.boot_time, after=after)
        booted = boot.name.startswith("BootNotification")
        check.holds(booted, expected="BootNotification", actual=boot.name, seen=boot, advice="Reboot.")
        await station.unplug()
        await station.watch(3.0)


@test_case(
    "TC_STATION_Unlock16_001",
    covers="OCPP16:unlock",
    pics=_PIC & STATION.UNLOCK,
    needs=("plug", "authorise"),
    detects=("station-ignores-unlocking", "station-16-every-end-local", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_unlocking_ends_the_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends the transaction of a connector that is unlocked, and does not know one that is not there.

    Given   a transaction in which energy flows
    when    the CSMS unlocks a connector with a number too high, and connector 1
    then    the answers are NotSupported and Unlocked, and the transaction ends with reason UnlockCommand
    """
    await station.ready()
    other = await csms.unlock(station.evses + 7)
    refused = one_of(("NotSupported", "UnlockFailed"))
    check.that(other.outcome, outcome, refused, advice="There is no such connector.")
    running = await station.charging()
    sent = await csms.unlock(1)
    check.that(sent.outcome, outcome, equals("Unlocked"), advice="The station claims a lock.")
    ended = await csms.ending(
        running, within=station.pixit.start_time, after=sent.request.number if sent.request else 0
    )
    check.that(ended, stopped_reason, equals("UnlockCommand"), advice="End the transaction before unlocking.")


@test_case(
    "TC_STATION_Remote16_001",
    covers=("OCPP16:remote-start", "OCPP16:start-transaction"),
    pics=_PIC & STATION.REMOTE_START,
    needs=("plug",),
    detects=("station-16-ignores-remote-starts", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_remote_start_begins_a_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station begins a transaction with the idTag of a remote start.

    Given   an EV that is plugged in
    when    the CSMS sends RemoteStartTransaction for connector 1
    then    it is accepted, and StartTransaction comes with that idTag and connector
    """
    await station.ready()
    await station.plug_in()
    sent = await csms.start_remotely(Token("TEST-REMOTE-16"))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses to start.")
    begun = await csms.event("Started", within=station.pixit.start_time)
    advice = "Start as if the token had been presented at the connector."
    check.that(begun, reading("idTag"), equals("TEST-REMOTE-16"), advice=advice)
    check.that(begun, reading("connectorId"), equals(1), requirement="OCPP16:start-transaction", advice=advice)


@test_case(
    "TC_STATION_Remote16_002",
    covers="OCPP16:remote-stop",
    pics=_PIC & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-16-ignores-remote-stops", "station-16-every-end-local", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_remote_stop_ends_a_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends the transaction that a remote stop names, with reason Remote.

    Given   a transaction in which energy flows
    when    the CSMS sends RemoteStopTransaction for another id, and for its own
    then    the first is Rejected, the second Accepted, and StopTransaction comes with that id and reason Remote
    """
    await station.ready()
    running = await station.charging()
    other = await csms.stop_remotely("990099")
    check.that(other.outcome, outcome, equals("Rejected"), advice="Look the id up before stopping anything.")
    sent = await csms.stop_remotely(running.transaction_id)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The transaction is running.")
    ended = await csms.event("Ended", within=station.pixit.start_time)
    check.that(ended, transaction_id, equals(running.transaction_id), advice="Carry the id of the answer to Start.")
    check.that(ended, stopped_reason, equals("Remote"), advice="Say why it ended.")


@test_case(
    "TC_STATION_Offline16_001",
    covers=("OCPP16:offline-transactions", "FIELD-OCPP-OFFLINE-TRANSACTION-ID"),
    pics=_PIC & STATION.LOCAL_LIST & STATION.OFFLINE_AUTHORIZATION & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-16-id-minus-one", "station-16-ignores-remote-stops", "station-rubber-stamp"),
    lasts=150.0,
)
async def test_a_transaction_begun_offline_gets_its_id(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station carries on a transaction that began offline under the id that the CSMS gives it later.

    Given   a token in the local list, and a CSMS that goes away
    when    a transaction begins, the CSMS comes back, and stops it by the id that it gave to it
    then    StartTransaction comes first, the stop is accepted, and StopTransaction has that id
    """
    await station.ready()
    await csms.prepare("LocalAuthListCtrlr", "Enabled", True)
    await csms.prepare("AuthCtrlr", "LocalAuthorizeOffline", True)
    await csms.send_local_list(station.token)
    await csms.stop()
    await station.watch(2.0)
    plugged = await station.plug_in()
    await station.authorise()
    await station.watch(station.pixit.start_time)
    await csms.start()
    await csms.connected(station.pixit.reconnect_time)
    begun = await csms.event("Started", within=station.pixit.answer_time + 20.0, after=plugged.number)
    check.that(
        begun, reading("idTag"), equals(station.token.id_token), advice="Keep StartTransaction until it is answered."
    )
    await station.watch(3.0)
    given = max(csms.record.transactions, key=int, default="0")
    sent = await csms.stop_remotely(given)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The id is in the answer to StartTransaction.")
    ended: Observation = await csms.event("Ended", within=station.pixit.start_time)
    advice = "Put the id of the answer into what waits to be sent, instead of -1 or 0."
    check.that(ended, transaction_id, equals(given), advice=advice)
