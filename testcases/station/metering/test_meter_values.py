"""Meter values of a transaction: registers, signs, contexts, and whether they are true (OCPP 2.x block J)."""

from harness.ocpp.readings import contexts, event_type, export_register, import_register, measured, reported_power
from harness.v2g.readings import metered_power
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Observation,
    StationUnderTest,
    at_least,
    central_setpoint,
    near,
    satisfies,
    test_case,
)

_REGISTERS = "Registers are raw counters: they rise with the energy, and nothing sets them back."


def exported(seen: Observation) -> float | None:
    """Power.Active.Export."""
    return measured(seen, "Power.Active.Export")


def imported(seen: Observation) -> float | None:
    """Power.Active.Import."""
    return measured(seen, "Power.Active.Import")


@test_case(
    "TC_STATION_Metering_001",
    covers=("J02.FR.16", "J02.FR.11", "TC_J_09_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs=("plug", "authorise"),
    detects=("station-registers-stuck", "station-registers-fall", "station-no-meter-values", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_registers_rise_while_the_ev_charges(station: StationUnderTest, check: Check) -> None:
    """Station counts the energy that it takes: its import register rises, and never falls.

    Given   a transaction with sampled meter values
    when    the EV charges for six intervals
    then    several values of the import register came, each at least the one before, and the last beyond the first
    """
    await station.ready()
    await station.report_every()
    await station.charging()
    told = await station.watch(6 * station.pixit.meter_interval + 1.0)
    values = [value for seen in told if (value := import_register(seen)) is not None]
    check.holds(len(values) >= 3, expected="three values or more", actual=f"{len(values)}", requirement="J02.FR.11")
    check.holds(values == sorted(values), expected="a register that never falls", actual=str(values), advice=_REGISTERS)
    counted = bool(values) and values[-1] > values[0]
    check.holds(counted, expected="a register that counts", actual=str(values), advice=_REGISTERS)


@test_case(
    "TC_STATION_Metering_002",
    covers=("J01.FR.13", "J02.FR.09"),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-negative-export", "station-registers-stuck", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_export_is_a_measurand_and_no_sign(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells discharge as Power.Active.Export and in the export register, without a sign.

    Given   a transaction that discharges with half the power of the station
    when    several intervals of meter values pass
    then    import and export powers are 0 or positive, some export is told, and the export register rises
    """
    watts = -0.5 * station.pixit.maximum_discharge_power
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.dispatch(central_setpoint(watts))
    await station.settle(station.expects.power(watts))
    told = await station.watch(5 * station.pixit.meter_interval + 1.0)
    check.every(told, exported, at_least(0.0, "W"), advice="Import and Export are magnitudes; the name says which way.")
    check.every(told, imported, at_least(0.0, "W"), advice="Import and Export are magnitudes; the name says which way.")
    flowing = [value for seen in told if (value := exported(seen))]
    check.holds(bool(flowing), expected="Power.Active.Export above 0", actual="none", advice="Tell what is given back.")
    values = [value for seen in told if (value := export_register(seen)) is not None]
    counted = values == sorted(values) and values[:1] != values[-1:]
    check.holds(counted, expected="a rising export register", actual=str(values), advice=_REGISTERS)


@test_case(
    "TC_STATION_Metering_003",
    covers=("J02.FR.11", "J02.FR.10"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs=("plug", "authorise", "meter"),
    detects=(
        "station-meter-too-high",
        "station-meter-reversed",
        "station-kilo-values",
        "station-no-meter-values",
        "station-rubber-stamp",
    ),
    lasts=45.0,
)
async def test_meter_values_tell_what_flows(station: StationUnderTest, check: Check) -> None:
    """Station reports the power that the bench meter shows at its grid terminals.

    Given   a transaction in which the power has come to rest
    when    several meter values come
    then    each is what the bench meter shows, within the uncertainty of both
    """
    await station.ready()
    await station.report_every()
    await station.charging()
    await station.watch(station.settling + station.pixit.meter_interval)
    seen = await station.watch(3 * station.pixit.meter_interval + 1.0)
    powers = [value for each in seen if (value := metered_power(each)) is not None]
    low, high = min(powers), max(powers)
    accuracy = station.description.bench.meter.accuracy
    slack = station.pixit.meter_accuracy.at(high) + accuracy.at(high) + station.pixit.setpoint_tolerance.at(high)
    true = near((low + high) / 2, "W", tolerance=slack + (high - low) / 2)
    told = seen.where(lambda each: event_type(each) == "Updated")
    shown = [each for each in told if reported_power(each) is not None]
    check.holds(
        bool(shown), expected="meter values with power", actual="none", advice="Report the measurands asked for."
    )
    check.every(shown or told, reported_power, true, advice="Compare unit, scale and direction of the station's meter.")


@test_case(
    "TC_STATION_Metering_004",
    covers=("E01.FR.09", "E06.FR.11", "TC_J_07_CS", "TC_J_10_CS"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.REMOTE_START,
    needs=("plug", "authorise"),
    detects=("station-no-begin-context", "station-no-meter-values", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_values_of_begin_and_end_are_marked_so(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station gives the meter values of the begin and the end of a transaction, and calls them so.

    Given   a transaction in which energy flows
    when    the CSMS stops it
    then    an event before had values of context Transaction.Begin, and Ended has some of Transaction.End
    """
    await station.ready()
    begun = len(station.seen)
    running = await station.charging()
    ended = await csms.stop_transaction(running)
    told = [found for seen in station.seen.after(begun) if (found := contexts(seen))]
    begins = any("Transaction.Begin" in found for found in told)
    check.holds(begins, expected="values of Transaction.Begin", actual=f"{told[:2]}", advice="See TxStartedMeasurands.")
    last = satisfies("values of Transaction.End", lambda found: "Transaction.End" in found)
    check.that(ended, contexts, last, requirement="E06.FR.11", advice="See TxEndedMeasurands.")
