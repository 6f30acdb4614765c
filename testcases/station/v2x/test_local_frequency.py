"""LocalFrequency: the station supports the frequency that it measures, by a curve and by aFRR signals (OCPP 2.1 Q08)."""

from harness.ocpp.readings import outcome, reason_code
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    GridControl,
    StationUnderTest,
    equals,
    local_frequency,
    test_case,
)


@test_case(
    "TC_STATION_LocalFrequency_001",
    covers=("Q08.FR.06", "Q08.FR.07"),
    pics=STATION.V2X_LOCAL_FREQUENCY,
    needs=("plug", "authorise", "grid"),
    detects=(
        "station-blind-to-frequency",
        "station-reversed-frequency-curve",
        "station-no-baseline",
        "station-rubber-stamp",
    ),
    lasts=120.0,
)
async def test_the_power_follows_the_curve_at_the_measured_frequency(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station brings the power to the baseline plus what the curve says at the frequency of the mains.

    Given   a transaction in mode LocalFrequency with a baseline and a curve with a dead band
    when    the frequency is nominal, then low, then high
    then    meter values and bench meter show baseline plus the interpolated power each time
    """
    most = min(station.pixit.maximum_charge_power, station.pixit.maximum_discharge_power)
    curve = ((49.8, -most / 2), (49.98, 0.0), (50.02, 0.0), (50.2, most / 2))
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(local_frequency(-most / 10, curve))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    for hertz, from_curve in ((50.0, 0.0), (49.89, -most / 4), (50.11, most / 4)):
        await grid.set(hertz=hertz)
        await station.watch(grid.settling_time)
        expected = station.expects.power(from_curve - most / 10)
        check.course(
            await station.course(expected), expected, advice=f"At {hertz:g} Hz interpolate between the points."
        )


@test_case(
    "TC_STATION_LocalFrequency_002",
    covers=("Q08.FR.10",),
    pics=STATION.V2X_AFRR,
    needs=("plug", "authorise"),
    detects=("station-deaf-to-signals", "station-ignores-afrr-signals", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_an_afrr_signal_moves_the_power_by_its_curve(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station adds to its setpoint what the signal curve says of an aFRR signal.

    Given   a transaction in mode LocalFrequency with a signal curve, and a dead band as wide as the grid needs
    when    the CSMS sends signal 50, then -50
    then    each is accepted, and the power moves by what stands halfway on the curve, up and down
    """
    most = min(station.pixit.maximum_charge_power, station.pixit.maximum_discharge_power)
    flat = ((47.0, -most), (48.0, 0.0), (52.0, 0.0), (53.0, most))
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.dispatch(local_frequency(0.0, flat, signal=((-100, -most / 2), (0, 0.0), (100, most / 2))))
    for signal, watts in ((50, most / 4), (-50, -most / 4)):
        sent = await csms.afrr(signal)
        check.that(sent.outcome, outcome, equals("Accepted"), advice="The active period has a signal curve.")
        expected = station.expects.power(watts)
        check.course(await station.course(expected), expected, advice="Look the signal up in v2xSignalWattCurve.")


@test_case(
    "TC_STATION_LocalFrequency_003",
    covers=("Q08.FR.11",),
    pics=STATION.V2X_AFRR,
    needs=("plug", "authorise"),
    detects=("station-ignores-afrr-signals", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_an_afrr_signal_without_a_curve_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses an aFRR signal where no active period has a curve for it.

    Given   a transaction in mode ChargingOnly
    when    the CSMS sends AFRRSignal
    then    it is Rejected with NoSignalWattCurve
    """
    await station.ready()
    await station.charging()
    sent = await csms.afrr(50)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Only a period with v2xSignalWattCurve takes it.")
    check.that(sent.outcome, reason_code, equals("NoSignalWattCurve"), advice="Give the reasonCode.")


@test_case(
    "TC_STATION_LocalFrequency_004",
    covers=("Q08.FR.03",),
    pics=STATION.V2X_LOCAL_FREQUENCY,
    needs=("plug", "authorise"),
    detects=("station-accepts-profiles-blindly", "station-no-reasons", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_local_frequency_without_a_curve_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses LocalFrequency with a curve of one point, and without a baseline.

    Given   a transaction of a bidirectional EV
    when    the CSMS sends such periods
    then    each is Rejected with NoFreqWattCurve
    """
    whole = local_frequency(0.0, ((49.8, -1000.0), (50.2, 1000.0)))
    await station.ready()
    await station.charging()
    no_baseline = {name: value for name, value in whole.items() if name != "v2xBaseline"}
    for period in (local_frequency(0.0, ((50.0, 0.0),)), no_baseline):
        sent = await csms.dispatch(period)
        check.that(sent.outcome, outcome, equals("Rejected"), advice="It needs v2xBaseline and two points.")
        check.that(sent.outcome, reason_code, equals("NoFreqWattCurve"), advice="Give the reasonCode.")


@test_case(
    "TC_STATION_LocalFrequency_005",
    covers=("Q08.FR.04",),
    pics=STATION.V2X_LOCAL_FREQUENCY,
    needs=("plug", "authorise"),
    detects=("station-accepts-profiles-blindly", "station-no-reasons", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_local_frequency_with_values_of_the_csms_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses LocalFrequency that carries a limit, a discharge limit or a setpoint.

    Given   a transaction of a bidirectional EV
    when    the CSMS sends such periods
    then    each is Rejected with InvalidSchedule
    """
    whole = local_frequency(0.0, ((49.8, -1000.0), (50.2, 1000.0)))
    await station.ready()
    await station.charging()
    for value in ({"limit": 5000}, {"dischargeLimit": -5000}, {"setpoint": 1000}):
        sent = await csms.dispatch(whole | value)
        check.that(sent.outcome, outcome, equals("Rejected"), advice=f"LocalFrequency has no {next(iter(value))}.")
        check.that(sent.outcome, reason_code, equals("InvalidSchedule"), advice="Give the reasonCode.")


@test_case(
    "TC_STATION_LocalFrequency_006",
    covers=("Q08.FR.10",),
    pics=STATION.V2X_AFRR,
    needs=("plug", "authorise"),
    detects=("station-signals-at-once", "station-deaf-to-signals", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_an_afrr_signal_counts_from_its_time_on(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station follows an aFRR signal from the time that it says, and not before.

    Given   a transaction in mode LocalFrequency with a signal curve, and a dead band as wide as the grid needs
    when    the CSMS sends a signal whose timestamp lies 30 s ahead
    then    it is accepted, the power stays at the baseline until then, and moves after it
    """
    most = min(station.pixit.maximum_charge_power, station.pixit.maximum_discharge_power)
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.dispatch(local_frequency(0.0, _wide(most), signal=_signals(most)))
    resting = station.expects.rest()
    begun = await station.settle(resting)
    sent = await csms.afrr(-100, later=30.0)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The active period has a signal curve.")
    await station.watch(31.0)
    early = station.seen.between(begun, sent.at + 28.0)
    check.course(early, resting, advice="timestamp says when the signal is active.")
    expected = station.expects.power(-most / 2)
    check.course(await station.course(expected), expected, advice="Follow the signal from its timestamp on.")


@test_case(
    "TC_STATION_LocalFrequency_007",
    covers=("Q08.FR.10",),
    pics=STATION.V2X_AFRR,
    needs=("plug", "authorise"),
    detects=("station-deaf-to-signals", "station-ignores-afrr-signals", "station-power-reversed"),
    lasts=60.0,
)
async def test_an_afrr_signal_beyond_its_curve_counts_as_its_last_point(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station does no more for an aFRR signal beyond the curve that was agreed than at the end of the curve.

    Given   a transaction in mode LocalFrequency with a signal curve from -100 to 100
    when    the CSMS sends signal -250
    then    the power is that of the outermost point, if the signal was accepted
    """
    most = min(station.pixit.maximum_charge_power, station.pixit.maximum_discharge_power)
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.dispatch(local_frequency(0.0, _wide(most), signal=_signals(most)))
    (await csms.afrr(-250)).needed()
    expected = station.expects.power(-most / 2)
    advice = "Hold the last value of the curve beyond its ends."
    check.course(await station.course(expected), expected, confirmed=False, advice=advice)


@test_case(
    "TC_STATION_LocalFrequency_008",
    covers=("Q08.FR.06", "Q08.FR.10"),
    pics=STATION.V2X_AFRR,
    needs=("plug", "authorise", "grid"),
    detects=("station-deaf-to-signals", "station-blind-to-frequency", "station-no-baseline", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_an_afrr_signal_adds_to_what_the_frequency_asks_for(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station adds baseline, what the frequency asks for, and what the aFRR signal asks for.

    Given   a transaction in mode LocalFrequency with a baseline, a curve and a signal curve
    when    the frequency is low, and the CSMS sends a signal
    then    meter values and bench meter show the sum of all three
    """
    most = min(station.pixit.maximum_charge_power, station.pixit.maximum_discharge_power)
    curve = ((49.8, -most / 2), (49.98, 0.0), (50.02, 0.0), (50.2, most / 2))
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.dispatch(local_frequency(-most / 10, curve, signal=_signals(most)))
    await station.grid.set(hertz=49.89)
    await station.watch(station.grid.settling_time)
    sent = await csms.afrr(50)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The active period has a signal curve.")
    expected = station.expects.power(-most / 10 - most / 4 + most / 4)
    check.course(await station.course(expected), expected, advice="Baseline, frequency and signal add up.")


@test_case(
    "TC_STATION_LocalFrequency_009",
    covers=("Q08.FR.11",),
    pics=STATION.V2X_AFRR,
    needs=("plug", "authorise"),
    detects=("station-ignores-afrr-signals", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_an_afrr_signal_is_refused_where_only_the_frequency_was_agreed(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses an aFRR signal in a LocalFrequency period that has no curve for it.

    Given   a transaction in mode LocalFrequency without v2xSignalWattCurve
    when    the CSMS sends AFRRSignal
    then    it is Rejected with NoSignalWattCurve
    """
    most = min(station.pixit.maximum_charge_power, station.pixit.maximum_discharge_power)
    await station.ready()
    await station.charging()
    taken = await csms.dispatch(local_frequency(0.0, _wide(most)))
    check.that(
        taken.outcome, outcome, equals("Accepted"), requirement="Q08.FR.06", advice="A signal curve is optional."
    )
    sent = await csms.afrr(50)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Only a period with v2xSignalWattCurve takes it.")
    check.that(sent.outcome, reason_code, equals("NoSignalWattCurve"), advice="Give the reasonCode.")


@test_case(
    "TC_STATION_LocalFrequency_010",
    covers=("Q08.FR.11",),
    pics=STATION.V2X_AFRR,
    needs=("plug", "authorise"),
    detects=("station-ignores-clearing-profiles", "station-ignores-afrr-signals", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_an_afrr_signal_is_refused_after_the_profile_with_its_curve(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station takes aFRR signals as long as a profile with a curve for them is active, and no longer.

    Given   a transaction in mode LocalFrequency with a signal curve, in which a signal was accepted
    when    the CSMS clears the profile, and sends another signal
    then    it is Rejected with NoSignalWattCurve
    """
    most = min(station.pixit.maximum_charge_power, station.pixit.maximum_discharge_power)
    await station.ready()
    await station.charging()
    await csms.dispatch(local_frequency(0.0, _wide(most), signal=_signals(most)))
    sent = await csms.afrr(50)
    advice = "The active period has a signal curve."
    check.that(sent.outcome, outcome, equals("Accepted"), requirement="Q08.FR.10", advice=advice)
    await csms.clear_profiles(evse_id=1, purpose="TxProfile")
    await station.watch(station.settling)
    sent = await csms.afrr(-50)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Without the profile there is no curve.")
    check.that(sent.outcome, reason_code, equals("NoSignalWattCurve"), advice="Give the reasonCode.")


def _wide(most: float) -> tuple[tuple[float, float], ...]:
    """A frequency curve that asks for nothing as long as the grid is alive."""
    return ((47.0, -most), (48.0, 0.0), (52.0, 0.0), (53.0, most))


def _signals(most: float) -> tuple[tuple[float, float], ...]:
    """A signal curve of half the power at its ends."""
    return ((-100, -most / 2), (0, 0.0), (100, most / 2))
