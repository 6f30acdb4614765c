"""The pace of the charge loop."""

from harness.messages.dc import DC_ChargeLoopReq
from harness.vocabulary import (
    SECC,
    Axis,
    Check,
    Evcc,
    Exchange,
    SeccUnderTest,
    answer,
    response_of,
    test_case,
)

PERFORMANCE = 0.25
"""Seconds within which the SECC answers a loop request."""


def percentile(times: list[float], share: float) -> float:
    """The value that `share` of the times do not exceed."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


@test_case(
    "TC_SECC_Loop_001",
    covers=("V2G20:timing-loop-response", "[V2G20-1500]", "FIELD-LOOP-RESPONSE-MARGIN"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-slow-loop", "secc-sluggish-loop"),
    lasts=9.0,
)
async def test_loop_responses_come_within_a_quarter_second(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC answers in the charge loop within 0.25 s.

    Given   a session in the charge loop
    when    the EV sends 30 requests, one every 0.2 s or as soon as the last is answered
    then    the slowest response comes within 0.25 s and the wire's allowance; nineteen of twenty without it (field)
    """
    loop = await evcc.charge_loop()
    exchanges: list[Exchange] = [await loop.try_turn() for _ in range(30)]
    times = [each.turnaround for each in exchanges if each.turnaround is not None]
    check.holds(
        len(times) == len(exchanges),
        expected=f"a response to each of {len(exchanges)} loop requests",
        actual=f"{len(times)}",
        seen=exchanges[-1].outcome,
    )
    slowest = max(exchanges, key=lambda each: each.turnaround or 0.0)
    figures = ", ".join(f"{name} {1000 * percentile(times or [0.0], share):.0f} ms" for name, share in _SHARES)
    limit = PERFORMANCE + secc.pixit.transmission_delay
    check.holds(
        (slowest.turnaround or 0.0) <= limit,
        expected=f"every response within {limit:g} s",
        actual=figures,
        seen=slowest.outcome,
        advice="Answer from values that another task keeps ready; do not measure or write logs before answering.",
    )
    check.holds(
        percentile(times or [0.0], 0.95) <= PERFORMANCE,
        expected=f"95 % of the responses within {PERFORMANCE:g} s",
        actual=figures,
        seen=slowest.outcome,
        requirement="FIELD-LOOP-RESPONSE-MARGIN",
        axis=Axis.FIELD,
        advice="An EV gives up after 0.5 s; a slower wire or EV uses up what is left.",
    )


_SHARES = (("half", 0.5), ("95 %", 0.95), ("slowest", 1.0))


@test_case(
    "TC_SECC_Loop_002",
    covers=("V2G20:timing-loop-sequence", "V2G20:one-response"),
    pics=SECC.DC | SECC.DC_BPT,
    detects="secc-gives-the-loop-up",
    lasts=63.0,
)
async def test_the_loop_is_stable_for_a_minute(evcc: Evcc, check: Check) -> None:
    """SECC stays in the charge loop as long as the EV goes on.

    Given   a session in the charge loop
    when    the EV goes on for a minute at a pace of 0.2 s
    then    every response is OK
    """
    loop = await evcc.charge_loop()
    last = await loop.endure(60.0)
    check.that(last.outcome, answer, response_of(DC_ChargeLoopReq), advice="See what ended the loop at this frame.")
    check.every(loop.responses, answer, response_of(DC_ChargeLoopReq))


@test_case(
    "TC_SECC_Loop_003",
    covers=("V2G20:timing-loop-sequence", "FIELD-LOOP-PACE"),
    pics=SECC.DC | SECC.DC_BPT,
    detects="secc-short-loop-timeout",
    lasts=6.5,
)
async def test_a_request_after_0_45_s_is_still_served(evcc: Evcc, check: Check) -> None:
    """SECC waits in the charge loop as long as the standard says.

    Given   a session in the charge loop
    when    the EV sends its requests 0.45 s after the last response, eight times
    then    every response is OK
    """
    loop = await evcc.charge_loop()
    evcc.policy = evcc.policy.replace(loop_period=0.45)
    exchanges = [await loop.try_turn() for _ in range(8)]
    for each in exchanges:
        check.that(
            each.outcome,
            answer,
            response_of(DC_ChargeLoopReq, when="to a request 0.45 s after the last"),
            advice="V2G_SECC_Sequence_Timeout in the loop is 0.5 s, counted from the response.",
        )
