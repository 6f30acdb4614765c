"""Requests out of sequence, state by state: the right refusal, and the end of the session."""

from harness.messages.app_protocol import supportedAppProtocolReq
from harness.messages.common_messages import (
    AuthorizationReq,
    AuthorizationSetupReq,
    PowerDeliveryReq,
    ScheduleExchangeReq,
    ServiceDetailReq,
    ServiceDiscoveryReq,
    ServiceSelectionReq,
    SessionSetupReq,
)
from harness.messages.dc import (
    DC_CableCheckReq,
    DC_ChargeLoopReq,
    DC_ChargeParameterDiscoveryReq,
    DC_PreChargeReq,
    DC_WeldingDetectionReq,
)
from harness.vocabulary import SECC, Check, Evcc, answer, failure_of, no_service, response_of, test_case

ADVICE = "Answer with the response that belongs to the request, and FAILED_SequenceError in it."
SEQUENCE_ERROR = "FAILED_SequenceError"


async def ask_out_of_sequence(evcc: Evcc, check: Check, kind: type, while_due: str, *codes: str) -> None:
    """Send a request that is not due, and judge the answer."""
    exchange = await evcc.ask(evcc.request(kind), within=2.0)
    refused = failure_of(kind, *(codes or (SEQUENCE_ERROR,)), when=f"while {while_due} is due")
    check.that(exchange.outcome, answer, refused, advice=ADVICE)


async def in_new_sessions(evcc: Evcc, check: Check, *steps: tuple[type, type]) -> None:
    """For each pair: reach the state in which the first request is due, and send the second."""
    for due, sent in steps:
        await evcc.close()
        await evcc.reach(due)
        await ask_out_of_sequence(evcc, check, sent, due.__name__)


async def judge_the_end(evcc: Evcc, check: Check, kind: type) -> None:
    """Send a request that was due, and expect no service."""
    later = await evcc.ask(evcc.request(kind), within=0.5)
    check.that(
        later.outcome,
        answer,
        no_service("after a FAILED response"),
        requirement="V2G20:failed-ends-session",
        advice="A FAILED response ends the session; only a new connection begins another one.",
    )


@test_case(
    "TC_SECC_Sequence_001",
    covers=("[V2G20-459]", "V2G20:failed-ends-session"),
    detects=("secc-ignores-sequence", "secc-fails-without-a-reason", "secc-continues-after-failed"),
    lasts=3.0,
)
async def test_requests_out_of_sequence_at_the_beginning(evcc: Evcc, check: Check) -> None:
    """SECC answers requests out of sequence by FAILED_SequenceError from session setup to service discovery.

    Given   sessions in which session setup, authorization setup, authorization and service discovery are due
    when    the EV sends a request of a later state
    then    the SECC answers with the fitting response and FAILED_SequenceError, and does not serve the session any longer
    """
    await evcc.reach(SessionSetupReq)
    codes = (SEQUENCE_ERROR, "FAILED_UnknownSession")  # there is no session yet whose id could be right
    await ask_out_of_sequence(evcc, check, AuthorizationSetupReq, "SessionSetupReq", *codes)

    await in_new_sessions(
        evcc,
        check,
        (AuthorizationSetupReq, ServiceDiscoveryReq),
        (AuthorizationReq, ServiceDiscoveryReq),
        (ServiceDiscoveryReq, ServiceSelectionReq),
    )
    await judge_the_end(evcc, check, ServiceDiscoveryReq)


@test_case(
    "TC_SECC_Sequence_002",
    covers="[V2G20-459]",
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-ignores-sequence", "secc-fails-without-a-reason"),
    lasts=3.0,
)
async def test_requests_out_of_sequence_around_the_services(evcc: Evcc, check: Check) -> None:
    """SECC answers requests out of sequence by FAILED_SequenceError from service detail to schedule exchange.

    Given   sessions in which service detail, service selection, charge parameters and schedule exchange are due
    when    the EV skips a step
    then    the SECC answers with the fitting response and FAILED_SequenceError
    """
    await in_new_sessions(
        evcc,
        check,
        (ServiceDetailReq, DC_ChargeParameterDiscoveryReq),
        (ServiceSelectionReq, DC_ChargeParameterDiscoveryReq),
        (DC_ChargeParameterDiscoveryReq, ScheduleExchangeReq),
        (ScheduleExchangeReq, DC_CableCheckReq),
    )


