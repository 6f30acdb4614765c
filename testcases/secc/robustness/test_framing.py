"""Frames on a stream: cut and joined anyhow, with headers that must not be trusted, beside a second connection."""

from harness.messages.app_protocol import supportedAppProtocolReq
from harness.messages.common_messages import (
    AuthorizationReq,
    AuthorizationSetupReq,
    SessionSetupReq,
)
from harness.vocabulary import (
    Axis,
    Check,
    Evcc,
    InPieces,
    Stage,
    Together,
    answer,
    bad_headers,
    bad_lengths,
    in_sessions_of_their_own,
    next_session_works,
    no_answer,
    no_service,
    response_of,
    satisfies,
    test_case,
)

QUIET = 0.5
"""Seconds in which an SECC that answers at all answers."""
HEADER_ADVICE = (
    "Read version, inverse and payload type before the payload; drop what is not for you, without an answer."
)


@test_case(
    "TC_SECC_V2gtp_001",
    covers="V2G20:v2gtp-reassembly",
    detects="secc-drops-pipelined",
)
async def test_frames_are_found_whatever_the_segmentation(evcc: Evcc, check: Check) -> None:
    """SECC finds frames in a stream, in single octets or several in one segment.

    Given   a connection, and another one on which a session is set up
    when    the EV sends protocol negotiation and session setup octet by octet on the one, and AuthorizationSetupReq and
            AuthorizationReq together in one segment on the other
    then    every request is answered, in the order in which it was sent
    """
    await evcc.reach(supportedAppProtocolReq)
    for kind in (supportedAppProtocolReq, SessionSetupReq):
        slowly = await evcc.ask(evcc.request(kind), faults=(InPieces(1),))
        check.that(
            slowly.outcome,
            answer,
            response_of(kind, when="sent octet by octet"),
            advice="Collect until a frame is whole.",
        )

    await evcc.close()
    await evcc.reach(AuthorizationSetupReq)
    joined = Together(2)
    pair = (AuthorizationSetupReq, AuthorizationReq)
    for each in pair:
        await evcc.tell(evcc.request(each), faults=(joined,))
    for each in pair:
        seen = await evcc.next_event(within=2.25)
        both = response_of(each, when="sent in one segment with another request")
        check.that(seen, answer, both, advice="Go on with what is left of the segment after a frame was taken from it.")


@test_case(
    "TC_SECC_V2gtp_002",
    covers=("V2G20:v2gtp-bad-header", "V2G20:ready-again", "FIELD-HEADER-ERROR-KILLS"),
    detects="secc-answers-garbage",
    lasts=5.0,
)
async def test_frames_with_a_wrong_header_get_no_answer(evcc: Evcc, check: Check) -> None:
    """SECC does not answer frames whose V2GTP header is wrong.

    Given   sessions in which AuthorizationSetupReq is due
    when    the EV sends that request behind a header with a wrong version, a wrong inverse, or a payload type that is
            reserved, not for a session, or the maker's own
    then    no response comes, and the next session works; the frame is dropped rather than the connection
    """
    async for wrong in in_sessions_of_their_own(evcc, AuthorizationSetupReq, bad_headers):
        seen = (await evcc.ask_octets(wrong.octets, wrong.note, within=QUIET)).outcome
        if check.that(seen, answer, no_service(f"to a frame with {wrong.note}"), advice=HEADER_ADVICE):
            nothing = no_answer(f"to a frame with {wrong.note}").because("V2G20:v2gtp-bad-header", confirmed=False)
            check.that(seen, answer, nothing, advice=HEADER_ADVICE)
        kept = satisfies("an open connection", lambda got: not got.closed)
        advice = "One stray frame need not cost the session: drop it and go on."
        check.that(seen, answer, kept, requirement="FIELD-HEADER-ERROR-KILLS", axis=Axis.FIELD, advice=advice)
    await next_session_works(evcc, check, "frames with wrong headers")


@test_case(
    "TC_SECC_V2gtp_003",
    covers=("V2G20:v2gtp-length", "V2G20:ready-again"),
    detects="secc-answers-garbage",
    lasts=3.0,
)
async def test_lengths_are_not_trusted(evcc: Evcc, check: Check) -> None:
    """SECC survives frames whose length is not that of their payload.

    Given   sessions in which AuthorizationSetupReq is due
    when    the EV sends frames with length 0, with 2^32-1, and with one octet more or less than the payload has
    then    none is answered as if it were sound, and the next session works
    """
    async for wrong in in_sessions_of_their_own(evcc, AuthorizationSetupReq, bad_lengths):
        seen = (await evcc.ask_octets(wrong.octets, wrong.note, within=QUIET)).outcome
        advice = "A frame ends where its length says; never reserve memory for octets before they have come."
        check.that(seen, answer, no_service(f"to a frame with {wrong.note}"), advice=advice)
        await next_session_works(evcc, check, wrong.note)


@test_case(
    "TC_SECC_V2gtp_004",
    covers=("V2G20:v2gtp-bad-header", "V2G20:ready-again"),
    detects="secc-answers-garbage",
)
async def test_octets_of_another_protocol_do_no_harm(evcc: Evcc, check: Check) -> None:
    """SECC survives a peer that speaks something else.

    Given   a fresh connection
    when    the peer sends an HTTP request
    then    no V2G response comes, and the next session works
    """
    await evcc.reach(supportedAppProtocolReq)
    sent = await evcc.ask_octets(b"GET / HTTP/1.1\r\nHost: charger\r\n\r\n", "an HTTP request", within=QUIET)
    check.that(sent.outcome, answer, no_answer("to an HTTP request"), advice=HEADER_ADVICE)
    await next_session_works(evcc, check, "an HTTP request")


@test_case(
    "TC_SECC_V2gtp_005",
    covers="V2G20:one-session-per-outlet",
    detects="secc-last-connection-wins",
)
async def test_second_connection_does_not_disturb_the_session(stage: Stage, evcc: Evcc, check: Check) -> None:
    """SECC goes on with its session while somebody else connects.

    Given   a session in which AuthorizationSetupReq is due
    when    a second EV connects and negotiates, however far the SECC lets it
    then    the first session is served as before
    """
    await evcc.reach(AuthorizationSetupReq)
    other = stage.another_evcc()
    await other.negotiate(other.access)
    if other.link is not None:
        await other.ask(other.request(SessionSetupReq), within=QUIET)

    mine = await evcc.ask(evcc.request(AuthorizationSetupReq))
    served = response_of(AuthorizationSetupReq, when="while a second connection stands")
    check.that(
        mine.outcome,
        answer,
        served.because("V2G20:one-session-per-outlet", confirmed=False),
        advice="Keep the state of a session with its connection; refuse a second one, or let it wait.",
    )
    check.that(
        mine.outcome, answer, served, axis=Axis.FIELD, advice="A stray connection must not end a charging session."
    )
