"""Operation modes: which there are, what they make of the power, and how a change is told (OCPP 2.1 K01, Q01, Q07, Q10)."""

from collections.abc import Callable

from harness.ocpp.readings import (
    event_type,
    meter_readings,
    operation_mode,
    outcome,
    reading,
    reason_code,
    reported_setpoint,
    trigger_reason,
)
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Limit,
    Observation,
    StationUnderTest,
    at_least,
    central_frequency,
    central_setpoint,
    charging_only,
    equals,
    external_setpoint,
    idle,
    local_frequency,
    near,
    satisfies,
    test_case,
)

_REGISTER, _POWER = "Energy.Active.Import.Register", "Power.Active.Import"
_SETPOINT = "Power.Active.Setpoint"


@test_case(
    "TC_STATION_OperationModes_001",
    covers=("Q01.FR.30", "Q01.FR.31", "Q01.FR.32", "Q07.FR.01"),
    pics=STATION.V2X,
    detects=("station-modes-missing", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_the_least_operation_modes_are_listed(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station lists the operation modes that each bidirectional station has.

    Given   a connected station
    when    the CSMS reads SupportedOperationModes and SupportedEnergyTransferModes of EVSE 1
    then    the one has ChargingOnly, CentralSetpoint and CentralFrequency, the other is not empty
    """
    await station.ready()
    modes = await csms.get_variable("V2XChargingCtrlr", "SupportedOperationModes", evse=1)
    listed = {each.strip() for each in (modes or "").split(",")}
    check.holds(
        {"ChargingOnly", "CentralSetpoint", "CentralFrequency"} <= listed,
        expected="ChargingOnly, CentralSetpoint and CentralFrequency among SupportedOperationModes",
        actual=modes or "no value",
        requirement="Q01.FR.31",
        advice="List these modes in V2XChargingCtrlr of each EVSE.",
    )
    services = await csms.get_variable("V2XChargingCtrlr", "SupportedEnergyTransferModes", evse=1)
    check.holds(
        bool(services),
        expected="energy transfer modes in V2XChargingCtrlr.SupportedEnergyTransferModes",
        actual=services or "no value",
        requirement="Q01.FR.32",
        advice="List what the EVSE offers to an EV.",
    )


@test_case(
    "TC_STATION_OperationModes_002",
    covers=("K01.FR.110",),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=(
        "station-no-operation-mode",
        "station-wrong-operation-mode",
        "station-wrong-trigger",
        "station-ignores-charging-profiles",
        "station-rubber-stamp",
    ),
    lasts=40.0,
)
async def test_a_new_operation_mode_is_told(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells the CSMS that a period with another operation mode has begun.

    Given   a transaction in mode ChargingOnly
    when    a profile puts it into CentralSetpoint
    then    a TransactionEvent with triggerReason OperationModeChanged and that operationMode comes
    """
    await station.ready()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(-1000))
    await station.watch(station.pixit.reaction_time + station.pixit.answer_time)
    told = station.seen.since(sent.at)
    changed = told.where(lambda seen: trigger_reason(seen) == "OperationModeChanged")
    check.that(
        changed[0] if len(changed) else None,
        operation_mode,
        equals("CentralSetpoint"),
        advice="Send TransactionEvent with OperationModeChanged and the new operationMode.",
    )


@test_case(
    "TC_STATION_OperationModes_003",
    covers=("K01.FR.07",),
    pics=STATION.V2X_IDLE & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_nothing_flows_in_mode_idle(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station transfers no energy while a period in mode Idle is active, and goes on after it.

    Given   a transaction that charges
    when    the CSMS sends a TxProfile with a period in mode Idle, and then a setpoint
    then    meter values and bench meter show no power, and then the setpoint
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(idle())
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Idle needs no values.")
    resting = station.expects.rest()
    check.course(await station.course(resting), resting, advice="Idle lets no energy flow in either direction.")
    await csms.dispatch(central_setpoint(watts))
    expected = station.expects.power(watts)
    check.course(await station.course(expected), expected, advice="Another mode ends Idle at once.")


@test_case(
    "TC_STATION_OperationModes_004",
    covers=("Q10.FR.02",),
    pics=STATION.V2X_IDLE,
    needs=("plug", "authorise"),
    detects=(
        "station-accepts-profiles-blindly",
        "station-no-reasons",
        "station-ignores-charging-profiles",
        "station-rubber-stamp",
    ),
    lasts=40.0,
)
async def test_idle_with_values_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a period in mode Idle that carries a limit or a setpoint.

    Given   a transaction of a bidirectional EV
    when    the CSMS sends Idle with a limit, then Idle with a setpoint
    then    each is Rejected with InvalidSchedule
    """
    await station.ready()
    await station.charging()
    for value in ("limit", "setpoint"):
        sent = await csms.dispatch(idle() | {value: 1000})
        check.that(sent.outcome, outcome, equals("Rejected"), advice=f"Idle has no {value}.")
        check.that(sent.outcome, reason_code, equals("InvalidSchedule"), advice="Give the reasonCode with the refusal.")


@test_case(
    "TC_STATION_OperationModes_005",
    covers=("Q10.FR.03", "Q10.FR.04"),
    pics=STATION.V2X_IDLE & STATION.EVSE_SLEEP,
    needs=("plug", "authorise"),
    detects=("station-sleepless", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_sleeping_evse_says_so(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells in its events that the EVSE sleeps.

    Given   a transaction that charges
    when    the CSMS sends a period in mode Idle with evseSleep, and asks for a TransactionEvent
    then    that event says evseSleep
    """
    await station.ready()
    await station.charging()
    sent = await csms.dispatch(idle(sleep=True))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="SupportsEvseSleep is claimed; take evseSleep.")
    await station.watch(station.settling)
    await csms.trigger("TransactionEvent", 1)
    seen = await csms.expect("TransactionEvent", within=station.pixit.answer_time)
    check.that(seen, reading("evseSleep"), equals(True), advice="Say evseSleep in each event while the EVSE sleeps.")


@test_case(
    "TC_STATION_OperationModes_006",
    covers=("K01.FR.114",),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    detects=("station-accepts-profiles-blindly", "station-no-reasons", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_mode_that_the_purpose_does_not_have_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses operation modes that do not belong to a purpose.

    Given   a connected station
    when    the CSMS sends a ChargingStationMaxProfile in mode CentralSetpoint
    then    it is Rejected with InvalidOperationMode
    """
    await station.ready()
    sent = await csms.set_profile(0, "ChargingStationMaxProfile", [central_setpoint(1000, limit=2000)])
    check.that(sent.outcome, outcome, equals("Rejected"), advice="A maximum is ChargingOnly.")
    check.that(sent.outcome, reason_code, equals("InvalidOperationMode"), advice="Give the reasonCode.")


@test_case(
    "TC_STATION_OperationModes_007",
    covers=("K28.FR.06", "V2X.02"),
    pics=STATION.V2X_CENTRAL_FREQUENCY & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=(
        "station-halved-setpoint",
        "station-ignores-dynamic-updates",
        "station-never-discharges",
        "station-rubber-stamp",
    ),
    lasts=90.0,
)
async def test_the_csms_supports_the_frequency_by_setpoints(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station follows the setpoints of mode CentralFrequency in both directions.

    Given   a transaction under a dynamic TxProfile in mode CentralFrequency, which the station takes
    when    the CSMS pushes a setpoint that discharges, then one that charges
    then    meter values and bench meter show each after the settling time
    """
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_frequency(0), dynamic=True, lasting=600)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="CentralFrequency is one of the least modes.")
    for watts in (-station.pixit.maximum_discharge_power / 2, station.pixit.maximum_charge_power / 2):
        await csms.push(csms.tx_profile_id, setpoint=watts)
        expected = station.expects.power(watts)
        check.course(await station.course(expected), expected, advice="Apply an update when it comes.")


@test_case(
    "TC_STATION_OperationModes_008",
    covers=("Q01.FR.35",),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=(
        "station-no-meter-values",
        "station-ignores-charging-profiles",
        "station-no-extra-measurands",
        "station-rubber-stamp",
    ),
    lasts=60.0,
)
async def test_a_mode_adds_its_measurands(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station adds the measurands of an operation mode to those of its ordinary updates.

    Given   a transaction of a station that is to add the setpoint to its updates in mode CentralSetpoint
    when    a setpoint puts it into that mode
    then    its periodic values tell the setpoint
    """
    await station.ready()
    await csms.prepare("V2XChargingCtrlr", "TxUpdatedMeasurands", _SETPOINT, instance="CentralSetpoint", evse=1)
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(-1000))
    seen = await station.watch(station.settling + 3 * station.pixit.meter_interval)
    told = seen.since(sent.at).where(lambda each: reported_setpoint(each) is not None)
    advice = "Add the measurands of the active mode to SampledDataCtrlr.TxUpdatedMeasurands."
    check.that(told.last, reported_setpoint, near(-1000, "W", tolerance=1.0), advice=advice)


@test_case(
    "TC_STATION_OperationModes_009",
    covers=("Q01.FR.34",),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=(
        "station-no-meter-values",
        "station-ignores-variables",
        "station-ignores-remote-stops",
        "station-rubber-stamp",
    ),
    lasts=60.0,
)
async def test_a_mode_adds_its_measurands_to_the_last_values(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station adds the measurands of an operation mode to the last values of a transaction.

    Given   a station that ends a transaction with a register, and in mode CentralSetpoint with the power imported too
    when    a transaction in that mode is stopped
    then    its last event has the power imported, taken at the end
    """
    await station.ready()
    await csms.prepare("SampledDataCtrlr", "TxEndedMeasurands", _REGISTER)
    await csms.prepare("V2XChargingCtrlr", "TxEndedMeasurands", _POWER, instance="CentralSetpoint", evse=1)
    transaction = await station.charging()
    sent = await csms.dispatch(central_setpoint(1000))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    ended = await csms.stop_transaction(transaction)
    advice = "Add the measurands of the active mode to SampledDataCtrlr.TxEndedMeasurands."
    check.that(ended, measurands_at("Transaction.End"), includes(_POWER), advice=advice)


@test_case(
    "TC_STATION_OperationModes_010",
    covers=("Q01.FR.33",),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=(
        "station-no-meter-values",
        "station-ignores-variables",
        "station-no-begin-context",
        "station-rubber-stamp",
    ),
    lasts=40.0,
)
async def test_a_mode_adds_its_measurands_to_the_first_values(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station adds the measurands of an operation mode to the first values of a transaction that begins in it.

    Given   a default profile in mode CentralSetpoint, and a station that begins with a register, and in that mode with the
            power imported too
    when    the driver is authorised and plugs in, so that the transaction begins in that mode
    then    the values of its beginning have the power imported
    """
    await station.ready()
    await csms.prepare("SampledDataCtrlr", "TxStartedMeasurands", _REGISTER)
    await csms.prepare("V2XChargingCtrlr", "TxStartedMeasurands", _POWER, instance="CentralSetpoint", evse=1)
    sent = await csms.set_profile(0, "TxDefaultProfile", [central_setpoint(1000)])
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A default may have any operation mode.")
    authorised = await station.authorise()
    await station.watch(station.pixit.answer_time)
    await station.plug_in()
    await station.watch(station.pixit.start_time)
    seen = station.seen.after(authorised.number)
    begun = seen.where(lambda each: bool(measurands_at("Transaction.Begin")(each)))
    advice = "Add the measurands of the active mode to SampledDataCtrlr.TxStartedMeasurands."
    check.that(begun.last, measurands_at("Transaction.Begin"), includes(_POWER), advice=advice)


@test_case(
    "TC_STATION_OperationModes_011",
    covers=("Q01.FR.36",),
    pics=STATION.V2X & STATION.ISO_15118_20,
    needs=("plug", "authorise"),
    detects=("station-hides-the-ev", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_the_connected_ev_is_in_the_device_model(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells of the connected EV in its device model.

    Given   a transaction of an EV over ISO 15118-20
    when    the CSMS reads the variables of ConnectedEV on EVSE 1
    then    an EV is available, it has an id, and the protocol agreed and those that it supports are told
    """
    await station.ready()
    await station.charging()
    for variable, instance, wanted in (
        ("Available", "", equals("true")),
        ("VehicleID", "", satisfies("an id", lambda value: value not in ("", "true"))),
        ("ProtocolAgreed", "", satisfies("a protocol of ISO 15118-20", lambda value: "15118" in value)),
        ("ProtocolSupportedByEV", "1", satisfies("a protocol", lambda value: ":" in value)),
        ("VehicleCertificate", "Leaf", satisfies("a certificate, or none", lambda _value: True)),
    ):
        found = await csms.get_variable("ConnectedEV", variable, instance=instance, evse=1)
        check.holds(
            found is not None and wanted.holds(found),
            expected=f"ConnectedEV.{variable}: {wanted.expects}",
            actual=str(found),
            advice="Offer component ConnectedEV on each EVSE.",
        )


@test_case(
    "TC_STATION_OperationModes_012",
    covers=("Q08.FR.20", "Q01.FR.30"),
    pics=STATION.V2X_LOCAL_FREQUENCY,
    detects=("station-modes-missing", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_local_frequency_is_listed_where_it_is_supported(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station lists LocalFrequency where it supports the frequency that it measures.

    Given   a station that claims LocalFrequency
    when    the CSMS reads SupportedOperationModes of EVSE 1
    then    LocalFrequency is among them
    """
    await station.ready()
    modes = await csms.get_variable("V2XChargingCtrlr", "SupportedOperationModes", evse=1)
    check.holds(
        "LocalFrequency" in (modes or ""),
        expected="LocalFrequency among SupportedOperationModes",
        actual=modes or "no value",
        advice="List the mode, or do not claim it.",
    )


@test_case(
    "TC_STATION_OperationModes_013",
    covers=("Q10.FR.05",),
    pics=STATION.V2X_IDLE & ~STATION.EVSE_SLEEP,
    needs=("plug", "authorise"),
    detects=("station-claims-sleep", "station-refuses-profiles", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_an_evse_that_cannot_sleep_does_not_say_so(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes Idle with evseSleep although it cannot sleep, and tells no sleep.

    Given   a transaction at a station without SupportsEvseSleep
    when    the CSMS sends a period in mode Idle with evseSleep, and asks for a TransactionEvent
    then    it is Accepted, no energy flows, and that event does not say evseSleep
    """
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(idle(sleep=True))
    check.that(
        sent.outcome, outcome, equals("Accepted"), advice="With Idle an evseSleep that is not supported is let be."
    )
    resting = station.expects.rest()
    check.course(await station.course(resting), resting, advice="Idle lets no energy flow in either direction.")
    await csms.trigger("TransactionEvent", 1)
    seen = await csms.expect("TransactionEvent", within=station.pixit.answer_time)
    check.that(seen, sleeping, equals(False), advice="Leave evseSleep out, or say false.")


@test_case(
    "TC_STATION_OperationModes_014",
    covers=("K01.FR.115",),
    pics=STATION.V2X_CENTRAL_SETPOINT & ~(STATION.V2X_LOCAL_FREQUENCY | STATION.V2X_EXTERNAL_SETPOINT),
    needs=("plug", "authorise"),
    detects=("station-accepts-profiles-blindly", "station-no-reasons", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_modes_that_are_not_supported_are_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses operation modes that it does not list.

    Given   a transaction at a station with neither LocalFrequency nor ExternalSetpoint
    when    the CSMS sends a TxProfile in one of these modes, then in the other
    then    each is Rejected with InvalidOperationMode
    """
    frequency = local_frequency(0.0, ((49.8, -1000.0), (50.2, 1000.0)))
    await station.ready()
    await station.charging()
    for period in (frequency, external_setpoint()):
        sent = await csms.dispatch(period)
        check.that(sent.outcome, outcome, equals("Rejected"), advice="Compare with SupportedOperationModes.")
        check.that(sent.outcome, reason_code, equals("InvalidOperationMode"), advice="Give the reasonCode.")


@test_case(
    "TC_STATION_OperationModes_015",
    covers=("K28.FR.13", "K28.FR.15"),
    pics=STATION.V2X_CENTRAL_FREQUENCY & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=("station-endless-schedules", "station-discharges-on"),
    lasts=90.0,
)
async def test_frequency_support_ends_when_the_csms_falls_silent(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station does not go on with a setpoint for the frequency that the CSMS no longer renews.

    Given   a transaction that discharges by a dynamic TxProfile in mode CentralFrequency with a duration of 30 s
    when    the CSMS sends nothing for 30 s
    then    meter values and bench meter show no discharge any more
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_frequency(watts), dynamic=True, lasting=30)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="CentralFrequency is one of the least modes.")
    await station.settle(station.expects.power(watts))
    await station.watch(max(0.0, sent.at + 31.0 - csms.clock.now()))
    over = station.expects.discharge_at_most(0)
    check.course(await station.course(over), over, advice="Compare dynUpdateTime + duration with the clock.")


@test_case(
    "TC_STATION_OperationModes_016",
    covers=("Q10.FR.03",),
    pics=STATION.V2X_IDLE & STATION.EVSE_SLEEP & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-never-discharges", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_sleeping_evse_wakes_for_a_setpoint(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station wakes a sleeping EVSE as soon as it is to do something.

    Given   a transaction whose EVSE sleeps
    when    the CSMS sends a setpoint that discharges
    then    meter values and bench meter show it, and the events say nothing of sleep any more
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(idle(sleep=True))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="SupportsEvseSleep is claimed; take evseSleep.")
    resting = station.expects.rest()
    check.course(await station.course(resting), resting, advice="An EVSE that sleeps transfers nothing.")
    await csms.dispatch(central_setpoint(watts))
    expected = station.expects.power(watts)
    seen = await station.course(expected)
    check.course(seen, expected, advice="Power the electronics up when a profile needs them.")
    check.every(seen, sleeping, equals(False), advice="evseSleep ends with the sleep.")


@test_case(
    "TC_STATION_OperationModes_017",
    covers=("K01.FR.110", "Q10.FR.03"),
    pics=STATION.V2X_IDLE & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=(
        "station-wrong-operation-mode",
        "station-wrong-trigger",
        "station-hasty-schedules",
        "station-rubber-stamp",
    ),
    lasts=150.0,
)
async def test_each_change_of_mode_in_a_schedule_is_told_when_it_comes(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station tells each change of operation mode that a schedule brings, in order, and not ahead of its time.

    Given   a transaction in mode ChargingOnly
    when    a schedule goes to CentralSetpoint, after 40 s to Idle, and after 80 s to ChargingOnly
    then    events of reason OperationModeChanged tell these modes, each no earlier than its period
    """
    await station.ready()
    transaction = await station.charging()
    made = [central_setpoint(1000), idle(start=40), charging_only(station.pixit.maximum_charge_power, start=80)]
    sent = await csms.set_profile(1, "TxProfile", made, transaction=transaction.transaction_id)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A schedule may go through several modes.")
    seen = await station.watch(80.0 + station.pixit.reaction_time + station.pixit.answer_time)
    told = seen.since(sent.at).where(lambda each: trigger_reason(each) == "OperationModeChanged")
    modes = [operation_mode(each) for each in told]
    check.holds(
        modes == ["CentralSetpoint", "Idle", "ChargingOnly"],
        expected="OperationModeChanged to CentralSetpoint, Idle and ChargingOnly",
        actual=str(modes),
        seen=told.last,
        advice="Send TransactionEvent with OperationModeChanged whenever a period has another mode.",
    )
    resting = told.where(lambda each: operation_mode(each) == "Idle")
    check.every(resting, seconds_since(sent.at), at_least(38.0, "s"), advice="A period begins with its startPeriod.")


def seconds_since(at: float) -> Callable[[Observation], float]:
    """A reading of the time since an instant."""

    def seconds_since_the_profile(seen: Observation) -> float:
        return seen.at - at

    return seconds_since_the_profile


def sleeping(seen: Observation) -> bool | None:
    """Whether a TransactionEvent says that the EVSE sleeps."""
    return None if event_type(seen) is None else bool(reading("evseSleep")(seen))


def measurands_at(context: str) -> Callable[[Observation], set[str]]:
    """A reading of the measurands that a request carries with a context."""

    def measurands(seen: Observation) -> set[str]:
        return {each.measurand for each in meter_readings(seen) if each.context == context}

    measurands.__name__ = f"measurands of {context}"
    return measurands


def includes(wanted: str) -> Limit:
    """A measurand is among others."""
    return satisfies(f"{wanted} among them", lambda found: wanted in found)
