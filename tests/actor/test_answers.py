"""Answers as limits: which of several endings each of them lets pass."""

import pytest

from harness.actor.answers import answer, failure_of, no_answer, no_negotiation, no_service, response_of
from harness.actor.exchange import response_time_in
from harness.link.observation import Closed, Flooded, Observation, Refused, Silence, Undecodable
from harness.link.trace import Trace
from harness.messages.app_protocol import responseCodeType, supportedAppProtocolReq, supportedAppProtocolRes
from harness.messages.common_messages import AuthorizationSetupReq, PowerDeliveryReq, PowerDeliveryRes
from harness.messages.common_types import MessageHeaderType
from harness.messages.common_types import responseCodeType as Code
from harness.verdict.limits import Limit

HEADER = MessageHeaderType(SessionID=bytes(8), TimeStamp=0)


def seen(message: object, number: int = 1, at: float = 0.0, **more: object) -> Observation:
    return Observation(number, at, "v2g", "secc", message, **more)  # type: ignore[arg-type]


def said(code: Code) -> Observation:
    return seen(PowerDeliveryRes(Header=HEADER, ResponseCode=code))


OK, WARNING, SEQUENCE = said(Code.OK), said(Code.WARNING_StandbyNotAllowed), said(Code.FAILED_SequenceError)
QUIET, GONE, NEVER_THERE = seen(Silence(1.0)), seen(Closed("closed")), seen(Refused("x", "tls", "no"))
GARBAGE, FLOOD = seen(Undecodable("no")), seen(Flooded(1))
REFUSED = seen(supportedAppProtocolRes(ResponseCode=responseCodeType.Failed_NoNegotiation))
AGREED = seen(supportedAppProtocolRes(ResponseCode=responseCodeType.OK_SuccessfulNegotiation, SchemaID=1))
ALL = (OK, WARNING, SEQUENCE, QUIET, GONE, NEVER_THERE, GARBAGE, FLOOD, REFUSED, AGREED)


@pytest.mark.parametrize(
    ("limit", "kept_by"),
    [
        (failure_of(PowerDeliveryReq), (SEQUENCE,)),
        (failure_of(PowerDeliveryReq, "FAILED_UnknownSession"), ()),
        (failure_of(AuthorizationSetupReq), ()),
        (response_of(PowerDeliveryReq), (OK,)),
        (response_of(PowerDeliveryReq, "OK", "WARNING_StandbyNotAllowed"), (OK, WARNING)),
        (response_of(supportedAppProtocolReq), (AGREED,)),
        (no_service(), (SEQUENCE, QUIET, GONE, NEVER_THERE, REFUSED)),
        (no_answer(), (QUIET, GONE, NEVER_THERE)),
        (no_negotiation(), (WARNING, SEQUENCE, QUIET, GONE, NEVER_THERE, GARBAGE, FLOOD, REFUSED)),
    ],
    ids=lambda given: given.expects if isinstance(given, Limit) else "",
)
def test_a_limit_lets_pass_what_it_says(limit: Limit, kept_by: tuple[Observation, ...]) -> None:
    assert tuple(each for each in ALL if limit.holds(answer(each))) == kept_by


def test_an_answer_reads_as_response_and_code_or_as_what_happened() -> None:
    assert str(answer(SEQUENCE)) == "PowerDeliveryRes FAILED_SequenceError"
    assert str(answer(QUIET)) == "nothing for 1.000 s"


def test_the_response_time_runs_from_the_request_before_to_the_first_octet() -> None:
    request = Observation(1, 2.0, "v2g", "evcc", AuthorizationSetupReq(Header=HEADER))
    response = seen(OK.message, 2, 3.0, first_at=2.5)
    assert response_time_in(Trace([request, response]))(response) == 0.5
