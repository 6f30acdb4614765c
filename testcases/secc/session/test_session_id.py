"""The SessionID of requests: whoever does not know it is no party to the session."""

from harness.messages.common_messages import (
    AuthorizationReq,
    AuthorizationSetupReq,
    PowerDeliveryReq,
    ScheduleExchangeReq,
    ServiceDetailReq,
    ServiceDiscoveryReq,
    ServiceSelectionReq,
)
from harness.messages.dc import (
    DC_CableCheckReq,
    DC_ChargeLoopReq,
    DC_ChargeParameterDiscoveryReq,
    DC_PreChargeReq,
)
from harness.vocabulary import SECC, Check, Evcc, answer, failure_of, no_service, response_of, test_case

ADVICE = "Compare the SessionID of every request header, all 8 octets, with that of the session."
AFTERWARDS = "FAILED_UnknownSession ends the session; do not serve the connection any longer."


def one_bit_off(session_id: bytes) -> bytes:
    """The id with its last bit turned."""
    return session_id[:-1] + bytes([session_id[-1] ^ 1])


async def ask_with(evcc: Evcc, check: Check, kind: type, session_id: bytes, when: str) -> None:
    """Send a request that is right but for its SessionID, and judge the answer."""
    exchange = await evcc.ask(evcc.request(kind, SessionID=session_id))
    check.that(exchange.outcome, answer, failure_of(kind, "FAILED_UnknownSession", when=when), advice=ADVICE)


@test_case(
    "TC_SECC_SessionId_001",
    covers=("[V2G20-460]", "V2G20:failed-ends-session"),
    detects=("secc-accepts-wrong-session-id", "secc-fails-without-a-reason"),
    lasts=2.0,
)
async def test_foreign_session_ids_are_refused(evcc: Evcc, check: Check) -> None:
    """SECC answers a request with a wrong SessionID by FAILED_UnknownSession and ends the session.

    Given   sessions that have just been set up
    when    the EV sends AuthorizationSetupReq with SessionID zero, with a random one, and with one bit turned
    then    each is answered FAILED_UnknownSession, and the right SessionID is not served afterwards either
    """
    for wrong in (bytes(8), bytes.fromhex("0123456789abcdef"), None):
        await evcc.close()
        await evcc.reach(AuthorizationSetupReq)
        right = evcc.session.session_id
        await ask_with(evcc, check, AuthorizationSetupReq, wrong or one_bit_off(right), "to a wrong SessionID")

    later = await evcc.ask(evcc.request(AuthorizationSetupReq, SessionID=right), within=0.5)
    check.that(
        later.outcome,
        answer,
        no_service("after a FAILED response"),
        requirement="V2G20:failed-ends-session",
        advice=AFTERWARDS,
    )


@test_case(
    "TC_SECC_SessionId_002",
    covers="[V2G20-460]",
    pics=SECC.DC | SECC.DC_BPT,
    detects="secc-accepts-wrong-session-id",
    lasts=4.0,
)
async def test_session_id_is_checked_in_every_state_before_power(evcc: Evcc, check: Check) -> None:
    """SECC checks the SessionID in every state on the way to precharge.

    Given   sessions that stand in each of the states from authorization to precharge
    when    the EV sends the request that is due, with one bit of the SessionID turned
    then    each is answered FAILED_UnknownSession
    """
    for kind in (
        AuthorizationReq,
        ServiceDiscoveryReq,
        ServiceDetailReq,
        ServiceSelectionReq,
        DC_ChargeParameterDiscoveryReq,
        ScheduleExchangeReq,
        DC_CableCheckReq,
        DC_PreChargeReq,
    ):
        await evcc.close()
        await evcc.reach(kind)
        await ask_with(evcc, check, kind, one_bit_off(evcc.session.session_id), "to a SessionID with one bit turned")


@test_case(
    "TC_SECC_SessionId_003",
    covers="[V2G20-460]",
    pics=SECC.DC | SECC.DC_BPT,
    detects="secc-accepts-wrong-session-id",
    lasts=6.0,
)
async def test_session_id_is_checked_while_power_flows(evcc: Evcc, check: Check) -> None:
    """SECC checks the SessionID of PowerDeliveryReq and of charge loop requests.

    Given   a session after precharge, and another one in the charge loop
    when    the EV sends PowerDeliveryReq, and DC_ChargeLoopReq, with one bit of the SessionID turned
    then    both are answered FAILED_UnknownSession, and the loop is not served afterwards
    """
    await evcc.reach(PowerDeliveryReq)
    await ask_with(evcc, check, PowerDeliveryReq, one_bit_off(evcc.session.session_id), "before the start of power")
    await evcc.close()
    await evcc.charge_loop()
    right = evcc.session.session_id
    await ask_with(evcc, check, DC_ChargeLoopReq, one_bit_off(right), "in the charge loop")

    later = await evcc.ask(evcc.request(DC_ChargeLoopReq, SessionID=right))
    check.that(
        later.outcome,
        answer,
        no_service("after a FAILED response"),
        requirement="V2G20:failed-ends-session",
        advice=AFTERWARDS,
    )


@test_case(
    "TC_SECC_SessionId_004",
    covers="V2G20:exi-schema",
    detects="secc-trusts-timestamps",
)
async def test_clock_of_the_ev_does_not_matter(evcc: Evcc, check: Check) -> None:
    """SECC does not end a session because the EV's clock is wrong.

    Given   sessions that have just been set up
    when    the EV sends AuthorizationSetupReq with TimeStamp 0, ten years early, and ten years late
    then    each is served
    """
    ten_years = 10 * 365 * 86_400
    now = evcc.timeline.clock.unix()
    for stamp, how in ((0, "0"), (now - ten_years, "ten years early"), (now + ten_years, "ten years late")):
        await evcc.close()
        await evcc.reach(AuthorizationSetupReq)
        exchange = await evcc.ask(evcc.request(AuthorizationSetupReq, TimeStamp=stamp))
        served = response_of(AuthorizationSetupReq, when=f"to a TimeStamp that is {how}")
        check.that(
            exchange.outcome,
            answer,
            served.because("no requirement lets an SECC refuse a TimeStamp", confirmed=False),
            advice="EVs wake up with a clock at zero; take TimeStamp as information, not as a condition.",
        )
