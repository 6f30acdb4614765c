"""DER controls of active power, judged by what the meters show (OCPP 2.1 block R; IEEE 1547 as a screening).

Percent of rated power are taken of DCDERCtrlr.MaxW, voltages as percent of nominal; neither scale is confirmed, and no curve
is: what rests on them alone is provisional.
"""

from harness.vocabulary import (
    HERTZ_MARGIN,
    SETTINGS_TIME,
    STATION,
    VOLTS_MARGIN,
    Check,
    Csms,
    GridControl,
    StationUnderTest,
    central_setpoint,
    der_curve,
    der_rating,
    disturb,
    install_der,
    on_curve,
    scheduled,
    steered,
    test_case,
    without_der,
)

ANSWER = 2.0
"""Open-loop response time (s) that the controls ask for."""
_ACTS = "See whether the grid function acts in the inverter, and what it takes for 100 percent."
_CURVE = "Interpolate between the points of the curve; mind what its percentages are of, and the scale of its voltages."


@test_case(
    "TC_STATION_Der_022",
    covers=("R04.FR.11", "IEEE 1547-2018 5.4.2"),
    pics=STATION.DER_DC & STATION.DER_VOLT_WATT & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=(
        "station-blind-to-voltage",
        "station-der-staircase",
        "station-der-wrong-base",
        "station-ignores-der-controls",
    ),
    lasts=40.0,
)
async def test_volt_watt_caps_what_is_given(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station gives less active power as the voltage rises, as its VoltWatt curve says.

    Given   a transaction that discharges with the full power of the station, and a default VoltWatt curve that leaves it all
            of that up to 105 % of nominal voltage, and 20 % from 109 % on
    when    the voltage rises to 107 %, and then to 109.5 %
    then    meter values and bench meter come to 60 %, and to 20 % of the power
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -most)
    share = 100 * most / (await der_rating(csms)).watts
    body = der_curve((105, share), (109, 0.2 * share), responseTime=ANSWER)
    await install_der(csms, check, "VoltWatt", body)
    allowing = SETTINGS_TIME
    for percent in (107, 109.5):
        low, high = on_curve(((105, most), (109, 0.2 * most)), percent, VOLTS_MARGIN)
        await disturb(grid, station, answer=ANSWER, percent=percent)
        expected = station.expects.between(-high, -low)
        seen = await station.course(expected, allowing=allowing)
        check.course(seen, expected, requirement="IEEE 1547-2018 5.4.2", advice=_CURVE)
        allowing = 0.0
    await grid.set()


@test_case(
    "TC_STATION_Der_023",
    covers=("R04.FR.11",),
    pics=STATION.DER_DC & STATION.DER_FREQ_WATT & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=(
        "station-blind-to-frequency",
        "station-der-staircase",
        "station-der-wrong-base",
        "station-ignores-der-controls",
    ),
    lasts=40.0,
)
async def test_freq_watt_caps_what_is_given(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station gives less active power as the frequency rises, as its FreqWatt curve says.

    Given   a transaction that discharges with the full power of the station, and a default FreqWatt curve that leaves it all
            of that up to 50.2 Hz, and 20 % from 50.6 Hz on
    when    the frequency rises to 50.4 Hz, and then to 50.7 Hz
    then    meter values and bench meter come to 60 %, and to 20 % of the power
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -most)
    share = 100 * most / (await der_rating(csms)).watts
    await install_der(csms, check, "FreqWatt", der_curve((50.2, share), (50.6, 0.2 * share), responseTime=ANSWER))
    allowing = SETTINGS_TIME
    for hertz in (50.4, 50.7):
        low, high = on_curve(((50.2, most), (50.6, 0.2 * most)), hertz, HERTZ_MARGIN)
        await disturb(grid, station, answer=ANSWER, hertz=hertz)
        expected = station.expects.between(-high, -low)
        seen = await station.course(expected, allowing=allowing)
        check.course(seen, expected, advice=_CURVE, confirmed=False)
        allowing = 0.0
    await grid.set()


