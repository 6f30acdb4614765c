"""Limits of the charger: it clips what the EV asks beyond them, says so, and never raises what it announced."""

from harness.messages.dc import DC_ChargeLoopReq, DC_ChargeLoopRes
from harness.v2g.readings import (
    announced_charge_power,
    announced_discharge_power,
    limit_achieved,
    power_limit_achieved,
)
from harness.vocabulary import (
    DC_BPT,
    DYNAMIC,
    SCHEDULED,
    SECC,
    Check,
    Evcc,
    Inconclusive,
    SeccUnderTest,
    answer,
    at_most,
    equals,
    response_of,
    test_case,
)

FLAGS = "Set the flag of the limit that holds the EV's wish back, in the response to that wish."


def announced(evcc: Evcc, name: str) -> float:
    """A limit of the EVSE from charge parameter discovery, as a magnitude."""
    value = getattr(evcc.session.evse_limits, name, None)
    if not value:
        raise Inconclusive(f"the SECC announced no {name.replace('_', ' ')} in charge parameter discovery")
    return float(value)


@test_case(
    "TC_SECC_EvseLimits_001",
    covers=("V2G20:secc-keeps-own-limits", "[V2G20-2188]", "V2G20:limit-flags"),
    pics=SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    needs="power",
    detects=("secc-exceeds-own-limits", "secc-hides-its-limits"),
    lasts=4.0,
)
async def test_a_target_current_above_the_maximum_is_clipped(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC clips an EVTargetCurrent above its maximum charge current, says so, and goes on.

    Given   a session in scheduled mode with an EV that stands far more than the EVSE can give (so must the bench)
    when    the EV asks for a fifth more than EVSEMaximumChargeCurrent
    then    responses are OK with a LimitAchieved flag; report and bench meter stay within the EVSE's announced limits
    """
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=1.0)
    evcc.policy = evcc.policy.with_limits(maximum_charge_current=10_000.0, maximum_charge_power=10_000_000.0)
    loop = await evcc.charge_loop()
    most = announced(evcc, "max_charge_current")
    evcc.policy = evcc.policy.replace(target_current=1.2 * most)
    expected = {
        **secc.expects.charge_at_most(announced(evcc, "max_charge_power")),
        **secc.expects.charge_current_at_most(most, evcc.inlet.voltage),
        limit_achieved: equals(True),
    }
    settled = await loop.try_settle(expected, within=secc.settling)
    check.that(loop.outcome, answer, response_of(DC_ChargeLoopReq), advice="The target of an EV is no error; clip it.")
    check.course(secc.seen.since(settled), expected, advice=FLAGS)


@test_case(
    "TC_SECC_EvseLimits_002",
    covers=("V2G20:secc-keeps-own-limits", "[V2G20-2188]", "V2G20:limit-flags"),
    pics=SECC.DC_BPT & SECC.SCHEDULED,
    needs="power",
    detects=("secc-exceeds-own-limits", "secc-hides-its-limits"),
    lasts=4.0,
)
async def test_a_discharge_target_beyond_the_maximum_is_clipped(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC clips a negative EVTargetCurrent beyond its maximum discharge current, says so, and goes on.

    Given   a DC_BPT session in scheduled mode with an EV that can give far more than the EVSE takes
    when    the EV asks to be discharged with a fifth more than EVSEMaximumDischargeCurrent
    then    responses are OK with a LimitAchieved flag; report and bench meter stay within the EVSE's announced limits
    """
    evcc.policy = evcc.policy.replace(service=DC_BPT, control_mode=SCHEDULED, target_current=-1.0)
    evcc.policy = evcc.policy.with_limits(maximum_discharge_current=10_000.0, maximum_discharge_power=10_000_000.0)
    loop = await evcc.charge_loop()
    most = announced(evcc, "max_discharge_current")
    evcc.policy = evcc.policy.replace(target_current=-1.2 * most)
    expected = {
        **secc.expects.discharge_at_most(announced(evcc, "max_discharge_power")),
        **secc.expects.discharge_current_at_most(most, evcc.inlet.voltage),
        limit_achieved: equals(True),
    }
    settled = await loop.try_settle(expected, within=secc.settling)
    check.that(loop.outcome, answer, response_of(DC_ChargeLoopReq), advice="The target of an EV is no error; clip it.")
    check.course(secc.seen.since(settled), expected, advice=FLAGS)


@test_case(
    "TC_SECC_EvseLimits_003",
    covers=("V2G20:limit-flags", "V2G20:secc-keeps-own-limits"),
    pics=SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    needs=("limit", "power"),
    detects=("secc-ignores-site-limit", "secc-hides-its-limits"),
    lasts=6.0,
)
async def test_a_power_limit_of_the_site_shows_in_power_and_flag(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC keeps a power limit that it is given while it charges, and sets EVSEPowerLimitAchieved.

    Given   a session in scheduled mode that charges with half of what both can do
    when    the bench makes the charger hold its power below a quarter
    then    responses stay OK, the power comes below the limit, and EVSEPowerLimitAchieved is true
    """
    most = evcc.most_charge(secc.pixit)
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=most / evcc.inlet.voltage / 2)
    loop = await evcc.charge_loop()
    await loop.settle(secc.expects.power(most / 2), within=secc.settling)

    await secc.hold_below(most / 4)
    expected = {**secc.expects.charge_at_most(most / 4), power_limit_achieved: equals(True)}
    settled = await loop.try_settle(expected, within=secc.settling)
    check.that(loop.outcome, answer, response_of(DC_ChargeLoopReq), advice="A lower limit is no fault; ramp down.")
    check.course(secc.seen.since(settled), expected, advice=FLAGS)


@test_case(
    "TC_SECC_EvseLimits_004",
    covers=("[V2G20-2654]", "V2G20:secc-keeps-own-limits"),
    pics=SECC.DYNAMIC & SECC.DC_BPT,
    needs=("limit", "setpoint", "power"),
    detects=("secc-raises-limits-in-loop", "secc-ignores-site-limit"),
    lasts=6.5,
)
async def test_limits_in_the_loop_stay_within_those_of_discovery(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC announces no more in the loop than in charge parameter discovery, and keeps what it announces.

    Given   a DC_BPT session in dynamic mode that discharges with two thirds of what both can do
    when    the bench makes the charger hold its power below a quarter, and then below twice its maximum
    then    the maxima in all loop responses are at most those of charge parameter discovery, and under the limit the
            power stays below it
    """
    most = evcc.most_discharge(secc.pixit)
    evcc.policy = evcc.policy.replace(service=DC_BPT, control_mode=DYNAMIC)
    await secc.ask_to_discharge(0.6 * most)
    loop = await evcc.charge_loop()
    await loop.settle(secc.expects.setpoint(-0.6 * most), within=secc.settling)

    await secc.hold_below(most / 4)
    expected = secc.expects.discharge_at_most(secc.expects.at_outlet(-most / 4) * -1)
    settled = await loop.settle(expected, within=secc.settling)
    check.course(secc.seen.since(settled), expected, advice="Hold the power below the limit of the site.")
    await secc.hold_below(2 * max(secc.pixit.maximum_charge_power, secc.pixit.maximum_discharge_power))
    await loop.run(seconds=1.0)
    charge, discharge = announced(evcc, "max_charge_power"), announced(evcc, "max_discharge_power")
    said = secc.seen.of(DC_ChargeLoopRes)
    advice = "Bound the limits of the loop by those of charge parameter discovery; raising them needs a new session."
    check.every(said, announced_charge_power, at_most(charge, "W"), requirement="[V2G20-2654]", advice=advice)
    check.every(said, announced_discharge_power, at_most(discharge, "W"), requirement="[V2G20-2654]", advice=advice)
