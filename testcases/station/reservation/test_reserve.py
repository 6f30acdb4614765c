"""An EVSE that is kept for somebody: who may use it, until when, and what the CSMS is told (OCPP 2.x block H)."""

from harness.ocpp.readings import charging_state, connector_status, event_type, outcome, reading
from harness.v2g.readings import metered_power
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    NotTestable,
    Observation,
    StationUnderTest,
    Token,
    Trace,
    equals,
    test_case,
)

RESERVATION = reading("reservationId")
_ANY = STATION.RESERVATION
_PICS = (STATION.OCPP_201 | STATION.OCPP_21) & STATION.RESERVATION
_OTHER = Token("TEST-OTHER-01")
_KEPT = "Keep the EVSE for the token of the reservation, and tell its connector as Reserved."


def taken_up(seen: Trace) -> Observation | None:
    """The last event of a transaction that names a reservation."""
    return seen.where(lambda one: RESERVATION(one) is not None and event_type(one) is not None).last


@test_case(
    "TC_STATION_Reservation_001",
    covers=("TC_H_01_CS",),
    pics=_PICS,
    needs=("plug", "authorise"),
    detects=("station-ignores-reservations", "station-nameless-reservations", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_reservation_is_kept_and_taken_up(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps an EVSE for a token, and names the reservation in the transaction that takes it up.

    Given   a station with a free EVSE
    when    the CSMS reserves it for a token, and somebody plugs in and presents that token
    then    the answer is Accepted, the connector is told as Reserved, and an event of the transaction has the reservationId
    """
    await station.ready()
    sent = await csms.reserve(station.token, evse_id=1, number=611)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The EVSE is free; see the statusInfo.")
    states = (await station.watch(station.pixit.reaction_time + 1.0)).where(
        lambda one: connector_status(one) is not None
    )
    check.that(states.last, connector_status, equals("Reserved"), advice=_KEPT)
    plugged = await station.plug_in()
    await station.authorise()
    await csms.transaction(1, within=station.pixit.start_time, after=plugged.number)
    await station.watch(2.0)
    advice = "Put reservationId into the event in which the token is used."
    check.that(taken_up(station.seen.after(plugged.number)), RESERVATION, equals(611), advice=advice)


@test_case(
    "TC_STATION_Reservation_002",
    covers=("TC_H_02_CS",),
    pics=_PICS,
    needs=("plug", "present", "meter"),
    detects=("station-ignores-reservations", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_reserved_evse_gives_nobody_else_energy(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station gives no energy at a reserved EVSE to a token that the reservation is not for.

    Given   an EVSE that is reserved for a token
    when    an EV is plugged in and another token is presented that the CSMS would accept
    then    no energy flows within the start time, and no event tells of charging
    """
    await station.ready()
    await csms.reserve(station.token, evse_id=1)
    await station.plug_in()
    presented = await station.present(_OTHER)
    await station.watch(station.pixit.start_time)
    seen = station.seen.after(presented.number)
    check.every(seen, metered_power, station.expects.rest()[metered_power], advice=_KEPT)
    charging = [one for one in seen if charging_state(one) == "Charging"]
    check.holds(not charging, expected="no event of state Charging", actual="one", advice=_KEPT)


@test_case(
    "TC_STATION_Reservation_003",
    covers=("TC_H_03_CS",),
    pics=_ANY,
    detects=("station-reserves-blindly", "station-ignores-reservations", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_reserved_evse_is_not_reserved_again(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a second reservation of an EVSE.

    Given   an EVSE that is reserved
    when    the CSMS reserves it for another token, under another id
    then    the answer is Occupied
    """
    await station.ready()
    await csms.reserve(station.token, evse_id=1)
    second = await csms.reserve(_OTHER, evse_id=1)
    advice = "A second reservation of an EVSE is answered with Occupied."
    check.that(second.outcome, outcome, equals("Occupied"), advice=advice)


@test_case(
    "TC_STATION_Reservation_004",
    covers=("TC_H_04_CS",),
    pics=_ANY,
    needs=("plug",),
    detects=("station-reserves-blindly", "station-ignores-reservations", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_an_occupied_evse_is_not_reserved(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses to reserve an EVSE that is in use.

    Given   an EV that is plugged in
    when    the CSMS reserves the EVSE
    then    the answer is Occupied
    """
    await station.ready()
    await station.plug_in()
    await station.watch(station.pixit.reaction_time)
    sent = await csms.reserve(station.token, evse_id=1)
    check.that(sent.outcome, outcome, equals("Occupied"), advice="Whoever is plugged in uses the EVSE.")


@test_case(
    "TC_STATION_Reservation_005",
    covers=("TC_H_06_CS",),
    pics=_ANY,
    detects=("station-reserves-blindly", "station-ignores-availability", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_an_evse_out_of_service_is_not_reserved(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses to reserve an EVSE that is out of service.

    Given   an EVSE that the CSMS has made Inoperative
    when    the CSMS reserves it
    then    the answer is Unavailable
    """
    await station.ready()
    await csms.change_availability(False, 1)
    await station.watch(station.pixit.reaction_time)
    sent = await csms.reserve(station.token, evse_id=1)
    check.that(sent.outcome, outcome, equals("Unavailable"), advice="An EVSE out of service cannot be reserved.")
    await csms.change_availability(True, 1)


@test_case(
    "TC_STATION_Reservation_006",
    covers=("TC_H_07_CS",),
    pics=_PICS,
    detects=("station-endless-reservations", "station-silent-reservations", "station-rubber-stamp"),
    lasts=30.0,
)
async def test_a_reservation_ends_by_itself(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station ends a reservation that nobody took up, and says so.

    Given   an EVSE that is reserved for 15 s
    when    nobody comes
    then    ReservationStatusUpdate tells Expired, not before, and the connector is Available again
    """
    await station.ready()
    sent = await csms.reserve(station.token, evse_id=1, lasting=15.0, number=612)
    over = await csms.expect("ReservationStatusUpdate", within=15.0 + station.pixit.reaction_time + 5.0)
    told = reading("reservationUpdateStatus")
    check.that(over, told, equals("Expired"), advice="Watch expiryDateTime, and tell the CSMS.")
    check.that(over, RESERVATION, equals(612), advice="Name the reservation that is over.")
    lasted = over.at - sent.outcome.at
    early = "Count to the expiryDateTime by the time that the CSMS gives."
    check.holds(lasted >= 13.0, expected="at least 13 s", actual=f"{lasted:.1f} s", seen=over, advice=early)
    await station.watch(station.pixit.reaction_time)
    states = csms.trace.where(lambda one: connector_status(one) is not None)
    check.that(states.last, connector_status, equals("Available"), advice="The EVSE is free again.")


@test_case(
    "TC_STATION_Reservation_007",
    covers=("TC_H_17_CS",),
    pics=_ANY,
    detects=("station-ignores-cancelled-reservations", "station-silent-states", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_a_reservation_is_cancelled(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station frees an EVSE whose reservation is cancelled.

    Given   an EVSE that is reserved
    when    the CSMS cancels the reservation
    then    the answer is Accepted, and the connector is told as Available
    """
    await station.ready()
    await csms.reserve(station.token, evse_id=1, number=613)
    await station.watch(station.pixit.reaction_time)
    sent = await csms.cancel_reservation(613)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The reservation was accepted under that id.")
    seen = await station.watch(station.pixit.reaction_time + 1.0)
    free = seen.where(lambda one: connector_status(one) is not None).last
    check.that(free, connector_status, equals("Available"), advice="Tell the state that the connector now has.")


@test_case(
    "TC_STATION_Reservation_008",
    covers=("TC_H_18_CS",),
    pics=_ANY,
    detects=("station-cancels-blindly", "station-ignores-cancelled-reservations", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_an_unknown_reservation_is_not_cancelled(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses to cancel a reservation that it does not know.

    Given   a station without a reservation of that id
    when    the CSMS cancels it
    then    the answer is Rejected
    """
    await station.ready()
    sent = await csms.cancel_reservation(699)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Look the id up.")


@test_case(
    "TC_STATION_Reservation_009",
    covers=("TC_H_19_CS",),
    pics=_PICS,
    needs=("plug", "present"),
    detects=("station-forgets-groups", "station-ignores-reservations", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_group_takes_up_a_reservation(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station lets another token of the same group take up a reservation.

    Given   an EVSE that is reserved for a token and its group
    when    an EV is plugged in and another token of that group is presented
    then    a transaction is authorised, and it names the reservation
    """
    await station.ready()
    friend = Token("TEST-OTHER-02", group="TEST-GROUP-01")
    csms.policy = csms.policy.replace(tokens=(*csms.policy.tokens, friend))
    await csms.reserve(station.token, evse_id=1, number=614, group="TEST-GROUP-01")
    await station.plug_in()
    presented = await station.present(friend)
    await station.watch(station.pixit.start_time)
    advice = "Compare groupIdToken with the group in the answer to Authorize."
    check.that(taken_up(station.seen.after(presented.number)), RESERVATION, equals(614), advice=advice)


@test_case(
    "TC_STATION_Reservation_010",
    covers=("TC_H_23_CS",),
    pics=_PICS,
    needs=("plug", "authorise"),
    detects=("station-ignores-reservations", "station-nameless-reservations", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_reservation_is_replaced_by_its_id(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station replaces a reservation by another one of the same id.

    Given   an EVSE that is reserved for some token
    when    the CSMS reserves it for another token under the same id, and that one is presented
    then    the answer is Accepted, and the transaction names the reservation
    """
    await station.ready()
    await csms.reserve(_OTHER, evse_id=1, number=615)
    second = await csms.reserve(station.token, evse_id=1, number=615)
    check.that(second.outcome, outcome, equals("Accepted"), advice="The same id replaces what was reserved.")
    plugged = await station.plug_in()
    await station.authorise()
    await station.watch(station.pixit.start_time)
    advice = "The token of the second reservation may use the EVSE."
    check.that(taken_up(station.seen.after(plugged.number)), RESERVATION, equals(615), advice=advice)


@test_case(
    "TC_STATION_Reservation_011",
    covers=("TC_H_21_CS",),
    pics=_PICS,
    detects=("station-silent-reservations", "station-ignores-availability", "station-rubber-stamp"),
    lasts=15.0,
)
async def test_an_evse_out_of_service_loses_its_reservation(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station gives up the reservation of an EVSE that goes out of service, and says so.

    Given   an EVSE that is reserved
    when    the CSMS makes it Inoperative
    then    ReservationStatusUpdate tells Removed
    """
    await station.ready()
    await csms.reserve(station.token, evse_id=1, number=616)
    await csms.change_availability(False, 1)
    gone = await csms.expect("ReservationStatusUpdate", within=station.pixit.reaction_time + 5.0)
    told = reading("reservationUpdateStatus")
    check.that(gone, told, equals("Removed"), advice="Tell the CSMS whose driver now finds no EVSE.")
    check.that(gone, RESERVATION, equals(616), advice="Name the reservation that is gone.")
    await csms.change_availability(True, 1)


@test_case(
    "TC_STATION_Reservation_012",
    covers=("TC_H_22_CS",),
    pics=_PICS,
    detects=("station-reserves-blindly", "station-ignores-reservations", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_nothing_is_reserved_while_reservation_is_off(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses reservations while ReservationCtrlr.Enabled is false.

    Given   a station whose reservation can be switched off by the CSMS, and is
    when    the CSMS reserves an EVSE
    then    the answer is Rejected
    """
    await station.ready()
    if await csms.get_variable("ReservationCtrlr", "Enabled") is None:
        raise NotTestable("the station has no ReservationCtrlr.Enabled")
    await csms.set_variable("ReservationCtrlr", "Enabled", False)
    sent = await csms.reserve(station.token, evse_id=1)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Look at ReservationCtrlr.Enabled first.")
    await csms.set_variable("ReservationCtrlr", "Enabled", True)


@test_case(
    "TC_STATION_Reservation_013",
    covers=("TC_H_08_CS",),
    pics=_PICS,
    needs=("plug", "authorise"),
    detects=("station-ignores-reservations", "station-nameless-reservations", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_any_evse_is_reserved_and_taken_up(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps some EVSE for a token that reserved without naming one.

    Given   a station whose ReservationCtrlr.NonEvseSpecific is true
    when    the CSMS reserves without an EVSE, and somebody plugs in and presents that token
    then    the answer is Accepted, and an event of the transaction has the reservationId
    """
    await station.ready()
    if await csms.get_variable("ReservationCtrlr", "NonEvseSpecific") != "true":
        raise NotTestable("the station takes reservations of a named EVSE alone")
    sent = await csms.reserve(station.token, number=617)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="An EVSE is free; see the statusInfo.")
    plugged = await station.plug_in()
    await station.authorise()
    await station.watch(station.pixit.start_time)
    advice = "Put reservationId into the event in which the token is used."
    check.that(taken_up(station.seen.after(plugged.number)), RESERVATION, equals(617), advice=advice)
