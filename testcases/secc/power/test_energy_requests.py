"""Energy requests of the EV: what the battery has to give, and what it can still take."""

from harness.messages.dc import DC_ChargeLoopReq
from harness.v2g.readings import above, reported_charge_power, reported_discharge_power
from harness.vocabulary import (
    DC_BPT,
    DYNAMIC,
    SECC,
    ChargeLoop,
    Check,
    Evcc,
    SeccUnderTest,
    answer,
    response_of,
    test_case,
)

FLOOR = "Discharge only while EVMinimumEnergyRequest is negative: its amount is what the EV has to give."


async def flowing(evcc: Evcc, secc: SeccUnderTest, share: float) -> ChargeLoop:
    """A DC_BPT loop in dynamic mode at a share of what both can do; + charges, - discharges."""
    evcc.policy = evcc.policy.replace(service=DC_BPT, control_mode=DYNAMIC)
    most = evcc.most_charge(secc.pixit) if share > 0 else evcc.most_discharge(secc.pixit)
    await secc.ask_for(share * most)
    loop = await evcc.charge_loop()
    reading = reported_charge_power if share > 0 else reported_discharge_power
    await loop.until(above(reading, abs(share) * most / 2), within=secc.settling)
    return loop


@test_case(
    "TC_SECC_Energy_001",
    covers=("V2G20:minimum-energy-request", "[V2G20-2188]"),
    pics=SECC.DC_BPT & SECC.DYNAMIC,
    needs=("setpoint", "power"),
    detects="secc-ignores-minimum-energy",
    lasts=4.5,
)
async def test_discharge_ends_when_the_ev_says_it_has_nothing_to_give(
    evcc: Evcc, secc: SeccUnderTest, check: Check
) -> None:
    """SECC stops discharging when EVMinimumEnergyRequest becomes zero or positive.

    Given   a DC_BPT session in dynamic mode that discharges, with a setpoint that stays
    when    the EV sends EVMinimumEnergyRequest of +500 Wh
    then    responses stay OK, and after the settling time neither report nor bench meter shows discharging
    """
    loop = await flowing(evcc, secc, -0.5)
    evcc.policy = evcc.policy.announce(EVMinimumEnergyRequest=500.0)
    expected = secc.expects.discharge_at_most(0.0)
    settled = await loop.try_settle(expected, within=secc.settling)
    check.that(loop.outcome, answer, response_of(DC_ChargeLoopReq))
    check.course(secc.seen.since(settled), expected, confirmed=False, advice=FLOOR)


@test_case(
    "TC_SECC_Energy_002",
    covers=("V2G20:minimum-energy-request", "[V2G20-2188]"),
    pics=SECC.DC_BPT & SECC.DYNAMIC,
    needs=("setpoint", "power"),
    detects="secc-ignores-minimum-energy",
    lasts=7.0,
)
async def test_discharge_ends_at_the_minimum_state_of_charge(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC stops discharging when the battery comes down to its minimum.

    Given   a DC_BPT session in dynamic mode that discharges a battery a few Wh above its minimum state of charge
    when    EVMinimumEnergyRequest, which follows the battery, rises from a small negative value through zero
    then    after the settling time neither report nor bench meter shows discharging
    """
    few = 3.0 * evcc.most_discharge(secc.pixit) / 2 / 3600.0  # some 3 s at half power
    evcc.inlet.charge_to(evcc.policy.minimum_soc / 100 + few / evcc.inlet.capacity)
    loop = await flowing(evcc, secc, -0.5)
    await loop.until(lambda _: evcc.inlet.soc * 100 <= evcc.policy.minimum_soc, within=30.0, purpose="the minimum SOC")
    expected = secc.expects.discharge_at_most(0.0)
    settled = await loop.settle(expected, within=secc.settling)
    check.course(secc.seen.since(settled), expected, confirmed=False, advice=FLOOR)


@test_case(
    "TC_SECC_Energy_003",
    covers=("V2G20:v2x-window", "[V2G20-2188]"),
    pics=SECC.V2X_ENERGY & SECC.DC_BPT & SECC.DYNAMIC,
    needs=("setpoint", "power"),
    detects="secc-ignores-v2x-window",
    lasts=4.5,
)
async def test_discharge_ends_at_the_lower_end_of_the_v2x_window(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC discharges inside the EV's V2X window, and stops below its lower end.

    Given   a DC_BPT session in dynamic mode; the EV announces a V2X window below and above its state of charge, and
            the SECC discharges it
    when    the EV moves the window up, so that EVMinimumV2XEnergyRequest is positive
    then    responses stay OK, and after the settling time neither report nor bench meter shows discharging
    """
    soc = evcc.inlet.soc * 100
    evcc.policy = evcc.policy.replace(v2x_window=(soc - 10, soc + 10))
    loop = await flowing(evcc, secc, -0.5)

    evcc.policy = evcc.policy.replace(v2x_window=(soc + 5, soc + 10))
    expected = secc.expects.discharge_at_most(0.0)
    settled = await loop.try_settle(expected, within=secc.settling)
    check.that(loop.outcome, answer, response_of(DC_ChargeLoopReq))
    advice = "Below EVMinimumV2XEnergyRequest the battery is not for the grid; charge it or wait."
    check.course(secc.seen.since(settled), expected, confirmed=False, advice=advice)


@test_case(
    "TC_SECC_Energy_004",
    covers=("[V2G20-2188]", "V2G20:secc-keeps-ev-limits"),
    pics=SECC.DC_BPT & SECC.DYNAMIC,
    needs=("setpoint", "power"),
    detects="secc-ignores-maximum-energy",
    lasts=8.0,
)
async def test_charging_ends_at_the_maximum_state_of_charge(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC stops charging when the battery has reached its maximum.

    Given   a DC_BPT session in dynamic mode that charges a battery a few Wh below its maximum state of charge
    when    EVMaximumEnergyRequest, which follows the battery, falls to zero and below
    then    responses stay OK, and after the settling time neither report nor bench meter shows charging
    """
    few = 3.0 * evcc.most_charge(secc.pixit) / 2 / 3600.0  # some 3 s at half power
    evcc.inlet.charge_to(evcc.policy.maximum_soc / 100 - few / evcc.inlet.capacity)
    loop = await flowing(evcc, secc, 0.5)
    full = evcc.policy.maximum_soc
    await loop.until(lambda _: evcc.inlet.soc * 100 >= full, within=30.0, purpose="the maximum SOC")
    expected = secc.expects.charge_at_most(0.0)
    settled = await loop.try_settle(expected, within=secc.settling)
    check.that(loop.outcome, answer, response_of(DC_ChargeLoopReq))
    advice = "Charge only while EVMaximumEnergyRequest is positive: above it the battery is full."
    check.course(secc.seen.since(settled), expected, confirmed=False, advice=advice)
