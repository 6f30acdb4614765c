"""DER controls of reactive power, judged by what the meters show (OCPP 2.1 block R; IEEE 1547 as a screening).

Block R counts reactive power that is injected as +, meter values call it export. Scales of curves and signs are not confirmed,
so that what rests on them is provisional.
"""

from typing import Any

from harness.ocpp.readings import alarm_began, measured
from harness.vocabulary import (
    REACTIVE,
    SETTINGS_TIME,
    STATION,
    VOLTS_MARGIN,
    Check,
    Csms,
    Expected,
    GridControl,
    NotTestable,
    StationUnderTest,
    central_setpoint,
    der_curve,
    der_rating,
    disturb,
    install_der,
    on_curve,
    steered,
    test_case,
)

ANSWER = 2.0
"""Open-loop response time (s) that the controls ask for."""
_FACTOR = 0.9
_TANGENT = (1 / _FACTOR**2 - 1) ** 0.5
"""var for each W at that power factor."""
_SIGN = (
    "Look at the sign: + injects and is told as Power.Reactive.Export, - absorbs and is told as Power.Reactive.Import."
)
_TOLD = "Send every measurand that SampledDataCtrlr.TxUpdatedMeasurands lists and was accepted."


def direction_of(station: StationUnderTest, var: float) -> Expected:
    """Reactive power (var, + = absorbed) that goes the way it should and is of the right order: what the schema of a control
    says, whatever the accuracy of an inverter."""
    return station.expects.reactive(min(var / 3, 3 * var), max(var / 3, 3 * var), 0.0)


