"""Who may speak when, and what comes of frames that are none (OCPP-J 4)."""

from harness.ocpp.readings import outcome, reading, request
from harness.vocabulary import STATION, Check, Csms, Observation, StationUnderTest, Trace, equals, satisfies, test_case

HEARTBEAT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
NO_FRAMES = (
    ("hello", "no JSON"),
    ("{}", "no array"),
    ("[]", "an empty array"),
    ('[2,"tester-short"]', "a CALL without action and payload"),
    ('[2,"tester-text","Reset","now"]', "a CALL whose payload is a text"),
    ('[99,"tester-type","Reset",{}]', "an unknown message type"),
)
_ALIVE = "Let go, or refuse, what cannot be read; keep the connection, and serve the next request."


def told_value(seen: Observation) -> str | None:
    """The value in an answer to GetVariables of one variable."""
    found = reading("getVariableResult")(seen)
    return found[0].get("attributeValue") if isinstance(found, list) and len(found) == 1 else None


def hasty(trace: Trace) -> list[Observation]:
    """The requests that the station made while an earlier one of the same connection had no answer yet."""
    waiting: set[str] = set()
    found = []
    for seen in trace:
        message_id = getattr(seen.message, "message_id", "")
        if seen.sender == "station" and getattr(seen.message, "number", 0) == 2:
            found += [seen] if waiting else []
            waiting.add(message_id)
        elif seen.sender == "csms":
            waiting.discard(message_id)
    return found


@test_case(
    "TC_STATION_Transport_001",
    covers=("OCPP:frames", "OCPP:every-call-is-answered"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-variables", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_what_is_no_frame_does_not_disturb(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station survives WebSocket messages that are no OCPP frames.

    Given   a station that is connected
    when    it is sent what is no JSON, no array, no complete CALL, and an unknown message type, one after the other
    then    the connection stands, and SetVariables and GetVariables between them are carried out as ever
    """
    await station.ready()
    await csms.prepare(
        "OCPPCommCtrlr", "HeartbeatInterval", 70
    )  # a station that takes no value says nothing about frames
    for number, (text, note) in enumerate(NO_FRAMES, start=71):
        await csms.station().send_text(text, note)
        await station.watch(1.0)
        await csms.set_variable("OCPPCommCtrlr", "HeartbeatInterval", number)
        asked = await csms.call("GetVariables", {"getVariableData": [HEARTBEAT]})
        check.that(asked.outcome, told_value, equals(str(number)), advice=f"After {note}: {_ALIVE}")
    await csms.put_back()


@test_case(
    "TC_STATION_Transport_002",
    covers=("OCPP:payload", "OCPP:error-codes"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-resets", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_request_that_breaks_its_schema_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses requests whose payload does not fit their schema.

    Given   a station that is connected
    when    it is sent a Reset without a type, one with a type that does not exist, and one whose type is a number
    then    each is answered with a CALLERROR, or with Rejected, and none is accepted
    """
    await station.ready()
    refused = satisfies("a CALLERROR or Rejected", lambda said: said == "Rejected" or said.startswith("CALLERROR"))
    for payload in ({}, {"type": "Gently"}, {"type": 7}):
        sent = await csms.call("Reset", payload)
        check.that(sent.outcome, outcome, refused, advice=f"Hold {payload} against the schema before acting on it.")


@test_case(
    "TC_STATION_Transport_003",
    covers=("OCPP:one-call",),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs=("plug", "authorise"),
    detects=("station-events-twice",),
    lasts=45.0,
)
async def test_one_request_at_a_time(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station waits for the answer to a request before it makes the next.

    Given   a CSMS that takes 1.5 s for each answer to a TransactionEvent
    when    a transaction begins, and meter values are due
    then    no request of the station comes while an earlier one has no answer
    """
    await station.ready()
    await station.report_every()
    csms.policy = csms.policy.manner("TransactionEvent", delay=1.5)
    mark = len(station.seen)
    await station.charging()
    await station.watch(2 * station.pixit.meter_interval)
    seen = csms.trace.after(mark)
    made = [each for each in seen.sent_by("station") if request(each) is not None]
    check.holds(len(made) > 2, expected="several requests", actual=f"{len(made)}", advice="Tell transactions.")
    early = hasty(seen)
    check.holds(
        not early,
        expected="no request before the answer to the one before",
        actual=", ".join(f"{each.name} (frame {each.number})" for each in early),
        seen=next(iter(early), None),
        advice="Queue what is to be said, and send the next when the answer has come or the timeout is over.",
    )


@test_case(
    "TC_STATION_Transport_004",
    covers=("OCPP:every-call-is-answered", "OCPP:answers"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-slow-answers", "station-ignores-triggers", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_requests_may_cross(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station answers a request while one of its own has no answer yet.

    Given   a station whose heartbeat, asked for by a TriggerMessage, gets no answer
    when    the CSMS asks it for a variable
    then    it answers with the value, within its answer time
    """
    await station.ready()
    csms.policy = csms.policy.silent_on("Heartbeat", first=1)
    await csms.trigger("Heartbeat")
    beat = await csms.expect("Heartbeat", within=station.pixit.answer_time)
    check.that(beat, request, equals({}), requirement="TC_F_20_CS", advice="Send what is triggered.")
    asked = await csms.call("GetVariables", {"getVariableData": [HEARTBEAT]}, within=station.pixit.answer_time)
    some = satisfies("a number of seconds", lambda value: value.isdigit())
    check.that(asked.outcome, told_value, some, advice="One's own open request is no reason to keep others waiting.")
