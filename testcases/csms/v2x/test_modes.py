"""The profiles with which a CSMS steers a bidirectional EV: one case for each operation mode (OCPP 2.1 use cases Q03 to Q10)."""

from harness.ocpp.readings import reading
from harness.ocpp.readings_csms import (
    durations,
    limits_and_setpoints,
    limits_in_periods,
    operation_modes,
    period_count,
    periods_asked,
    rate_units,
    schedule_count,
    setpoints_asked,
)
from harness.vocabulary import (
    CSMS,
    Axis,
    Check,
    CsmsUnderTest,
    Observation,
    TesterStation,
    at_least,
    central_frequency,
    central_setpoint,
    equals,
    idle,
    local_frequency,
    near,
    satisfies,
    test_case,
)

CURVE = ((49.8, -6000.0), (49.98, 0.0), (50.02, 0.0), (50.2, 6000.0))
SIGNALS = ((-100, -3000.0), (0, 0.0), (100, 3000.0))


def baselines(seen: Observation) -> list[float | None] | None:
    """The v2xBaseline of every period."""
    periods = periods_asked(seen)
    return None if periods is None else [each.get("v2xBaseline") for each in periods]


def shortest_curve(seen: Observation) -> int | None:
    """Points of the shortest frequency curve in a profile; 0 where a period has none."""
    periods = periods_asked(seen)
    return None if not periods else min(len(each.get("v2xFreqWattCurve", ())) for each in periods)


def shortest_signal_curve(seen: Observation) -> int | None:
    """Points of the shortest curve for aFRR signals."""
    found = [len(each["v2xSignalWattCurve"]) for each in periods_asked(seen) or () if "v2xSignalWattCurve" in each]
    return min(found, default=None)


