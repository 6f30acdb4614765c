"""What happens while the CSMS is away is kept, and told when it is back (OCPP 2.x block E, E04, E08, E11)."""

from harness.ocpp.readings import event_type, offline, reading, sequence_number, transaction_id, trigger_reason
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, equals, test_case


@test_case(
    "TC_STATION_Offline_001",
    covers=("E08.FR.05", "E08.FR.06", "E08.FR.07", "TC_E_44_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs=("plug", "authorise", "unplug"),
    detects=("station-hides-outages", "station-skips-sequence"),
    lasts=90.0,
)
async def test_an_end_without_connection_is_told_later(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps the end of a transaction while the CSMS is away, and tells it as offline afterwards.

    Given   a transaction in which energy flows
    when    the CSMS goes away, the EV is unplugged meanwhile, and the CSMS comes back
    then    Ended comes, marked as offline, and no event is missing in the count
    """
    await station.ready()
    running = await station.charging()
    await csms.stop()
    await station.watch(2.0)
    left = await station.unplug()
    await station.watch(5.0)
    await csms.start()
    await csms.connected(station.pixit.reconnect_time)
    ended = await csms.expect(
        "TransactionEvent", within=station.pixit.answer_time + 20.0, after=left.number, eventType="Ended"
    )
    check.that(ended, transaction_id, equals(running.transaction_id), advice="Keep events until they are answered.")
    check.that(ended, offline, equals(True), requirement="E08.FR.07", advice="It happened while offline.")
    told = csms.trace.sent_by("station").where(lambda seen: transaction_id(seen) == running.transaction_id)
    numbers = sorted({sequence_number(seen) for seen in told.where(lambda seen: event_type(seen) is not None)})
    whole = numbers == list(range(len(numbers)))
    check.holds(whole, expected="no gap in seqNo", actual=str(numbers), requirement="E08.FR.08", advice="Queue each.")


@test_case(
    "TC_STATION_Offline_002",
    covers=("E04.FR.01", "E04.FR.02", "E04.FR.03", "TC_C_21_CS", "TC_E_43_CS"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.LOCAL_LIST & STATION.OFFLINE_AUTHORIZATION,
    needs=("plug", "authorise"),
    detects=("station-hides-outages", "station-ignores-local-lists", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_a_start_without_connection_is_told_later(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station starts a transaction from its local list while the CSMS is away, and tells it as offline afterwards.

    Given   a token in the local list, and a station that authorises from it while offline, but nobody unknown
    when    the CSMS goes away, an EV is plugged in and the token presented, and the CSMS comes back
    then    an event that carries the token comes, of reason Authorized, and marked as offline
    """
    await station.ready()
    await csms.set_variable("LocalAuthListCtrlr", "Enabled", True)
    await csms.set_variable("AuthCtrlr", "LocalAuthorizeOffline", True)
    await csms.set_variable("AuthCtrlr", "OfflineTxForUnknownIdEnabled", False)
    await csms.send_local_list(station.token)
    await csms.stop()
    await station.watch(2.0)
    plugged = await station.plug_in()
    await station.authorise()
    await station.watch(station.pixit.start_time)
    await csms.start()
    await csms.connected(station.pixit.reconnect_time)
    patience = station.pixit.answer_time + 20.0
    token = station.token.id_token
    told = await csms.expect("TransactionEvent", within=patience, after=plugged.number, idToken=token)
    check.that(told, trigger_reason, equals("Authorized"), requirement="TC_C_21_CS", advice="Look into the local list.")
    check.that(told, offline, equals(True), requirement="E04.FR.03", advice="It happened while offline.")


@test_case(
    "TC_STATION_Offline_003",
    covers=("E11.FR.01", "E11.FR.02", "TC_E_40_CS"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-skips-sequence", "station-ignores-remote-stops", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_a_torn_connection_leaves_the_transaction(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station comes back after its connection was torn, with its transaction, and misses no event in the count.

    Given   a transaction with sampled meter values
    when    the connection is torn without goodbye
    then    the station is back in time, the transaction goes on, can be stopped, and its events have no gap
    """
    await station.ready()
    await station.report_every()
    running = await station.charging()
    await csms.station().drop()
    await csms.connected(station.pixit.reconnect_time)
    asked = await csms.call("GetTransactionStatus", {"transactionId": running.transaction_id})
    goes_on = reading("ongoingIndicator")
    check.that(asked.outcome, goes_on, equals(True), requirement="E14.FR.02", advice="An outage ends no transaction.")
    ended = await csms.stop_transaction(running, within=station.pixit.start_time)
    check.that(ended, event_type, equals("Ended"), requirement="E06.FR.06", advice="See what ends a transaction.")
    told = csms.trace.sent_by("station").where(lambda seen: transaction_id(seen) == running.transaction_id)
    numbers = sorted({sequence_number(seen) for seen in told.where(lambda seen: event_type(seen) is not None)})
    whole = numbers == list(range(len(numbers)))
    check.holds(whole, expected="no gap in seqNo", actual=str(numbers), requirement="E04.FR.04", advice="Queue each.")