@test_case(
    "TC_STATION_Der_024",
    covers=("R04.FR.11", "IEEE 1547-2018 6.5.2.7"),
    pics=STATION.DER_DC & STATION.DER_FREQ_DROOP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=("station-der-steep-droop", "station-der-one-sided-droop", "station-der-droop-flat"),
    lasts=40.0,
)
async def test_a_droop_has_its_slope_on_both_sides(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station moves its power by the slope of a frequency droop, down for a high frequency and up for a low one.

    Given   a transaction that discharges with half the power of the station, and a default FreqDroop of 0.05
    when    the frequency is above the dead band, and then below it, by what is worth 40 % of that power
    then    it discharges with 10 %, and with 90 % of its power
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -0.5 * most)
    beyond = round(0.4 * most / (await der_rating(csms)).watts * 0.05 * 50, 3)
    body = {"overFreq": 50.1, "underFreq": 49.9, "overDroop": 0.05, "underDroop": 0.05, "responseTime": ANSWER}
    await install_der(csms, check, "FreqDroop", body)
    margin = HERTZ_MARGIN * 0.4 * most / beyond
    allowing = SETTINGS_TIME
    for hertz, power in ((50.1 + beyond, -0.1 * most), (49.9 - beyond, -0.9 * most)):
        await disturb(grid, station, answer=ANSWER, hertz=round(hertz, 3))
        expected = station.expects.between(power - margin, power + margin)
        seen = await station.course(expected, allowing=allowing)
        check.course(seen, expected, requirement="IEEE 1547-2018 6.5.2.7", advice=_ACTS)
        allowing = 0.0
    await grid.set()


@test_case(
    "TC_STATION_Der_025",
    covers=("R04.FR.11", "IEEE 1547-2018 5.4.2"),
    pics=STATION.DER_DC & STATION.DER_VOLT_WATT & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=("station-der-slow-answer", "station-blind-to-voltage", "station-ignores-der-controls"),
    lasts=70.0,
)
async def test_a_curve_is_followed_within_its_response_time(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station has followed a curve when its responseTime says so.

    Given   a transaction that discharges with full power, and a default VoltWatt curve with a responseTime of 10 s
    when    the voltage rises to where the curve leaves 20 %
    then    after twice that time it discharges with 20 % of its power
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -most)
    share = 100 * most / (await der_rating(csms)).watts
    await install_der(csms, check, "VoltWatt", der_curve((105, share), (109, 0.2 * share), responseTime=10))
    await station.watch(SETTINGS_TIME)
    await disturb(grid, station, answer=10.0, percent=109.5)
    expected = station.expects.between(-0.21 * most, -0.2 * most)
    check.course(await station.course(expected), expected, requirement="IEEE 1547-2018 5.4.2", advice=_ACTS)
    await grid.set()


@test_case(
    "TC_STATION_Der_026",
    covers=("R04.FR.11",),
    pics=STATION.DER_DC & STATION.DER_FREQ_WATT & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=("station-der-no-hysteresis", "station-blind-to-frequency"),
    lasts=45.0,
)
async def test_power_returns_only_after_the_delay_of_the_hysteresis(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station lets power return after a grid event only when the hysteresis of the curve says so.

    Given   a FreqWatt curve that has cut the discharge to 20 %, with a hysteresis from 49.9 to 50.1 Hz and a delay of 20 s
    when    the frequency is back at 50 Hz
    then    for 18 s more than half of the power does not flow, and after the delay all of it does
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -most)
    share = 100 * most / (await der_rating(csms)).watts
    back = {"hysteresisLow": 49.9, "hysteresisHigh": 50.1, "hysteresisDelay": 20}
    body = der_curve((50.2, share), (50.4, 0.2 * share), responseTime=0, hysteresis=back)
    await install_der(csms, check, "FreqWatt", body)
    await disturb(grid, station, hertz=50.5)
    await station.settle(station.expects.discharge_at_most(0.2 * most), allowing=SETTINGS_TIME)
    await grid.set()
    held = station.expects.between(-0.5 * most, 0.0)
    check.course(await station.watch(18.0), held, advice="Hold the cut for hysteresisDelay.", confirmed=False)
    await station.watch(2.0 + grid.settling_time + station.pixit.reaction_time)
    expected = station.expects.power(-most)
    check.course(await station.course(expected), expected, advice="Let power return after the delay.", confirmed=False)