@test_case(
    "TC_CSMS_Mode_001",
    covers=("Q03.FR.01", "K02.FR.03"),
    pics=CSMS.V2X_CENTRAL_SETPOINT,
    needs="send_request",
    detects=("csms-reversed-setpoint", "csms-setpoint-in-kilowatts", "csms-too-much", "csms-loses-modes"),
    lasts=10.0,
)
async def test_a_setpoint_goes_out_with_its_sign_and_in_watts(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends a setpoint for discharging as a negative power in W, in mode CentralSetpoint, for one transaction.

    Given   a running transaction of a bidirectional EV
    when    the CSMS is made to discharge it with 2 kW
    then    a TxProfile for that transaction has periods of mode CentralSetpoint with -2000 W
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    sent = await csms.sends_profile([central_setpoint(-2000.0)], transaction=transaction)
    check.that(sent, operation_modes, equals(["CentralSetpoint"]))
    exactly = satisfies("-2000 W", lambda watts: bool(watts) and all(abs(each + 2000.0) < 1.0 for each in watts))
    check.that(sent, setpoints_asked, exactly, advice="Setpoints are in W (chargingRateUnit W); - discharges.")
    check.that(sent, reading("chargingProfile.chargingProfilePurpose"), equals("TxProfile"), requirement="K02.FR.03")
    check.that(sent, reading("chargingProfile.transactionId"), equals(transaction), requirement="K01.FR.03")


@test_case(
    "TC_CSMS_Mode_002",
    covers="Q03.FR.02",
    pics=CSMS.V2X_CENTRAL_SETPOINT,
    needs="send_request",
    detects="csms-limits-with-every-mode",
    lasts=10.0,
)
async def test_a_setpoint_goes_out_without_limits(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS leaves limits out of periods of mode CentralSetpoint.

    Given   a running transaction of a bidirectional EV
    when    the CSMS is made to charge it with 3 kW
    then    the periods of the profile carry the setpoint, and neither limit nor dischargeLimit
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    sent = await csms.sends_profile([central_setpoint(3000.0)], transaction=transaction)
    none = equals([]).because("Q03.FR.02; the table of modes lets limits in", confirmed=False)
    check.that(sent, limits_in_periods, none, advice="Put limits into a profile of their own.")


@test_case(
    "TC_CSMS_Mode_003",
    covers=("Q07.FR.02", "Q07.FR.03", "Q07.FR.04"),
    pics=CSMS.V2X_CENTRAL_FREQUENCY & CSMS.DYNAMIC_PROFILES,
    needs="send_request",
    detects=("csms-nothing-dynamic", "csms-limits-with-every-mode", "csms-endless-setpoints"),
    lasts=10.0,
)
async def test_frequency_support_is_dynamic_and_ends_with_its_csms(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS supports the grid frequency with a Dynamic profile of one period, without limits, that expires.

    Given   a running transaction of a bidirectional EV
    when    the CSMS is made to support the grid frequency by a setpoint
    then    the profile is Dynamic with one period of mode CentralFrequency, no limits, and a duration
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    sent = await csms.sends_profile([central_frequency(-1500.0)], kind="Dynamic", duration=60, transaction=transaction)
    check.that(sent, reading("chargingProfile.chargingProfileKind"), equals("Dynamic"))
    check.that(sent, operation_modes, equals(["CentralFrequency"]))
    check.that(sent, period_count, equals(1))
    check.that(sent, schedule_count, equals(1))
    check.that(sent, limits_in_periods, equals([]), requirement="Q07.FR.03")
    lasting = satisfies("a duration", lambda found: all(each is not None for each in found))
    advice = "Without a duration a station goes on with the last setpoint when the CSMS stalls."
    check.that(sent, durations, lasting, requirement="Q07.FR.04", advice=advice, axis=Axis.FIELD)


@test_case(
    "TC_CSMS_Mode_004",
    covers=("Q08.FR.01", "Q08.FR.02", "Q08.FR.05"),
    pics=CSMS.V2X_LOCAL_FREQUENCY,
    needs="send_request",
    detects=("csms-limits-with-every-mode", "csms-curves-of-a-point", "csms-no-baseline", "csms-always-amperes"),
    lasts=10.0,
)
async def test_local_frequency_support_has_all_it_needs_and_nothing_else(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS gives a station that supports the grid frequency by itself a baseline and curves in W, and no limits.

    Given   a running transaction of a bidirectional EV
    when    the CSMS is made to let the station support the grid frequency
    then    periods of mode LocalFrequency have a baseline and curves of two points or more, in W, no limit and no setpoint
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    sent = await csms.sends_profile([local_frequency(-1000.0, CURVE, SIGNALS)], transaction=transaction)
    check.that(sent, operation_modes, equals(["LocalFrequency"]))
    check.that(sent, limits_and_setpoints, equals([]))
    known = satisfies("a baseline", lambda found: None not in found)
    check.that(sent, baselines, known, requirement="Q08.FR.02", advice="Give v2xBaseline; 0 for none.")
    check.that(sent, shortest_curve, at_least(2), requirement="Q08.FR.02")
    check.that(sent, shortest_signal_curve, at_least(2), requirement="Q08.FR.02")
    check.that(sent, rate_units, equals(["W"]), requirement="Q08.FR.05")


@test_case(
    "TC_CSMS_Mode_005",
    covers="Q08.FR.12",
    pics=CSMS.V2X_AFRR,
    needs="send_request",
    detects=("csms-reversed-afrr", "csms-old-afrr"),
    lasts=10.0,
)
async def test_an_afrr_signal_is_passed_on_as_it_is_and_at_once(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS passes an aFRR signal on with its value, and with the present time.

    Given   a station that supports the grid frequency with a curve for aFRR signals
    when    the CSMS is made to pass on the signal -50
    then    AFRRSignal carries -50 and the time at which it is sent
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["AFRRSignal"] = {"status": "Accepted"}
    transaction = await station.begin_transaction(csms.token)
    await csms.sends_profile([local_frequency(0.0, CURVE, SIGNALS)], transaction=transaction)
    sent = await csms.sends("AFRRSignal", {"timestamp": station.time_stamp(), "signal": -50})
    check.that(sent, reading("signal"), equals(-50), advice="The signal keeps its sign on the way to the station.")
    late = near(0.0, "s", tolerance=csms.pixit.reaction_time)
    check.that(sent, station.error_of("timestamp"), late, advice="timestamp tells when the signal becomes active: now.")


@test_case(
    "TC_CSMS_Mode_006",
    covers="Q10.FR.01",
    pics=CSMS.V2X,
    needs="send_request",
    detects=("csms-limits-with-every-mode", "csms-loses-modes"),
    lasts=10.0,
)
async def test_a_break_carries_no_values(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS sends periods of mode Idle without any limit or setpoint.

    Given   a running transaction of a bidirectional EV
    when    the CSMS is made to let it rest
    then    the profile has periods of mode Idle that carry neither limits nor setpoints
    """
    await station.power_up(within=csms.pixit.boot_time)
    transaction = await station.begin_transaction(csms.token)
    sent = await csms.sends_profile([idle()], transaction=transaction)
    check.that(sent, operation_modes, equals(["Idle"]))
    check.that(sent, limits_and_setpoints, equals([]), advice="A limit of 0 W is no rest: it wakes the EVSE.")
