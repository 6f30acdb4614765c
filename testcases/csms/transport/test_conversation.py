"""Who may speak when: crossing requests, late, repeated and missing answers, connections that break (OCPP-J 4.1)."""

from harness.ocpp.readings import came, outcome, reading
from harness.vocabulary import (
    CSMS,
    Check,
    CsmsUnderTest,
    TesterStation,
    equals,
    satisfies,
    still_serves,
    test_case,
)

CODES = (
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "GenericError",
    "SecurityError",
    "ProtocolError",
    "FormatViolation",
    "OccurrenceConstraintViolation",
    "PropertyConstraintViolation",
    "TypeConstraintViolation",
    "ThisCodeDoesNotExist",
)
GET_VERSION = "GetLocalListVersion"
NO_ERROR = satisfies(
    "no CALLERROR, and not silence", lambda said: said != "Silence" and not said.startswith("CALLERROR")
)
_ONE = CSMS.OCPP_21 | CSMS.OCPP_201


@test_case(
    "TC_CSMS_Conversation_001",
    covers=("OCPP:every-call-is-answered", "OCPP:one-call"),
    pics=_ONE,
    needs="send_request",
    detects=("csms-one-sided", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_requests_may_cross(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS answers a request while one of its own has no answer yet.

    Given   a station that takes its time to answer GetTransactionStatus
    when    the CSMS is made to send that request, and the station beats meanwhile
    then    the heartbeat is answered at once
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["GetTransactionStatus"] = None
    asked = await csms.sends("GetTransactionStatus", {})
    check.that(asked, came, equals("GetTransactionStatus"), requirement="OCPP:ask-as-told")
    await still_serves(station, check, "a request of its own that has no answer yet")


@test_case(
    "TC_CSMS_Conversation_002",
    covers="OCPP:unasked-answers",
    detects="csms-deaf-after-strays",
    lasts=5.0,
)
async def test_answers_to_nothing_are_let_go(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS lets answers go that it has not asked for.

    Given   a booted station
    when    it sends a CALLRESULT and a CALLERROR with ids that the CSMS has never used
    then    the connection stands, and heartbeats are answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for text in ('[3,"nobody-asked",{}]', '[4,"nobody-asked-either","InternalError","",{}]'):
        await station.send_text(text, "an answer to nothing")
        await still_serves(station, check, "an answer to nothing")


@test_case(
    "TC_CSMS_Conversation_003",
    covers=("OCPP:every-call-is-answered", "OCPP:error-codes"),
    pics=_ONE,
    needs="send_request",
    detects=("csms-sulks", "csms-rubber-stamp"),
    lasts=20.0,
)
async def test_requests_may_be_refused_with_any_code(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS copes with each CALLERROR that a station answers, also with a code that does not exist.

    Given   a booted station
    when    it answers the CSMS's requests with one error code after the other
    then    each further request is sent as asked, and heartbeats are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    for code in CODES:
        station.answers["GetTransactionStatus"] = code
        asked = await csms.sends("GetTransactionStatus", {})
        check.that(
            asked, came, equals("GetTransactionStatus"), advice="A refusal ends one request, not the conversation."
        )
    await still_serves(station, check, "refused requests")


@test_case(
    "TC_CSMS_Conversation_004",
    covers=("OCPP:one-call", "OCPP:unasked-answers"),
    pics=_ONE,
    needs="send_request",
    detects=("csms-waits-for-ever", "csms-rubber-stamp"),
    lasts=60.0,
)
async def test_a_request_that_nobody_answers_is_given_up(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS gives up a request that nobody answers, lets a late answer go, and asks on.

    Given   a booted station that answers GetTransactionStatus long after the CSMS's timeout
    when    the CSMS is made to send that request, and another one after its timeout
    then    the other request is sent, and the late answer disturbs nobody
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["GetTransactionStatus"] = {"messagesInQueue": False}
    station.lateness["GetTransactionStatus"] = csms.pixit.request_timeout + 5.0
    await csms.sends("GetTransactionStatus", {})
    await station.watch(csms.pixit.request_timeout + 1.0)
    asked = await csms.sends("GetVariables", {"getVariableData": [_variable("OCPPCommCtrlr", "HeartbeatInterval")]})
    check.that(asked, came, equals("GetVariables"), advice="Time requests out, and free the place for the next.")
    await station.watch(6.0)
    await still_serves(station, check, "a late answer")


def _variable(component: str, variable: str) -> dict[str, dict[str, str]]:
    return {"component": {"name": component}, "variable": {"name": variable}}


@test_case(
    "TC_CSMS_Conversation_005",
    covers=("OCPP:message-ids", "OCPP:late-events"),
    pics=CSMS.OCPP_21,
    detects="csms-minds-sequence",
    lasts=15.0,
)
async def test_a_request_sent_again_under_its_id_is_answered(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS answers a request again that a station sends again under its old message id.

    Given   a booted station whose connection broke before it saw the answer to a TransactionEvent
    when    it sends the same event with the same message id once more on a new connection
    then    the event is answered, and not refused
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    info = {"transactionId": name, "chargingState": "EVConnected"}
    event = {"eventType": "Started", "triggerReason": "CablePluggedIn", "seqNo": 0, "timestamp": station.stamp()}
    payload = {**event, "transactionInfo": info, "evse": {"id": 1, "connectorId": 1}}
    await station.call("TransactionEvent", payload, message_id=f"{name}-again")
    await station.cut_connection(1.0)
    await station.back(csms.pixit.boot_time + 60.0)
    again = await station.call("TransactionEvent", payload, message_id=f"{name}-again")
    check.that(again.outcome, outcome, NO_ERROR, advice="A retry is no error: answer it, and book nothing twice.")


@test_case(
    "TC_CSMS_Conversation_006",
    covers=("OCPP:every-call-is-answered", "OCPP:ask-as-told"),
    pics=_ONE,
    needs="send_request",
    detects=("csms-waits-for-ever", "csms-asks-nothing", "csms-rubber-stamp"),
    lasts=20.0,
)
async def test_a_connection_may_break_while_an_answer_is_due(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS serves a station that comes back after its connection broke in the middle of a request, and asks it again.

    Given   a station that does not answer GetTransactionStatus
    when    the CSMS has sent that request, and the connection is torn and comes back
    then    heartbeats are answered on the new connection, and a new request is sent on it
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["GetTransactionStatus"] = None
    await csms.sends("GetTransactionStatus", {})
    await station.cut_connection(2.0)
    await station.back(csms.pixit.boot_time + 60.0)
    await still_serves(station, check, "a connection that broke")
    station.answers["GetTransactionStatus"] = {"messagesInQueue": False}
    asked = await csms.sends("GetTransactionStatus", {})
    check.that(asked, came, equals("GetTransactionStatus"), advice="An open request ends with its connection.")


@test_case(
    "TC_CSMS_Conversation_007",
    covers=("OCPP:payload", "OCPP:every-call-is-answered"),
    pics=_ONE,
    needs="send_request",
    detects=("csms-deaf-after-bad-answers", "csms-rubber-stamp"),
    lasts=60.0,
)
async def test_a_bad_answer_disturbs_nobody(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS copes with answers whose payload is not what it asked for.

    Given   a booted station
    when    it answers requests of the CSMS without a status, with an unknown one, and with a number for a text
    then    each further request is sent as asked, and heartbeats are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    for payload in ({}, {"status": "Perhaps"}, {"status": 7}):
        station.answers["ClearCache"] = payload
        asked = await csms.sends("ClearCache", {})
        check.that(asked, came, equals("ClearCache"), advice="A bad answer counts as a refusal; tell it, and go on.")
        await still_serves(station, check, f"the answer {payload}")


@test_case(
    "TC_CSMS_Conversation_008",
    covers="OCPP:every-call-is-answered",
    detects="csms-boots-once",
    lasts=40.0,
)
async def test_a_storm_of_connections_is_survived(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS serves a station that has connected and left again several times in a row.

    Given   a station that boots, loses its connection and boots again, three times
    when    it boots once more
    then    it is accepted, and heartbeats are answered
    """
    await station.connect()
    for _ in range(3):
        await station.boot(within=csms.pixit.boot_time)
        await station.cut_connection(0.5)
        await station.back(csms.pixit.boot_time + 60.0)
    told = await station.boot(within=csms.pixit.boot_time)
    check.that(told.outcome, reading("status"), equals("Accepted"), advice="See what is left of broken connections.")
    await still_serves(station, check, "a storm of connections")


@test_case(
    "TC_CSMS_Conversation_009",
    covers=("OCPP:every-call-is-answered", "OCPP:ask-as-told"),
    pics=_ONE,
    needs=("power_cycle", "send_request"),
    detects=("csms-rubber-stamp", "csms-boots-once"),
    lasts=60.0,
)
async def test_a_restart_of_the_csms_is_survived(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS serves its stations as ever after it was itself restarted.

    Given   a booted station
    when    the CSMS is switched off and on again, and the station comes back and boots
    then    it is accepted, heartbeats are answered, and the CSMS can be made to ask it
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    await csms.power_cycle()
    await station.gone(csms.pixit.boot_time)
    await station.back(csms.pixit.boot_time + 120.0)
    told = await station.boot("Unknown", within=csms.pixit.boot_time)
    check.that(told.outcome, reading("status"), equals("Accepted"), requirement="B01.FR.02")
    await still_serves(station, check, "a restart")
    asked = await csms.sends("GetLocalListVersion", {})
    check.that(asked, came, equals("GetLocalListVersion"), advice="Find the station's new connection.")
