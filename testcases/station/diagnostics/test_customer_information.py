"""What the station stores of a customer: told, and forgotten when it is asked to (OCPP 2.x N09, N10)."""

from typing import Any

from harness.ocpp.readings import outcome, reading, request
from harness.vocabulary import (
    STATION,
    CallOutcome,
    Check,
    Csms,
    StationUnderTest,
    Token,
    differs,
    equals,
    one_of,
    satisfies,
    test_case,
)

_PICS = (STATION.OCPP_201 | STATION.OCPP_21) & STATION.CUSTOMER_INFORMATION
_TOLD = "Send NotifyCustomerInformation after accepting, with the requestId of the question."


async def ask(csms: Csms, token: Token, number: int, *, report: bool, clear: bool) -> CallOutcome:
    """CustomerInformation about the holder of a token."""
    named: dict[str, Any] = {"idToken": token.id_token, "type": token.type}
    payload = {"requestId": number, "report": report, "clear": clear, "idToken": named}
    return await csms.call("CustomerInformation", payload)


@test_case(
    "TC_STATION_CustomerInformation_001",
    covers=("TC_N_27_CS",),
    pics=_PICS & STATION.LOCAL_LIST,
    detects=("station-ignores-customer-questions", "station-withholds-customer-data", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_what_is_stored_of_a_customer_is_told(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells what it stores of a customer.

    Given   a local list with a token
    when    the CSMS asks for a report about the holder of that token
    then    it is accepted, and NotifyCustomerInformation follows with its requestId, from seqNo 0, with some data
    """
    await station.ready()
    await csms.send_local_list(station.token)
    sent = await ask(csms, station.token, 9101, report=True, clear=False)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The station claims customer information.")
    told = await csms.expect("NotifyCustomerInformation", within=station.pixit.answer_time)
    check.that(told, reading("requestId"), equals(9101), advice=_TOLD)
    check.that(told, reading("seqNo"), equals(0), advice="Parts are numbered from 0.")
    some = satisfies("some data", lambda text: bool(text.strip()))
    check.that(told, reading("data"), some, advice="The token is on the local list.")
    await csms.send_local_list()


@test_case(
    "TC_STATION_CustomerInformation_002",
    covers=("TC_N_28_CS",),
    pics=_PICS,
    detects=("station-ignores-customer-questions", "station-withholds-customer-data", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_a_report_follows_where_nothing_is_stored(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station answers a question about a customer of whom it stores nothing by a report, too.

    Given   a token that the station has never seen
    when    the CSMS asks for a report about its holder
    then    it is accepted, and NotifyCustomerInformation follows with its requestId
    """
    await station.ready()
    sent = await ask(csms, Token("TEST-NEVER-SEEN-01"), 9102, report=True, clear=False)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="That nothing is stored is an answer, no fault.")
    told = await csms.expect("NotifyCustomerInformation", within=station.pixit.answer_time)
    check.that(told, reading("requestId"), equals(9102), advice=_TOLD)


@test_case(
    "TC_STATION_CustomerInformation_003",
    covers=("TC_N_32_CS",),
    pics=_PICS & STATION.AUTHORIZATION_CACHE & STATION.REMOTE_START,
    needs=("plug", "authorise", "unplug"),
    detects=("station-keeps-customer-data", "station-ignores-customer-questions", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_cleared_customer_is_forgotten(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station forgets a customer whom it is told to clear.

    Given   a station that authorises from its cache, and a token that it knows from an earlier transaction
    when    the CSMS clears the data of its holder without a report, and the token is presented again
    then    clearing is accepted, NotifyCustomerInformation confirms it, and the station asks the CSMS about the token
    """
    await station.ready()
    await csms.set_variable("AuthCacheCtrlr", "Enabled", True)
    await csms.set_variable("AuthCtrlr", "LocalPreAuthorize", True)
    await csms.stop_transaction(await station.charging())
    await station.unplug()
    sent = await ask(csms, station.token, 9103, report=False, clear=True)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The station claims customer information.")
    told = await csms.expect("NotifyCustomerInformation", within=station.pixit.answer_time)
    check.that(told, reading("requestId"), equals(9103), advice="Confirm once the data is gone.")
    await station.plug_in()
    presented = await station.authorise()
    asked = await csms.expect("Authorize", within=station.pixit.start_time, after=presented.number)
    check.that(asked, request, differs(None), advice="The cache holds what belongs to the customer: clear it there.")


@test_case(
    "TC_STATION_CustomerInformation_004",
    covers=("TC_N_33_CS", "TC_N_29_CS"),
    pics=_PICS,
    detects=("station-ignores-customer-questions", "station-rubber-stamp"),
    lasts=4.0,
)
async def test_a_question_without_a_wish_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a request that wants neither a report nor clearing.

    Given   a station that is connected
    when    the CSMS sends CustomerInformation with report and clear both false
    then    the answer is Rejected or Invalid
    """
    await station.ready()
    sent = await ask(csms, station.token, 9104, report=False, clear=False)
    check.that(sent.outcome, outcome, one_of(["Rejected", "Invalid"]), advice="There is nothing to do.")
