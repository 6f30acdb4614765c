"""Limits of the EV that change while energy flows: the charger keeps each of them, and uses what is given back."""

from harness.messages.dc import DC_ChargeLoopReq
from harness.v2g.readings import above, reported_charge_power, reported_discharge_power
from harness.vocabulary import (
    DC_BPT,
    DYNAMIC,
    SCHEDULED,
    SECC,
    ChargeLoop,
    Check,
    Evcc,
    SeccUnderTest,
    answer,
    response_of,
    satisfies,
    test_case,
)

CLIP = "Clip the set-point of the power stage to the EV's limits of each request, before the next response."


async def charging(evcc: Evcc, secc: SeccUnderTest, watts: float) -> ChargeLoop:
    """A loop in dynamic mode that charges with about `watts`."""
    evcc.policy = evcc.policy.replace(control_mode=DYNAMIC)
    await secc.ask_to_charge(watts)
    loop = await evcc.charge_loop()
    await loop.until(above(reported_charge_power, 0.7 * watts), within=secc.settling)
    return loop


async def discharging(evcc: Evcc, secc: SeccUnderTest, watts: float) -> ChargeLoop:
    """A loop of a DC_BPT session in dynamic mode that discharges with about `watts`."""
    evcc.policy = evcc.policy.replace(service=DC_BPT, control_mode=DYNAMIC)
    await secc.ask_to_discharge(watts)
    loop = await evcc.charge_loop()
    await loop.until(above(reported_discharge_power, 0.7 * watts), within=secc.settling)
    return loop


