"""Dynamic control: the charger decides, within the limits of the EV. The bench gives it its setpoints."""

from harness.messages.dc import DC_ChargeLoopReq
from harness.vocabulary import DYNAMIC, SECC, Check, Evcc, SeccUnderTest, answer, response_of, test_case

FOLLOW = "Bring the power at the grid terminals to the setpoint, losses included, and report what is measured."


async def follow(evcc: Evcc, secc: SeccUnderTest, check: Check, watts: tuple[float, ...]) -> None:
    """One session in which the bench sets one power at the grid terminals after the other; the loop goes on."""
    evcc.policy = evcc.policy.replace(control_mode=DYNAMIC)
    await secc.ask_for(watts[0])
    loop = await evcc.charge_loop()
    for setpoint in watts:
        await secc.ask_for(setpoint)
        expected = secc.expects.setpoint(setpoint)
        settled = await loop.try_settle(expected, within=secc.settling)
        check.that(loop.outcome, answer, response_of(DC_ChargeLoopReq), advice="A new setpoint is no fault.")
        check.course(secc.seen.since(settled), expected, advice=FOLLOW)


@test_case(
    "TC_SECC_Dynamic_001",
    covers=("V2G20:setpoint-followed", "V2G20:present-values"),
    pics=SECC.DYNAMIC & (SECC.DC | SECC.DC_BPT),
    needs=("setpoint", "power"),
    detects=("secc-ignores-setpoint", "secc-keeps-first-setpoint", "secc-slow-setpoint", "secc-meter-lies"),
    lasts=5.5,
)
async def test_charging_follows_the_setpoint(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC charges with the setpoint it is given, in dynamic mode.

    Given   a session in dynamic mode with a setpoint of a third of what both can do
    when    the setpoint rises to two thirds
    then    the bench meter shows each setpoint within the PIXIT's time and tolerance, and the report fits the meter
    """
    third = evcc.most_charge(secc.pixit) / 3
    await follow(evcc, secc, check, (third, 2 * third))


@test_case(
    "TC_SECC_Dynamic_002",
    covers=("V2G20:setpoint-followed", "[V2G20-1034]", "[V2G20-1035]"),
    pics=SECC.DYNAMIC & SECC.DC_BPT,
    needs=("setpoint", "power"),
    detects=("secc-reverses-setpoint", "secc-reports-wrong-sign", "secc-never-discharges"),
    lasts=5.5,
)
async def test_discharging_follows_the_setpoint(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC discharges with the setpoint it is given, in DC_BPT with dynamic mode.

    Given   a DC_BPT session in dynamic mode with a setpoint to discharge with a third of what both can do
    when    the setpoint changes to two thirds
    then    report and bench meter are negative and come to each setpoint within the PIXIT's time and tolerance
    """
    third = evcc.most_discharge(secc.pixit) / 3
    await follow(evcc, secc, check, (-third, -2 * third))


@test_case(
    "TC_SECC_Dynamic_003",
    covers=("V2G20:setpoint-followed", "[V2G20-1034]", "[V2G20-1035]"),
    pics=SECC.DYNAMIC & SECC.DC_BPT,
    needs=("setpoint", "power"),
    detects=("secc-trips-on-reversal", "secc-never-discharges", "secc-ramps-too-slowly"),
    lasts=7.5,
)
async def test_the_setpoint_changes_its_sign_both_ways(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC goes from charging to discharging and back in one session when its setpoint changes its sign.

    Given   a DC_BPT session in dynamic mode that charges at half of what both can do
    when    the setpoint turns to the same power negative, and then back
    then    the SECC goes on answering OK, and the power has come to each setpoint within the PIXIT's time
    """
    half = min(evcc.most_charge(secc.pixit), evcc.most_discharge(secc.pixit)) / 2
    await follow(evcc, secc, check, (half, -half, half))


@test_case(
    "TC_SECC_Dynamic_004",
    covers="V2G20:setpoint-followed",
    pics=SECC.DYNAMIC & (SECC.DC | SECC.DC_BPT),
    needs=("setpoint", "power"),
    detects="secc-ignores-zero-setpoint",
    lasts=6.0,
)
async def test_a_setpoint_of_zero_means_no_power(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC transfers nothing at a setpoint of zero, and stays in the loop.

    Given   a session in dynamic mode that charges
    when    the setpoint becomes 0 W
    then    within the PIXIT's time neither report nor bench meter shows a transfer, and responses stay OK
    """
    evcc.policy = evcc.policy.replace(control_mode=DYNAMIC)
    half = evcc.most_charge(secc.pixit) / 2
    await secc.ask_to_charge(half)
    loop = await evcc.charge_loop()
    await loop.settle(secc.expects.setpoint(half), within=secc.settling)

    await secc.ask_for(0.0)
    settled = await loop.try_settle(secc.expects.rest(), within=secc.settling)
    check.that(loop.outcome, answer, response_of(DC_ChargeLoopReq), advice="Zero is a legal setpoint.")
    check.course(secc.seen.since(settled), secc.expects.rest(), advice="Zero means zero, not the last setpoint.")