@test_case(
    "TC_STATION_Der_027",
    covers=("R04.FR.11", "R04.FR.02"),
    pics=STATION.DER_DC & STATION.DER_GRADIENTS & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-der-no-gradient", "station-ignores-der-controls"),
    lasts=90.0,
)
async def test_gradients_ramp_the_power(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station changes its power no faster than the default Gradients let it.

    Given   a transaction that discharges with 20 % of its power, and Gradients by which the power of the station takes 20 s
    when    a setpoint asks for all of its power
    then    for 8 s it gives no more than 70 %, and in the end it gives all
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -0.2 * most)
    seconds = round(20 * (await der_rating(csms)).watts / most, 1)
    await install_der(csms, check, "Gradients", {"gradient": seconds, "softGradient": 0})
    await station.watch(SETTINGS_TIME)
    await csms.dispatch(central_setpoint(-most))
    slowly = station.expects.discharge_at_most(0.7 * most)
    advice = "Keep the rate of change; gradient is the time in s for a change by the rated power."
    check.course(await station.watch(8.0), slowly, advice=advice, confirmed=False)
    await station.watch(seconds - 8.0)
    expected = station.expects.power(-most)
    check.course(await station.course(expected), expected, advice="Go on until the setpoint is reached.")


@test_case(
    "TC_STATION_Der_028",
    covers=("R04.FR.11", "R04.FR.10", "R04.FR.05"),
    pics=STATION.DER_DC & STATION.DER_LIMIT_MAX_DISCHARGE & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-der-starts-at-once", "station-der-never-ends", "station-der-limit-ignored"),
    lasts=140.0,
)
async def test_a_scheduled_cap_holds_from_its_start_to_its_end(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station runs a scheduled LimitMaxDischarge in its time, and the default one before and after.

    Given   a transaction that discharges with full power, with a default LimitMaxDischarge that leaves 70 %
    when    a LimitMaxDischarge that leaves 30 % is scheduled to begin 60 s from now, for 60 s
    then    it discharges with more than half of its power until then, with no more than 30 % in that time, and with more than
            half of it afterwards
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -most)
    share = 100 * most / (await der_rating(csms)).watts
    await install_der(csms, check, "LimitMaxDischarge", {"pctMaxDischargePower": round(0.7 * share, 3)})
    body = scheduled(csms, {"pctMaxDischargePower": round(0.3 * share, 3)}, after=60, lasting=60)
    await install_der(csms, check, "LimitMaxDischarge", body, default=False, number="tester-timed")
    begins = csms.clock.now() + 60.0
    outside, inside = station.expects.between(-0.7 * most, -0.5 * most), station.expects.discharge_at_most(0.3 * most)
    await station.settle(outside, allowing=SETTINGS_TIME)
    seen = await station.watch(begins - 2.0 - csms.clock.now())
    check.course(seen, outside, requirement="R04.FR.05", advice="Begin at startTime, not before.", confirmed=False)
    await station.watch(begins - csms.clock.now())
    await station.settle(inside, allowing=SETTINGS_TIME)
    seen = await station.watch(begins + 58.0 - csms.clock.now())
    check.course(seen, inside, advice=_ACTS)
    await station.watch(begins + 60.0 - csms.clock.now())
    seen = await station.course(outside, allowing=SETTINGS_TIME)
    check.course(seen, outside, requirement="R04.FR.10", advice="End after the duration.", confirmed=False)


@test_case(
    "TC_STATION_Der_029",
    covers=("R04.FR.09", "R04.FR.03"),
    pics=STATION.DER_DC & STATION.DER_LIMIT_MAX_DISCHARGE & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-der-priorities-upside-down", "station-der-limit-ignored", "station-ignores-der-controls"),
    lasts=20.0,
)
async def test_the_control_of_lower_priority_is_not_executed(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station executes the default control of the higher priority, whichever came last.

    Given   a transaction that discharges with full power, and a default LimitMaxDischarge of priority 1 that leaves 30 %
    when    one of priority 5 that leaves 70 % is set
    then    no more than 30 % of the power is discharged
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -most)
    share = 100 * most / (await der_rating(csms)).watts
    strict, loose = (
        {"pctMaxDischargePower": round(part * share, 3), "priority": p} for part, p in ((0.3, 1), (0.7, 5))
    )
    await install_der(csms, check, "LimitMaxDischarge", strict, number="tester-strict")
    await install_der(csms, check, "LimitMaxDischarge", loose, number="tester-loose")
    expected = station.expects.discharge_at_most(0.3 * most)
    advice = "A superseded control is never executed; 0 is the highest priority."
    check.course(await station.course(expected, allowing=SETTINGS_TIME), expected, advice=advice)


