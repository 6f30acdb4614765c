"""Local list and reservations of OCPP 1.6."""

from harness.ocpp.readings import connector_status, outcome, reading
from harness.v2g.readings import metered_power
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, Token, equals, one_of, test_case


@test_case(
    "TC_STATION_LocalList16_001",
    covers="OCPP16:local-list",
    pics=STATION.OCPP_16 & STATION.LOCAL_LIST,
    detects=("station-ignores-local-lists", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_the_list_has_a_version(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps the local list with its version, and refuses an update that is not newer.

    Given   a station with a local list
    when    the CSMS sends a full list of version 7, asks for the version, and sends an update of version 7 and one of 8
    then    the answers are Accepted, 7, VersionMismatch and Accepted
    """
    await station.ready()
    await csms.prepare("LocalAuthListCtrlr", "Enabled", True)
    sent = await csms.send_local_list(station.token, number=7)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the list.")
    asked = await csms.call("GetLocalListVersion", {})
    check.that(asked.outcome, reading("listVersion"), equals(7), advice="Keep the version of the list.")
    older = await csms.send_local_list(station.token, update="Differential", number=7)
    check.that(older.outcome, outcome, equals("VersionMismatch"), advice="Compare versions.")
    newer = await csms.send_local_list(station.token, update="Differential", number=8)
    check.that(newer.outcome, outcome, equals("Accepted"), advice="It is newer.")


@test_case(
    "TC_STATION_Reservation16_001",
    covers="OCPP16:reservation",
    pics=STATION.OCPP_16 & STATION.RESERVATION,
    needs=("plug", "authorise", "meter"),
    detects=("station-ignores-reservations", "station-silent-states", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_reserved_connector_serves_nobody_else(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells a connector as Reserved, and gives nobody energy there but who reserved it.

    Given   a reservation of connector 1 for another token
    when    an EV is plugged in, and the token of the bench presented
    then    the reservation is accepted and told, and no energy flows
    """
    await station.ready()
    mark = len(station.seen)
    sent = await csms.reserve(Token("TEST-RESERVED-16"), evse_id=1)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The connector is free.")
    await station.watch(station.pixit.answer_time)
    told = [state for each in csms.trace.after(mark) if (state := connector_status(each)) is not None]
    check.holds("Reserved" in told, expected="Reserved", actual=str(told), advice="Tell it by StatusNotification.")
    await station.plug_in()
    await station.authorise()
    seen = await station.watch(station.pixit.start_time)
    advice = "Compare the token with that of the reservation."
    check.every(seen, metered_power, station.expects.rest()[metered_power], advice=advice)


@test_case(
    "TC_STATION_Reservation16_002",
    covers="OCPP16:reservation",
    pics=STATION.OCPP_16 & STATION.RESERVATION,
    detects=("station-ignores-cancelled-reservations", "station-silent-states", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_reservation_ends(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station frees a connector whose reservation is cancelled, and one whose reservation is over.

    Given   a reservation of connector 1 that is cancelled, and another that lasts 10 s
    when    the second is over
    then    the connector is told as Available each time, and cancelling once more is Rejected
    """
    await station.ready()
    advice = "Tell Available by StatusNotification when a reservation ends."
    await csms.reserve(station.token, evse_id=1, number=161)
    await station.watch(2.0)
    gone = await csms.cancel_reservation(161)
    check.that(gone.outcome, outcome, equals("Accepted"), advice="The reservation is there.")
    await station.watch(station.pixit.answer_time)
    told = [state for each in csms.trace.after(gone.outcome.number) if (state := connector_status(each)) is not None]
    check.holds(told[-1:] == ["Available"], expected="Available", actual=str(told), advice=advice)
    again = await csms.cancel_reservation(161)
    check.that(again.outcome, outcome, equals("Rejected"), advice="It is gone.")
    short = await csms.reserve(station.token, evse_id=1, lasting=10.0, number=162)
    check.that(short.outcome, outcome, one_of(("Accepted",)), advice="The connector is free.")
    await station.watch(10.0 + station.pixit.answer_time)
    told = [state for each in csms.trace.after(short.outcome.number) if (state := connector_status(each)) is not None]
    check.holds(told[-1:] == ["Available"], expected="Available", actual=str(told), advice=advice)
