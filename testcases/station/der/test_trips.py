"""When the station lets go of the grid, and when it comes back (OCPP 2.1 block R; IEEE 1547 as a screening).

Points of trip curves have the frequency (Hz) or voltage (percent of nominal) as x, and the time (s) as y. Which axis is which
is not confirmed, so that whatever rests on it is provisional.
"""

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
    steered,
    test_case,
)

SERVICE = {"highVoltage": 106, "lowVoltage": 90, "highFreq": 50.2, "lowFreq": 49.5, "delay": 1, "randomDelay": 0}
PATIENCE = 4.0
"""Seconds for which the trip curves here let a limit be passed."""
_TRIP = "Trip when the limit has been passed for the time of its point, neither on this side of the limit nor before."
_SERVICE = "Come back only when voltage and frequency have been within the limits of EnterService for its whole delay."


async def tripping(
    csms: Csms, station: StationUnderTest, check: Check, kind: str, limit: float, **service: Any
) -> float:
    """A transaction that discharges with full power, with a trip curve of one point and EnterService; its power, W."""
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -most)
    await install_der(csms, check, "EnterService", {**SERVICE, **service})
    await install_der(csms, check, kind, der_curve((limit, PATIENCE), unit="Not_Applicable"))
    await station.watch(SETTINGS_TIME)
    return -most


async def judge_a_trip(
    csms: Csms,
    station: StationUnderTest,
    grid: GridControl,
    check: Check,
    *,
    kind: str,
    limit: float,
    sound: dict[str, float],
    bad: dict[str, float],
    fault: str,
    clause: str,
) -> None:
    """Power goes on this side of the limit, and for most of the patience beyond it; then it ceases, with an alarm."""
    power = await tripping(csms, station, check, kind, limit)
    flowing = station.expects.power(power)
    said: dict[str, Any] = {"requirement": clause, "advice": _TRIP}
    await disturb(grid, station, **sound)
    check.course(await station.watch(2 * PATIENCE), flowing, **said)
    changed = await disturb(grid, station, **bad)
    check.course(await station.watch(changed.at + 0.8 * PATIENCE - csms.clock.now()), flowing, **said)
    await station.watch(changed.at + PATIENCE + grid.settling_time - csms.clock.now())
    rest = station.expects.rest()
    check.course(await station.course(rest), rest, **said)
    alarm = station.seen.after(changed.number).where(alarm_began).last
    check.that(alarm, alarm_began, equals(kind), requirement="R05.FR.01", advice="Tell a trip as an alarm.")
    check.that(alarm, reading("gridEventFault"), equals(fault), requirement="R05.FR.01", advice="Name the grid event.")
    await grid.set()


@test_case(
    "TC_STATION_Der_032",
    covers=("R04.FR.11", "R05.FR.01", "IEEE 1547-2018 6.5.1"),
    pics=STATION.DER_DC & STATION.DER_ENTER_SERVICE & STATION.DER_FREQUENCY_TRIP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid", "meter"),
    detects=("station-der-never-trips", "station-der-trips-early", "station-blind-to-frequency"),
    lasts=60.0,
)
async def test_a_high_frequency_trips(csms: Csms, station: StationUnderTest, grid: GridControl, check: Check) -> None:
    """Station ceases to energise when the frequency passes HFMustTrip for its time, and not before.

    Given   a transaction that discharges, with a default HFMustTrip at 51.5 Hz after 4 s
    when    the frequency is 51.3 Hz for 8 s, and then 51.7 Hz
    then    power flows at the former and for 3 s of the latter; then it ceases, and an alarm names HFMustTrip, OverFrequency
    """
    sound, bad = {"hertz": 51.3}, {"hertz": 51.7}
    what: dict[str, Any] = {"kind": "HFMustTrip", "limit": 51.5, "fault": "OverFrequency"}
    await judge_a_trip(csms, station, grid, check, sound=sound, bad=bad, clause="IEEE 1547-2018 6.5.1", **what)


