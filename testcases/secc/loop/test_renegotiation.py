"""Renegotiation that the EV begins: of the schedule in the loop, and of the service after a stop."""

from harness.messages.common_messages import (
    PowerDeliveryReq,
    ServiceDiscoveryReq,
    SessionStopReq,
    chargeProgressType,
    chargingSessionType,
)
from harness.messages.dc import DC_ChargeLoopReq
from harness.v2g.readings import session_id
from harness.vocabulary import (
    SCHEDULED,
    SECC,
    Check,
    Evcc,
    SeccUnderTest,
    answer,
    equals,
    failure_of,
    response_of,
    satisfies,
    test_case,
)


@test_case(
    "TC_SECC_Renegotiation_001",
    covers="V2G20:schedule-renegotiation",
    pics=SECC.SCHEDULE_RENEGOTIATION & SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    needs="power",
    detects="secc-fails-schedule-renegotiation",
    lasts=5.0,
)
async def test_the_ev_renegotiates_its_profile_in_the_loop(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC takes a new EVPowerProfile while energy flows.

    Given   a session in scheduled mode that charges
    when    the EV sends PowerDeliveryReq with ChargeProgress ScheduleRenegotiation and a profile within the schedule
    then    the answer is OK, or WARNING_ScheduleRenegotiationFailed; the loop goes on and so does the power
    """
    amount = evcc.most_charge(secc.pixit) / evcc.inlet.voltage / 3
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=amount)
    loop = await evcc.charge_loop()
    flows = secc.expects.current(amount, evcc.inlet.voltage)
    await loop.settle(flows, within=secc.settling)

    progress = chargeProgressType.ScheduleRenegotiation
    asked = await evcc.ask(evcc.request(PowerDeliveryReq, ChargeProgress=progress))
    either = response_of(PowerDeliveryReq, "OK", "WARNING_ScheduleRenegotiationFailed", when="to ScheduleRenegotiation")
    check.that(asked.outcome, answer, either, advice="A profile within the offered schedule can be taken over.")
    settled = await loop.try_settle(flows, within=secc.settling)
    check.that(loop.outcome, answer, response_of(DC_ChargeLoopReq))
    check.course(secc.seen.since(settled), flows, advice="A renegotiation does not interrupt the power.")


@test_case(
    "TC_SECC_Renegotiation_002",
    covers=("[V2G20-1477]", "V2G20:service-renegotiation-unsupported"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-renegotiates-unsupported", "secc-closes-on-renegotiation"),
    lasts=3.0,
)
async def test_service_renegotiation_is_served_as_announced(evcc: Evcc, check: Check) -> None:
    """SECC does with a service renegotiation what ServiceRenegotiationSupported says.

    Given   a session in the charge loop that the EV ends with PowerDelivery Stop
    when    the EV sends SessionStopReq with ServiceRenegotiation
    then    where it was announced the answer is OK and service discovery follows on the same connection with the same
            session id; where not, the answer is FAILED_NoServiceRenegotiationSupported
    """
    await evcc.charge_loop()
    await evcc.stop_power()
    announced, own_id = evcc.session.renegotiation_supported, evcc.session.session_id
    how = chargingSessionType.ServiceRenegotiation
    asked = await evcc.ask(evcc.request(SessionStopReq, ChargingSession=how))
    if not announced:
        refused = failure_of(SessionStopReq, "FAILED_NoServiceRenegotiationSupported")
        check.that(asked.outcome, answer, refused, advice="Say no by the code that is made for it.")
        return
    granted = response_of(SessionStopReq, "OK", when="since ServiceRenegotiationSupported was true")
    check.that(asked.outcome, answer, granted, advice="Grant what was announced, or do not announce it.")
    again = await evcc.ask(evcc.request(ServiceDiscoveryReq))
    check.that(again.outcome, answer, response_of(ServiceDiscoveryReq, "OK"), advice="Leave the connection open.")
    check.that(again.outcome, session_id, equals(own_id), advice="The session goes on with its id.")


@test_case(
    "TC_SECC_Renegotiation_003",
    covers="[V2G20-1477]",
    pics=SECC.SERVICE_RENEGOTIATION & SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    needs="power",
    detects=("secc-closes-on-renegotiation", "secc-refuses-renegotiation"),
    lasts=6.0,
)
async def test_energy_flows_again_after_a_service_renegotiation(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC brings the EV back into the loop after a service renegotiation, without a new authorisation.

    Given   a session in the charge loop that the EV ends with Stop and SessionStop(ServiceRenegotiation)
    when    the EV goes on with service discovery on the same connection and does all that follows
    then    every step is answered with OK, and energy flows again
    """
    amount = evcc.most_charge(secc.pixit) / evcc.inlet.voltage / 3
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=amount)
    await evcc.charge_loop()
    await evcc.stop_power()
    how = chargingSessionType.ServiceRenegotiation
    asked = await evcc.ask(evcc.request(SessionStopReq, ChargingSession=how))
    check.that(asked.outcome, answer, response_of(SessionStopReq, "OK"))
    again = await evcc.ask(evcc.request(ServiceDiscoveryReq))
    open_still = satisfies("ServiceDiscoveryRes on the same connection", lambda got: got.code == "OK")
    check.that(again.outcome, answer, open_still, advice="Leave the connection open and keep the session.")
    evcc.continue_with(ServiceDiscoveryReq)
    loop = await evcc.charge_loop()
    flows = secc.expects.current(amount, evcc.inlet.voltage)
    settled = await loop.settle(flows, within=secc.settling)
    check.course(
        secc.seen.since(settled), flows, advice="Begin with discovery as in a new session, authorised already."
    )
