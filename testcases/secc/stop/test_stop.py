"""The end of energy transfer: in order, early, and by accident."""

from harness.messages.common_messages import (
    AuthorizationReq,
    PowerDeliveryReq,
    ScheduleExchangeReq,
    ServiceDetailReq,
    ServiceDiscoveryReq,
    ServiceSelectionReq,
    SessionSetupReq,
    SessionStopReq,
    chargeProgressType,
)
from harness.messages.common_types import processingType
from harness.messages.dc import (
    DC_CableCheckReq,
    DC_ChargeParameterDiscoveryReq,
    DC_PreChargeReq,
    DC_WeldingDetectionReq,
)
from harness.v2g.readings import metered_current, metered_power, metered_voltage, reported_voltage
from harness.vocabulary import (
    SCHEDULED,
    SECC,
    Axis,
    ChargeLoop,
    Check,
    Evcc,
    MeterProbe,
    SeccUnderTest,
    answer,
    at_most,
    near,
    response_of,
    satisfies,
    test_case,
)

ANY_DC = SECC.DC | SECC.DC_BPT
STOP = {"ChargeProgress": chargeProgressType.Stop, "EVPowerProfile": None}
SAFE = 60.0
"""V that may be touched."""


async def charging(evcc: Evcc, secc: SeccUnderTest) -> ChargeLoop:
    """A loop in scheduled mode that charges with a third of what both can do."""
    amount = evcc.most_charge(secc.pixit) / evcc.inlet.voltage / 3
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=amount)
    loop = await evcc.charge_loop()
    await loop.settle(secc.expects.current(amount, evcc.inlet.voltage), within=secc.settling)
    return loop


@test_case(
    "TC_SECC_Stop_001",
    covers="V2G20:no-current-after-stop",
    pics=SECC.SCHEDULED & ANY_DC,
    needs=("meter", "power"),
    detects="secc-keeps-power-after-stop",
    lasts=6.0,
)
async def test_the_current_ends_with_stop(evcc: Evcc, secc: SeccUnderTest, meter: MeterProbe, check: Check) -> None:
    """SECC brings the current to zero on PowerDelivery Stop, while the EV's contactor is still closed.

    Given   a session in scheduled mode that charges
    when    the EV sends PowerDeliveryReq with ChargeProgress Stop and keeps its contactor closed for 2 s
    then    the answer is OK, and from half a second after it the bench meter shows neither power nor current
    """
    await charging(evcc, secc)
    stopped = await evcc.ask(evcc.request(PowerDeliveryReq, **STOP))
    check.that(stopped.outcome, answer, response_of(PowerDeliveryReq, when="to Stop"))
    await meter.watch(2.0)
    expected = {
        metered_power: secc.expects.rest()[metered_power],
        metered_current: near(0.0, "A", tolerance=secc.pixit.current_tolerance.at(0.0)),
    }
    advice = "Ramp to zero before answering Stop: the EV opens its contactor on your OK, and must not do so under load."
    check.course(secc.seen.since(stopped.outcome.at + 0.5), expected, advice=advice)


