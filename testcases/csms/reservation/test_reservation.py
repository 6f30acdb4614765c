"""Reservations as a CSMS asks for them, and what becomes of them (OCPP 2.x block H)."""

from harness.ocpp.readings import came, members, outcome
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, still_serves, test_case

_RESERVES = CSMS.RESERVATION & (CSMS.OCPP_21 | CSMS.OCPP_201)
_HOUR = 3600.0


@test_case(
    "TC_CSMS_Reservation_001",
    covers=("TC_H_01_CSMS", "OCPP:ask-as-told"),
    pics=_RESERVES,
    needs="send_request",
    detects=("csms-reserves-any", "csms-rubber-stamp"),
    lasts=5.0,
)
async def test_an_evse_is_reserved(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS reserves one EVSE for a token.

    Given   a booted station
    when    the CSMS is made to reserve EVSE 1 for a token for one hour
    then    ReserveNow names the reservation, the EVSE, the token and its end
    """
    await station.power_up(within=csms.pixit.boot_time)
    asked = {"id": 41, "evseId": 1, "idToken": csms.token, "expiryDateTime": station.stamp(-_HOUR)}
    sent = await csms.sends("ReserveNow", asked)
    check.that(sent, members("id", "evseId", "idToken"), equals({"id": 41, "evseId": 1, "idToken": csms.token}))
    check.that(sent, members("expiryDateTime"), equals({"expiryDateTime": asked["expiryDateTime"]}))


@test_case(
    "TC_CSMS_Reservation_002",
    covers=("TC_H_08_CSMS", "TC_H_15_CSMS", "OCPP:ask-as-told"),
    pics=_RESERVES,
    needs="send_request",
    detects=("csms-rubber-stamp",),
    lasts=5.0,
)
async def test_any_evse_is_reserved_and_refusals_are_lived_with(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS reserves any EVSE, and lives with each refusal that there is.

    Given   a booted station that is Occupied, Faulted, Unavailable, and rejects reservations, one after the other
    when    the CSMS is made to reserve without naming an EVSE
    then    ReserveNow without evseId is sent each time, and the station is served as ever
    """
    await station.power_up(within=csms.pixit.boot_time)
    for number, status in enumerate(("Occupied", "Faulted", "Unavailable", "Rejected"), start=51):
        station.answers["ReserveNow"] = {"status": status}
        until = station.stamp(-_HOUR)
        sent = await csms.sends("ReserveNow", {"id": number, "idToken": csms.token, "expiryDateTime": until})
        check.that(sent, members("id", "evseId"), equals({"id": number, "evseId": None}))
    await still_serves(station, check, "refused reservations")


@test_case(
    "TC_CSMS_Reservation_003",
    covers=("TC_H_17_CSMS", "OCPP:ask-as-told"),
    pics=_RESERVES,
    needs="send_request",
    detects=("csms-rubber-stamp",),
    lasts=5.0,
)
async def test_a_reservation_is_cancelled(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS cancels a reservation, and lives with a station that has none.

    Given   a booted station that accepts a cancellation, and then rejects one
    when    the CSMS is made to cancel reservation 41 each time
    then    CancelReservation names it, and the station is served as ever
    """
    await station.power_up(within=csms.pixit.boot_time)
    for status in ("Accepted", "Rejected"):
        station.answers["CancelReservation"] = {"status": status}
        sent = await csms.sends("CancelReservation", {"reservationId": 41})
        check.that(sent, members("reservationId"), equals({"reservationId": 41}))
    await still_serves(station, check, "a cancellation")


@test_case(
    "TC_CSMS_Reservation_004",
    covers=("TC_H_07_CSMS", "TC_H_20_CSMS", "OCPP:every-call-is-answered"),
    pics=_RESERVES,
    detects="csms-mute-reservations",
    lasts=5.0,
)
async def test_the_end_of_a_reservation_is_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes what becomes of reservations, also of one that it does not know.

    Given   a booted station
    when    it tells that a reservation expired, that one was removed, and the same of one that nobody made
    then    each is answered with an empty answer
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for number, said in ((41, "Expired"), (42, "Removed"), (987_654, "Expired")):
        payload = {"reservationId": number, "reservationUpdateStatus": said}
        told = await station.call("ReservationStatusUpdate", payload)
        check.that(told.outcome, outcome, equals("answered"), advice="Take it, whatever the books say.")


@test_case(
    "TC_CSMS_Reservation_005",
    covers=("TC_H_01_CSMS", "OCPP:ask-as-told"),
    pics=CSMS.RESERVATION & CSMS.OCPP_16,
    needs="send_request",
    detects=("csms-rubber-stamp",),
    lasts=5.0,
)
async def test_a_connector_of_1_6_is_reserved(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS reserves a connector of a 1.6 charge point, and cancels the reservation.

    Given   a booted charge point
    when    the CSMS is made to reserve connector 1, and to cancel that
    then    ReserveNow and CancelReservation name the reservation
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers |= {"ReserveNow": {"status": "Accepted"}, "CancelReservation": {"status": "Accepted"}}
    asked = {"connectorId": 1, "idTag": csms.token["idToken"], "reservationId": 41, "expiryDate": station.stamp(-_HOUR)}
    sent = await csms.sends("ReserveNow", asked)
    check.that(
        sent,
        members("connectorId", "idTag", "reservationId"),
        equals({k: v for k, v in asked.items() if k != "expiryDate"}),
    )
    ended = await csms.sends("CancelReservation", {"reservationId": 41})
    check.that(ended, came, equals("CancelReservation"))


@test_case(
    "TC_CSMS_Reservation_006",
    covers=("TC_H_19_CSMS", "OCPP:ask-as-told", "OCPP:every-call-is-answered"),
    pics=_RESERVES,
    needs="send_request",
    detects=("csms-reserves-for-one", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_group_reserves(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS reserves for a group, and takes the transaction in which another member uses the reservation.

    Given   a booted station that accepts reservations
    when    the CSMS is made to reserve EVSE 1 for a token and its group, and a member begins a transaction with it
    then    ReserveNow names the group, and the event that names the reservation is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    station.answers["ReserveNow"] = {"status": "Accepted"}
    group = {"groupIdToken": {"idToken": "TEST-GROUP", "type": "Central"}}
    asked = {"id": 61, "evseId": 1, "idToken": csms.token, "expiryDateTime": station.stamp(-_HOUR), **group}
    sent = await csms.sends("ReserveNow", asked)
    check.that(sent, members("id", "groupIdToken"), equals({"id": 61, **group}))
    name = station.new_transaction()
    begun = await station.event("Started", "Authorized", 0, name, evse=1, idToken=csms.token, reservationId=61)
    check.that(begun.outcome, outcome, equals("Accepted"), requirement="OCPP:every-call-is-answered")
