"""Timers of the SECC: how long it waits for the EV, and how soon it answers."""

from harness.messages.common_messages import (
    AuthorizationReq,
    AuthorizationRes,
    AuthorizationSetupReq,
    ScheduleExchangeReq,
    ServiceDetailRes,
    SessionStopReq,
)
from harness.messages.common_types import processingType
from harness.messages.dc import (
    DC_CableCheckReq,
    DC_CableCheckRes,
    DC_ChargeLoopReq,
    DC_ChargeParameterDiscoveryReq,
    DC_PreChargeRes,
)
from harness.v2g.readings import processing
from harness.vocabulary import (
    SECC,
    Check,
    Evcc,
    SeccUnderTest,
    answer,
    at_most,
    equals,
    no_service,
    response_of,
    response_time_in,
    satisfies,
    test_case,
)

SEQUENCE_TIMEOUT = 60.0
LOOP_SEQUENCE_TIMEOUT = 0.5
TCP_CLOSE_TIME = 5.0
STILL_ALIVE = 55.0
STILL_LOOPING = 0.4
SLACK, LOOP_SLACK = 1.0, 0.5
"""Seconds within which an SECC acts on a timer that has expired; in the charge loop it is quicker."""


@test_case(
    "TC_SECC_Timing_001",
    covers=("[V2G20-443]", "[V2G20-1500]", "V2G20:timing-sequence"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-no-sequence-timeout", "secc-short-sequence-timeout"),
    lasts=250.0,
)
async def test_sequence_timer_outside_the_loop(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC waits 60 s for the next request outside the charge loop, and then ends the session.

    Given   sessions in which authorization setup, and charge parameter discovery, are due
    when    the EV keeps silent for 55 s, sends the request that is due, and keeps silent for more than 60 s
    then    the request is served, and after the second silence the session is over
    """
    silence = SEQUENCE_TIMEOUT + secc.pixit.transmission_delay + SLACK
    for due, following in (
        (AuthorizationSetupReq, AuthorizationReq),
        (DC_ChargeParameterDiscoveryReq, ScheduleExchangeReq),
    ):
        await evcc.close()
        await evcc.reach(due)
        await evcc.keep_silent(STILL_ALIVE)
        alive = await evcc.ask(evcc.request(due))
        advice = "The sequence timer runs for 60 s from each response; the EV may use them."
        check.that(alive.outcome, answer, response_of(due, when=f"after {STILL_ALIVE:g} s of silence"), advice=advice)
        await judge_expiry(evcc, check, silence, following)


@test_case(
    "TC_SECC_Timing_002",
    covers=("V2G20:timing-loop-sequence", "[V2G20-1500]", "FIELD-LOOP-SEQUENCE-TIMER"),
    pics=SECC.DC | SECC.DC_BPT,
    detects="secc-flat-sequence-timeout",
    lasts=5.0,
)
async def test_sequence_timer_in_the_loop(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC waits 0.5 s for the next request in the charge loop, and then ends the session.

    Given   a session in the charge loop
    when    the EV sends three requests 0.4 s apart, and then nothing
    then    the three are served, and soon after 0.5 s of silence the session is over
    """
    loop = await evcc.charge_loop()
    for _ in range(3):
        await evcc.keep_silent(STILL_LOOPING)
        turn = await loop.try_turn()
        served = response_of(DC_ChargeLoopReq, when=f"after {STILL_LOOPING:g} s of silence")
        check.that(
            turn.outcome, answer, served, advice="An EV may take up to 0.5 s from a loop response to its next request."
        )
    silence = LOOP_SEQUENCE_TIMEOUT + secc.pixit.transmission_delay + LOOP_SLACK
    await judge_expiry(evcc, check, silence, DC_ChargeLoopReq)


@test_case(
    "TC_SECC_Timing_003",
    covers=("[V2G20-1643]", "[V2G20-1633]", "[V2G20-460]"),
    pics=SECC.DC | SECC.DC_BPT,
    detects="secc-never-closes",
    lasts=20.0,
)
async def test_connection_is_closed_after_the_final_response(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC closes the connection itself when the EV does not, 5 s after the final response.

    Given   a session that the EV stopped, and one that ended with a FAILED response
    when    the EV leaves the connection open
    then    the SECC closes it about 5 s after its final response
    """
    patience = TCP_CLOSE_TIME + secc.pixit.transmission_delay + SLACK
    for session_id, code, requirement in (
        (None, "OK", "V2G20:response-code-of-message"),
        (bytes(8), "FAILED_UnknownSession", "[V2G20-460]"),
    ):
        await evcc.close()
        await evcc.charge_loop()
        await evcc.stop_power()
        stop = evcc.request(SessionStopReq, SessionID=session_id or evcc.session.session_id)
        final = await evcc.ask(stop)
        check.that(final.outcome, answer, response_of(SessionStopReq, code), requirement=requirement)
        ended = await evcc.next_event(within=patience)
        closed = satisfies(f"a close within {TCP_CLOSE_TIME:g} s after {code}", lambda got: got.closed)
        check.that(
            ended, answer, closed, advice="An EV that is gone leaves a half-open connection; do not wait for it."
        )


@test_case(
    "TC_SECC_Timing_004",
    covers=("V2G20:timing-polled-response", "V2G20:timing-response", "[V2G20-1500]"),
    pics=SECC.DC | SECC.DC_BPT,
    detects="secc-slow-response",
    lasts=3.0,
)
async def test_responses_come_soon_enough(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC answers within 1.5 s outside the charge loop.

    Given   an ordinary EV
    when    it goes from protocol negotiation to the charge loop
    then    every response on the way comes within 1.5 s (4.5 s for service details)
    """
    await evcc.reach(DC_ChargeLoopReq)

    margin = secc.pixit.transmission_delay
    took = response_time_in(evcc.trace)
    polled = evcc.trace.of(AuthorizationRes, DC_CableCheckRes, DC_PreChargeRes)
    details = evcc.trace.of(ServiceDetailRes)
    others = evcc.trace.sent_by("secc").messages.where(lambda seen: seen not in polled and seen not in details)
    advice = "Prepare what takes long before the request comes, or answer Ongoing where the message can."
    for responses, seconds, confirmed in ((polled, 1.5, True), (others, 1.5, False), (details, 4.5, False)):
        limit = at_most(seconds, "s", tolerance=margin).because("V2G_SECC_Msg_Performance_Time", confirmed=confirmed)
        check.every(responses, took, limit, advice=advice)


@test_case(
    "TC_SECC_Timing_005",
    covers=("V2G20:timing-ongoing-secc", "V2G20:timing-cable-check"),
    pics=SECC.DC | SECC.DC_BPT,
    detects="secc-ongoing-forever",
    lasts=3.0,
)
async def test_phases_that_are_polled_come_to_an_end(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC finishes schedule exchange and cable check in the time that it has for them.

    Given   a session in which schedule exchange is due
    when    the EV polls with ScheduleExchangeReq and then with DC_CableCheckReq
    then    the first is Finished within 55 s, and the second within the maker's time, at most 40 s
    """
    await evcc.reach(ScheduleExchangeReq)
    finished = equals(processingType.Finished)
    for kind, seconds, confirmed in (
        (ScheduleExchangeReq, secc.pixit.schedule_duration, True),
        (DC_CableCheckReq, secc.pixit.cable_check_duration, False),
    ):
        last = (await evcc.try_poll(kind, within=seconds + secc.pixit.transmission_delay))[-1]
        check.that(
            last.outcome, answer, response_of(kind, "OK"), advice="A phase that is polled goes on until it is done."
        )
        limit = finished.because(f"{seconds:g} s by the PIXIT", confirmed=confirmed)
        advice = f"{kind.__name__} was still polled after {seconds:g} s; an EV gives up then."
        if not check.that(last.outcome, processing, limit, advice=advice):
            break


async def judge_expiry(evcc: Evcc, check: Check, silence: float, due: type) -> None:
    """Keep silent for too long, then send what was due; nothing may be served."""
    event = await evcc.next_event(within=silence)
    if not answer(event).closed:
        event = (await evcc.ask(evcc.request(due), within=0.5)).outcome
    advice = "Start the sequence timer when a response is sent, and end the session when it expires."
    over = no_service(f"after {silence:g} s of silence while {due.__name__} is due")
    check.that(event, answer, over, advice=advice)
