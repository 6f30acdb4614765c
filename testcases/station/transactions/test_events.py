"""Transactions as they are told: order, numbers, states, reasons (OCPP 2.x block E)."""

from harness.ocpp.readings import (
    charging_state,
    event_type,
    outcome,
    reading,
    sequence_number,
    stopped_reason,
    transaction_id,
    trigger_reason,
)
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    StationUnderTest,
    Trace,
    Transaction,
    differs,
    equals,
    test_case,
)

_ORDER = "Count the events of each transaction from 0, one by one, in the order in which they happen."


def events(csms: Csms, transaction: Transaction) -> Trace:
    """All events of a transaction, as they came in."""
    told = csms.trace.sent_by("station").where(lambda seen: event_type(seen) is not None)
    return told.where(lambda seen: transaction_id(seen) == transaction.transaction_id)


@test_case(
    "TC_STATION_Transactions_001",
    covers=("E01.FR.07", "E02.FR.07", "E06.FR.14"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=(
        "station-skips-sequence",
        "station-sequence-from-one",
        "station-events-twice",
        "station-ignores-remote-stops",
        "station-rubber-stamp",
    ),
    lasts=45.0,
)
async def test_events_are_counted_from_zero_without_gaps(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station numbers the events of a transaction from 0, without gaps, from Started to Ended.

    Given   a transaction in which energy flows
    when    the CSMS stops it remotely
    then    its events are Started, some Updated and Ended, with the numbers 0, 1, 2 and so on
    """
    await station.ready()
    await station.report_every()
    running = await station.charging()
    await station.watch(2 * station.pixit.meter_interval)
    ended = await csms.stop_transaction(running)
    check.that(ended, event_type, equals("Ended"), requirement="E06.FR.06", advice="See what ends a transaction.")
    seen = events(csms, running)
    numbers = [sequence_number(each) for each in seen]
    check.holds(numbers == list(range(len(numbers))), expected="seqNo 0, 1, 2, ...", actual=str(numbers), advice=_ORDER)
    kinds = [event_type(each) for each in seen]
    right = ["Started", *["Updated"] * (len(kinds) - 2), "Ended"]
    check.holds(kinds == right, expected="Started, Updated..., Ended", actual=str(kinds), advice=_ORDER)


@test_case(
    "TC_STATION_Transactions_002",
    covers=("E06.FR.08", "TC_F_08_CS"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-no-stopped-reason", "station-ignores-remote-stops", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_remote_stop_ends_energy_and_says_so(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends a transaction remotely, stops the energy, and gives Remote as the reason.

    Given   a transaction in which energy flows
    when    the CSMS sends RequestStopTransaction
    then    Ended has triggerReason RemoteStop and stoppedReason Remote, and a second request for it is Rejected
    """
    await station.ready()
    running = await station.charging()
    ended = await csms.stop_transaction(running)
    check.that(ended, trigger_reason, equals("RemoteStop"), requirement="E01.FR.15", advice="Name what ended it.")
    check.that(ended, stopped_reason, equals("Remote"), advice="A reason that is left out means Local.")
    again = await csms.call("RequestStopTransaction", {"transactionId": running.transaction_id})
    check.that(again.outcome, outcome, equals("Rejected"), requirement="TC_F_09_CS", advice="Look the id up.")


@test_case(
    "TC_STATION_Transactions_003",
    covers=("E02.FR.13", "E01.FR.18", "E02.FR.15"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=(
        "station-no-charging-state",
        "station-always-charging",
        "station-wrong-trigger",
        "station-rubber-stamp",
    ),
    lasts=40.0,
)
async def test_charging_states_are_told_as_they_change(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells each change of its charging state, with the reason.

    Given   an EV that is plugged in before the driver is authorised
    when    energy flows, and the CSMS stops the transaction
    then    the first event does not say Charging, a later one does, the last does not, and none claims a TriggerMessage
    """
    await station.ready()
    running = await station.charging()
    ended = await csms.stop_transaction(running)
    seen = events(csms, running)
    states = [charging_state(each) for each in seen]
    told = states[:1] != ["Charging"] and "Charging" in states and charging_state(ended) != "Charging"
    wanted = "another state, then Charging, then another state"
    check.holds(told, expected=wanted, actual=str(states), advice="Send an event for each change of state.")
    check.every(seen, trigger_reason, differs("Trigger"), requirement="E02.FR.15", advice="Nobody triggered an event.")
    check.that(ended, event_type, equals("Ended"), requirement="E06.FR.06", advice="See what ends a transaction.")


@test_case(
    "TC_STATION_Transactions_004",
    covers=("TC_F_01_CS", "E01.FR.16"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.REMOTE_START,
    needs=("plug",),
    detects=("station-ignores-remote-starts", "station-no-remote-start-id", "station-rubber-stamp"),
    lasts=30.0,
)
async def test_a_remote_start_is_carried_out_and_named(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station starts a transaction remotely and names the request in an event.

    Given   an EV that is plugged in, and nobody authorised
    when    the CSMS sends RequestStartTransaction with a remoteStartId
    then    it is accepted, and an event has that remoteStartId and the token
    """
    await station.ready()
    await station.plug_in()
    token = {"idToken": station.token.id_token, "type": station.token.type}
    sent = await csms.call("RequestStartTransaction", {"remoteStartId": 4711, "idToken": token, "evseId": 1})
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses to start.")
    number = sent.request.number if sent.request else 0
    named = await csms.expect("TransactionEvent", within=station.pixit.start_time, after=number, remoteStartId=4711)
    check.that(named, event_type, differs("Ended"), advice="Put remoteStartId into the next event after the request.")
    shown = await csms.expect(
        "TransactionEvent", within=station.pixit.start_time, after=number, idToken=station.token.id_token
    )
    check.that(shown, event_type, differs("Ended"), requirement="E02.FR.01", advice="Tell the token of the request.")


@test_case(
    "TC_STATION_Transactions_005",
    covers=("E14.FR.02", "E14.FR.03", "E14.FR.01"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-ignores-remote-stops", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_the_status_of_a_transaction_is_known(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station knows which transaction goes on, which has ended, and which never was.

    Given   a transaction in which energy flows
    when    the CSMS asks for its status, stops it, asks again, and asks for one that never was
    then    it goes on at first, and neither of the others does
    """
    going = reading("ongoingIndicator")
    await station.ready()
    running = await station.charging()
    asked = await csms.call("GetTransactionStatus", {"transactionId": running.transaction_id})
    check.that(asked.outcome, going, equals(True), advice="Find the transaction by its id.")
    await csms.stop_transaction(running)
    later = await csms.call("GetTransactionStatus", {"transactionId": running.transaction_id})
    check.that(later.outcome, going, equals(False), requirement="E14.FR.03", advice="It has ended.")
    unknown = await csms.call("GetTransactionStatus", {"transactionId": "tester-none"})
    check.that(unknown.outcome, going, equals(False), requirement="E14.FR.01", advice="It never began.")


@test_case(
    "TC_STATION_Transactions_006",
    covers=("TC_F_13_CS",),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs=("plug", "authorise"),
    detects=("station-ignores-triggers", "station-rubber-stamp"),
    lasts=30.0,
)
async def test_an_event_that_is_asked_for_is_sent(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station sends an event of the running transaction when it is triggered to.

    Given   a transaction in which energy flows
    when    the CSMS triggers TransactionEvent for the EVSE
    then    it is accepted, and an Updated of that transaction follows with triggerReason Trigger
    """
    await station.ready()
    running = await station.charging()
    sent = await csms.trigger("TransactionEvent", 1)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A transaction is running on that EVSE.")
    told = await csms.expect("TransactionEvent", within=station.pixit.answer_time, triggerReason="Trigger")
    check.that(told, transaction_id, equals(running.transaction_id), advice="Send the event after the answer.")
