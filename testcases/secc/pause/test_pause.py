"""Pause and resume."""

from harness.messages.common_messages import AuthorizationReq, SessionSetupReq, SessionStopReq, chargingSessionType
from harness.messages.dc import DC_ChargeParameterDiscoveryReq
from harness.v2g.readings import session_id
from harness.vocabulary import (
    SCHEDULED,
    SECC,
    Check,
    Evcc,
    Limit,
    SeccUnderTest,
    answer,
    differs,
    equals,
    failure_of,
    response_of,
    satisfies,
    test_case,
)

AGAIN = "Keep the session id, the authorisation and the chosen service of a paused session until the EV returns."


@test_case(
    "TC_SECC_Pause_001",
    covers=("V2G20:pause", "V2G20:pause-not-allowed"),
    pics=SECC.DC | SECC.DC_BPT,
    detects="secc-fails-on-stop",
    lasts=3.5,
)
async def test_a_pause_is_granted_or_refused_in_its_own_words(evcc: Evcc, check: Check) -> None:
    """SECC grants a pause, or refuses it with FAILED_PauseNotAllowed.

    Given   a session that the EV ended with PowerDelivery Stop and welding detection
    when    the EV sends SessionStopReq with Pause
    then    the answer is OK or FAILED_PauseNotAllowed
    """
    await evcc.charge_loop()
    await evcc.stop_power()
    await evcc.detect_welding()
    asked = await evcc.ask(evcc.request(SessionStopReq, ChargingSession=chargingSessionType.Pause))
    either = satisfies(
        "SessionStopRes with OK or FAILED_PauseNotAllowed", lambda got: got.code in ("OK", "FAILED_PauseNotAllowed")
    )
    check.that(asked.outcome, answer, either, advice="A charger that cannot pause says so by the code made for it.")


@test_case(
    "TC_SECC_Pause_002",
    covers=("[V2G20-2622]", "[V2G20-2623]", "[V2G20-1032]", "FIELD-RESUME-REFUSED"),
    pics=SECC.PAUSE & SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    needs="power",
    detects=("secc-forgets-paused-sessions", "secc-resumes-with-new-id"),
    lasts=6.0,
)
async def test_a_paused_session_is_joined_and_energy_flows_again(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC joins the paused session of a returning EV, which goes straight to charge parameters.

    Given   a session that was paused from the charge loop
    when    the same EV connects again and sends SessionSetupReq with the old SessionID
    then    the answer is OK_OldSessionJoined with that id; charge parameter discovery and all that follows are
            answered with OK, without a new authorisation, and energy flows
    """
    amount = evcc.most_charge(secc.pixit) / evcc.inlet.voltage / 3
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=amount)
    await evcc.charge_loop()
    old_id = evcc.session.session_id
    await evcc.pause()

    joined = await evcc.resume()
    check.that(joined.outcome, answer, rejoined(evcc), advice=AGAIN)
    check.that(joined.outcome, session_id, equals(old_id), requirement="[V2G20-2623]", advice=AGAIN)
    loop = await evcc.charge_loop()
    flows = secc.expects.current(amount, evcc.inlet.voltage)
    settled = await loop.settle(flows, within=secc.settling)
    check.course(secc.seen.since(settled), flows, requirement="[V2G20-1032]", advice=AGAIN)


@test_case(
    "TC_SECC_Pause_003",
    covers=("V2G20:resume-unknown-session", "[V2G20-2545]"),
    pics=SECC.PAUSE & (SECC.DC | SECC.DC_BPT),
    detects="secc-joins-anybody",
    lasts=3.0,
)
async def test_a_foreign_session_id_is_not_joined(evcc: Evcc, check: Check) -> None:
    """SECC begins a new session for an EV that names another session than the paused one.

    Given   a session that was paused
    when    the EV connects again and sends SessionSetupReq with a SessionID that differs in one bit
    then    the answer is OK_NewSessionEstablished with an id that is neither that one, nor the paused one, nor zero
    """
    await evcc.charge_loop()
    old_id = evcc.session.session_id
    await evcc.pause()

    foreign = bytes([*old_id[:-1], old_id[-1] ^ 1])
    await evcc.reach(SessionSetupReq)
    asked = await evcc.ask(evcc.request(SessionSetupReq, SessionID=foreign))
    new = response_of(SessionSetupReq, "OK_NewSessionEstablished", when="to an unknown SessionID")
    check.that(asked.outcome, answer, new, advice="Join a session only when its whole id and the vehicle are known.")
    for other in (foreign, old_id, bytes(8)):
        check.that(asked.outcome, session_id, differs(other), advice="Draw a fresh id for a new session.")


@test_case(
    "TC_SECC_Pause_004",
    covers=("[V2G20-459]", "[V2G20-1032]", "[V2G20-2622]"),
    pics=SECC.PAUSE & (SECC.DC | SECC.DC_BPT),
    detects=("secc-ignores-sequence",),
    lasts=3.0,
)
async def test_authorisation_after_a_resume_is_out_of_sequence(evcc: Evcc, check: Check) -> None:
    """SECC refuses AuthorizationReq in a joined session, which is authorised already.

    Given   a paused session that the SECC has joined again
    when    the EV sends AuthorizationReq instead of DC_ChargeParameterDiscoveryReq
    then    the answer is AuthorizationRes with FAILED_SequenceError
    """
    await evcc.charge_loop()
    await evcc.pause()
    joined = await evcc.resume()
    if not check.that(joined.outcome, answer, rejoined(evcc), requirement="[V2G20-2622]", advice=AGAIN):
        return  # a new session is authorised anew

    asked = await evcc.ask(evcc.request(AuthorizationReq))
    refused = failure_of(AuthorizationReq, "FAILED_SequenceError")
    next_step = DC_ChargeParameterDiscoveryReq.__name__
    check.that(asked.outcome, answer, refused, advice=f"After a resume only {next_step} and SessionStopReq may come.")


def rejoined(evcc: Evcc) -> Limit:
    """The paused session goes on. Without TLS no certificate shows that the EV is the same, which a SECC may insist on."""
    return response_of(SessionSetupReq, "OK_OldSessionJoined").because(
        "[V2G20-2622]", confirmed=evcc.access.tls is not None
    )