@test_case(
    "TC_SECC_Limits_001",
    covers=("[V2G20-2188]", "V2G20:secc-keeps-ev-limits"),
    pics=SECC.DYNAMIC & (SECC.DC | SECC.DC_BPT),
    needs=("setpoint", "power"),
    detects=("secc-ignores-ev-charge-limit", "secc-latches-ev-limits"),
    lasts=7.0,
)
async def test_charge_power_stays_within_the_limit_of_the_ev(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC keeps charge power within the EV's limit, and uses it again when the EV raises the limit.

    Given   a session in dynamic mode that charges with about two thirds of what both can do
    when    the EV lowers EVMaximumChargePower to a quarter, and then takes that back
    then    after the settling time neither report nor bench meter shows more than the quarter; then the power returns
    """
    most = evcc.most_charge(secc.pixit)
    loop = await charging(evcc, secc, 0.6 * most)
    before = evcc.policy.limits.maximum_charge_power
    for limit, expected in (
        (most / 4, secc.expects.charge_at_most(most / 4)),
        (before, secc.expects.setpoint(0.6 * most)),
    ):
        await loop.announce(EVMaximumChargePower=limit)
        settled = await loop.settle(expected, within=secc.settling)
        check.course(secc.seen.since(settled), expected, advice=CLIP)


@test_case(
    "TC_SECC_Limits_002",
    covers=("[V2G20-2188]", "V2G20:secc-keeps-ev-limits"),
    pics=SECC.DYNAMIC & (SECC.DC | SECC.DC_BPT),
    needs=("setpoint", "power"),
    detects="secc-ignores-ev-charge-current-limit",
    lasts=5.0,
)
async def test_charge_current_stays_within_the_limit_of_the_ev(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC keeps charge current within the EV's limit.

    Given   a session in dynamic mode that charges with about two thirds of what both can do
    when    the EV lowers EVMaximumChargeCurrent to a quarter of that, and leaves EVMaximumChargePower as it is
    then    after the settling time neither report nor bench meter shows more current, or the power of more current
    """
    most = evcc.most_charge(secc.pixit)
    loop = await charging(evcc, secc, 0.6 * most)
    limit = most / 4 / evcc.inlet.voltage
    await loop.announce(EVMaximumChargeCurrent=limit)
    expected = secc.expects.charge_current_at_most(limit, evcc.inlet.voltage)
    settled = await loop.settle(expected, within=secc.settling)
    check.course(secc.seen.since(settled), expected, advice=CLIP)


@test_case(
    "TC_SECC_Limits_003",
    covers=("[V2G20-2188]", "V2G20:secc-keeps-ev-limits"),
    pics=SECC.DC_BPT & SECC.DYNAMIC,
    needs=("setpoint", "power"),
    detects=("secc-ignores-ev-discharge-limit", "secc-latches-ev-limits"),
    lasts=6.0,
)
async def test_discharge_power_stays_within_the_limit_of_the_ev(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC keeps discharge power within the EV's limit, and uses it again when the EV raises the limit.

    Given   a DC_BPT session in dynamic mode that discharges with about two thirds of what both can do
    when    the EV lowers EVMaximumDischargePower to a quarter, and then takes that back
    then    after the settling time neither report nor bench meter shows more than the quarter; then the power returns
    """
    most = evcc.most_discharge(secc.pixit)
    loop = await discharging(evcc, secc, 0.6 * most)
    before = evcc.policy.limits.maximum_discharge_power
    for limit, expected in (
        (most / 4, secc.expects.discharge_at_most(most / 4)),
        (before, secc.expects.setpoint(-0.6 * most)),
    ):
        await loop.announce(EVMaximumDischargePower=limit)
        settled = await loop.settle(expected, within=secc.settling)
        check.course(secc.seen.since(settled), expected, advice=CLIP)


@test_case(
    "TC_SECC_Limits_004",
    covers=("[V2G20-2188]", "V2G20:secc-keeps-ev-limits"),
    pics=SECC.DC_BPT & SECC.DYNAMIC,
    needs=("setpoint", "power"),
    detects="secc-ignores-ev-discharge-current-limit",
    lasts=4.5,
)
async def test_discharge_current_stays_within_the_limit_of_the_ev(
    evcc: Evcc, secc: SeccUnderTest, check: Check
) -> None:
    """SECC keeps discharge current within the EV's limit.

    Given   a DC_BPT session in dynamic mode that discharges with about two thirds of what both can do
    when    the EV lowers EVMaximumDischargeCurrent to a quarter of that, and leaves EVMaximumDischargePower as it is
    then    after the settling time neither report nor bench meter shows more current, or the power of more current
    """
    most = evcc.most_discharge(secc.pixit)
    loop = await discharging(evcc, secc, 0.6 * most)
    limit = most / 4 / evcc.inlet.voltage
    await loop.announce(EVMaximumDischargeCurrent=limit)
    expected = secc.expects.discharge_current_at_most(limit, evcc.inlet.voltage)
    settled = await loop.settle(expected, within=secc.settling)
    check.course(secc.seen.since(settled), expected, advice=CLIP)


@test_case(
    "TC_SECC_Limits_005",
    covers=("[V2G20-2188]", "V2G20:secc-keeps-ev-limits"),
    pics=SECC.DYNAMIC & (SECC.DC | SECC.DC_BPT),
    needs=("setpoint", "power"),
    detects="secc-ignores-ev-charge-limit",
    lasts=5.0,
)
async def test_a_charge_limit_of_zero_stops_charging(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC stops charging when the EV says EVMaximumChargePower 0, and stays in the loop.

    Given   a session in dynamic mode that charges, with a setpoint that stays
    when    the EV sends EVMaximumChargePower 0
    then    responses stay OK, and after the settling time neither report nor bench meter shows charging
    """
    loop = await charging(evcc, secc, 0.5 * evcc.most_charge(secc.pixit))
    evcc.policy = evcc.policy.announce(EVMaximumChargePower=0.0)
    expected = secc.expects.charge_at_most(0.0)
    settled = await loop.try_settle(expected, within=secc.settling)
    check.that(loop.outcome, answer, response_of(DC_ChargeLoopReq), advice="A limit of zero is legal; wait at zero.")
    check.course(secc.seen.since(settled), expected, advice=CLIP)


@test_case(
    "TC_SECC_Limits_006",
    covers=("[V2G20-2188]", "V2G20:secc-keeps-ev-limits"),
    pics=SECC.DC_BPT & SECC.DYNAMIC,
    needs=("setpoint", "power"),
    detects="secc-ignores-ev-discharge-limit",
    lasts=4.5,
)
async def test_a_discharge_limit_of_zero_stops_discharging(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC stops discharging when the EV says EVMaximumDischargePower 0, and stays in the loop.

    Given   a DC_BPT session in dynamic mode that discharges, with a setpoint that stays
    when    the EV sends EVMaximumDischargePower 0
    then    responses stay OK, and after the settling time neither report nor bench meter shows discharging
    """
    loop = await discharging(evcc, secc, 0.5 * evcc.most_discharge(secc.pixit))
    evcc.policy = evcc.policy.announce(EVMaximumDischargePower=0.0)
    expected = secc.expects.discharge_at_most(0.0)
    settled = await loop.try_settle(expected, within=secc.settling)
    check.that(loop.outcome, answer, response_of(DC_ChargeLoopReq), advice="A limit of zero is legal; wait at zero.")
    check.course(secc.seen.since(settled), expected, advice=CLIP)


@test_case(
    "TC_SECC_Limits_007",
    covers=("[V2G20-2188]", "V2G20:secc-keeps-ev-limits"),
    pics=SECC.DYNAMIC & (SECC.DC | SECC.DC_BPT),
    needs=("setpoint", "power"),
    detects="secc-ignores-ev-voltage-limit",
    lasts=5.0,
)
async def test_charging_ends_where_the_voltage_limit_of_the_ev_is_passed(
    evcc: Evcc, secc: SeccUnderTest, check: Check
) -> None:
    """SECC does not push current above EVMaximumVoltage.

    Given   a session in dynamic mode that charges
    when    the EV lowers EVMaximumVoltage to a tenth below its present voltage
    then    the SECC stops charging, in the loop or by ending the session; by report and bench meter nothing is charged
    """
    loop = await charging(evcc, secc, 0.5 * evcc.most_charge(secc.pixit))
    evcc.policy = evcc.policy.announce(EVMaximumVoltage=round(0.9 * evcc.inlet.voltage))
    expected = secc.expects.charge_at_most(0.0)
    settled = await loop.try_settle(expected, within=secc.settling)
    answered = satisfies("DC_ChargeLoopRes, OK or FAILED", lambda got: bool(got.code))
    check.that(loop.outcome, answer, answered, advice="Answer the request, whatever follows.")
    check.course(secc.seen.since(settled), expected, advice=CLIP)


@test_case(
    "TC_SECC_Limits_008",
    covers=("[V2G20-2188]", "V2G20:secc-keeps-ev-limits"),
    pics=SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    needs="power",
    detects="secc-ignores-ev-charge-current-limit",
    lasts=6.0,
)
async def test_limits_of_the_ev_bind_its_own_target_too(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC keeps the EV's current limit also where EVTargetCurrent asks for more.

    Given   a session in scheduled mode that charges with half of what both can do
    when    the EV adds EVMaximumChargeCurrent of half of its EVTargetCurrent to its requests
    then    after the settling time neither report nor bench meter shows more than that limit
    """
    amount = evcc.most_charge(secc.pixit) / evcc.inlet.voltage / 2
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=amount)
    loop = await evcc.charge_loop()
    await loop.settle(secc.expects.current(amount, evcc.inlet.voltage), within=secc.settling)

    await loop.announce(EVMaximumChargeCurrent=amount / 2)
    expected = secc.expects.charge_current_at_most(amount / 2, evcc.inlet.voltage)
    settled = await loop.settle(expected, within=secc.settling)
    check.course(secc.seen.since(settled), expected, advice=CLIP)