@test_case(
    "TC_STATION_Der_033",
    covers=("R04.FR.11", "R05.FR.01", "IEEE 1547-2018 6.5.1"),
    pics=STATION.DER_DC & STATION.DER_ENTER_SERVICE & STATION.DER_FREQUENCY_TRIP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid", "meter"),
    detects=("station-der-never-trips", "station-der-trips-inside", "station-silent-der-alarm"),
    lasts=60.0,
)
async def test_a_low_frequency_trips(csms: Csms, station: StationUnderTest, grid: GridControl, check: Check) -> None:
    """Station ceases to energise when the frequency falls below LFMustTrip for its time, and not before.

    Given   a transaction that discharges, with a default LFMustTrip at 48 Hz after 4 s
    when    the frequency is 48.2 Hz for 8 s, and then 47.8 Hz
    then    power flows at the former and for 3 s of the latter; then it ceases, and an alarm names LFMustTrip, UnderFrequency
    """
    sound, bad = {"hertz": 48.2}, {"hertz": 47.8}
    what: dict[str, Any] = {"kind": "LFMustTrip", "limit": 48.0, "fault": "UnderFrequency"}
    await judge_a_trip(csms, station, grid, check, sound=sound, bad=bad, clause="IEEE 1547-2018 6.5.1", **what)


@test_case(
    "TC_STATION_Der_034",
    covers=("R04.FR.11", "R05.FR.01", "IEEE 1547-2018 6.4.1"),
    pics=STATION.DER_DC & STATION.DER_ENTER_SERVICE & STATION.DER_VOLTAGE_TRIP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid", "meter"),
    detects=("station-der-never-trips", "station-der-trips-late", "station-blind-to-voltage"),
    lasts=60.0,
)
async def test_a_high_voltage_trips(csms: Csms, station: StationUnderTest, grid: GridControl, check: Check) -> None:
    """Station ceases to energise when the voltage passes HVMustTrip for its time, and not before.

    Given   a transaction that discharges, with a default HVMustTrip at 115 % of nominal voltage after 4 s
    when    the voltage is 112 % for 8 s, and then 118 %
    then    power flows at the former and for 3 s of the latter; then it ceases, and an alarm names HVMustTrip, OverVoltage
    """
    sound, bad = {"percent": 112.0}, {"percent": 118.0}
    what: dict[str, Any] = {"kind": "HVMustTrip", "limit": 115.0, "fault": "OverVoltage"}
    await judge_a_trip(csms, station, grid, check, sound=sound, bad=bad, clause="IEEE 1547-2018 6.4.1", **what)


@test_case(
    "TC_STATION_Der_035",
    covers=("R04.FR.11", "R05.FR.01", "IEEE 1547-2018 6.4.1"),
    pics=STATION.DER_DC & STATION.DER_ENTER_SERVICE & STATION.DER_VOLTAGE_TRIP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid", "meter"),
    detects=("station-der-never-trips", "station-der-trips-early", "station-der-alarm-without-fault"),
    lasts=60.0,
)
async def test_a_low_voltage_trips(csms: Csms, station: StationUnderTest, grid: GridControl, check: Check) -> None:
    """Station ceases to energise when the voltage falls below LVMustTrip for its time, and not before.

    Given   a transaction that discharges, with a default LVMustTrip at 80 % of nominal voltage after 4 s
    when    the voltage is 84 % for 8 s, and then 76 %
    then    power flows at the former and for 3 s of the latter; then it ceases, and an alarm names LVMustTrip, UnderVoltage
    """
    sound, bad = {"percent": 84.0}, {"percent": 76.0}
    what: dict[str, Any] = {"kind": "LVMustTrip", "limit": 80.0, "fault": "UnderVoltage"}
    await judge_a_trip(csms, station, grid, check, sound=sound, bad=bad, clause="IEEE 1547-2018 6.4.1", **what)