@test_case(
    "TC_STATION_Der_030",
    covers=("R04.FR.46", "R04.FR.11"),
    pics=STATION.DER_DC & STATION.DER_LIMIT_MAX_DISCHARGE & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-ignores-clearing-der-controls",),
    lasts=25.0,
)
async def test_a_control_that_is_cleared_no_longer_acts(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station gives its full power again when the control that capped it is cleared.

    Given   a transaction whose discharge is capped by a default LimitMaxDischarge
    when    the CSMS clears that control
    then    meter values and bench meter come back to the setpoint
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -most)
    share = 100 * most / (await der_rating(csms)).watts
    await install_der(csms, check, "LimitMaxDischarge", {"pctMaxDischargePower": round(0.3 * share, 3)})
    await station.settle(station.expects.discharge_at_most(0.3 * most), allowing=SETTINGS_TIME)
    await csms.clear_der(True, controlId="tester-LimitMaxDischarge")
    expected = station.expects.power(-most)
    seen = await station.course(expected, allowing=SETTINGS_TIME)
    check.course(seen, expected, advice="A control that is cleared must not act any more.")


@test_case(
    "TC_STATION_Der_031",
    covers=("R01.FR.03", "R02.FR.02", "R03.FR.02"),
    pics=(STATION.DER_DC | STATION.DER_AC) & STATION.DER_LIMIT_MAX_DISCHARGE & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "power_cycle"),
    detects=("station-der-forgets-at-boot", "station-der-limit-ignored"),
    lasts=25.0,
)
async def test_a_cap_acts_after_a_power_cycle(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station executes after a loss of its supply what was set before it.

    Given   a station with a default LimitMaxDischarge that leaves 30 % of its power
    when    it is switched off and on again, and then an EV is to be discharged with full power
    then    no more than 30 % of the power is discharged
    """
    most = station.pixit.maximum_discharge_power
    await without_der(csms, station)
    share = 100 * most / (await der_rating(csms)).watts
    await install_der(csms, check, "LimitMaxDischarge", {"pctMaxDischargePower": round(0.3 * share, 3)})
    cycled = await station.power_cycle()
    await csms.expect("BootNotification", within=station.pixit.boot_time, after=cycled.number)
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.dispatch(central_setpoint(-most))
    expected = station.expects.between(-0.3 * most, -0.01 * most)
    advice = "Keep DER controls where they outlast the supply, and execute them from boot on."
    seen = await station.course(expected, allowing=SETTINGS_TIME)
    check.course(seen, expected, advice=advice, confirmed=False)


@test_case(
    "TC_STATION_Der_065",
    covers=("R04.FR.11", "R04.FR.02"),
    pics=STATION.DER_DC & STATION.DER_GRADIENTS,
    needs=("plug", "authorise", "meter"),
    detects=("station-der-no-soft-start", "station-ignores-der-controls"),
    lasts=70.0,
)
async def test_energy_begins_to_flow_softly(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes up power no faster than the softGradient of its default Gradients lets it.

    Given   Gradients by whose softGradient the charge power of the station takes 20 s
    when    a transaction begins to charge
    then    for 7 s from the first energy on no more than 60 % of that power flows, and in the end more does
    """
    most = station.pixit.maximum_charge_power
    await without_der(csms, station)
    seconds = round(20 * (await der_rating(csms)).watts / most, 1)
    await install_der(csms, check, "Gradients", {"gradient": 0, "softGradient": seconds})
    await station.watch(SETTINGS_TIME)
    await station.report_every()
    await station.charging()
    softly, all_of_it = station.expects.charge_at_most(0.6 * most), station.expects.charge_at_least(0.6 * most)
    advice = "softGradient is the time in s from nothing to the rated power."
    check.course(await station.watch(7.0), softly, advice=advice, confirmed=False)
    await station.watch(seconds - 7.0)
    check.course(await station.course(all_of_it), all_of_it, advice=advice, confirmed=False)
