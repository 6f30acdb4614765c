"""What happens while the CSMS is away is kept, and told when it is back (OCPP 2.x block E, E04, E08, E11)."""

from harness.ocpp.readings import event_type, offline, sequence_number, transaction_id
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
