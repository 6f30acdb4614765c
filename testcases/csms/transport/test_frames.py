"""What a CSMS makes of messages that are none, or not as they should be (OCPP-J 4)."""

from harness.ocpp.readings import came, outcome, reading
from harness.vocabulary import (
    CSMS,
    Check,
    CsmsUnderTest,
    Observation,
    TesterStation,
    equals,
    one_of,
    satisfies,
    still_serves,
    test_case,
)

NO_FRAMES = (
    ("hello", "no JSON"),
    ("{}", "no array"),
    ("[]", "an empty array"),
    ('[2,"nobody-1"]', "a CALL without action and payload"),
    ('[2,"nobody-2","Heartbeat","now"]', "a CALL whose payload is a text"),
    ('[99,"nobody-3","Heartbeat",{}]', "an unknown message type"),
)
IDS = ("nobody-1", "nobody-2", "nobody-3", "-1")
BROKEN = (
    ("StatusNotification", {}, "without members"),
    ("StatusNotification", {"connectorStatus": "Vacant"}, "with a status that does not exist"),
    ("StatusNotification", {"evseId": "one"}, "with a text in place of a number"),
    ("Authorize", {"idToken": "TEST"}, "with a text in place of an object"),
)
REFUSED = satisfies("a CALLERROR, or nothing", lambda said: said == "Silence" or said.startswith("CALLERROR"))
UNKNOWN = one_of(("CALLERROR NotImplemented", "CALLERROR NotSupported"))
NO_VARIABLES = 450


def accepted(seen: Observation) -> bool:
    """Whether it is a CALLRESULT."""
    return getattr(seen.message, "number", 0) == 3


