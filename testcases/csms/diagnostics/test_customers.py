"""How a CSMS asks a station what it knows of a customer, and has that cleared (OCPP 2.x, use cases N09 and N10)."""

from typing import Any

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, test_case

ANY_2 = CSMS.OCPP_21 | CSMS.OCPP_201


def part(station: TesterStation, number: int, position: int, data: str) -> dict[str, Any]:
    """One part of a NotifyCustomerInformation."""
    return {"requestId": number, "seqNo": position, "generatedAt": station.time_stamp(), "data": data}


@test_case(
    "TC_CSMS_Customer_001",
    covers="TC_N_27_CSMS",
    pics=CSMS.CUSTOMER_INFORMATION & ANY_2,
    needs="send_request",
    detects=("csms-mute-customers", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_what_a_station_knows_of_a_customer_is_taken(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS asks for the data of one customer, and takes them in all their parts.

    Given   a booted station
    when    the CSMS is made to ask what it knows of a token, and the station tells it in two parts
    then    CustomerInformation asks for a report about that token and to clear nothing, and both parts are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["CustomerInformation"] = {"status": "Accepted"}
    asked = {"requestId": 67, "report": True, "clear": False, "idToken": csms.token}
    sent = await csms.sends("CustomerInformation", asked)
    check.that(sent, reading("report"), equals(True))
    check.that(sent, reading("clear"), equals(False), advice="A request to report must not clear anything.")
    check.that(sent, reading("idToken.idToken"), equals(csms.token["idToken"]))
    number = reading("requestId")(sent) or 67
    parts = [part(station, number, 0, "cache: Accepted"), part(station, number, 1, "list: none")]
    for told in await station.tell_parts("NotifyCustomerInformation", parts):
        check.that(told.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Customer_002",
    covers=("TC_N_30_CSMS", "TC_N_32_CSMS", "TC_N_62_CSMS"),
    pics=CSMS.CUSTOMER_INFORMATION & ANY_2,
    needs="send_request",
    detects=("csms-forgets-to-clear", "csms-mute-customers", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_the_data_of_a_customer_are_cleared(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS has the data of a customer cleared, and takes the word that they are.

    Given   a booted station
    when    the CSMS is made to clear what it knows of a customer, by an identifier
    then    CustomerInformation asks to clear, names the customer, and the station's last word is answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["CustomerInformation"] = {"status": "Accepted"}
    asked = {"requestId": 68, "report": False, "clear": True, "customerIdentifier": "customer-1"}
    sent = await csms.sends("CustomerInformation", asked)
    check.that(sent, reading("clear"), equals(True))
    check.that(sent, reading("customerIdentifier"), equals("customer-1"), requirement="TC_N_62_CSMS")
    number = reading("requestId")(sent) or 68
    for told in await station.tell_parts("NotifyCustomerInformation", [part(station, number, 0, "cleared")]):
        check.that(told.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Customer_003",
    covers=("TC_N_29_CSMS", "OCPP:goes-on-after-refusals"),
    pics=CSMS.CUSTOMER_INFORMATION & ANY_2,
    needs="send_request",
    detects=("csms-stunned-by-refusals", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_station_that_tells_nothing_of_customers_is_served_on(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS goes on where a station refuses to tell of a customer.

    Given   a station that answers CustomerInformation with Rejected
    when    the CSMS is made to ask about a token
    then    the request comes, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["CustomerInformation"] = {"status": "Rejected"}
    asked = {"requestId": 69, "report": True, "clear": False, "idToken": csms.token}
    sent = await csms.sends("CustomerInformation", asked)
    check.that(sent, reading("idToken.idToken"), equals(csms.token["idToken"]))
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))
