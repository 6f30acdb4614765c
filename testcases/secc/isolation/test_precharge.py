"""Precharge: the outlet comes to the battery's voltage before the contactors close."""

from harness.messages.dc import DC_PreChargeReq, DC_PreChargeRes
from harness.v2g.readings import metered_voltage, reported_voltage
from harness.vocabulary import (
    SECC,
    Check,
    Evcc,
    SeccUnderTest,
    Trace,
    answer,
    at_most,
    near,
    satisfies,
    test_case,
)

EV_TIMEOUT = 10.0
"""Seconds after which an EV gives precharge up."""


@test_case(
    "TC_SECC_PreCharge_001",
    covers=("V2G20:precharge-voltage", "V2G20:timing-precharge"),
    pics=SECC.DC | SECC.DC_BPT,
    needs="power",
    detects=("secc-precharge-stuck", "secc-precharge-overshoots"),
    lasts=4.0,
)
async def test_precharge_brings_the_outlet_to_the_battery(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC raises the outlet to the EV's target voltage in time, and holds it there.

    Given   a session after the cable check
    when    the EV asks by DC_PreChargeReq for its battery's voltage, and goes on asking once it has come
    then    report and bench meter come within the PIXIT's tolerance of it, within its time and 10 s at most, and stay
            there; on its way up the voltage never passes the target by more than that tolerance
    """
    await evcc.reach(DC_PreChargeReq)
    target, began = evcc.inlet.voltage, evcc.timeline.clock.now()
    tolerance = secc.pixit.precharge_tolerance.at(target)
    patience = min(secc.pixit.precharge_duration, EV_TIMEOUT)
    due = near(target, "V", tolerance=tolerance).because("PIXIT precharge_tolerance")

    rise = await evcc.try_poll(
        DC_PreChargeReq, within=patience, until=lambda seen: due.holds(reported_voltage(seen) or 0.0)
    )
    hold = await evcc.try_poll(DC_PreChargeReq, within=1.5)
    arrived, later = rise[-1].outcome, hold[0].outcome.at + 0.5
    check.that(
        arrived,
        reported_voltage,
        due.because(f"PIXIT precharge_duration, {patience:g} s"),
        advice="After 10 s the EV gives up; see how fast the converter raises its output without load.",
    )
    expected = {reported_voltage: due, metered_voltage: due}
    check.course(secc.seen.since(later), expected, advice="The outlet has to wait at the target for the contactors.")
    check.every(
        _once_below(secc, began, target),
        reported_voltage,
        at_most(target, "V", tolerance=tolerance),
        advice="Overshoot drives an inrush current through the closing contactors; slow the voltage ramp down.",
    )


def _once_below(secc: SeccUnderTest, began: float, target: float) -> Trace:
    """The responses from the first one at or below the target: what the cable check left may take its time to fall."""
    responses = secc.seen.since(began).of(DC_PreChargeRes)
    low = responses.where(lambda seen: (reported_voltage(seen) or 0.0) <= target)
    return responses.since(low[0].at) if low else responses


@test_case(
    "TC_SECC_PreCharge_002",
    covers=("V2G20:precharge-voltage", "[V2G20-2188]", "V2G20:secc-keeps-own-limits"),
    pics=SECC.DC | SECC.DC_BPT,
    needs="power",
    detects=("secc-precharge-beyond-maximum", "secc-ignores-ev-voltage-limit"),
    lasts=5.0,
)
async def test_a_precharge_target_above_the_limits_is_not_followed(
    evcc: Evcc, secc: SeccUnderTest, check: Check
) -> None:
    """SECC does not follow an EVTargetVoltage above its own and the EV's maximum voltage.

    Given   a session after the cable check
    when    the EV asks in DC_PreChargeReq for a tenth more than EVSEMaximumVoltage
    then    the SECC refuses with a FAILED code, or goes on; report and bench meter stay within the lower maximum
    """
    await evcc.reach(DC_PreChargeReq)
    announced = evcc.session.evse_limits.max_voltage if evcc.session.evse_limits else None
    own = announced or secc.pixit.maximum_voltage
    began = evcc.timeline.clock.now()
    polls = await evcc.try_poll(DC_PreChargeReq, within=2.5, EVTargetVoltage=1.1 * own)

    taken = satisfies("DC_PreChargeRes, OK or FAILED", lambda got: got.code.startswith(("OK", "FAILED")))
    check.that(polls[-1].outcome, answer, taken, advice="Answer every request; refuse a target that cannot be met.")
    for who, most in (("EVSE", own), ("EV", min(own, evcc.policy.limits.maximum_voltage))):
        limit = at_most(most, "V", tolerance=secc.pixit.voltage_tolerance.at(most))
        limit = limit.because(f"maximum voltage of the {who}", confirmed=who == "EVSE")
        check.course(
            secc.seen.since(began + 1.0),  # what the isolation test left is gone by then
            {reported_voltage: limit, metered_voltage: limit},
            advice="Bound the target of the converter by the smaller of EVSEMaximumVoltage and EVMaximumVoltage.",
        )
