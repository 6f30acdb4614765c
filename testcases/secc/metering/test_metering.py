"""Meter readings in the charge loop."""

from collections.abc import Callable
from itertools import pairwise

from harness.messages.dc import DC_ChargeLoopRes
from harness.v2g.readings import charged_energy, discharged_energy, meter_id
from harness.vocabulary import (
    DC_BPT,
    SCHEDULED,
    SECC,
    Check,
    Evcc,
    Inconclusive,
    MeterProbe,
    Observation,
    SeccUnderTest,
    Trace,
    at_most,
    satisfies,
    test_case,
)


def growth(seen: Trace, reading: Callable[[Observation], int | None]) -> float | None:
    """How much a counter rose from its first to its last value, Wh; None with fewer than two."""
    values = [value for each in seen if (value := reading(each)) is not None]
    return values[-1] - values[0] if len(values) > 1 else None


@test_case(
    "TC_SECC_Metering_001",
    covers=("[V2G20-1082]", "[V2G20-1833]", "V2G20:meter-counters"),
    pics=SECC.METERING & SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    detects=("secc-omits-meter-info", "secc-no-first-meter-info", "secc-meter-runs-backwards"),
    lasts=7.0,
)
async def test_meter_info_comes_first_and_when_asked(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC sends MeterInfo in its first loop response, and whenever the EV asks; its counters never fall.

    Given   a session in scheduled mode that charges with two thirds of what both can do
    when    the EV asks for MeterInfo in every loop request after the first
    then    the first response and every one asked for carry MeterInfo, with counters that never fall
    """
    amount = evcc.most_charge(secc.pixit) / evcc.inlet.voltage * 2 / 3
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=amount)
    loop = await evcc.charge_loop()
    evcc.policy = evcc.policy.replace(meter_info_requested=True)
    await loop.run(seconds=4.0)

    responses = loop.responses
    present = satisfies("MeterInfo", lambda text: bool(text))
    advice = "A charger that meters sends MeterInfo unasked once, in the first loop response."
    check.that(responses[0], _said, present, requirement="[V2G20-1833]", advice=advice)
    check.every(responses[1:], _said, present, advice="MeterInfoRequested asks for MeterInfo in this very response.")
    for reading in (charged_energy, discharged_energy):
        values = [value for each in responses if (value := reading(each)) is not None]
        check.holds(
            all(later >= before for before, later in pairwise(values)),
            expected=f"{reading.__name__.replace('_', ' ')} that never falls",
            actual=", ".join(map(str, values)),
            requirement="V2G20:meter-counters",
            advice="Count each direction in a counter of its own that only rises.",
        )


def _said(seen: Observation) -> str:
    """MeterInfo of a loop response, by its meter's id."""
    return meter_id(seen) or ""


@test_case(
    "TC_SECC_Metering_002",
    covers=("V2G20:meter-counters", "[V2G20-1082]"),
    pics=SECC.METERING & SECC.DC_BPT & SECC.SCHEDULED,
    needs="power",
    detects=("secc-meter-stands-still", "secc-counts-export-as-import"),
    lasts=17.0,
)
async def test_each_direction_has_its_own_counter(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC counts energy into the EV and out of it in two counters.

    Given   a DC_BPT session in scheduled mode with MeterInfo in every response
    when    the EV charges for some seconds, and then discharges as long
    then    while charging only the charged energy rises, while discharging only the discharged energy
    """
    amount = min(evcc.most_charge(secc.pixit), evcc.most_discharge(secc.pixit)) / evcc.inlet.voltage * 0.8
    seconds = max(5.0, 5 * 3600.0 / (amount * evcc.inlet.voltage))  # for some 5 Wh
    evcc.policy = evcc.policy.replace(service=DC_BPT, control_mode=SCHEDULED, target_current=amount)
    evcc.policy = evcc.policy.replace(meter_info_requested=True)
    loop = await evcc.charge_loop()
    for way, target, rising, resting in (
        ("charging", amount, charged_energy, discharged_energy),
        ("discharging", -amount, discharged_energy, charged_energy),
    ):
        evcc.policy = evcc.policy.replace(target_current=target)
        settled = await loop.settle(secc.expects.current(target, evcc.inlet.voltage), within=secc.settling)
        await loop.run(seconds=seconds)
        rose, rested = growth(secc.seen.since(settled), rising), growth(secc.seen.since(settled), resting)
        for reading, grown, wanted in (
            (rising, rose, rose is not None and rose >= 1),
            (resting, rested, rested is None or rested <= 1),
        ):
            check.holds(
                wanted,
                expected=f"{reading.__name__.replace('_', ' ')} that {'rises' if reading is rising else 'rests'}"
                f" while {way}",
                actual="no reading" if grown is None else f"{grown:+g} Wh in {seconds:.0f} s",
                seen=secc.seen.of(DC_ChargeLoopRes).last,
                advice="Feed ChargedEnergyReadingWh from import and BPT_DischargedEnergyReadingWh from export alone.",
            )


@test_case(
    "TC_SECC_Metering_003",
    covers=("[V2G20-902]", "V2G20:meter-counters"),
    pics=SECC.METERING & SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    needs=("meter", "power"),
    detects="secc-counts-too-much",
    lasts=17.0,
)
async def test_the_counter_agrees_with_the_bench_meter(
    evcc: Evcc, secc: SeccUnderTest, meter: MeterProbe, check: Check
) -> None:
    """SECC counts the energy that the bench meter sees.

    Given   a session in scheduled mode with MeterInfo in every response
    when    the EV charges with two thirds of what both can do, long enough for some 50 Wh
    then    the charged energy lies between what left the outlet and what came from the grid, within both accuracies
    """
    amount = evcc.most_charge(secc.pixit) / evcc.inlet.voltage * 2 / 3
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=amount, meter_info_requested=True)
    loop = await evcc.charge_loop()
    settled = await loop.settle(secc.expects.current(amount, evcc.inlet.voltage), within=secc.settling)
    await loop.run(seconds=50 * 3600.0 / (amount * evcc.inlet.voltage))

    now = evcc.timeline.clock.now()
    measured, counted = meter.energy(settled, now), growth(secc.seen.since(settled), charged_energy)
    if counted is None or measured is None:
        raise Inconclusive("no two readings to compare: the SECC's counter, or the bench meter's samples, are missing")
    hours = (now - settled) / 3600.0
    average = measured / hours
    slack = 2.0 + hours * (secc.pixit.meter_accuracy.at(average) + meter.accuracy(average) + secc.pixit.standby_power)
    low, high = measured * (1 - 2 * (1 - secc.pixit.efficiency)) - slack, measured + slack
    check.holds(
        low <= counted <= high,
        expected=f"charged energy of {low:.1f} to {high:.1f} Wh",
        actual=f"{counted:.1f} Wh",
        seen=secc.seen.of(DC_ChargeLoopRes).last,
        advice="Compare scale and place of the meter: Wh, for this outlet alone, counted while energy flows.",
    )


@test_case(
    "TC_SECC_Metering_004",
    covers="[V2G20-902]",
    pics=SECC.METERING & SECC.SCHEDULED & (SECC.DC | SECC.DC_BPT),
    needs="power",
    detects="secc-meter-not-reset",
    lasts=8.0,
)
async def test_counters_are_of_the_session(evcc: Evcc, secc: SeccUnderTest, check: Check) -> None:
    """SECC begins to count anew with each session.

    Given   a session in which at least 5 Wh were charged, ended in order
    when    the next session comes to its first loop response
    then    its charged energy is that of the new session: near zero
    """
    amount = evcc.most_charge(secc.pixit) / evcc.inlet.voltage * 2 / 3
    evcc.policy = evcc.policy.replace(control_mode=SCHEDULED, target_current=amount, meter_info_requested=True)
    loop = await evcc.charge_loop()
    await loop.until(lambda seen: (charged_energy(seen) or 0) >= 5, within=120.0, purpose="5 Wh of charged energy")
    await evcc.stop()

    evcc.policy = evcc.policy.replace(target_current=0.0)
    again = await evcc.charge_loop()
    check.every(
        again.responses,
        charged_energy,
        at_most(1.0, "Wh"),
        advice="MeterInfo counts the service session; subtract what the meter showed when it began.",
    )
