"""The start of energy transfer."""

from harness.messages.common_messages import PowerDeliveryReq
from harness.messages.common_types import processingType
from harness.messages.dc import DC_PreChargeReq
from harness.v2g.readings import metered_current, metered_power
from harness.vocabulary import (
    SECC,
    Check,
    Evcc,
    MeterProbe,
    SeccUnderTest,
    answer,
    near,
    no_service,
    response_of,
    test_case,
)


@test_case(
    "TC_SECC_Start_001",
    covers=("V2G20:no-current-before-start", "V2G20:precharge-match"),
    pics=SECC.DC | SECC.DC_BPT,
    needs=("meter", "power"),
    detects="secc-powers-before-start",
    lasts=4.5,
)
async def test_no_current_flows_before_power_delivery_starts(
    evcc: Evcc, secc: SeccUnderTest, meter: MeterProbe, check: Check
) -> None:
    """SECC waits for PowerDelivery Start before it lets current flow.

    Given   a session after precharge; the EV has closed its contactor
    when    the EV waits for 2 s, and only then sends PowerDeliveryReq with ChargeProgress Start
    then    until then the bench meter shows no power and no current, and Start is answered with OK
    """
    await evcc.reach(PowerDeliveryReq)
    closed = evcc.timeline.clock.now()
    await meter.watch(2.0)

    waiting = secc.seen.between(closed, evcc.timeline.clock.now())
    expected = {
        metered_power: secc.expects.rest()[metered_power],
        metered_current: near(0.0, "A", tolerance=secc.pixit.current_tolerance.at(0.0)),
    }
    check.course(waiting, expected, advice="Enable the power stage with PowerDelivery Start, not with precharge.")
    started = await evcc.ask(evcc.request(PowerDeliveryReq))
    check.that(started.outcome, answer, response_of(PowerDeliveryReq), advice="A finished precharge leads to a start.")


@test_case(
    "TC_SECC_Start_002",
    covers="V2G20:precharge-match",
    pics=SECC.DC | SECC.DC_BPT,
    needs="power",
    detects="secc-starts-unprecharged",
    lasts=4.0,
)
async def test_power_does_not_start_while_the_voltages_differ(evcc: Evcc, check: Check) -> None:
    """SECC does not start power delivery to an EV whose battery is far from the voltage of the outlet.

    Given   a session in precharge; the EV reports its battery's voltage, and asks for half of it
    when    the EV says EVProcessing Finished, keeps its contactor open, and sends PowerDeliveryReq with Start
    then    the SECC refuses with a FAILED code, or ends the session
    """
    await evcc.reach(DC_PreChargeReq)
    half = evcc.inlet.voltage / 2
    await evcc.try_poll(DC_PreChargeReq, within=1.0, EVTargetVoltage=half)
    finished = processingType.Finished
    await evcc.ask(evcc.request(DC_PreChargeReq, EVProcessing=finished, EVTargetVoltage=half))
    started = await evcc.ask(evcc.request(PowerDeliveryReq))
    refused = no_service(f"with the outlet {half:.0f} V off the battery")
    check.that(
        started.outcome,
        answer,
        refused.because("practice of IEC 61851-23", confirmed=False),
        advice="Compare the outlet with EVPresentVoltage before the start: closing contactors would spark.",
    )
