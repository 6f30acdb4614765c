"""DER controls beside each other, beside the profile, and beside what happens to the station (OCPP 2.1 block R)."""

from harness.ocpp.readings import alarm_began, alarm_ended, reading, reported_setpoint
from harness.v2g.readings import metered_discharge_power
from harness.vocabulary import (
    HERTZ_MARGIN,
    SETTINGS_TIME,
    STATION,
    Axis,
    Check,
    Csms,
    GridControl,
    StationUnderTest,
    der_curve,
    der_rating,
    disturb,
    equals,
    install_der,
    near,
    scheduled,
    steered,
    test_case,
    without_der,
)

DROOP = {"overFreq": 50.1, "underFreq": 49.9, "overDroop": 0.05, "underDroop": 0.05, "responseTime": 1}
_ACTS = "See whether the grid function acts in the inverter whatever else goes on."
_TOLD = (
    "A control that forces a departure from the profile is told as an alarm, once when it begins and once when it ends."
)


@test_case(
    "TC_STATION_Der_057",
    covers=("R05.FR.01", "R05.FR.02"),
    pics=STATION.DER_DC & STATION.DER_LIMIT_MAX_DISCHARGE & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-silent-der-alarm", "station-der-alarm-never-ends", "station-der-limit-ignored"),
    lasts=15.0,
)
async def test_a_cap_that_overrides_the_profile_is_told(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells that a LimitMaxDischarge keeps it from its setpoint, and when that is over; the setpoint stays as it is.

    Given   a transaction that discharges with full power, as its profile says
    when    the CSMS sets a default LimitMaxDischarge that leaves 30 % of that, and clears it again
    then    an alarm of LimitMaxDischarge begins, and ends; meanwhile Power.Active.Setpoint, where it is told, is that of the
            profile
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -most)
    share = 100 * most / (await der_rating(csms)).watts
    sent = await install_der(csms, check, "LimitMaxDischarge", {"pctMaxDischargePower": round(0.3 * share, 3)})
    within = SETTINGS_TIME + station.settling + station.pixit.reaction_time
    begun = await csms.expect("NotifyDERAlarm", within=within, after=sent.number)
    check.that(begun, alarm_began, equals("LimitMaxDischarge"), requirement="R05.FR.01", advice=_TOLD)
    seen = (await station.watch(2 * station.pixit.meter_interval)).where(reported_setpoint)
    same = near(-most, "W", tolerance=station.pixit.setpoint_tolerance.at(most))
    for each in seen:
        advice = "The setpoint is what the profile asks for, not what a grid function leaves of it."
        check.that(each, reported_setpoint, same, advice=advice, axis=Axis.FIELD)
    cleared = await csms.clear_der(True, controlType="LimitMaxDischarge")
    ended = await csms.expect("NotifyDERAlarm", within=within, after=cleared.outcome.number)
    check.that(ended, alarm_ended, equals("LimitMaxDischarge"), requirement="R05.FR.02", advice=_TOLD)


@test_case(
    "TC_STATION_Der_058",
    covers=("R04.FR.11", "R05.FR.01"),
    pics=STATION.DER_DC & STATION.DER_FREQ_DROOP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid", "meter"),
    detects=("station-der-droop-flat", "station-blind-to-frequency"),
    lasts=70.0,
)
async def test_controls_act_while_the_station_is_offline(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station executes its DER controls without a connection to the CSMS.

    Given   a transaction that discharges with half the power of the station, and a default FreqDroop
    when    the connection is lost, and then the frequency rises by what is worth 30 % of the rated power
    then    the bench meter shows that the discharge falls by at least 20 % of the power of the station
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -0.5 * most)
    await install_der(csms, check, "FreqDroop", DROOP)
    await station.watch(SETTINGS_TIME)
    await csms.stop()
    await disturb(grid, station, hertz=50.85, answer=1.0)
    await station.watch(station.settling)
    limit = station.expects.discharge_at_most(0.3 * most)[metered_discharge_power]
    check.every(await station.watch(5.0), metered_discharge_power, limit, advice=_ACTS)
    await grid.set()
    await csms.start()
    await csms.connected(station.pixit.reconnect_time)


