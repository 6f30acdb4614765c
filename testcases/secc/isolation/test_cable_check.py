"""The isolation test of the cable, before any energy."""

from harness.messages.common_types import processingType
from harness.messages.dc import DC_CableCheckReq, DC_CableCheckRes
from harness.v2g.readings import metered_voltage, processing
from harness.vocabulary import (
    SECC,
    Axis,
    Check,
    Evcc,
    SeccUnderTest,
    answer,
    at_least,
    at_most,
    equals,
    response_of,
    test_case,
)

EV_TIMEOUT = 40.0
"""Seconds after which an EV gives the cable check up."""


@test_case(
    "TC_SECC_CableCheck_001",
    covers=("V2G20:timing-cable-check", "V2G20:timing-polled-response", "V2G20:cable-check"),
    pics=SECC.DC | SECC.DC_BPT,
    detects=("secc-cable-check-never-ends", "secc-slow-cable-check", "secc-slow-response", "secc-skips-cable-check"),
    lasts=2.5,
)
async def test_cable_check_comes_to_an_end(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC answers each DC_CableCheckReq in time and finishes the isolation test.

    Given   a session after ScheduleExchange, with a sound cable
    when    the EV repeats DC_CableCheckReq as long as the SECC says Ongoing
    then    every response comes within 1.5 s, and Finished comes within the PIXIT's time, 40 s at most, though not
            before a test can have run (field)
    """
    await evcc.reach(DC_CableCheckReq)
    patience = min(secc.pixit.cable_check_duration, EV_TIMEOUT)
    polls = await evcc.try_poll(DC_CableCheckReq, within=patience + secc.pixit.transmission_delay)

    for poll in polls:
        check.that(poll.outcome, answer, response_of(DC_CableCheckReq), advice="A sound cable passes the test.")
        limit = 1.5 + secc.pixit.transmission_delay
        check.holds(
            poll.turnaround is not None and poll.turnaround <= limit,
            expected=f"DC_CableCheckRes within {limit:g} s",
            actual=f"{poll.turnaround:.3f} s" if poll.turnaround is not None else "no response",
            seen=poll.outcome,
            requirement="V2G20:timing-polled-response",
            advice="Answer Ongoing at once; run the isolation test beside the communication.",
        )
    limit = equals(processingType.Finished).because("PIXIT cable_check_duration; V2G_EVCC_CableCheck_Timeout 40 s")
    check.holds(
        polls[-1].outcome.at - polls[0].outcome.at >= 0.2,
        expected="an isolation test that takes its time",
        actual=f"Finished {polls[-1].outcome.at - polls[0].outcome.at:.2f} s after the first answer",
        seen=polls[-1].outcome,
        requirement="V2G20:cable-check",
        axis=Axis.FIELD,
        confirmed=False,
        advice="Voltage has to rise and to settle before an insulation can be measured; see whether the test ran.",
    )
    check.that(
        polls[-1].outcome,
        processing,
        limit,
        advice=f"After {patience:g} s the EV gives up. Correct the PIXIT's cable_check_duration, or bound the test.",
    )


@test_case(
    "TC_SECC_CableCheck_002",
    covers=("V2G20:cable-check", "[V2G20-2188]"),
    pics=SECC.DC | SECC.DC_BPT,
    needs=("meter", "power"),
    detects=("secc-isolation-without-voltage", "secc-isolation-overvoltage"),
    lasts=2.5,
)
async def test_isolation_is_tested_with_a_voltage_that_the_ev_stands(
    evcc: Evcc, secc: SeccUnderTest, check: Check
) -> None:
    """SECC tests the isolation with a voltage, and with none above what the EV stands.

    Given   a session after ScheduleExchange; the EV announced its EVMaximumVoltage
    when    the EV polls DC_CableCheckReq until Finished
    then    the bench meter saw a test voltage at the outlet, of at most 500 V or EVMaximumVoltage if that is higher
    """
    await evcc.reach(DC_CableCheckReq)
    began = evcc.timeline.clock.now()
    await evcc.do(DC_CableCheckReq)

    voltages = secc.seen.since(began).where(lambda seen: metered_voltage(seen) is not None)
    highest = max(voltages, key=lambda seen: metered_voltage(seen) or 0.0, default=None)
    most = max(500.0, evcc.policy.limits.maximum_voltage)
    tolerated = at_most(most, "V", tolerance=secc.pixit.voltage_tolerance.at(most))
    if highest is None:
        check.inconclusive("a meter that shows the voltage of the outlet", "it shows none during the cable check")
        return
    check.that(
        highest,
        metered_voltage,
        tolerated.because("IEC 61851-23 practice", confirmed=False),
        advice="Bound the test voltage by EVMaximumVoltage of charge parameter discovery.",
    )
    check.that(
        highest,
        metered_voltage,
        at_least(60.0, "V").because("IEC 61851-23 practice", confirmed=False),
        axis=Axis.FIELD,
        advice="An isolation fault shows under voltage only; see whether the test ran at all.",
    )
    finished = secc.seen.of(DC_CableCheckRes).last
    check.that(finished, answer, response_of(DC_CableCheckReq))
