"""Session setup: ids, names, and an ordinary session from end to end."""

from itertools import combinations

from harness.messages.common_messages import AuthorizationSetupReq, SessionSetupReq
from harness.v2g.readings import evse_id, response_code_name, session_id
from harness.vocabulary import (
    SECC,
    Check,
    Evcc,
    SeccUnderTest,
    answer,
    differs,
    equals,
    response_of,
    satisfies,
    test_case,
)

NO_SESSION = bytes(8)
SESSIONS = 4
LEAST_DISTANCE = 8
"""Bits in which two random ids of 64 bits differ all but certainly; counters and timers differ in fewer."""


@test_case(
    "TC_SECC_Session_001",
    covers=("V2G20:response-matches-request", "V2G20:one-response", "[V2G20-734]", "V2G20:welding-detection-optional"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-fails-legal-request", "secc-answers-with-wrong-type"),
    lasts=6.0,
)
async def test_ordinary_session_is_served_from_end_to_end(evcc: Evcc, check: Check) -> None:
    """SECC serves an ordinary session from protocol negotiation to session stop.

    Given   an ordinary EV that takes the best DC service that the SECC claims
    when    it goes through setup, authorisation, services, parameters, schedule, cable check, precharge, two seconds of
            charge loop with meter readings asked for, stop, welding detection and session stop
    then    every request is answered by its own response with an OK code
    """
    ended_early = await evcc.whole_session(seconds=2, MeterInfoRequested=True)

    check.holds(
        not ended_early,
        expected="a session that goes on to its ordinary end",
        actual=ended_early,
        seen=evcc.trace.sent_by("secc").last,
        advice="See the last frames of the ladder: an ordinary EV did not get beyond them.",
    )
    responses = evcc.trace.sent_by("secc").messages
    fine = satisfies("a code that begins with OK", lambda code: code.startswith("OK"))
    check.every(
        responses, response_code_name, fine, advice="An ordinary session holds no reason for FAILED or WARNING."
    )


@test_case(
    "TC_SECC_Session_002",
    covers=("[V2G20-2106]", "[V2G20-835]", "V2G20:session-setup-code", "FIELD-WEAK-RANDOM"),
    detects=(
        "secc-counts-session-ids",
        "secc-repeats-session-ids",
        "secc-zero-session-id",
        "secc-plain-ok-to-setup",
    ),
)
async def test_every_session_gets_a_fresh_random_id(evcc: Evcc, check: Check) -> None:
    """SECC gives every new session a random SessionID that is not zero.

    Given   an EV without an old session
    when    it sets up four sessions one after the other
    then    each is answered OK_NewSessionEstablished, with ids that are not zero and differ in many bits
    """
    setups = [await evcc.begin_anew() for _ in range(SESSIONS)]

    new = response_of(SessionSetupReq, "OK_NewSessionEstablished")
    check.every(setups, answer, new, advice="SessionID zero asks for a new session; plain OK is no answer to it.")
    check.every(setups, session_id, differs(NO_SESSION), advice="Zero means that there is no session.")
    ids = [found for seen in setups if (found := session_id(seen)) is not None]
    for one, other in combinations(ids, 2):
        check.holds(
            distance(one, other) > LEAST_DISTANCE,
            expected=f"ids that differ in more than {LEAST_DISTANCE} of 64 bits, as random ones do",
            actual=f"{one.hex()} and {other.hex()}",
            seen=setups[-1],
            advice="Draw the id from a cryptographically secure generator; a counter or a clock can be guessed.",
        )


@test_case(
    "TC_SECC_Session_003",
    covers=("V2G20:resume-unknown-session", "[V2G20-2106]"),
    detects=("secc-joins-anybody",),
)
async def test_unknown_old_session_begins_a_new_one(evcc: Evcc, check: Check) -> None:
    """SECC begins a new session for an EV that comes back with an id it never gave.

    Given   a connection with a negotiated protocol
    when    the EV sends SessionSetupReq with a SessionID that belongs to no session
    then    the SECC answers OK_NewSessionEstablished with another id that is not zero, and serves that session
    """
    foreign = bytes.fromhex("7c0ffee1decade05")
    await evcc.reach(SessionSetupReq)
    setup = await evcc.ask(evcc.request(SessionSetupReq, SessionID=foreign))

    advice = "Join only sessions that this SECC paused, for the same EV; everybody else gets a new session."
    check.that(setup.outcome, answer, response_of(SessionSetupReq, "OK_NewSessionEstablished"), advice=advice)
    check.that(setup.outcome, session_id, differs(foreign), advice=advice)
    check.that(setup.outcome, session_id, differs(NO_SESSION), advice=advice)
    following = await evcc.ask(evcc.request(AuthorizationSetupReq))
    check.that(
        following.outcome, answer, response_of(AuthorizationSetupReq), advice="The new session starts from the top."
    )


@test_case(
    "TC_SECC_Session_004",
    covers=("V2G20:exi-schema", "V2G20:response-matches-request"),
    detects=("secc-changes-evse-id", "secc-empty-evse-id"),
)
async def test_evse_id_names_the_outlet(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC names its outlet by the same EVSEID in every session.

    Given   an EV without an old session
    when    it sets up two sessions
    then    both responses carry the EVSEID of the device description, or the same non-empty one where it names none
    """
    setups = [await evcc.begin_anew() for _ in range(2)]

    expected = secc.pixit.evse_id or evse_id(setups[0])
    filled = satisfies("1 to 255 characters", lambda found: 0 < len(found) <= 255)
    check.every(setups, evse_id, filled, advice="EVSEID is how the EV and its back end know the outlet.")
    check.every(setups, evse_id, equals(expected), advice="See pixit.secc.evse_id; the id belongs to the outlet.")


def distance(one: bytes, other: bytes) -> int:
    """The number of bits in which two ids differ."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()