@test_case(
    "TC_CSMS_Frames_001",
    covers=("OCPP:every-call-is-answered", "OCPP:error-codes"),
    detects=("csms-knows-every-action", "csms-own-error-codes"),
    lasts=5.0,
)
async def test_an_unknown_action_is_refused(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS refuses a request whose action OCPP does not have.

    Given   a booted station
    when    it sends a CALL of the action MakeCoffee
    then    the answer is the CALLERROR NotImplemented or NotSupported, and a heartbeat is answered after it
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    told = await station.call("MakeCoffee", {"sugar": True})
    check.that(
        told.outcome, outcome, UNKNOWN, advice="Answer NotImplemented: a station would wait for its timeout else."
    )
    await still_serves(station, check, "an unknown action")


@test_case(
    "TC_CSMS_Frames_002",
    covers=("OCPP:unreadable-frames", "OCPP:frames"),
    detects="csms-deaf-after-nonsense",
    lasts=10.0,
)
async def test_what_is_no_frame_does_not_disturb(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS survives WebSocket messages that are no OCPP frames.

    Given   a booted station
    when    it sends what is no JSON, no array, no complete CALL, and an unknown message type, one after the other
    then    none of it is accepted, the connection stands, and each heartbeat between is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for text, note in NO_FRAMES:
        sent = await station.send_text(text, note)
        await still_serves(station, check, note)
        taken = station.trace.after(sent.number).sent_by("csms").where(accepted)
        named = [seen for seen in taken if getattr(seen.message, "message_id", "") in IDS]
        check.holds(
            not named,
            expected=f"no CALLRESULT for {note}",
            actual="one came",
            seen=next(iter(named), None),
            advice="Let it go, or refuse it with a CALLERROR.",
        )


@test_case(
    "TC_CSMS_Frames_003",
    covers=("OCPP:payload", "OCPP:error-codes"),
    pics=CSMS.OCPP_21 | CSMS.OCPP_201,
    detects=("csms-checks-no-payload", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_payloads_that_break_their_schema_are_refused(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS takes no request whose payload does not fit its schema.

    Given   a booted station
    when    it sends StatusNotification without members, with an unknown status and with a text for a number, and Authorize
            with a text for an object
    then    none is answered with a CALLRESULT, and the next heartbeat is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    whole = {"timestamp": station.stamp(), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    for action, broken, note in BROKEN:
        payload = {**whole, **broken} if action == "StatusNotification" and broken else broken
        told = await station.call(action, payload)
        check.that(told.outcome, outcome, REFUSED, advice=f"Hold {action} {note} against the schema before taking it.")
    await still_serves(station, check, "payloads that break the schema")


@test_case(
    "TC_CSMS_Frames_004",
    covers=("TC_P_03_CSMS", "OCPP:payload"),
    pics=CSMS.OCPP_21 | CSMS.OCPP_201,
    detects="csms-refuses-custom-data",
    lasts=5.0,
)
async def test_custom_data_of_others_is_let_pass(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS serves requests that carry customData of a vendor it does not know.

    Given   a station that writes customData of its vendor into every request
    when    it boots, beats, tells a state and asks for a token
    then    every request is answered with a CALLRESULT as if there were none
    """
    custom = {"customData": {"vendorId": "org.example.unknown", "depth": {"of": [1, 2]}}}
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    state = {"timestamp": station.stamp(), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    for action, payload in (("Heartbeat", {}), ("StatusNotification", state), ("Authorize", {"idToken": csms.token})):
        told = await station.call(action, {**payload, **custom})
        check.that(told.outcome, accepted, equals(True), advice="Ignore customData whose vendorId you do not know.")


@test_case(
    "TC_CSMS_Frames_005",
    covers=("OCPP:every-call-is-answered", "TC_B_13_CSMS"),
    pics=CSMS.OCPP_21 | CSMS.OCPP_201,
    detects="csms-small-buffers",
    lasts=10.0,
)
async def test_long_messages_are_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes a report of more than 64 kB in one message.

    Given   a booted station with several hundred variables
    when    it sends them in one NotifyReport of more than 64 kB
    then    the report is answered with a CALLRESULT, and the next heartbeat is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    data = [
        {
            "component": {"name": "Vendor", "instance": f"Part{number}"},
            "variable": {"name": "Setting", "instance": "0123456789"},
            "variableAttribute": [{"type": "Actual", "value": "x" * 40, "mutability": "ReadOnly"}],
        }
        for number in range(NO_VARIABLES)
    ]
    report = {"requestId": 1, "generatedAt": station.stamp(), "seqNo": 0, "reportData": data}
    told = await station.call("NotifyReport", report)
    check.that(told.outcome, accepted, equals(True), advice="Reports of a big station are long; take at least 64 kB.")
    await still_serves(station, check, "a long message")


@test_case(
    "TC_CSMS_Frames_006",
    covers=("OCPP:answers", "OCPP:actions"),
    pics=CSMS.OCPP_21 & CSMS.MONITORING,
    detects="csms-answers-sends",
    lasts=5.0,
)
async def test_a_send_is_not_answered(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS answers no SEND, also not one of an event stream that it does not know.

    Given   a booted station
    when    it sends NotifyPeriodicEventStream of an unknown stream as SEND
    then    nothing answers it, neither a CALLRESULT nor a CALLERROR, and the next heartbeat is answered
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    begin = len(station.trace)
    data = [{"t": 0, "v": "230.1"}, {"t": 1, "v": "230.3"}]
    sample = {"id": 4711, "pending": 0, "basetime": station.stamp(), "data": data}
    await station.tell("NotifyPeriodicEventStream", sample)
    await still_serves(station, check, "a SEND")
    answers = [
        seen for seen in station.trace[begin:].sent_by("csms") if getattr(seen.message, "number", 0) in (3, 4, 5)
    ]
    check.holds(
        len(answers) == 1,
        expected="one answer, that to the heartbeat",
        actual=f"{len(answers)} answers",
        seen=next(iter(answers), None),
        advice="A SEND (message type 6) has no answer, whatever is wrong with it.",
    )


@test_case(
    "TC_CSMS_Frames_007",
    covers="OCPP:every-call-is-answered",
    pics=CSMS.OCPP_21 & CSMS.MONITORING,
    needs="send_request",
    detects=("csms-refuses-streams", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_an_event_stream_is_opened(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes the event stream that it has asked for.

    Given   a booted station at which the CSMS has set a periodic monitor with an event stream
    when    the station opens the stream for that monitor, and closes it again
    then    the opening is answered with Accepted, and the closing is answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    power = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
    monitor = {
        **power,
        "value": 5,
        "type": "Periodic",
        "severity": 8,
        "periodicEventStream": {"interval": 5, "values": 5},
    }
    result = {**power, "id": 11, "status": "Accepted", "type": "Periodic", "severity": 8}
    station.answers["SetVariableMonitoring"] = {"setMonitoringResult": [result]}
    asked = await csms.sends("SetVariableMonitoring", {"setMonitoringData": [monitor]})
    check.that(asked, came, equals("SetVariableMonitoring"), requirement="OCPP:ask-as-told")
    params = {"interval": 5, "values": 5}
    stream = {"constantStreamData": {"id": 1, "variableMonitoringId": 11, "params": params}}
    opened = await station.call("OpenPeriodicEventStream", stream)
    check.that(opened.outcome, reading("status"), equals("Accepted"), advice="It was asked for with the monitor.")
    closed = await station.call("ClosePeriodicEventStream", {"id": 1})
    check.that(closed.outcome, accepted, equals(True))


@test_case(
    "TC_CSMS_Frames_008",
    covers=("OCPP:message-ids", "OCPP:answers"),
    detects="csms-truncates-ids",
    lasts=5.0,
)
async def test_answers_carry_the_id_of_their_request(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS answers under the very message id of the request.

    Given   a booted station
    when    it makes requests with ids of 36 characters, of a UUID, and with blanks and marks in them
    then    each is answered under its id
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    name = station.new_transaction()
    for message_id in (name.ljust(36, "x"), f"{name:>8}-a1b2-4c3d-9e8f-0123456789ab"[:36], f" {name} /?&=#\u00e9~"):
        told = await station.call("Heartbeat", message_id=message_id)
        check.that(told.outcome, accepted, equals(True), advice="Copy the id; it has up to 36 characters of any kind.")
