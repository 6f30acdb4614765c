"""The alarms that DER controls raise when they force a departure from the profile (OCPP 2.1 block R, R05)."""

from typing import Any

from harness.ocpp.readings import alarm_began, alarm_ended, reading
from harness.vocabulary import (
    SETTINGS_TIME,
    STATION,
    Check,
    Csms,
    GridControl,
    StationUnderTest,
    der_curve,
    der_rating,
    disturb,
    equals,
    install_der,
    satisfies,
    steered,
    test_case,
)

_ONCE = "Tell the begin of a departure once, and its end once."
_ONE_LEVEL = "There is one alarm at a time: what takes over is told as its begin, and the former is not told to end."


async def capped_by_voltage(csms: Csms, station: StationUnderTest, check: Check) -> float:
    """A transaction that discharges with full power, with a VoltWatt curve that leaves 20 % of it at 107 % and above;
    its power, W."""
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -most)
    share = 100 * most / (await der_rating(csms)).watts
    await install_der(csms, check, "VoltWatt", der_curve((105, share), (107, 0.2 * share), responseTime=1))
    await station.watch(SETTINGS_TIME)
    return -most


@test_case(
    "TC_STATION_Der_055",
    covers=("R05.FR.01", "R05.FR.02"),
    pics=STATION.DER_DC & STATION.DER_VOLT_WATT & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=("station-der-alarms-twice", "station-silent-der-alarm", "station-blind-to-voltage"),
    lasts=75.0,
)
async def test_an_alarm_is_told_once_and_ended_once(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station tells a departure from the profile once when it begins, and once when it ends.

    Given   a transaction that discharges with full power, and a VoltWatt curve
    when    the voltage is 109 % for 20 s, and then nominal again
    then    one alarm names VoltWatt and OverVoltage, and one ends it, with the same type and fault
    """
    await capped_by_voltage(csms, station, check)
    changed = await disturb(grid, station, percent=109, answer=1.0)
    await station.watch(20.0)
    restored = await grid.set()
    await station.watch(station.settling + station.pixit.reaction_time + 10.0)
    begun = list(station.seen.after(changed.number).where(alarm_began))
    ended = list(station.seen.after(restored.number).where(alarm_ended))
    fault = equals("OverVoltage")
    for told, needed in ((begun, "R05.FR.01"), (ended, "R05.FR.02")):
        first = told[0] if told else None
        said: dict[str, Any] = {"requirement": needed, "advice": _ONCE}
        check.holds(len(told) == 1, expected="one alarm", actual=f"{len(told)} alarms", seen=first, **said)
        check.that(first, reading("controlType"), equals("VoltWatt"), **said)
        check.that(first, reading("gridEventFault"), fault, requirement=needed, advice="Name the grid event.")


@test_case(
    "TC_STATION_Der_056",
    covers=("R05.FR.03", "R05.FR.04"),
    pics=STATION.DER_DC & STATION.DER_VOLT_WATT & STATION.DER_VOLTAGE_TRIP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=("station-der-ends-former-alarm", "station-der-silent-trip-alarm", "station-silent-der-alarm"),
    lasts=70.0,
)
async def test_the_control_that_takes_over_has_the_alarm(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station tells the control that takes over as an alarm, and no end of the alarm before it.

    Given   an open alarm of VoltWatt, and a default HVMustTrip at 113 % of nominal voltage after 1 s
    when    the voltage rises to 118 %, so that the station trips
    then    an alarm names HVMustTrip, without alarmEnded, and no end of the alarm of VoltWatt is told
    """
    await capped_by_voltage(csms, station, check)
    await install_der(csms, check, "HVMustTrip", der_curve((113, 1), unit="Not_Applicable"))
    await station.watch(SETTINGS_TIME)
    within = grid.settling_time + station.settling + station.pixit.reaction_time
    low = await disturb(grid, station, percent=109)
    await csms.expect("NotifyDERAlarm", within=within, after=low.number, controlType="VoltWatt")
    high = await disturb(grid, station, percent=118)
    taken = await csms.expect("NotifyDERAlarm", within=within + 1.0, after=high.number, controlType="HVMustTrip")
    begins = satisfies("alarmEnded false or absent", lambda kind: kind == "HVMustTrip")
    check.that(taken, alarm_began, begins, requirement="R05.FR.03", advice=_ONE_LEVEL)
    seen = await station.watch(station.pixit.reaction_time + 5.0)
    ends = [each for each in (*station.seen.after(high.number), *seen) if alarm_ended(each) == "VoltWatt"]
    said: dict[str, Any] = {"requirement": "R05.FR.04", "advice": _ONE_LEVEL}
    ended = ends[0] if ends else None
    check.holds(not ends, expected="no end of the alarm of VoltWatt", actual="its end was told", seen=ended, **said)
    await grid.set()