@test_case(
    "TC_SECC_Stop_002",
    covers=("V2G20:welding-voltage", "V2G20:timing-polled-response"),
    pics=SECC.WELDING_DETECTION & ANY_DC,
    needs="power",
    detects=(
        "secc-contactor-stays-closed",
        "secc-welding-voltage-constant",
        "secc-slow-welding",
        "secc-refuses-welding-detection",
    ),
    lasts=7.0,
)
async def test_the_outlet_is_safe_during_welding_detection(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC takes the voltage from its outlet, and reports it truly, while the EV looks for welded contacts.

    Given   a session that the EV stopped; its contactor is open
    when    the EV polls DC_WeldingDetectionReq for some seconds, at least five times
    then    every response comes within 1.5 s with OK, the reported voltage falls below 60 V, and the bench meter agrees
    """
    await evcc.charge_loop()
    await evcc.stop_power()
    polls = await evcc.try_poll(DC_WeldingDetectionReq, within=4.0)
    for poll in polls:
        check.that(poll.outcome, answer, response_of(DC_WeldingDetectionReq))
        limit = 1.5 + secc.pixit.transmission_delay
        check.holds(
            poll.turnaround is not None and poll.turnaround <= limit,
            expected=f"DC_WeldingDetectionRes within {limit:g} s",
            actual="no response" if poll.turnaround is None else f"{poll.turnaround:.3f} s",
            seen=poll.outcome,
            requirement="V2G20:timing-polled-response",
            advice="Answer with the voltage of now; the EV polls until it has fallen.",
        )
    advice = "Open the output contactors on Stop and discharge the outlet; report what is measured there."
    safe = at_most(SAFE, "V").because("IEC 61851-23: safe to touch")
    end = polls[-1].outcome.at
    check.course(secc.seen.since(end - 0.6), {reported_voltage: safe, metered_voltage: safe}, advice=advice)
    done = await evcc.ask(evcc.request(DC_WeldingDetectionReq, EVProcessing=processingType.Finished))
    check.that(done.outcome, answer, response_of(DC_WeldingDetectionReq, when="with EVProcessing Finished"))
    ended = await evcc.ask(evcc.request(SessionStopReq))
    check.that(ended.outcome, answer, response_of(SessionStopReq, "OK"))


@test_case(
    "TC_SECC_Stop_003",
    covers="V2G20:welding-detection-optional",
    pics=ANY_DC,
    detects=("secc-demands-welding-detection", "secc-silent-on-stop"),
    lasts=3.0,
)
async def test_welding_detection_may_be_skipped(evcc: Evcc, check: Check) -> None:
    """SECC ends a session without welding detection.

    Given   a session that the EV ended with PowerDelivery Stop
    when    the EV sends SessionStopReq at once
    then    the answer is OK
    """
    await evcc.charge_loop()
    await evcc.stop_power()
    ended = await evcc.ask(evcc.request(SessionStopReq))
    advice = "Welding detection is the EV's choice; accept SessionStopReq right after Stop."
    check.that(
        ended.outcome, answer, response_of(SessionStopReq, "OK", when="without welding detection"), advice=advice
    )


async def stop_before(evcc: Evcc, check: Check, kind: type) -> None:
    """A new session that ends by SessionStopReq where a request of type `kind` was next."""
    await evcc.close()
    await evcc.reach(kind)
    ended = await evcc.ask(evcc.request(SessionStopReq))
    granted = response_of(SessionStopReq, "OK", when=f"instead of {kind.__name__}")
    check.that(ended.outcome, answer, granted, advice="An EV may leave in each of these phases; let it go in order.")


@test_case(
    "TC_SECC_Stop_004",
    covers="V2G20:session-stop-any-phase",
    pics=ANY_DC,
    detects="secc-refuses-early-stop",
    lasts=1.0,
)
async def test_the_ev_may_stop_in_every_phase_of_the_setup(evcc: Evcc, check: Check) -> None:
    """SECC lets an EV end the session in each phase before the cable check.

    Given   one session for each phase from authorisation to schedule exchange
    when    the EV sends SessionStopReq instead of the next request
    then    each is answered with OK
    """
    for kind in (
        AuthorizationReq,
        ServiceDiscoveryReq,
        ServiceDetailReq,
        ServiceSelectionReq,
        DC_ChargeParameterDiscoveryReq,
        ScheduleExchangeReq,
    ):
        await stop_before(evcc, check, kind)


@test_case(
    "TC_SECC_Stop_005",
    covers=("V2G20:session-stop-any-phase", "V2G20:safe-stop-on-loss"),
    pics=ANY_DC,
    detects=("secc-refuses-early-stop", "secc-contactor-stays-closed"),
    lasts=9.0,
)
async def test_the_ev_may_stop_after_cable_check_and_in_precharge(
    evcc: Evcc, secc: SeccUnderTest, check: Check
) -> None:
    """SECC lets an EV end the session after schedule exchange, after the cable check and in precharge.

    Given   one session for each of these phases
    when    the EV sends SessionStopReq instead of the next request
    then    each is answered with OK, and the outlet has no voltage 2 s later, where the bench meter shows it
    """
    await stop_before(evcc, check, DC_CableCheckReq)
    await stop_before(evcc, check, DC_PreChargeReq)
    await evcc.close()
    await evcc.reach(DC_PreChargeReq)
    await evcc.try_poll(DC_PreChargeReq, within=1.0)
    ended = await evcc.ask(evcc.request(SessionStopReq))
    check.that(ended.outcome, answer, response_of(SessionStopReq, "OK", when="in precharge"))
    await evcc.keep_silent(4.0)
    late = secc.seen.since(ended.outcome.at + 2.0)
    shown = [seen for seen in late if metered_voltage(seen) is not None]
    check.holds(
        all((metered_voltage(seen) or 0.0) <= SAFE for seen in shown),
        expected=f"at most {SAFE:g} V at the outlet 2 s after SessionStopRes",
        actual=f"{max((metered_voltage(seen) or 0.0 for seen in shown), default=0.0):.0f} V",
        seen=shown[0] if shown else None,
        requirement="V2G20:safe-stop-on-loss",
        advice="Switch the converter off and discharge the outlet whenever a session ends.",
    )


@test_case(
    "TC_SECC_Stop_006",
    covers=("V2G20:session-stop-any-phase", "V2G20:safe-stop-on-loss"),
    pics=SECC.SCHEDULED & ANY_DC,
    needs=("meter", "power"),
    detects="secc-keeps-power-after-stop",
    lasts=5.0,
)
async def test_a_session_stop_in_the_loop_ends_safely(
    evcc: Evcc, secc: SeccUnderTest, meter: MeterProbe, check: Check
) -> None:
    """SECC ends the power when an EV sends SessionStopReq in the middle of the charge loop.

    Given   a session in scheduled mode that charges
    when    the EV sends SessionStopReq without PowerDelivery Stop, and keeps its contactor closed
    then    the answer is OK or FAILED_SequenceError, and after the settling time the bench meter shows no power
    """
    await charging(evcc, secc)
    ended = await evcc.ask(evcc.request(SessionStopReq))
    either = satisfies(
        "SessionStopRes with OK or FAILED_SequenceError", lambda got: got.code in ("OK", "FAILED_SequenceError")
    )
    check.that(ended.outcome, answer, either, advice="Both readings are in the field; silence is not.")
    await _no_power(secc, meter, check, ended.outcome.at)


@test_case(
    "TC_SECC_Stop_007",
    covers=("V2G20:safe-stop-on-loss", "V2G20:ready-again"),
    pics=SECC.SCHEDULED & ANY_DC,
    needs=("meter", "power"),
    detects=("secc-runs-on-after-loss", "secc-keeps-power-after-stop"),
    lasts=5.0,
)
async def test_a_torn_connection_in_the_loop_ends_the_power(
    evcc: Evcc, secc: SeccUnderTest, meter: MeterProbe, check: Check
) -> None:
    """SECC ends the power when the connection breaks in the loop, and takes the next EV.

    Given   a session in scheduled mode that charges
    when    the connection is torn (TCP reset) while the EV's contactor stays closed
    then    after the settling time the bench meter shows no power, and a next session is set up
    """
    await charging(evcc, secc)
    torn = evcc.timeline.clock.now()
    await evcc.vanish()
    await _no_power(secc, meter, check, torn)
    evcc.inlet.disconnect()
    await _next_session(evcc, check)


@test_case(
    "TC_SECC_Stop_008",
    covers=("V2G20:safe-stop-on-loss", "V2G20:ready-again"),
    pics=SECC.SCHEDULED & ANY_DC,
    needs=("meter", "power"),
    detects=("secc-runs-on-after-loss", "secc-keeps-power-after-stop"),
    lasts=5.0,
)
async def test_a_closed_connection_in_the_loop_ends_the_power(
    evcc: Evcc, secc: SeccUnderTest, meter: MeterProbe, check: Check
) -> None:
    """SECC ends the power when the EV closes the connection in the loop, and takes the next EV.

    Given   a session in scheduled mode that charges
    when    the EV closes the connection in order (close_notify, FIN) while its contactor stays closed
    then    after the settling time the bench meter shows no power, and a next session is set up
    """
    await charging(evcc, secc)
    closed = evcc.timeline.clock.now()
    await evcc.vanish(in_order=True)
    await _no_power(secc, meter, check, closed)
    evcc.inlet.disconnect()
    await _next_session(evcc, check)


async def _no_power(secc: SeccUnderTest, meter: MeterProbe, check: Check, since: float) -> None:
    """No power once the settling time is over; within 2 s, as practice has it."""
    idle = {metered_power: secc.expects.rest()[metered_power]}
    settled = await meter.settle(idle, within=secc.settling)
    advice = "Bring the current to zero whenever a session ends, however it ends; do not wait for the next timer."
    check.course(secc.seen.since(settled), idle, advice=advice, requirement="V2G20:safe-stop-on-loss")
    check.holds(
        settled - since <= 2.0,
        expected="no power within 2 s",
        actual=f"after {settled - since:.1f} s",
        requirement="V2G20:safe-stop-on-loss",
        axis=Axis.FIELD,
        confirmed=False,
        advice=advice,
    )


async def _next_session(evcc: Evcc, check: Check) -> None:
    seen = await evcc.begin_anew()
    fresh = response_of(SessionSetupReq, "OK_NewSessionEstablished")
    check.that(
        seen, answer, fresh, requirement="V2G20:ready-again", advice="Clean up after a lost EV, and listen again."
    )
