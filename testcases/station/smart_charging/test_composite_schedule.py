"""Composite schedules: what the station says it will do, and where it cannot say (OCPP block K, K08)."""

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Inconclusive,
    Observation,
    StationUnderTest,
    central_setpoint,
    equals,
    near,
    plain_limit,
    satisfies,
    test_case,
)


def first_period(seen: Observation) -> dict[str, float] | None:
    """The period of a composite schedule that begins it."""
    periods = reading("schedule.chargingSchedulePeriod")(seen)
    return dict(periods[0]) if periods else None


def first_limit(seen: Observation) -> float | None:
    """The limit (W) that a composite schedule begins with."""
    return (first_period(seen) or {}).get("limit")


def first_setpoint(seen: Observation) -> float | None:
    """The setpoint (W) that a composite schedule begins with."""
    return (first_period(seen) or {}).get("setpoint")


def starts(seen: Observation) -> list[int] | None:
    """The startPeriods (s) of a composite schedule."""
    periods = reading("schedule.chargingSchedulePeriod")(seen)
    return [each["startPeriod"] for each in periods] if periods else None


@test_case(
    "TC_STATION_CompositeSchedule_001",
    covers=("K08.FR.02", "K08.FR.04", "K08.FR.06", "SC.01"),
    pics=STATION.SMART_CHARGING & STATION.OCPP_21,
    detects=("station-composite-shifted", "station-ignored-limit", "station-hasty-schedules"),
    lasts=5.0,
)
async def test_the_composite_schedule_is_the_lowest_of_all_purposes(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station reports the lowest limit of its profiles at every instant.

    Given   a default profile of half the charge power, and of a quarter after 60 s, below a higher maximum
    when    the CSMS asks for the composite schedule of 100 s
    then    it begins with half the charge power and has a period that starts at 60 s, less what went by until the request
    """
    half = station.pixit.maximum_charge_power / 2
    await station.ready()
    await csms.limit(1.5 * half, purpose="ChargingStationMaxProfile")
    sent = await csms.set_profile(1, "TxDefaultProfile", [plain_limit(half), plain_limit(half / 2, start=60)])
    if not sent.accepted:
        raise Inconclusive(f"the default profile was not taken: {sent}")
    told = await csms.composite_schedule(1, 100, "W")
    check.that(told.outcome, outcome, equals("Accepted"), advice="Answer with what the profiles come to.")
    check.that(told.outcome, first_limit, near(half, "W", tolerance=1.0), advice="The lowest limit counts.")
    changes = satisfies("a period from 50 s to 60 s on", lambda found: any(50 <= each <= 60 for each in found))
    check.that(told.outcome, starts, changes, advice="Count startPeriod from the instant of the request.")


@test_case(
    "TC_STATION_CompositeSchedule_002",
    covers=("K08.FR.08", "SC.04"),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-composite-without-mode", "station-reversed-setpoint", "station-halved-setpoint"),
    lasts=40.0,
)
async def test_the_composite_schedule_tells_the_setpoint(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports the setpoint that it follows in its composite schedule.

    Given   a transaction under a setpoint that discharges
    when    the CSMS asks for the composite schedule
    then    its first period has that setpoint
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(watts))
    if not sent.accepted:
        raise Inconclusive(f"the setpoint was not taken: {sent}")
    told = await csms.composite_schedule(1, 60, "W")
    check.that(
        told.outcome, first_setpoint, near(watts, "W", tolerance=1.0), advice="Report setpoints with their sign."
    )


@test_case(
    "TC_STATION_CompositeSchedule_003",
    covers=("K08.FR.05",),
    pics=STATION.SMART_CHARGING & STATION.OCPP_21,
    detects=("station-rubber-stamp",),
    lasts=5.0,
)
async def test_the_schedule_of_an_unknown_evse_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses to report the schedule of an EVSE that it does not have.

    Given   a connected station
    when    the CSMS asks for the composite schedule of such an EVSE
    then    the answer is Rejected
    """
    await station.ready()
    told = await csms.composite_schedule(station.evses + 90, 60)
    check.that(told.outcome, outcome, equals("Rejected"), advice="Look the EVSE up first.")
