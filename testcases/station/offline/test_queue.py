"""What happened without connection is told afterwards: whole, in order, with its own times (OCPP 2.x E04, E08, E11, E12)."""

from harness.ocpp.readings import (
    connector_status,
    event_type,
    offline,
    presented_token,
    sequence_number,
    told_at,
    transaction_id,
)
from harness.vocabulary import STATION, Check, Csms, Observation, StationUnderTest, equals, test_case

_QUEUE = "Keep what a transaction does while offline, and send it in order, with the times at which it happened."
_NEWER = STATION.OCPP_201 | STATION.OCPP_21


def states_told(csms: Csms, after: int) -> list[Observation]:
    """The messages that tell states of connectors after a frame."""
    return [seen for seen in csms.trace.after(after) if connector_status(seen) is not None]


async def outage(csms: Csms, station: StationUnderTest, seconds: float) -> Observation:
    """The CSMS is away for so long, and the station comes back; what it was that it came back with."""
    await csms.stop()
    gone = await station.watch(seconds)
    await csms.start()
    await csms.connected(station.pixit.reconnect_time)
    await station.watch(station.pixit.answer_time)
    return gone[-1]


@test_case(
    "TC_STATION_Offline_004",
    covers=("E12.FR.01", "E12.FR.02", "TC_E_43_CS"),
    pics=STATION.LOCAL_LIST & STATION.OFFLINE_AUTHORIZATION,
    needs=("plug", "authorise", "unplug"),
    detects=(
        "station-loses-what-was-offline",
        "station-stamps-the-queue-anew",
        "station-ignores-local-lists",
        "station-rubber-stamp",
    ),
    lasts=150.0,
)
async def test_a_whole_transaction_without_connection_is_told_later(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station tells of a transaction that began and ended while the CSMS was away, in order and with its own times.

    Given   a token in the local list, and a CSMS that goes away
    when    an EV charges with that token and is unplugged, and the CSMS comes back
    then    begin and end are told, in that order, about one transaction, with the times at which they happened
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
    left = await station.unplug()
    await station.watch(5.0)
    await csms.start()
    await csms.connected(station.pixit.reconnect_time)
    patience = station.pixit.answer_time + 20.0
    begun = await csms.event("Started", within=patience, after=plugged.number)
    ended = await csms.event("Ended", within=patience, after=begun.number)
    check.that(begun, event_type, equals("Started"), requirement="E12.FR.02", advice=_QUEUE)
    check.that(ended, event_type, equals("Ended"), requirement="E12.FR.02", advice=_QUEUE)
    between = csms.trace.after(plugged.number).sent_by("station").where(lambda seen: event_type(seen) is not None)
    named = [seen for seen in between if presented_token(seen) == station.token.id_token]
    who = "Look into the local list, and tell who it was."
    check.holds(bool(named), expected="an event with the token", actual="none", requirement="E04.FR.01", advice=who)
    known = csms.record.transactions.get(transaction_id(ended) or "")
    whole = known is not None and known.started_at is not None
    advice = "In 1.6 the id in StopTransaction is the one in the answer to StartTransaction, also for what waited."
    check.holds(whole, expected="begin and end of one transaction", actual=f"{transaction_id(ended)}", advice=advice)
    for told, happened in ((begun, plugged), (ended, left)):
        stamp = told_at(told)
        off = 0.0 if stamp is None else abs((stamp - csms.clock.wall(happened.at)).total_seconds())
        late = station.pixit.start_time + 5.0
        check.holds(
            off <= late, expected="the time when it happened", actual=f"{off:.0f} s off", seen=told, advice=_QUEUE
        )


@test_case(
    "TC_STATION_Offline_005",
    covers=("B04.FR.01", "TC_B_51_CS"),
    pics=_NEWER,
    detects=("station-few-states-after-outages", "station-silent-states", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_all_states_are_told_after_a_long_outage(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells the state of every connector after an outage longer than OfflineThreshold.

    Given   OfflineThreshold of 10 s, and a station that is idle
    when    the CSMS is away for 30 s
    then    the station tells the states of its connectors when it is back
    """
    await station.ready()
    await csms.prepare("OCPPCommCtrlr", "OfflineThreshold", 10)
    gone = await outage(csms, station, 30.0)
    told = states_told(csms, gone.number)
    advice = "After a long outage the CSMS knows nothing for certain: tell every connector."
    check.holds(len(told) >= station.evses, expected="all states", actual=f"{len(told)}", advice=advice)


@test_case(
    "TC_STATION_Offline_006",
    covers=("B04.FR.02", "TC_B_52_CS"),
    pics=_NEWER,
    detects=("station-all-states-after-outages",),
    lasts=60.0,
)
async def test_only_changed_states_are_told_after_a_short_outage(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station tells no state that has not changed after an outage shorter than OfflineThreshold.

    Given   OfflineThreshold of 1000 s, and a station that is idle
    when    the CSMS is away for 5 s
    then    the station tells no states when it is back
    """
    await station.ready()
    await csms.prepare("OCPPCommCtrlr", "OfflineThreshold", 1000)
    await station.watch(station.pixit.answer_time)
    gone = await outage(csms, station, 5.0)
    told = states_told(csms, gone.number)
    advice = "Nothing has changed; thousands of stations come back at the same time."
    check.holds(not told, expected="no states", actual=f"{len(told)}", seen=next(iter(told), None), advice=advice)


@test_case(
    "TC_STATION_Offline_007",
    covers=("E11.FR.01", "E11.FR.02", "E11.FR.07"),
    pics=STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-tells-once", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_what_was_under_way_is_told_once_more(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station sends a message about a transaction again whose answer was lost with the connection, and only once.

    Given   a transaction in which energy flows, and a CSMS that does not answer about it for a while
    when    the CSMS stops it, the connection is torn before the answer, and the CSMS answers again
    then    the message that was under way comes again after the reconnect, once, and the end of the transaction too
    """
    await station.ready()
    running = await station.charging()
    await station.watch(station.settling + 2.0)
    csms.policy = csms.policy.silent_on("TransactionEvent").silent_on("StopTransaction")
    sent = await csms.stop_remotely(running.transaction_id)
    await station.watch(3.0)
    told = csms.trace.after(sent.outcome.number).sent_by("station").where(lambda seen: event_type(seen) is not None)
    first = told[0] if len(told) else None
    csms.policy = csms.policy.ordinarily("TransactionEvent").ordinarily("StopTransaction")
    await csms.station().drop()
    await csms.connected(station.pixit.reconnect_time)
    ended = await csms.ending(running, within=station.pixit.answer_time, after=sent.outcome.number)
    await station.watch(station.pixit.answer_time + 20.0)
    check.that(ended, event_type, equals("Ended"), requirement="E11.FR.02", advice=_QUEUE)
    same = told_like(csms, first, sent.outcome.number)
    advice = "Keep a message until it is answered; send it again after the reconnect, under its own seqNo, and once."
    check.holds(len(same) == 2, expected="the same message twice", actual=f"{len(same)} times", advice=advice)


def told_like(csms: Csms, first: Observation | None, after: int) -> list[Observation]:
    """The messages after a frame that tell the same event as one of them."""
    if first is None:
        return []
    like = (event_type(first), transaction_id(first), sequence_number(first))
    seen = csms.trace.after(after).sent_by("station")
    return [each for each in seen if (event_type(each), transaction_id(each), sequence_number(each)) == like]


@test_case(
    "TC_STATION_Offline_008",
    covers=("E11.FR.02", "E08.FR.07", "E11.FR.03"),
    pics=_NEWER & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-hides-outages", "station-loses-what-was-offline", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_meter_values_of_an_outage_are_told_later(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station goes on to sample while the CSMS is away, and tells the values afterwards, marked as offline.

    Given   a transaction with sampled meter values
    when    the CSMS is away for six intervals
    then    events marked as offline come afterwards, stamped with times of the outage, before any later ones
    """
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.stop()
    begun = csms.clock.wall()
    await station.watch(6 * station.pixit.meter_interval)
    back = csms.clock.wall()
    mark = len(station.seen)
    await csms.start()
    await csms.connected(station.pixit.reconnect_time)
    await station.watch(station.pixit.answer_time + 2 * station.pixit.meter_interval)
    told = [seen for seen in csms.trace.after(mark) if event_type(seen) is not None]
    stamps = [stamp for seen in told if (stamp := told_at(seen)) is not None]
    within = [seen for seen in told if offline(seen) and begun <= (told_at(seen) or back) <= back]
    check.holds(len(within) >= 3, expected="events of the outage", actual=f"{len(within)}", advice=_QUEUE)
    ordered = stamps == sorted(stamps)
    check.holds(
        ordered, expected="the order in which it happened", actual="another", requirement="E11.FR.02", advice=_QUEUE
    )
