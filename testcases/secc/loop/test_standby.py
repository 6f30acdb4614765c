"""Standby: a session in the loop that waits without power."""

from harness.messages.common_messages import PowerDeliveryReq, chargeProgressType
from harness.messages.dc import DC_ChargeLoopReq
from harness.vocabulary import (
    SCHEDULED,
    SECC,
    Axis,
    Check,
    Evcc,
    Inconclusive,
    SeccUnderTest,
    answer,
    response_of,
    test_case,
)

STANDBY, START = chargeProgressType.Standby, chargeProgressType.Start


@test_case(
    "TC_SECC_Standby_001",
    covers=("V2G20:standby", "V2G20:warning-keeps-session"),
    pics=SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    detects="secc-fails-on-standby",
    lasts=4.0,
)
async def test_standby_is_granted_or_refused_with_a_warning(evcc: Evcc, check: Check) -> None:
    """SECC grants standby, or refuses it with a warning; the session goes on either way.

    Given   a session in scheduled mode in the charge loop
    when    the EV sends PowerDeliveryReq with ChargeProgress Standby
    then    the answer is OK or WARNING_StandbyNotAllowed, and the next loop requests are answered with OK
    """
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=10.0)
    loop = await evcc.charge_loop()
    asked = await evcc.ask(evcc.request(PowerDeliveryReq, ChargeProgress=STANDBY, EVPowerProfile=None))
    either = response_of(PowerDeliveryReq, "OK", "WARNING_StandbyNotAllowed", when="to Standby")
    check.that(asked.outcome, answer, either, advice="A charger without standby says so by the warning.")
    last = await loop.endure(1.0)
    check.that(last.outcome, answer, response_of(DC_ChargeLoopReq), advice="A warning is no failure; go on.")


@test_case(
    "TC_SECC_Standby_002",
    covers="V2G20:standby",
    pics=SECC.STANDBY & SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    needs="power",
    detects=("secc-ignores-zero-target", "secc-refuses-standby"),
    lasts=7.0,
)
async def test_no_power_flows_in_standby_and_it_returns_with_start(
    evcc: Evcc, secc: SeccUnderTest, check: Check
) -> None:
    """SECC transfers nothing in standby, and goes on where it was with Start.

    Given   a session in scheduled mode that charges
    when    the EV goes to standby, keeps asking for current in its loop requests, and then sends Start
    then    in standby neither report nor bench meter shows a transfer; after Start the power comes back
    """
    amount = evcc.most_charge(secc.pixit) / evcc.inlet.voltage / 3
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=amount)
    loop = await evcc.charge_loop()
    flows = secc.expects.current(amount, evcc.inlet.voltage)
    await loop.settle(flows, within=secc.settling)

    asked = await evcc.insist(evcc.request(PowerDeliveryReq, ChargeProgress=STANDBY, EVPowerProfile=None))
    granted = response_of(PowerDeliveryReq, "OK", when="to Standby, which the PICS claims")
    if not check.that(asked.outcome, answer, granted, axis=Axis.FIELD, advice="Claim STANDBY where it is granted."):
        raise Inconclusive(f"the SECC does not grant standby now: {asked.response.ResponseCode.value}")
    settled = await loop.settle(secc.expects.rest(), within=secc.settling)
    check.course(secc.seen.since(settled), secc.expects.rest(), advice="In standby the EV's targets do not count.")
    started = await evcc.ask(evcc.request(PowerDeliveryReq, ChargeProgress=START))
    check.that(started.outcome, answer, response_of(PowerDeliveryReq, when="to Start out of standby"))
    settled = await loop.settle(flows, within=secc.settling)
    check.course(secc.seen.since(settled), flows, advice="Start ends standby; follow the EV's targets again.")