@test_case(
    "TC_STATION_Der_040",
    covers=("R04.FR.11", "IEEE 1547-2018 5.3.3"),
    pics=STATION.DER_DC & STATION.DER_VOLT_VAR & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=("station-blind-to-voltage", "station-der-vars-reversed", "station-der-no-vars", "station-der-staircase"),
    lasts=60.0,
)
async def test_volt_var_supports_the_voltage(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station injects reactive power at a low voltage and absorbs it at a high one, as its VoltVar curve says.

    Given   a transaction that discharges with half its power, and a default VoltVar curve that injects 60 % of the reactive
            power at 90 % of nominal voltage, nothing from 98 % to 102 %, and absorbs 60 % at 110 %
    when    the voltage is 91 %, 94 %, and 109 %
    then    meter values and bench meter come to the values of the curve
    """
    await steered(csms, station, -0.5 * station.pixit.maximum_discharge_power, reactive=True)
    rating = await der_rating(csms)
    points = ((90, 60), (98, 0), (102, 0), (110, -60))
    await install_der(csms, check, "VoltVar", der_curve(*points, unit="PctMaxVar", responseTime=ANSWER))
    given = tuple((x, y / 100 * (rating.vars_given if y > 0 else rating.vars_taken)) for x, y in points)
    allowing = SETTINGS_TIME
    for percent in (91, 94, 109):
        low, high = on_curve(given, percent, VOLTS_MARGIN)
        await disturb(grid, station, answer=ANSWER, percent=percent)
        expected = station.expects.reactive(-high, -low, rating.volt_amperes)
        seen = await station.course(expected, allowing=allowing)
        check.course(seen, expected, requirement="IEEE 1547-2018 5.3.3", advice=_SIGN)
        allowing = 0.0
    await grid.set()


@test_case(
    "TC_STATION_Der_041",
    covers=("R04.FR.11", "IEEE 1547-2018 5.3.5"),
    pics=STATION.DER_DC & STATION.DER_FIXED_VAR & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-der-vars-reversed", "station-der-no-vars", "station-der-vars-untold"),
    lasts=35.0,
)
async def test_a_fixed_reactive_power_has_its_sign(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station injects reactive power for a positive FixedVar and absorbs it for a negative one.

    Given   a transaction that discharges with half its power
    when    the CSMS sets a default FixedVar of 60 % of MaxVar, and then one of -60 % of a higher priority
    then    meter values and bench meter come to so much reactive power, exported for the former, imported for the latter
    """
    await steered(csms, station, -0.5 * station.pixit.maximum_discharge_power, reactive=True)
    rating = await der_rating(csms)
    for priority, percent, most in ((2, 60, rating.vars_given), (1, -60, rating.vars_taken)):
        body = {"setpoint": percent, "unit": "PctMaxVar", "priority": priority}
        await install_der(csms, check, "FixedVar", body, number=f"tester-var-{priority}")
        var = -percent / 100 * most
        expected = station.expects.reactive(var, var, rating.volt_amperes)
        seen = await station.course(expected, allowing=SETTINGS_TIME)
        check.course(seen, expected, requirement="IEEE 1547-2018 5.3.5", advice=_SIGN)


@test_case(
    "TC_STATION_Der_042",
    covers=("R04.FR.11", "IEEE 1547-2018 5.3.2"),
    pics=STATION.DER_DC & STATION.DER_FIXED_PF & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-der-one-excitation", "station-der-no-vars"),
    lasts=35.0,
)
async def test_excitation_says_which_way_reactive_power_goes(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station absorbs reactive power for a FixedPFInject with excitation, and injects it for one without.

    Given   a transaction that discharges with 80 % of its power
    when    the CSMS sets a default FixedPFInject of 0.9 with excitation true, and then one with false of a higher priority
    then    meter values and bench meter come to the reactive power of that power factor, imported first, then exported
    """
    watts = 0.8 * station.pixit.maximum_discharge_power
    await steered(csms, station, -watts, reactive=True)
    rating = await der_rating(csms)
    for priority, absorbs in ((2, True), (1, False)):
        body = {"displacement": _FACTOR, "excitation": absorbs, "priority": priority}
        await install_der(csms, check, "FixedPFInject", body, number=f"tester-pf-{priority}")
        var = (1 if absorbs else -1) * watts * _TANGENT
        expected = station.expects.reactive(var, var, rating.volt_amperes)
        seen = await station.course(expected, allowing=SETTINGS_TIME)
        check.course(seen, direction_of(station, var), advice=_SIGN)
        check.course(seen, expected, requirement="IEEE 1547-2018 5.3.2", advice=_SIGN)


@test_case(
    "TC_STATION_Der_043",
    covers=("R04.FR.11", "IEEE 1547-2018 5.3.2"),
    pics=STATION.DER_DC & STATION.DER_FIXED_PF & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-der-one-excitation", "station-der-vars-reversed"),
    lasts=35.0,
)
async def test_a_power_factor_for_charging_holds_while_charging(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station keeps FixedPFAbsorb while it charges, and not while it discharges.

    Given   a default FixedPFAbsorb of 0.9 without excitation, and none for injecting
    when    a transaction charges with 80 % of its power, and then discharges
    then    reactive power of that power factor is exported at first; then none flows
    """
    watts = 0.8 * station.pixit.maximum_charge_power
    await steered(csms, station, watts, reactive=True)
    rating = await der_rating(csms)
    await install_der(csms, check, "FixedPFAbsorb", {"displacement": _FACTOR, "excitation": False})
    var = -watts * _TANGENT
    for expected in (
        station.expects.reactive(var, var, rating.volt_amperes),
        station.expects.reactive(0.0, 0.0, rating.volt_amperes),
    ):
        seen = await station.course(expected, allowing=SETTINGS_TIME)
        check.course(seen, expected, requirement="IEEE 1547-2018 5.3.2", advice=_SIGN)
        await csms.dispatch(central_setpoint(-0.8 * station.pixit.maximum_discharge_power))


@test_case(
    "TC_STATION_Der_044",
    covers=("R04.FR.11", "IEEE 1547-2018 5.3.4"),
    pics=STATION.DER_DC & STATION.DER_WATT_VAR & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-der-no-vars", "station-der-vars-reversed", "station-der-staircase"),
    lasts=20.0,
)
async def test_watt_var_follows_the_active_power(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station absorbs more reactive power the more active power it gives, as its WattVar curve says.

    Given   a default WattVar curve that absorbs 80 % of MaxVarNeg at the full power of the station, and nothing at rest
    when    a transaction discharges with half of that power
    then    meter values and bench meter come to an import of 40 %
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -0.5 * most, reactive=True)
    rating = await der_rating(csms)
    share = 100 * most / rating.watts
    body = der_curve((0, 0), (share, -80), unit="PctMaxVar", responseTime=ANSWER)
    await install_der(csms, check, "WattVar", body)
    await station.watch(2 * ANSWER)
    var = 0.4 * rating.vars_taken
    expected = station.expects.reactive(var, var, rating.volt_amperes)
    seen = await station.course(expected, allowing=SETTINGS_TIME)
    check.course(seen, expected, requirement="IEEE 1547-2018 5.3.4", advice=_SIGN)


@test_case(
    "TC_STATION_Der_045",
    covers=("R04.FR.11",),
    pics=STATION.DER_DC & STATION.DER_WATT_PF & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-der-no-vars", "station-der-vars-reversed"),
    lasts=20.0,
)
async def test_watt_pf_absorbs_for_a_positive_power_factor(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station absorbs reactive power where a WattPF curve has a positive power factor.

    Given   a default WattPF curve of 0.9 whatever the active power
    when    a transaction discharges with 80 % of its power
    then    meter values and bench meter come to an import of the reactive power of that power factor
    """
    watts = 0.8 * station.pixit.maximum_discharge_power
    await steered(csms, station, -watts, reactive=True)
    rating = await der_rating(csms)
    body = der_curve((0, _FACTOR), (100, _FACTOR), unit="Not_Applicable", responseTime=ANSWER)
    await install_der(csms, check, "WattPF", body)
    await station.watch(2 * ANSWER)
    var = watts * _TANGENT
    expected = station.expects.reactive(var, var, rating.volt_amperes)
    seen = await station.course(expected, allowing=SETTINGS_TIME)
    check.course(seen, direction_of(station, var), advice=_SIGN)
    check.course(seen, expected, advice=_SIGN, confirmed=False)


@test_case(
    "TC_STATION_Der_046",
    covers=("J02.FR.11",),
    pics=STATION.DER_DC & STATION.DER_FIXED_VAR & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-no-extra-measurands",),
    lasts=45.0,
)
async def test_reactive_power_is_reported_where_it_is_listed(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station reports reactive power in each of its periodic values once that is among its measurands.

    Given   a station that takes reactive power among SampledDataCtrlr.TxUpdatedMeasurands
    when    a transaction injects reactive power by a default FixedVar
    then    the values that follow carry what is listed of it, and no alarm is raised, for the active power is as it was
    """
    await steered(csms, station, -0.5 * station.pixit.maximum_discharge_power, reactive=True)
    wanted = reactive_of(await csms.get_variable("SampledDataCtrlr", "TxUpdatedMeasurands"))
    sent = await install_der(csms, check, "FixedVar", {"setpoint": 50, "unit": "PctMaxVar"})
    await station.watch(SETTINGS_TIME + 2 * station.pixit.meter_interval)
    told = {name for name in wanted for seen in station.seen.after(sent.number) if measured(seen, name) is not None}
    expected, actual = (" and ".join(sorted(names)) or "neither" for names in (wanted, told))
    check.holds(told == wanted, expected=f"values of {expected}", actual=actual, seen=sent, advice=_TOLD)
    alarm = station.seen.after(sent.number).where(alarm_began).last
    said: dict[str, Any] = {"requirement": "R05.FR.01", "advice": "Active power did not depart from the profile."}
    check.holds(alarm is None, expected="no alarm", actual=f"{alarm and alarm_began(alarm)}", seen=alarm, **said)


def reactive_of(listed: str | None) -> set[str]:
    """The measurands of reactive power in a list; `Inconclusive` where the station takes none."""
    found = {each.strip() for each in (listed or "").split(",")} & set(REACTIVE)
    if not found:
        raise NotTestable("SampledDataCtrlr.TxUpdatedMeasurands takes no reactive power")
    return found
