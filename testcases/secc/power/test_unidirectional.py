"""A service without bidirectional power transfer: energy goes one way only, whoever asks."""

from harness.messages.dc import DC_ChargeLoopReq
from harness.vocabulary import (
    DC,
    DYNAMIC,
    SCHEDULED,
    SECC,
    Check,
    Evcc,
    SeccUnderTest,
    answer,
    satisfies,
    test_case,
)

BLOCK = "Let nothing flow back unless the selected service is a BPT one."
ANSWERED = satisfies(f"{DC_ChargeLoopReq.__name__} answered, OK or FAILED", lambda got: bool(got.code))


@test_case(
    "TC_SECC_NonBpt_001",
    covers=("V2G20:no-discharge-without-bpt", "[V2G20-2188]"),
    pics=SECC.DC & SECC.SCHEDULED,
    needs="power",
    detects="secc-discharges-in-dc",
    lasts=7.0,
)
async def test_a_negative_target_in_dc_is_not_followed(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC lets nothing flow back in service DC when the EV asks for a negative current.

    Given   a DC session in scheduled mode that charges
    when    the EV sends EVTargetCurrent of -10 A for some seconds
    then    the SECC goes on without current or ends with FAILED; neither report nor bench meter shows discharging
    """
    evcc.policy = evcc.policy.replace(service=DC, control_mode=SCHEDULED, target_current=10.0)
    loop = await evcc.charge_loop()
    await loop.settle(secc.expects.current(10.0, evcc.inlet.voltage), within=secc.settling)

    evcc.policy = evcc.policy.replace(target_current=-10.0)
    began = evcc.timeline.clock.now()
    last = await loop.endure(3.0)
    check.that(last.outcome, answer, ANSWERED, advice=BLOCK)
    check.course(secc.seen.since(began), secc.expects.discharge_at_most(0.0), advice=BLOCK)


@test_case(
    "TC_SECC_NonBpt_002",
    covers=("V2G20:no-discharge-without-bpt", "[V2G20-2188]"),
    pics=SECC.DC & SECC.DYNAMIC,
    needs=("setpoint", "power"),
    detects="secc-discharges-in-dc",
    lasts=7.0,
)
async def test_a_negative_setpoint_in_dc_is_not_followed(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC lets nothing flow back in service DC when its setpoint is negative.

    Given   a DC session in dynamic mode that charges
    when    the bench gives the charger a setpoint of -3 kW, for some seconds
    then    neither report nor bench meter shows discharging
    """
    evcc.policy = evcc.policy.replace(service=DC, control_mode=DYNAMIC)
    await secc.ask_to_charge(3000.0)
    loop = await evcc.charge_loop()
    await loop.settle(secc.expects.setpoint(3000.0), within=secc.settling)

    asked = await secc.ask_to_discharge(3000.0)
    last = await loop.endure(3.0)
    check.that(last.outcome, answer, ANSWERED, advice=BLOCK)
    check.course(secc.seen.since(asked.at), secc.expects.discharge_at_most(0.0), advice=BLOCK)
