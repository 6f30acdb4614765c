"""Scheduled control: the EV says the current, the charger follows within the limits of both."""

from harness.messages.dc import DC_ChargeLoopReq
from harness.v2g.readings import metered_power, reported_current, reported_power
from harness.vocabulary import (
    DC,
    DC_BPT,
    SCHEDULED,
    SECC,
    Axis,
    Check,
    Evcc,
    SeccUnderTest,
    Service,
    answer,
    at_least,
    at_most,
    response_of,
    test_case,
)

CLIP = "Follow EVTargetCurrent with its sign, within the limits of both sides, and report what is measured."


async def follow(evcc: Evcc, secc: SeccUnderTest, check: Check, service: Service, amperes: tuple[float, ...]) -> None:
    """One session in which the EV asks for one current after the other."""
    evcc.policy = evcc.policy.replace(service=service, control_mode=SCHEDULED, target_current=amperes[0])
    loop = await evcc.charge_loop()
    for target in amperes:
        evcc.policy = evcc.policy.replace(target_current=target)
        expected = secc.expects.current(target, evcc.inlet.voltage)
        settled = await loop.settle(expected, within=secc.settling)
        check.course(secc.seen.since(settled), expected, advice=CLIP)


@test_case(
    "TC_SECC_Scheduled_001",
    covers=("V2G20:present-values", "[V2G20-2188]"),
    pics=SECC.DC & SECC.SCHEDULED,
    needs="power",
    detects="secc-gives-half-the-current",
    lasts=6.0,
)
async def test_dc_charging_follows_the_target_current(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC follows EVTargetCurrent while it charges in DC with scheduled control.

    Given   a DC session in scheduled mode, charging with a third of what both can do
    when    the EV raises EVTargetCurrent to two thirds
    then    the reported current and the metered power come to each of them within the PIXIT's time and tolerance
    """
    third = evcc.most_charge(secc.pixit) / evcc.inlet.voltage / 3
    await follow(evcc, secc, check, DC, (third, 2 * third))


@test_case(
    "TC_SECC_Scheduled_002",
    covers=("V2G20:present-values", "[V2G20-2188]"),
    pics=SECC.DC_BPT & SECC.SCHEDULED,
    needs="power",
    detects="secc-gives-half-the-current",
    lasts=6.0,
)
async def test_bpt_charging_follows_the_target_current(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC follows EVTargetCurrent while it charges in DC_BPT with scheduled control.

    Given   a DC_BPT session in scheduled mode, charging with two thirds of what both can do
    when    the EV lowers EVTargetCurrent to one third
    then    the reported current and the metered power come to each of them within the PIXIT's time and tolerance
    """
    third = evcc.most_charge(secc.pixit) / evcc.inlet.voltage / 3
    await follow(evcc, secc, check, DC_BPT, (2 * third, third))


@test_case(
    "TC_SECC_Scheduled_003",
    covers=("[V2G20-1034]", "[V2G20-1035]", "V2G20:present-values"),
    pics=SECC.DC_BPT & SECC.SCHEDULED,
    needs="power",
    detects=("secc-reports-wrong-sign", "secc-never-discharges", "secc-gives-half-the-current"),
    lasts=5.5,
)
async def test_a_negative_target_current_discharges(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC discharges the EV at a negative EVTargetCurrent, and says so with negative values.

    Given   a DC_BPT session in scheduled mode
    when    the EV asks for a negative EVTargetCurrent, a third and then two thirds of what both can do
    then    EVSEPresentCurrent and the power at the grid terminals come to it, both negative
    """
    third = evcc.most_discharge(secc.pixit) / evcc.inlet.voltage / 3
    await follow(evcc, secc, check, DC_BPT, (-third, -2 * third))
    last = secc.seen.since(evcc.timeline.clock.now() - 1.0)
    expected = {reported_current: at_most(0.0, "A"), metered_power: at_most(0.0, "W")}
    check.course(last, expected, requirement="[V2G20-1035]", advice="Energy out of the EV is negative, in every value.")


@test_case(
    "TC_SECC_Scheduled_004",
    covers=("[V2G20-1034]", "[V2G20-1035]", "V2G20:present-values"),
    pics=SECC.DC_BPT & SECC.SCHEDULED,
    needs="power",
    detects=("secc-trips-on-reversal", "secc-never-discharges", "secc-ramps-too-slowly"),
    lasts=7.5,
)
async def test_the_direction_changes_both_ways_in_one_session(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC goes from charging to discharging and back when EVTargetCurrent changes its sign.

    Given   a DC_BPT session in scheduled mode that charges
    when    the EV turns EVTargetCurrent to the same amount negative, and then back
    then    the SECC goes on answering OK, and the current has come to each target within the PIXIT's time
    """
    amount = min(evcc.most_charge(secc.pixit), evcc.most_discharge(secc.pixit)) / evcc.inlet.voltage / 2
    evcc.policy = evcc.policy.replace(service=DC_BPT, control_mode=SCHEDULED, target_current=amount)
    loop = await evcc.charge_loop()
    await loop.settle(secc.expects.current(amount, evcc.inlet.voltage), within=secc.settling)
    for target in (-amount, amount):
        evcc.policy = evcc.policy.replace(target_current=target)
        expected = secc.expects.current(target, evcc.inlet.voltage)
        settled = await loop.try_settle(expected, within=secc.settling)
        check.that(
            loop.outcome, answer, response_of(DC_ChargeLoopReq), advice="Ramp through zero; a reversal is no fault."
        )
        check.course(secc.seen.since(settled), expected, advice=CLIP)


@test_case(
    "TC_SECC_Scheduled_005",
    covers=("[V2G20-2188]", "V2G20:present-values"),
    pics=SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    needs="power",
    detects="secc-ignores-zero-target",
    lasts=6.0,
)
async def test_a_target_current_of_zero_means_no_power(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC transfers nothing while EVTargetCurrent is zero, and goes on with the session.

    Given   a session in scheduled mode that charges
    when    the EV sets EVTargetCurrent to 0 A
    then    within the PIXIT's time neither report nor bench meter shows a transfer, and responses stay OK
    """
    amount = evcc.most_charge(secc.pixit) / evcc.inlet.voltage / 2
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=amount)
    loop = await evcc.charge_loop()
    await loop.settle(secc.expects.current(amount, evcc.inlet.voltage), within=secc.settling)

    evcc.policy = evcc.policy.replace(target_current=0.0)
    expected = secc.expects.rest()
    settled = await loop.try_settle(expected, within=secc.settling)
    check.that(loop.outcome, answer, response_of(DC_ChargeLoopReq), advice="Zero is a legal target; stay in the loop.")
    check.course(secc.seen.since(settled), expected, advice="Do not keep the last target; zero means zero.")


@test_case(
    "TC_SECC_Scheduled_006",
    covers=("[V2G20-2183]", "FIELD-TARGET-VOLTAGE-ZERO"),
    pics=SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    needs="power",
    detects=("secc-fails-on-zero-voltage", "secc-idles-on-zero-voltage"),
    lasts=7.0,
)
async def test_a_target_voltage_of_zero_is_served(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC serves an EV that sends EVTargetVoltage 0 with a valid current, and nothing when both are 0.

    Given   a session in scheduled mode that charges
    when    the EV sets EVTargetVoltage to 0 V, and then EVTargetCurrent to 0 A as well
    then    responses stay OK; with a current given energy goes on flowing (field), with both zero none flows
    """
    amount = evcc.most_charge(secc.pixit) / evcc.inlet.voltage / 2
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=amount)
    loop = await evcc.charge_loop()
    flows = secc.expects.current(amount, evcc.inlet.voltage)
    await loop.settle(flows, within=secc.settling)

    evcc.policy = evcc.policy.announce(EVTargetVoltage=0.0)
    settled = await loop.try_settle(flows, within=secc.settling)
    served = response_of(DC_ChargeLoopReq, when="at EVTargetVoltage 0")
    advice = "EVs send a target voltage of 0 in the field; go on with the present voltage."
    check.that(loop.outcome, answer, served, advice=advice)
    some = {reported_power: at_least(0.5 * amount * evcc.inlet.voltage, "W")}
    check.course(
        secc.seen.since(settled), some, requirement="FIELD-TARGET-VOLTAGE-ZERO", axis=Axis.FIELD, advice=advice
    )
    evcc.policy = evcc.policy.replace(target_current=0.0)
    settled = await loop.try_settle(secc.expects.rest(), within=secc.settling)
    check.that(loop.outcome, answer, response_of(DC_ChargeLoopReq, when="with both targets 0"), advice=advice)
    check.course(secc.seen.since(settled), secc.expects.rest(), advice="Two zeros ask for nothing.")
