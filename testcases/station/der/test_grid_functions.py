"""What DER controls do to the power, and the alarms that they raise (OCPP 2.1 block R, R05)."""

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import (
    SETTINGS_TIME,
    STATION,
    Check,
    Csms,
    GridControl,
    StationUnderTest,
    central_setpoint,
    equals,
    satisfies,
    test_case,
)

DROOP = {"priority": 1, "overFreq": 50.1, "underFreq": 49.9, "overDroop": 0.05, "underDroop": 0.05, "responseTime": 1}
_RATED = "Tell the rated discharge power of the inverter, in W, for each EVSE."
_GRID = "See whether the grid function acts in the inverter, and whether its departure is told."


def figure(text: str | None) -> float:
    """The number that a variable says; 0 where it says none."""
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


@test_case(
    "TC_STATION_Der_020",
    covers=("R04.FR.11", "R05.FR.01"),
    pics=STATION.DER_DC & STATION.DER_LIMIT_MAX_DISCHARGE & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=(
        "station-der-limit-ignored",
        "station-der-wrong-base",
        "station-ignores-der-controls",
        "station-refuses-der",
        "station-rubber-stamp",
    ),
    lasts=20.0,
)
async def test_a_discharge_limit_caps_the_setpoint(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps its discharge within a default LimitMaxDischarge, whatever the setpoint.

    Given   a transaction that discharges with the full power of the station
    when    the CSMS sets a default LimitMaxDischarge, in percent of DCDERCtrlr.MaxW, that leaves 30 percent of that power
    then    it is accepted, and meter values and bench meter show no more
    """
    most = station.pixit.maximum_discharge_power
    await station.ready()
    await csms.clear_der(True)
    await station.report_every()
    await station.charging()
    await csms.dispatch(central_setpoint(-most))
    await station.settle(station.expects.power(-most))
    told = await csms.get_variable("DCDERCtrlr", "MaxW", evse=1)
    rated = figure(told)
    check.holds(
        rated > 0, expected="a power as DCDERCtrlr.MaxW", actual=str(told), requirement="R01.FR.02", advice=_RATED
    )
    percent = round(30.0 * most / (rated or most), 4)
    body = {"priority": 1, "pctMaxDischargePower": percent}
    sent = await csms.set_der("LimitMaxDischarge", body, number="tester-cap")
    check.that(sent.outcome, outcome, equals("Accepted"), requirement="R04.FR.02", advice="See why it is refused.")
    expected = station.expects.discharge_at_most(0.3 * most)
    check.course(await station.course(expected, allowing=SETTINGS_TIME), expected, advice=_GRID)


@test_case(
    "TC_STATION_Der_021",
    covers=("R05.FR.01", "R05.FR.02"),
    pics=STATION.DER_DC & STATION.DER_FREQ_DROOP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=(
        "station-silent-der-alarm",
        "station-der-alarm-never-ends",
        "station-der-alarm-without-fault",
        "station-der-droop-flat",
        "station-blind-to-frequency",
        "station-rubber-stamp",
    ),
    lasts=20.0,
)
async def test_a_droop_acts_and_its_alarm_begins_and_ends(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station moves its power by a frequency droop, and tells the departure and its end.

    Given   a transaction that follows a small discharge setpoint, and a default FreqDroop
    when    the frequency rises 0.75 Hz beyond the dead band, and comes back
    then    an alarm names FreqDroop and OverFrequency, the power rises towards charge by the droop (0.3 of rated power),
            and an alarm of the same kind ends it
    """
    watts = -0.5 * station.pixit.maximum_discharge_power
    await station.ready()
    await csms.clear_der(True)
    await station.report_every()
    await station.charging()
    await csms.dispatch(central_setpoint(watts))
    await csms.set_der("FreqDroop", DROOP, number="tester-droop")
    await station.settle(station.expects.power(watts))
    changed = await grid.set(hertz=50.85)
    within = grid.settling_time + station.settling + station.pixit.reaction_time
    alarm = await csms.expect("NotifyDERAlarm", within=within, after=changed.number, controlType="FreqDroop")
    check.that(alarm, reading("gridEventFault"), equals("OverFrequency"), advice=_GRID)
    expected = station.expects.discharge_at_most(0.6 * -watts)
    check.course(await station.course(expected), expected, advice=_GRID)
    restored = await grid.set()
    ended = await csms.expect("NotifyDERAlarm", within=within, after=restored.number, controlType="FreqDroop")
    over = satisfies("true", lambda value: value is True)
    check.that(ended, reading("alarmEnded"), over, requirement="R05.FR.02", advice=_GRID)