@test_case(
    "TC_STATION_Der_059",
    covers=("R04.FR.11", "IEEE 1547-2018 6.5.2.7"),
    pics=STATION.DER_DC & STATION.DER_FREQ_DROOP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=("station-der-one-sided-droop", "station-der-steep-droop", "station-der-droop-flat"),
    lasts=20.0,
)
async def test_a_droop_relieves_the_grid_of_charging(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station charges with less power by a frequency droop when the frequency is low.

    Given   a transaction that charges with 80 % of the power of the station, and a default FreqDroop of 0.05
    when    the frequency is below the dead band by what is worth 40 % of that power
    then    meter values and bench meter come to half of the power that flowed
    """
    most = station.pixit.maximum_charge_power
    await steered(csms, station, 0.8 * most)
    beyond = round(0.4 * most / (await der_rating(csms)).watts * 0.05 * 50, 3)
    await install_der(csms, check, "FreqDroop", DROOP)
    await disturb(grid, station, answer=1.0, hertz=round(49.9 - beyond, 3))
    margin = HERTZ_MARGIN * 0.4 * most / beyond
    expected = station.expects.between(0.4 * most - margin, 0.4 * most + margin)
    seen = await station.course(expected, allowing=SETTINGS_TIME)
    check.course(seen, expected, requirement="IEEE 1547-2018 6.5.2.7", advice=_ACTS)
    await grid.set()


@test_case(
    "TC_STATION_Der_060",
    covers=("R04.FR.11", "IEEE 1547-2018 6.4.2"),
    pics=STATION.DER_DC & STATION.DER_VOLTAGE_TRIP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid", "meter"),
    detects=("station-der-no-cessation", "station-blind-to-voltage"),
    lasts=60.0,
)
async def test_a_low_voltage_makes_the_station_cease_for_a_moment(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station ceases to energise while the voltage is below LVMomCess, and is back when it is not.

    Given   a transaction that discharges, with a default LVMomCess at 70 % of nominal voltage
    when    the voltage is 60 %, and then nominal again
    then    no energy flows at the former, and the power is back at the latter
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -most)
    await install_der(csms, check, "LVMomCess", der_curve((70, 0), unit="Not_Applicable"))
    await station.watch(SETTINGS_TIME)
    await disturb(grid, station, percent=60)
    for expected in (station.expects.rest(), station.expects.power(-most)):
        advice = "A momentary cessation begins and ends with the voltage."
        seen = await station.course(expected)
        check.course(seen, expected, requirement="IEEE 1547-2018 6.4.2", advice=advice)
        await disturb(grid, station)


@test_case(
    "TC_STATION_Der_061",
    covers=("R04.FR.11", "IEEE 1547-2018 5.4.2", "IEEE 1547-2018 6.5.2.7"),
    pics=STATION.DER_DC & STATION.DER_VOLT_WATT & STATION.DER_FREQ_DROOP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=("station-blind-to-voltage", "station-der-droop-flat", "station-der-one-sided-droop"),
    lasts=35.0,
)
async def test_the_voltage_cap_stands_against_a_droop_that_wants_more(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station gives no more than VoltWatt leaves, however low the frequency, and what the droop wants when the voltage is well.

    Given   a transaction that discharges with half of the power of the station, a VoltWatt curve that leaves 20 % of that power
            from 109 % of nominal voltage on, and a FreqDroop
    when    the frequency is low by what is worth 40 % of the power, first at 109.5 % of nominal voltage, then at nominal
    then    20 % of the power flow at first, and then 90 %
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -0.5 * most)
    rated = (await der_rating(csms)).watts
    share, beyond = 100 * most / rated, round(0.4 * most / rated * 0.05 * 50, 3)
    await install_der(csms, check, "VoltWatt", der_curve((105, share), (109, 0.2 * share), responseTime=1))
    await install_der(csms, check, "FreqDroop", DROOP)
    hertz, margin = round(49.9 - beyond, 3), HERTZ_MARGIN * 0.4 * most / beyond
    await disturb(grid, station, answer=1.0, hertz=hertz, percent=109.5)
    capped, drooped = (
        station.expects.between(-0.2 * most, -0.2 * most),
        station.expects.between(-0.9 * most - margin, -0.9 * most + margin),
    )
    seen = await station.course(capped, allowing=SETTINGS_TIME)
    check.course(
        seen, capped, requirement="IEEE 1547-2018 5.4.2", advice="The lower of what two functions leave holds."
    )
    await disturb(grid, station, answer=1.0, hertz=hertz)
    advice = "The droop is measured from the power without it."
    check.course(await station.course(drooped), drooped, requirement="IEEE 1547-2018 6.5.2.7", advice=advice)
    await grid.set()


@test_case(
    "TC_STATION_Der_062",
    covers=("R04.FR.05", "R04.FR.20"),
    pics=STATION.DER_LIMIT_MAX_DISCHARGE,
    detects=("station-silent-der-start", "station-ignores-der-controls", "station-rubber-stamp"),
    lasts=1.0,
)
async def test_a_control_whose_time_has_come_begins_at_once(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station begins a scheduled DER control that comes in after its startTime.

    Given   a station without scheduled controls
    when    the CSMS sets a LimitMaxDischarge that should have begun 20 s ago and lasts 200 s
    then    it is accepted, and told to have started
    """
    await without_der(csms, station)
    body = scheduled(csms, {"pctMaxDischargePower": 50}, after=-20, lasting=200)
    await install_der(csms, check, "LimitMaxDischarge", body, default=False, number="tester-late")
    within = SETTINGS_TIME + station.pixit.reaction_time
    began = await csms.expect("NotifyDERStartStop", within=within, controlId="tester-late")
    check.that(began, reading("started"), equals(True), requirement="R04.FR.20", advice="Its time has come already.")


@test_case(
    "TC_STATION_Der_063",
    covers=("R04.FR.11", "IEEE 1547-2018 4.10"),
    pics=STATION.DER_DC & STATION.DER_ENTER_SERVICE & STATION.DER_FREQUENCY_TRIP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=("station-der-no-delay", "station-der-long-delay"),
    lasts=75.0,
)
async def test_the_random_delay_comes_on_top_and_ends(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station adds to the delay of EnterService no more than its randomDelay.

    Given   a discharging transaction that a high frequency has tripped, an EnterService delay of 10 s and a randomDelay of 10 s
    when    the frequency is nominal again
    then    no energy flows for 9 s, and after 20 s the power comes back
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -most)
    service = {"highVoltage": 106, "lowVoltage": 90, "highFreq": 50.2, "lowFreq": 49.5, "delay": 10, "randomDelay": 10}
    await install_der(csms, check, "EnterService", service)
    await install_der(csms, check, "HFMustTrip", der_curve((51.5, 1), unit="Not_Applicable"))
    await station.watch(SETTINGS_TIME)
    await disturb(grid, station, hertz=52.0, answer=1.0)
    rest, back, clause = station.expects.rest(), station.expects.power(-most), "IEEE 1547-2018 4.10"
    await station.settle(rest)
    await disturb(grid, station)
    advice = "The delay holds at least; randomDelay is the most that comes on top."
    check.course(await station.watch(9.0), rest, requirement=clause, advice=advice)
    await station.watch(11.0 + station.pixit.reaction_time)
    check.course(await station.course(back), back, requirement=clause, advice=advice)
