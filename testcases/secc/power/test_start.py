"""The start of energy transfer."""

from harness.messages.common_messages import PowerDeliveryReq
from harness.v2g.readings import metered_current, metered_power
from harness.vocabulary import (
    SECC,
    Check,
    Evcc,
    MeterProbe,
    SeccUnderTest,
    answer,
    near,
    response_of,
    test_case,
)


@test_case(
    "TC_SECC_Start_001",
    covers=("V2G20:no-current-before-start", "V2G20:precharge-match"),
    pics=SECC.DC | SECC.DC_BPT,
    needs="meter",
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
