"""Rules about time, measured on the wire: last octet of the request to first octet of the response."""

from __future__ import annotations

from collections.abc import Iterator

from harness.link.observation import Closed, Observation
from harness.link.trace import Trace
from harness.messages import dc
from harness.rules.context import RuleContext
from harness.rules.replay import Answered, answered
from harness.rules.secc.judged import judge_kinds
from harness.v2g.timers import Timer, evcc_message_timeout, secc_message_performance
from harness.v2g.violation import Kind
from harness.verdict.check import Check
from harness.verdict.declare import rule
from harness.verdict.verdict import Axis

_LOOP = dc.DC_ChargeLoopReq


def _turnaround(pair: Answered) -> float | None:
    if pair.response is None:
        return None
    arrived = pair.response.at if pair.response.first_at is None else pair.response.first_at
    return arrived - pair.request.at


def _timed(trace: Trace, *, loop: bool) -> Iterator[tuple[Answered, float]]:
    for pair in answered(trace):
        took = _turnaround(pair)
        if took is not None and isinstance(pair.request.message, _LOOP) is loop:
            yield pair, took


def _judge(check: Check, pair: Answered, took: float, timer: Timer, margin: float, *, axis: Axis) -> None:
    check.holds(
        took <= timer.seconds + margin,
        expected=f"{pair.request.name} answered within {timer.seconds:g} s ({timer.name}, + {margin:g} s for the wire)",
        actual=f"{took:.3f} s",
        seen=pair.response,
        confirmed=timer.confirmed,
        axis=axis,
        advice="Look at what the SECC waits for before it answers; prepare the answer before the request comes.",
    )


@rule(
    "RULE_Timing_001",
    role="secc",
    link="v2g",
    covers=("V2G20:timing-response", "V2G20:timing-polled-response", "V2G20:timing-slow-response"),
    detects="secc-slow-response",
    exercised_by="TC_SECC_Session_001",
)
def responses_come_in_time(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC answers within its message performance time outside the charge loop."""
    for pair, took in _timed(trace, loop=False):
        timer = secc_message_performance(type(pair.request.message))
        _judge(check, pair, took, timer, context.pixit.secc.transmission_delay, axis=Axis.CONFORMANCE)


@rule(
    "RULE_Timing_002",
    role="secc",
    link="v2g",
    covers=("V2G20:timing-loop-response", "[V2G20-1500]"),
    detects="secc-slow-loop",
    exercised_by="TC_SECC_Session_001",
)
def loop_responses_come_in_time(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC answers in the charge loop within 0.25 s."""
    for pair, took in _timed(trace, loop=True):
        timer = secc_message_performance(_LOOP)
        _judge(check, pair, took, timer, context.pixit.secc.transmission_delay, axis=Axis.CONFORMANCE)


@rule(
    "RULE_Timing_003",
    role="secc",
    link="v2g",
    covers="FIELD-LOOP-RESPONSE-MARGIN",
    detects="secc-sluggish-loop",
    exercised_by="TC_SECC_Session_001",
    axis=Axis.FIELD,
)
def loop_responses_leave_room(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC answers in the charge loop within its performance time without any allowance for the wire."""
    for pair, took in _timed(trace, loop=True):
        _judge(check, pair, took, secc_message_performance(_LOOP), 0.0, axis=Axis.FIELD)


@rule(
    "RULE_Timing_004",
    role="secc",
    link="v2g",
    covers="[V2G20-436]",
    detects="secc-hangs",
    exercised_by="TC_SECC_Session_001",
)
def every_request_gets_something(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC answers every request that is due, or closes, before the EV's message timeout.

    Content that it does not like is refused with a code. What was altered on its way or is out of order is for the cases
    that sent it.
    """
    for pair in answered(trace):
        if not pair.due:
            continue
        silent = pair.response is None and _kept_waiting(trace, pair.request)
        limit = evcc_message_timeout(type(pair.request.message))
        check.holds(
            not silent,
            expected=f"a response to {pair.request.name} within {limit.seconds:g} s ({limit.name})",
            actual="silence on an open connection",
            seen=pair.request,
            advice="A request must never be left without an answer; see whether the SECC's task for it still runs.",
        )


def _kept_waiting(trace: Trace, request: Observation) -> bool:
    """Whether silence was observed after the request, before anything else happened on its connection."""
    later = trace.link("v2g").after(request.number).where(lambda seen: seen.connection == request.connection)
    first = later[0] if later else None
    return first is not None and first.name == "Silence" and not isinstance(first.message, Closed)


@rule(
    "RULE_Timing_005",
    role="secc",
    link="v2g",
    covers=("[V2G20-443]", "V2G20:timing-ongoing-secc"),
    detects="secc-slow-cable-check",
    exercised_by="TC_SECC_Session_001",
)
def phases_end_in_time(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC finishes a polled phase within its ongoing time, and does not go on after a sequence timeout."""
    judge_kinds(
        trace,
        check,
        Kind.TIMING,
        margin=context.pixit.secc.transmission_delay,
        advice="Bound every phase that answers Ongoing; end the session when the EV has been silent too long.",
    )
