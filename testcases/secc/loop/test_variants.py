"""Variants of the loop messages: with and without BPT, scheduled and dynamic."""

from harness.messages.dc import DC_ChargeLoopReq, DC_ChargeLoopRes
from harness.v2g.readings import loop_variant, metered_power
from harness.vocabulary import (
    DC,
    DC_BPT,
    DYNAMIC,
    SCHEDULED,
    SECC,
    Check,
    ControlMode,
    Evcc,
    MeterProbe,
    SeccUnderTest,
    Service,
    answer,
    equals,
    failure_of,
    test_case,
)

NAMES = {
    (DC, SCHEDULED): "Scheduled_DC",
    (DC, DYNAMIC): "Dynamic_DC",
    (DC_BPT, SCHEDULED): "BPT_Scheduled_DC",
    (DC_BPT, DYNAMIC): "BPT_Dynamic_DC",
}


async def turn_in(evcc: Evcc, check: Check, service: Service, mode: ControlMode) -> None:
    """Some turns of a loop, whose responses must be of the variant of the requests."""
    evcc.policy = evcc.policy.replace(service=service, control_mode=mode)
    loop = await evcc.charge_loop()
    await loop.run(seconds=0.5)
    advice = "Take the element of the response from the selected service and parameter set, as the request does."
    check.every(loop.trace.of(DC_ChargeLoopRes), loop_variant, equals(NAMES[service, mode]), advice=advice)
    await evcc.stop()


@test_case(
    "TC_SECC_Variant_001",
    covers=("[V2G20-1600]", "V2G20:loop-variant"),
    pics=SECC.DC & SECC.SCHEDULED & SECC.DYNAMIC,
    detects="secc-answers-other-variant",
    lasts=8.0,
)
async def test_dc_responses_are_of_the_variant_of_their_requests(evcc: Evcc, check: Check) -> None:
    """SECC answers DC loop requests in the control mode of the request.

    Given   two DC sessions, one in scheduled and one in dynamic mode
    when    the EV sends loop requests of its mode
    then    each response carries the element of the same mode, without BPT
    """
    await turn_in(evcc, check, DC, SCHEDULED)
    await turn_in(evcc, check, DC, DYNAMIC)


@test_case(
    "TC_SECC_Variant_002",
    covers=("[V2G20-1600]", "V2G20:loop-variant"),
    pics=SECC.DC_BPT & SECC.SCHEDULED & SECC.DYNAMIC,
    detects="secc-answers-other-variant",
    lasts=8.0,
)
async def test_bpt_responses_are_of_the_variant_of_their_requests(evcc: Evcc, check: Check) -> None:
    """SECC answers DC_BPT loop requests in the control mode of the request.

    Given   two DC_BPT sessions, one in scheduled and one in dynamic mode
    when    the EV sends loop requests of its mode
    then    each response carries the BPT element of the same mode
    """
    await turn_in(evcc, check, DC_BPT, SCHEDULED)
    await turn_in(evcc, check, DC_BPT, DYNAMIC)


async def break_the_variant(
    evcc: Evcc,
    secc: SeccUnderTest,
    meter: MeterProbe,
    check: Check,
    selected: tuple[Service, ControlMode],
    sent: tuple[Service, ControlMode],
) -> None:
    """Charge in one variant, send one request of another, and see how the SECC ends it."""
    service, mode = selected
    current = evcc.most_charge(secc.pixit) / evcc.inlet.voltage / 3
    evcc.policy = evcc.policy.replace(service=service, control_mode=mode, target_current=current)
    loop = await evcc.charge_loop()
    await loop.run(seconds=1.0)

    evcc.policy = evcc.policy.replace(service=sent[0], control_mode=sent[1])
    broken = await loop.try_turn()
    refused = failure_of(DC_ChargeLoopReq, when=f"to {NAMES[sent]} in a session with {NAMES[selected]}")
    advice = "Compare the variant of each loop request with the selected parameter set, and end the session."
    check.that(broken.outcome, answer, refused, advice=advice)
    idle = {metered_power: secc.expects.rest()[metered_power]}
    settled = await meter.settle(idle, within=secc.settling)
    check.course(
        secc.seen.since(settled),
        idle,
        requirement="V2G20:safe-stop-on-loss",
        advice="A session that ended takes its power along.",
    )


@test_case(
    "TC_SECC_Variant_003",
    covers=("V2G20:loop-variant", "V2G20:failed-ends-session"),
    pics=SECC.DC & SECC.DC_BPT & (SECC.SCHEDULED | SECC.DYNAMIC),
    needs=("meter", "power"),
    detects="secc-accepts-any-variant",
    lasts=5.0,
)
async def test_a_bpt_request_in_a_dc_session_is_refused(
    evcc: Evcc, secc: SeccUnderTest, meter: MeterProbe, check: Check
) -> None:
    """SECC refuses a BPT loop request in a session without BPT.

    Given   a DC session that charges
    when    the EV sends a loop request with the BPT element of the same control mode
    then    the SECC answers with a FAILED code, and the bench meter shows no power after the settling time
    """
    mode = evcc.policy.control_mode
    await break_the_variant(evcc, secc, meter, check, (DC, mode), (DC_BPT, mode))


@test_case(
    "TC_SECC_Variant_004",
    covers=("V2G20:loop-variant", "[V2G20-1600]"),
    pics=SECC.DYNAMIC & SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    needs=("meter", "power"),
    detects="secc-accepts-any-variant",
    lasts=5.0,
)
async def test_a_scheduled_request_in_a_dynamic_session_is_refused(
    evcc: Evcc, secc: SeccUnderTest, meter: MeterProbe, check: Check
) -> None:
    """SECC refuses a scheduled loop request in a session with dynamic control.

    Given   a session in dynamic mode that charges
    when    the EV sends a loop request with the scheduled element
    then    the SECC answers with a FAILED code, and the bench meter shows no power after the settling time
    """
    service = evcc.policy.service
    await break_the_variant(evcc, secc, meter, check, (service, DYNAMIC), (service, SCHEDULED))
