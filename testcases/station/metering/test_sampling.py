"""When values are taken, which, and whether they agree with each other and the bench (OCPP 2.x block J; 1.6 keys)."""

from itertools import pairwise

from harness.ocpp.readings import (
    contexts,
    event_type,
    import_register,
    measurands,
    meter_readings,
    reported_power,
    request,
    trigger_reason,
)
from harness.v2g.readings import metered_power
from harness.vocabulary import STATION, Check, Csms, Observation, StationUnderTest, Trace, at_least, near, test_case

_NEWER = STATION.OCPP_201 | STATION.OCPP_21
_REGISTER = "Energy.Active.Import.Register"
_CLOCK = "Sample.Clock"
_GRID = "Take values at the multiples of the interval, counted from midnight, and give them the context Sample.Clock."


def sampled(seen: Trace) -> Trace:
    """What tells values that were sampled regularly."""
    return seen.sent_by("station").where(lambda each: "Sample.Periodic" in (contexts(each) or set()))


def clocked(seen: Trace) -> Trace:
    """What tells values that were taken at the clock."""
    return seen.sent_by("station").where(lambda each: _CLOCK in (contexts(each) or set()))


def off_grid(seen: Trace, seconds: int) -> list[float]:
    """By how much (s) the times of values lie beside the grid of the clock."""
    stamps = [each.at.timestamp() for told in seen for each in meter_readings(told) if each.context == _CLOCK]
    return [min(stamp % seconds, seconds - stamp % seconds) for stamp in stamps]


