"""Messages about transactions that the CSMS refuses or does not answer are tried again, not for ever (OCPP 2.x E13, E14)."""

from itertools import pairwise

from harness.ocpp.readings import event_type, reading, sequence_number, transaction_id
from harness.vocabulary import STATION, Check, Csms, Observation, StationUnderTest, equals, inside, test_case

_TRIES = "Try again after the interval times the number of tries so far, and give up after the last."
_EVENTS = ("TransactionEvent", "StopTransaction")


async def stop_while(csms: Csms, station: StationUnderTest, seconds: float) -> list[Observation]:
    """Stop the transaction that runs, and let time pass; every sending of the first message that told of it since."""
    running = csms.record.running[0]
    sent = await csms.stop_remotely(running.transaction_id)
    await station.watch(seconds)
    told = csms.trace.after(sent.outcome.number).sent_by("station").where(lambda seen: event_type(seen) is not None)
    if not len(told):
        return []
    like = (event_type(told[0]), transaction_id(told[0]), sequence_number(told[0]))
    return [each for each in told if (event_type(each), transaction_id(each), sequence_number(each)) == like]


async def try_three_times(csms: Csms) -> None:
    """Three tries, with 5 s after the first and 10 s after the second."""
    await csms.prepare("OCPPCommCtrlr", "MessageAttempts", 3, instance="TransactionEvent")
    await csms.prepare("OCPPCommCtrlr", "MessageAttemptInterval", 5, instance="TransactionEvent")


@test_case(
    "TC_STATION_Retries_001",
    covers=("E13.FR.01", "E13.FR.02", "E13.FR.03", "E13.FR.04", "TC_E_50_CS"),
    pics=STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-impatient-retries", "station-takes-errors-for-answers", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_a_refused_message_is_tried_again_and_given_up(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station tries a message about a transaction again when it gets a CALLERROR, later each time, and gives up in the end.

    Given   three tries with an interval of 5 s, and a CSMS that refuses every message about transactions
    when    a transaction is stopped
    then    the message comes three times, 5 s and 10 s apart, and no fourth time
    """
    await station.ready()
    await try_three_times(csms)
    await station.charging()
    await station.watch(station.settling + 2.0)
    for action in _EVENTS:
        csms.policy = csms.policy.refusing(action)
    sent = await stop_while(csms, station, 45.0)
    for action in _EVENTS:
        csms.policy = csms.policy.ordinarily(action)
    check.holds(len(sent) == 3, expected="three tries", actual=f"{len(sent)}", requirement="E13.FR.02", advice=_TRIES)
    slack = 2.0 + station.pixit.reaction_time
    for number, (earlier, later) in enumerate(pairwise(sent), start=1):
        wait = later.at - earlier.at
        wanted = inside(5.0 * number - 0.5, 5.0 * number + slack, "s")
        actual = f"{wait:.1f} s before try {number + 1}"
        check.holds(
            wanted.holds(wait), expected=f"{5 * number} s", actual=actual, requirement="E13.FR.03", advice=_TRIES
        )


@test_case(
    "TC_STATION_Retries_002",
    covers=("E13.FR.02", "TC_E_51_CS"),
    pics=STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-takes-errors-for-answers", "station-tells-once", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_message_that_is_taken_is_not_tried_again(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station stops trying a message about a transaction again once it is taken.

    Given   three tries with an interval of 5 s, and a CSMS that refuses the first message about a transaction
    when    a transaction is stopped
    then    the message comes twice, and the transaction ends in the books of the CSMS
    """
    await station.ready()
    await try_three_times(csms)
    running = await station.charging()
    await station.watch(station.settling + 2.0)
    for action in _EVENTS:
        csms.policy = csms.policy.refusing(action, first=1)
    sent = await stop_while(csms, station, 40.0)
    check.holds(len(sent) == 2, expected="two tries", actual=f"{len(sent)}", advice=_TRIES)
    ended = not csms.current(running).running
    check.holds(ended, expected="an end in the books", actual="none", requirement="TC_E_51_CS", advice=_TRIES)


@test_case(
    "TC_STATION_Retries_003",
    covers=("E13.FR.02", "TC_E_42_CS"),
    pics=STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-tells-once",),
    lasts=150.0,
)
async def test_a_message_without_an_answer_is_tried_again(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tries a message about a transaction again when no answer comes.

    Given   three tries with an interval of 5 s, and a CSMS that leaves one message about a transaction without an answer
    when    a transaction is stopped
    then    the message comes twice within 100 s, on the same or a new connection
    """
    await station.ready()
    await try_three_times(csms)
    await station.charging()
    await station.watch(station.settling + 2.0)
    for action in _EVENTS:
        csms.policy = csms.policy.silent_on(action, first=1)
    sent = await stop_while(csms, station, 100.0)
    check.holds(len(sent) == 2, expected="two tries", actual=f"{len(sent)}", advice=_TRIES)


@test_case(
    "TC_STATION_TransactionStatus_001",
    covers=("E14.FR.04", "E14.FR.06", "E14.FR.07", "E14.FR.08", "TC_E_29_CS", "TC_E_33_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs=("plug", "authorise"),
    detects=("station-rubber-stamp",),
    lasts=60.0,
)
async def test_what_waits_to_be_told_is_known(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station knows whether messages about transactions wait to be sent.

    Given   a transaction with sampled values, and a CSMS that does not answer its events for a while
    when    the CSMS asks for the status of the transaction, and of the queue, then and when it answers again
    then    messages wait at first and none later, and without an id nothing is said about going on
    """
    queued = reading("messagesInQueue")
    await station.ready()
    await station.report_every()
    running = await station.charging()
    csms.policy = csms.policy.silent_on("TransactionEvent")
    await station.watch(3 * station.pixit.meter_interval + 1.0)
    one = await csms.call("GetTransactionStatus", {"transactionId": running.transaction_id})
    advice = "Messages wait until they are answered."
    check.that(one.outcome, queued, equals(True), advice=advice)
    every = await csms.call("GetTransactionStatus", {})
    check.that(every.outcome, queued, equals(True), requirement="E14.FR.07", advice=advice)
    unsaid = reading("ongoingIndicator")(every.outcome) is None
    check.holds(
        unsaid,
        expected="no ongoingIndicator",
        actual="one",
        requirement="E14.FR.06",
        advice="It is of one transaction.",
    )
    csms.policy = csms.policy.ordinarily("TransactionEvent")
    await csms.station().drop()
    await csms.connected(station.pixit.reconnect_time)
    await csms.stop_transaction(running, within=station.pixit.start_time + 20.0)
    await station.watch(station.pixit.answer_time)
    rest = await csms.call("GetTransactionStatus", {})
    check.that(rest.outcome, queued, equals(False), requirement="E14.FR.08", advice="All has been told.")