@test_case(
    "TC_SECC_Sequence_003",
    covers="[V2G20-459]",
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-ignores-sequence", "secc-fails-without-a-reason"),
    lasts=5.0,
)
async def test_requests_out_of_sequence_around_the_isolation_test(evcc: Evcc, check: Check) -> None:
    """SECC answers requests out of sequence by FAILED_SequenceError from cable check to the start of power.

    Given   sessions in which cable check, precharge and power delivery are due
    when    the EV skips a step
    then    the SECC answers with the fitting response and FAILED_SequenceError
    """
    await in_new_sessions(
        evcc,
        check,
        (DC_CableCheckReq, DC_PreChargeReq),
        (DC_PreChargeReq, DC_ChargeLoopReq),
        (PowerDeliveryReq, DC_ChargeLoopReq),
    )


@test_case(
    "TC_SECC_Sequence_004",
    covers="[V2G20-459]",
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-ignores-sequence", "secc-fails-without-a-reason"),
    lasts=7.0,
)
async def test_requests_out_of_sequence_in_and_after_the_loop(evcc: Evcc, check: Check) -> None:
    """SECC answers requests out of sequence by FAILED_SequenceError in the charge loop and after the stop.

    Given   a session in the charge loop, and another one in which power has been stopped
    when    the EV asks for services in the one, and goes on with the loop in the other
    then    the SECC answers with the fitting response and FAILED_SequenceError
    """
    await evcc.charge_loop()
    await ask_out_of_sequence(evcc, check, ServiceDiscoveryReq, "DC_ChargeLoopReq")
    await judge_the_end(evcc, check, DC_ChargeLoopReq)

    await evcc.close()
    await evcc.charge_loop()
    await evcc.stop_power()
    await ask_out_of_sequence(evcc, check, DC_ChargeLoopReq, "DC_WeldingDetectionReq or SessionStopReq")


@test_case(
    "TC_SECC_Sequence_005",
    covers=("[V2G20-736]", "[V2G20-459]", "FIELD-EMPTY-LISTS-ON-FAILURE"),
    detects=("secc-empty-service-list", "secc-fails-without-a-reason"),
)
async def test_failure_responses_are_complete(evcc: Evcc, check: Check) -> None:
    """SECC fills every FAILED response with all that the schema demands.

    Given   sessions in which AuthorizationSetupReq is due
    when    the EV sends each other request of a DC session instead
    then    each is answered by its own response, which decodes, with FAILED_SequenceError
    """
    for kind in (
        ServiceDiscoveryReq,
        ServiceDetailReq,
        ServiceSelectionReq,
        DC_ChargeParameterDiscoveryReq,
        ScheduleExchangeReq,
        DC_CableCheckReq,
        DC_PreChargeReq,
        PowerDeliveryReq,
        DC_ChargeLoopReq,
        DC_WeldingDetectionReq,
    ):
        await evcc.close()
        await evcc.reach(AuthorizationSetupReq)
        exchange = await evcc.ask(evcc.request(kind), within=2.0)
        check.that(
            exchange.outcome,
            answer,
            failure_of(kind, SEQUENCE_ERROR, when="while AuthorizationSetupReq is due"),
            advice="Fill mandatory fields and lists with valid values also when failing; the EV cannot decode it otherwise.",
        )


@test_case(
    "TC_SECC_Sequence_006",
    covers=("[V2G20-459]", "V2G20:ready-again"),
    detects="secc-needs-no-negotiation",
)
async def test_nothing_goes_before_protocol_negotiation(evcc: Evcc, check: Check) -> None:
    """SECC serves no V2G message before a protocol is negotiated.

    Given   a connection on which nothing was negotiated
    when    the EV sends SessionSetupReq at once
    then    the SECC does not set a session up, and does so for the next EV, which negotiates first
    """
    await evcc.reach(supportedAppProtocolReq)
    exchange = await evcc.ask(evcc.request(SessionSetupReq), within=1.0)
    check.that(
        exchange.outcome,
        answer,
        no_service("before the protocol is negotiated"),
        advice="Without supportedAppProtocolReq there is no protocol in which to answer: close the connection.",
    )
    check.that(
        await evcc.begin_anew(),
        answer,
        response_of(SessionSetupReq, when="for the next EV"),
        requirement="V2G20:ready-again",
        advice="Whatever came before, the next EV is served.",
    )