@test_case(
    "TC_STATION_Der_036",
    covers=("R04.FR.11", "IEEE 1547-2018 6.4.2"),
    pics=STATION.DER_DC & STATION.DER_ENTER_SERVICE & STATION.DER_VOLTAGE_TRIP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid", "meter"),
    detects=("station-der-no-cessation", "station-der-cessation-trips"),
    lasts=60.0,
)
async def test_a_momentary_cessation_ends_with_the_voltage(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station ceases to energise while the voltage is beyond HVMomCess, and is back as soon as it is not.

    Given   a transaction that discharges, with a default HVMomCess at 112 % of nominal voltage, and an EnterService delay of
            120 s
    when    the voltage is 116 %, and then nominal again
    then    no energy flows at the former; at the latter the power is back without that delay
    """
    most = station.pixit.maximum_discharge_power
    await steered(csms, station, -most)
    await install_der(csms, check, "EnterService", {**SERVICE, "delay": 120})
    await install_der(csms, check, "HVMomCess", der_curve((112, 0), unit="Not_Applicable"))
    await station.watch(SETTINGS_TIME)
    await disturb(grid, station, percent=116)
    for expected in (station.expects.rest(), station.expects.power(-most)):
        advice = "A momentary cessation is no trip: it begins and ends with the voltage."
        seen = await station.course(expected)
        check.course(seen, expected, requirement="IEEE 1547-2018 6.4.2", advice=advice)
        await disturb(grid, station)


@test_case(
    "TC_STATION_Der_037",
    covers=("R04.FR.11", "R05.FR.02", "IEEE 1547-2018 4.10"),
    pics=STATION.DER_DC & STATION.DER_ENTER_SERVICE & STATION.DER_FREQUENCY_TRIP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=("station-der-no-delay", "station-der-alarm-never-ends", "station-der-never-trips"),
    lasts=75.0,
)
async def test_the_station_comes_back_after_the_delay(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station stays off the grid after a trip for the delay of EnterService, and then goes on.

    Given   a discharging transaction that a high frequency has tripped, and an EnterService delay of 20 s
    when    the frequency is nominal again
    then    no energy flows for 19 s; after the delay the power comes back, and the alarm ends
    """
    power = await tripping(csms, station, check, "HFMustTrip", 51.5, delay=20)
    await disturb(grid, station, hertz=52.0, answer=PATIENCE)
    rest, back = station.expects.rest(), station.expects.power(power)
    await station.settle(rest)
    restored = await grid.set()
    clause = "IEEE 1547-2018 4.10"
    check.course(await station.watch(19.0), rest, requirement=clause, advice=_SERVICE)
    await station.watch(1.0 + grid.settling_time + station.pixit.reaction_time)
    check.course(await station.course(back), back, requirement=clause, advice=_SERVICE)
    ended = station.seen.after(restored.number).where(alarm_ended).last
    check.that(ended, alarm_ended, equals("HFMustTrip"), requirement="R05.FR.02", advice="End the alarm with the trip.")


@test_case(
    "TC_STATION_Der_038",
    covers=("R04.FR.11", "IEEE 1547-2018 4.10"),
    pics=STATION.DER_DC & STATION.DER_ENTER_SERVICE & STATION.DER_FREQUENCY_TRIP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid"),
    detects=("station-der-misses-excursions", "station-der-no-delay"),
    lasts=80.0,
)
async def test_an_excursion_begins_the_delay_anew(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station waits the whole delay of EnterService again when the mains leave its limits meanwhile.

    Given   a tripped station that has waited 15 s of an EnterService delay of 20 s
    when    the frequency is 50.4 Hz for 3 s, above the 50.2 Hz of EnterService, and then nominal again
    then    no energy flows for another 18 s
    """
    await tripping(csms, station, check, "HFMustTrip", 51.5, delay=20)
    await disturb(grid, station, hertz=52.0, answer=PATIENCE)
    rest = station.expects.rest()
    await station.settle(rest)
    await disturb(grid, station)
    await station.watch(15.0)
    await disturb(grid, station, hertz=50.4)
    await station.watch(3.0)
    await grid.set()
    clause = "IEEE 1547-2018 4.10"
    check.course(await station.watch(18.0), rest, requirement=clause, advice=_SERVICE)


@test_case(
    "TC_STATION_Der_039",
    covers=("R04.FR.11", "IEEE 1547-2018 4.10.3"),
    pics=STATION.DER_DC & STATION.DER_ENTER_SERVICE & STATION.DER_FREQUENCY_TRIP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "grid", "meter"),
    detects=("station-der-no-ramp",),
    lasts=135.0,
)
async def test_power_comes_back_in_a_ramp(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station comes back after a trip with the ramp of EnterService.

    Given   a discharging transaction that a high frequency has tripped, and an EnterService of 1 s delay with a ramp by
            which the power of the station takes 20 s
    when    the frequency is nominal again
    then    for 9 s no more than half of the power flows, and in the end all of it does
    """
    most = station.pixit.maximum_discharge_power
    await tripping(csms, station, check, "HFMustTrip", 51.5)
    seconds = round(20 * (await der_rating(csms)).watts / most, 1)
    body = {**SERVICE, "rampRate": seconds, "priority": 0}
    await install_der(csms, check, "EnterService", body, number="tester-ramp")
    await station.watch(SETTINGS_TIME)
    await disturb(grid, station, hertz=52.0, answer=PATIENCE)
    await station.settle(station.expects.rest())
    await disturb(grid, station)
    half, back = station.expects.discharge_at_most(0.5 * most), station.expects.power(-most)
    clause, advice = "IEEE 1547-2018 4.10.3", "rampRate is the time in s from nothing to the rated power."
    check.course(await station.watch(9.0), half, requirement=clause, advice=advice)
    await station.watch(seconds - 8.0)
    check.course(await station.course(back), back, requirement=clause, advice=advice)
