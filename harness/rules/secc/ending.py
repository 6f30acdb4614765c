"""Rules about how sessions and connections end."""

from __future__ import annotations

from harness.link.observation import Closed, Observation
from harness.link.trace import Trace
from harness.messages.common_messages import SessionStopReq, SessionStopRes, chargingSessionType
from harness.rules.context import RuleContext
from harness.rules.replay import steps
from harness.v2g.sequence import failed, is_response
from harness.v2g.timers import TCP_CLOSE
from harness.verdict.check import Check
from harness.verdict.declare import rule
from harness.verdict.verdict import Axis


def _final_responses(trace: Trace) -> list[Observation]:
    """Responses after which nothing may follow on their connection: FAILED, and SessionStop unless it renegotiates."""
    found, stopping = [], False
    for step in steps(trace):
        message = step.seen.message
        if isinstance(message, SessionStopReq):
            stopping = message.ChargingSession is not chargingSessionType.ServiceRenegotiation
        elif is_response(message) and (failed(message) or (isinstance(message, SessionStopRes) and stopping)):
            found.append(step.seen)
    return found


@rule(
    "RULE_Ending_001",
    role="secc",
    link="v2g",
    covers="V2G20:failed-ends-session",
    detects="secc-continues-after-failed",
    exercised_by="TC_SECC_Sequence_001",
)
def nothing_good_follows_the_end(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC serves no further request on a connection whose session has ended."""
    for final in _final_responses(trace):
        later = trace.link("v2g").sent_by("secc").after(final.number).messages
        served = [
            seen
            for seen in later
            if seen.connection == final.connection and is_response(seen.message) and not failed(seen.message)
        ]
        check.holds(
            not served,
            expected=f"no further service after {final.name} (frame {final.number})",
            actual=served[0].name if served else "",
            seen=served[0] if served else None,
            advice="FAILED and SessionStopRes end the session for both sides; only a new connection begins another.",
        )


@rule(
    "RULE_Ending_002",
    role="secc",
    link="v2g",
    covers=("FIELD-TCP-CLOSE-EARLY", "[V2G20-1633]", "[V2G20-1643]"),
    detects="secc-closes-at-once",
    exercised_by="TC_SECC_Sequence_001",
    axis=Axis.FIELD,
)
def the_ev_closes_first(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC leaves it to the EV to close the connection, for 5 s after the final response."""
    for final in _final_responses(trace):
        ends = trace.link("v2g").of(Closed).after(final.number).where(lambda seen: seen.connection == final.connection)  # noqa: B023
        if not ends:
            continue
        ended = ends[0]
        early = (
            ended.sender == "secc" and ended.at - final.at < TCP_CLOSE.seconds - context.pixit.secc.transmission_delay
        )
        check.holds(
            not early,
            expected=f"the connection open for {TCP_CLOSE.seconds:g} s after {final.name}, for the EV to close",
            actual=f"closed by the SECC after {ended.at - final.at:.2f} s",
            seen=ended,
            axis=Axis.FIELD,
            advice="Delay the close; an EV that reads late otherwise misses the final response.",
        )
