"""Rules about the order of messages and who they belong to."""

from __future__ import annotations

from harness.link.observation import Closed, Event, Observation
from harness.link.trace import Trace
from harness.messages.app_protocol import supportedAppProtocolReq
from harness.messages.common_types import responseCodeType
from harness.rules.context import RuleContext
from harness.rules.replay import answered
from harness.rules.secc.judged import judge_kinds
from harness.v2g.sequence import failed
from harness.v2g.violation import Kind
from harness.verdict.check import Check
from harness.verdict.declare import rule


@rule(
    "RULE_Session_001",
    role="secc",
    link="v2g",
    covers="[V2G20-459]",
    detects=("secc-answers-with-wrong-type", "secc-speaks-unasked"),
    exercised_by="TC_SECC_Session_001",
)
def response_belongs_to_its_request(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC answers each request with its own response type, and says nothing unasked."""
    judge_kinds(
        trace, check, Kind.RESPONSE_TYPE, advice="Answer with the response of the request's own type, once, when asked."
    )


@rule(
    "RULE_Session_002",
    role="secc",
    link="v2g",
    covers="[V2G20-460]",
    detects=("secc-changes-session-id", "secc-zero-session-id"),
    exercised_by="TC_SECC_Session_001",
)
def session_id_is_kept(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC gives a session a fresh id that is not zero, and uses it in every response."""
    judge_kinds(trace, check, Kind.SESSION_ID, advice="Set the header's SessionID from the session, in every response.")


@rule(
    "RULE_Session_003",
    role="secc",
    link="v2g",
    covers=("[V2G20-459]", "[V2G20-460]", "[V2G20-464]"),
    detects=("secc-accepts-wrong-session-id", "secc-ignores-sequence", "secc-accepts-unknown-service"),
    exercised_by=("TC_SECC_SessionId_001", "TC_SECC_Sequence_001", "TC_SECC_ServiceDetail_002"),
)
def response_code_fits_the_request(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC answers a wrong request with the code for what is wrong, and a right one without an accusation."""
    judge_kinds(
        trace,
        check,
        Kind.RESPONSE_CODE,
        advice="Check sequence, then session id, then content, and answer with the code for the first that is wrong.",
    )


@rule(
    "RULE_Session_004",
    role="secc",
    link="v2g",
    covers="V2G20:response-code-of-message",
    detects="secc-fails-legal-request",
    exercised_by="TC_SECC_Session_001",
)
def legal_request_is_served(trace: Trace, check: Check, context: RuleContext) -> None:
    """SECC does not answer a legal request with FAILED, nor end the connection instead of an answer."""
    endings = {seen.connection: seen for seen in trace.link("v2g").sent_by("secc") if isinstance(seen.message, Closed)}
    for pair in answered(trace):
        if not pair.legal or isinstance(pair.request.message, supportedAppProtocolReq):
            continue  # whether a protocol is spoken is the device's own affair
        if pair.response is not None:
            _judge_answer(check, pair.response)
        elif (ended := endings.get(pair.request.connection)) is not None and not _something_between(
            trace, pair.request, ended
        ):
            check.holds(
                False,
                expected=f"a response to {pair.request.name}",
                actual=str(ended.message),
                seen=ended,
                advice="See in the SECC's log why it closed; a problem it has is told with a FAILED response first.",
            )


def _judge_answer(check: Check, response: Observation) -> None:
    code = getattr(response.message, "ResponseCode", None)
    check.holds(
        not failed(response.message) or code in _NOT_OFFERED,
        expected=f"{response.name} without FAILED, for the request was legal",
        actual=str(code.value) if code is not None else "",
        seen=response,
        confirmed=False,  # a device may have a reason of its own, such as a fault of its power stage
        advice="See in the SECC's log what it disliked; a device that has a reason of its own tells it by notification.",
    )


_NOT_OFFERED = (
    responseCodeType.FAILED_PauseNotAllowed,
    responseCodeType.FAILED_NoServiceRenegotiationSupported,
    responseCodeType.FAILED_ScheduleRenegotiation,
)
"""What a device says to a legal wish for something it does not offer."""


def _something_between(trace: Trace, request: Observation, ended: Observation) -> bool:
    """Whether the tester did anything else before the connection ended, so that the end is no answer."""
    later = trace.link("v2g").where(
        lambda seen: seen.connection == request.connection and request.number < seen.number < ended.number
    )
    return any(seen.sender != "secc" or isinstance(seen.message, Event) for seen in later)