@test_case(
    "TC_STATION_Sampling_001",
    covers=("E02.FR.10", "J02.FR.03", "TC_J_09_CS"),
    needs=("plug", "authorise"),
    detects=("station-one-list-of-measurands", "station-no-meter-values", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_the_measurands_are_those_that_were_set(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station samples the measurands that it is told to, and no others.

    Given   a station that is to sample the import register alone
    when    the EV charges for some intervals
    then    regular values have that measurand and no other
    """
    await station.ready()
    await csms.prepare("SampledDataCtrlr", "TxUpdatedMeasurands", _REGISTER)
    await csms.prepare("SampledDataCtrlr", "TxUpdatedInterval", round(station.pixit.meter_interval))
    await station.charging()
    await station.watch(station.settling)
    told = sampled(await station.watch(4 * station.pixit.meter_interval))
    kinds = {name for each in told for name in measurands(each) or ()}
    wanted = kinds == {_REGISTER}
    check.holds(wanted, expected=f"{_REGISTER} alone", actual=str(sorted(kinds)), advice="Sample what is configured.")


@test_case(
    "TC_STATION_Sampling_002",
    covers=("J02.FR.11", "TC_J_09_CS"),
    needs=("plug", "authorise"),
    detects=("station-samples-at-leisure", "station-no-meter-values", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_the_interval_is_the_one_that_was_set(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station samples in the interval that it is told.

    Given   a station that is to sample each 10 s
    when    the EV charges for 65 s
    then    regular values come 10 s apart
    """
    await station.ready()
    await csms.prepare("SampledDataCtrlr", "TxUpdatedMeasurands", _REGISTER)
    await csms.prepare("SampledDataCtrlr", "TxUpdatedInterval", 10)
    await station.charging()
    await station.watch(station.settling)
    told = sampled(await station.watch(65.0))
    stamps = sorted({each.at.timestamp() for seen in told for each in meter_readings(seen)})
    gaps = [later - earlier for earlier, later in pairwise(stamps)]
    advice = "Count the interval from sample to sample."
    check.holds(len(gaps) >= 4, expected="five samples or more", actual=f"{len(stamps)}", advice=advice)
    wrong = [gap for gap in gaps if abs(gap - 10.0) > 2.0]
    check.holds(not wrong, expected="samples 10 s apart", actual=f"{wrong[:3]} s", advice=advice)


@test_case(
    "TC_STATION_Sampling_003",
    covers=("J01.FR.14", "J01.FR.08", "TC_J_01_CS"),
    detects=("station-no-clock-values", "station-clock-values-off-the-grid", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_values_are_taken_at_the_clock(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes meter values at the clock while nothing charges.

    Given   a clock-aligned interval of 20 s, and a station that is idle
    when    50 s pass
    then    MeterValues come with values of the context Sample.Clock, stamped with multiples of 20 s
    """
    await station.ready()
    await csms.prepare("AlignedDataCtrlr", "Measurands", _REGISTER)
    await csms.prepare("AlignedDataCtrlr", "Interval", 20)
    told = clocked(await station.watch(50.0))
    came = [each for each in told if request(each, "MeterValues") is not None]
    check.holds(len(came) >= 2, expected="MeterValues twice", actual=f"{len(came)}", advice=_GRID)
    off = off_grid(told, 20)
    check.holds(max(off, default=0.0) <= 2.0, expected="multiples of 20 s", actual=f"{off[:3]} s beside", advice=_GRID)


@test_case(
    "TC_STATION_Sampling_004",
    covers=("J01.FR.22", "TC_J_02_CS"),
    needs=("plug", "authorise"),
    detects=("station-no-clock-values", "station-clock-values-off-the-grid", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_values_are_taken_at_the_clock_while_charging(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station takes meter values at the clock during a transaction.

    Given   a clock-aligned interval of 20 s, and a transaction in which energy flows
    when    50 s pass
    then    values of the context Sample.Clock come, stamped with multiples of 20 s
    """
    await station.ready()
    await csms.prepare("AlignedDataCtrlr", "Measurands", _REGISTER)
    await csms.prepare("AlignedDataCtrlr", "Interval", 20)
    await station.charging()
    told = clocked(await station.watch(50.0))
    check.holds(len(told) >= 2, expected="values of the clock twice", actual=f"{len(told)}", advice=_GRID)
    off = off_grid(told, 20)
    check.holds(max(off, default=0.0) <= 2.0, expected="multiples of 20 s", actual=f"{off[:3]} s beside", advice=_GRID)


@test_case(
    "TC_STATION_Sampling_005",
    covers=("J01.FR.19", "J01.FR.20", "TC_J_06_CS"),
    pics=_NEWER,
    needs=("plug", "authorise"),
    detects=("station-clock-values-always",),
    lasts=90.0,
)
async def test_values_of_the_clock_can_be_left_to_idle_times(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station takes no values at the clock during a transaction where SendDuringIdle is set.

    Given   a clock-aligned interval of 10 s with SendDuringIdle, and a transaction in which energy flows
    when    35 s pass
    then    no values of the context Sample.Clock come
    """
    await station.ready()
    await csms.prepare("AlignedDataCtrlr", "SendDuringIdle", True)
    await csms.prepare("AlignedDataCtrlr", "Interval", 10)
    await station.charging()
    told = clocked(await station.watch(35.0))
    advice = "SendDuringIdle: only while nothing charges."
    check.holds(not len(told), expected="no values of the clock", actual=f"{len(told)}", seen=told.last, advice=advice)


@test_case(
    "TC_STATION_Sampling_006",
    covers=("E06.FR.11", "TC_J_10_CS"),
    pics=_NEWER & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-keeps-no-samples", "station-no-meter-values", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_samples_are_kept_for_the_end(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps samples during a transaction, and tells them all with its end.

    Given   a TxEndedInterval of 5 s, and a transaction in which energy flows for 25 s
    when    the CSMS stops it
    then    Ended has three samples of the register or more, in the order of their times, which never fall
    """
    await station.ready()
    await csms.prepare("SampledDataCtrlr", "TxEndedMeasurands", _REGISTER)
    await csms.prepare("SampledDataCtrlr", "TxEndedInterval", 5)
    running = await station.charging()
    await station.watch(25.0)
    ended = await csms.stop_transaction(running)
    told = [(each.at, each.value) for each in meter_readings(ended) if each.measurand == _REGISTER]
    advice = "TxEndedInterval asks for samples that are kept until the end."
    check.holds(len(told) >= 3, expected="three samples or more", actual=f"{len(told)}", seen=ended, advice=advice)
    ordered = told == sorted(told)
    check.holds(
        ordered, expected="times and values that rise", actual=str(told)[:200], requirement="J02.FR.16", seen=ended
    )


@test_case(
    "TC_STATION_Energy_001",
    covers=("OCPP:meter-values-are-true", "J02.FR.16"),
    needs=("plug", "authorise", "meter"),
    detects=("station-counts-slowly", "station-meter-too-high", "station-registers-stuck", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_energy_agrees_with_power_and_with_the_bench(station: StationUnderTest, check: Check) -> None:
    """Station counts the energy that its power makes up, and that the bench meter sees.

    Given   a transaction in which the power has come to rest
    when    the EV charges for a minute
    then    what the import register gains is the power that was reported, and that of the bench meter, times the time
    """
    await station.ready()
    await station.report_every()
    await station.charging()
    await station.watch(station.settling + station.pixit.meter_interval)
    seen = await station.watch(60.0 + station.pixit.meter_interval)
    told = [(each, value) for each in seen if (value := import_register(each)) is not None]
    check.holds(len(told) >= 3, expected="three values or more", actual=f"{len(told)}", advice="Sample the register.")
    check.every(seen, reported_power, at_least(0.0, "W"), advice="Sample power along with the register.")
    gained, hours = span(told)
    pixit, bench = station.pixit, station.description.bench.meter.accuracy
    for what, powers, slack in (
        ("reported", values_of(seen, reported_power), 2 * pixit.meter_accuracy.at(pixit.maximum_charge_power)),
        (
            "metered",
            values_of(seen, metered_power),
            pixit.meter_accuracy.at(pixit.maximum_charge_power) + bench.at(pixit.maximum_charge_power),
        ),
    ):
        mean = sum(powers) / len(powers) if powers else 0.0
        spread = max(powers, default=0.0) - min(powers, default=0.0)
        wanted = near(mean * hours, "Wh", tolerance=(slack + spread) * hours + 2.0)
        advice = f"The register and the {what} power disagree: look at unit, scale, and what is counted."
        actual = f"{gained:.1f} Wh with {mean:.0f} W {what}"
        check.holds(wanted.holds(gained), expected=f"{mean * hours:.1f} Wh", actual=actual, advice=advice)


def span(told: list[tuple[Observation, float]]) -> tuple[float, float]:
    """What a register gains between the first and the last of its values (Wh), and the time between them (h), as they say."""
    if len(told) < 2:
        return 0.0, 0.0
    begin, end = (next(each.at for each in meter_readings(seen)) for seen in (told[0][0], told[-1][0]))
    return told[-1][1] - told[0][1], (end - begin).total_seconds() / 3600.0


def values_of(seen: Trace, reading: object) -> list[float]:
    """All values of a reading."""
    assert callable(reading)
    return [value for each in seen if (value := reading(each)) is not None]


@test_case(
    "TC_STATION_Energy_002",
    covers=("J02.FR.16", "J02.FR.17"),
    needs=("plug", "authorise", "unplug"),
    detects=("station-counts-anew",),
    lasts=150.0,
)
async def test_registers_do_not_begin_anew(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station counts on from where it was after a reset.

    Given   a transaction in which energy flowed, and which has ended
    when    the station is reset, and an EV charges once more
    then    no value of the import register is below one that was told before
    """
    await station.ready()
    await station.report_every()
    begun = len(station.seen)
    await station.charging()
    await station.watch(3 * station.pixit.meter_interval)
    await station.unplug()
    await station.watch(2.0)
    reset = await csms.reset()
    await csms.expect("BootNotification", within=station.pixit.boot_time, after=reset.outcome.number)
    await station.watch(3.0)
    await station.charging()
    await station.watch(2 * station.pixit.meter_interval)
    values = [value for each in station.seen.after(begun) if (value := import_register(each)) is not None]
    falls = [(earlier, later) for earlier, later in pairwise(values) if later < earlier - 1.0]
    advice = "A register is the counter of the meter: nothing sets it back, no reset and no transaction."
    check.holds(not falls, expected="values that never fall", actual=f"{falls[:1]}", advice=advice)
    check.holds(
        len(values) >= 3, expected="three values or more", actual=f"{len(values)}", advice="Sample the register."
    )


@test_case(
    "TC_STATION_Sampling_007",
    covers=("J02.FR.11", "E02.FR.15"),
    pics=_NEWER,
    needs=("plug", "authorise"),
    detects=("station-wrong-trigger", "station-no-meter-values", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_regular_values_are_told_as_such(station: StationUnderTest, check: Check) -> None:
    """Station tells regular values in events with triggerReason MeterValuePeriodic.

    Given   a transaction with sampled meter values
    when    several intervals pass
    then    events of type Updated with triggerReason MeterValuePeriodic come, and have values
    """
    await station.ready()
    await station.report_every()
    await station.charging()
    await station.watch(station.settling)
    seen = (await station.watch(4 * station.pixit.meter_interval)).sent_by("station")
    told = seen.where(lambda each: trigger_reason(each) == "MeterValuePeriodic")
    advice = "Send an Updated for each interval, and name it MeterValuePeriodic."
    check.holds(len(told) >= 3, expected="three events or more", actual=f"{len(told)}", advice=advice)
    empty = [each for each in told if not meter_readings(each) or event_type(each) != "Updated"]
    check.holds(not empty, expected="values in each", actual="none", seen=next(iter(empty), None), advice=advice)


_UNITS = {
    "Energy.Active": "Wh",
    "Power.Active": "W",
    "Current": "A",
    "Voltage": "V",
    "Frequency": "Hz",
    "SoC": "Percent",
}
"""What begins with the name has the unit, once kWh and kW are Wh and W."""


@test_case(
    "TC_STATION_Sampling_008",
    covers=("OCPP:meter-values-are-true", "J02.FR.03"),
    needs=("plug", "authorise"),
    detects=("station-wrong-units", "station-no-meter-values"),
    lasts=60.0,
)
async def test_units_belong_to_their_measurands(station: StationUnderTest, check: Check) -> None:
    """Station tells each value in a unit of its measurand.

    Given   a transaction with sampled power, energy and state of charge
    when    several intervals pass
    then    energy is in Wh or kWh, power in W or kW, and so on
    """
    await station.ready()
    await station.report_every()
    await station.charging()
    seen = await station.watch(3 * station.pixit.meter_interval + 1.0)
    told = {(each.measurand, each.unit) for frame in seen for each in meter_readings(frame)}
    advice = "Name the unit of every value; without one it is Wh, or what the measurand has."
    check.holds(bool(told), expected="values", actual="none", advice="Sample the measurands that are set.")
    wrong = {pair for pair in told for name, unit in _UNITS.items() if pair[0].startswith(name) and pair[1] != unit}
    check.holds(not wrong, expected="units of the measurands", actual=str(sorted(wrong)[:3]), advice=advice)
