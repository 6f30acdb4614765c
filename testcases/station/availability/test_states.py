"""Connector states, and taking EVSEs out of service and back (OCPP 2.x block G)."""

from harness.ocpp.readings import connector_status, event_type, outcome
from harness.vocabulary import STATION, Check, Csms, Observation, StationUnderTest, equals, test_case

_TELL = "Tell each change of a connector by NotifyEvent of its AvailabilityState, or by StatusNotification."


async def told_state(csms: Csms, station: StationUnderTest, after: int) -> Observation | None:
    """The next state of a connector that the station tells after a frame; None when none comes in time."""
    for _half in range(round(2 * station.pixit.answer_time)):
        found = [seen for seen in csms.trace.after(after) if connector_status(seen) is not None]
        if found:
            return found[0]
        await station.watch(0.5)
    return None


@test_case(
    "TC_STATION_Availability_001",
    covers=("G01.FR.03", "G01.FR.04", "TC_G_01_CS", "TC_G_02_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs=("plug", "unplug"),
    detects=("station-silent-states",),
    lasts=15.0,
)
async def test_a_plug_makes_a_connector_occupied(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells that a connector is occupied, and that it is free again.

    Given   a connector that is available
    when    an EV is plugged in, and unplugged
    then    the state is told as Occupied, then as Available
    """
    await station.ready()
    plugged = await station.plug_in()
    check.that(await told_state(csms, station, plugged.number), connector_status, equals("Occupied"), advice=_TELL)
    left = await station.unplug()
    free = await told_state(csms, station, left.number)
    check.that(free, connector_status, equals("Available"), requirement="G01.FR.04", advice=_TELL)


@test_case(
    "TC_STATION_Availability_002",
    covers=("G03.FR.02", "G03.FR.04", "G03.FR.06", "TC_G_03_CS", "TC_G_04_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-availability", "station-silent-states", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_an_idle_evse_goes_out_of_service_and_back(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes an idle EVSE out of service, and back, and tells so.

    Given   an EVSE that is available
    when    the CSMS makes it inoperative, and operative again
    then    both are accepted, and its connector is told as Unavailable, then as Available
    """
    await station.ready()
    for operative, state in ((False, "Unavailable"), (True, "Available")):
        mark = len(station.seen)
        sent = await csms.change_availability(operative, 1)
        check.that(sent.outcome, outcome, equals("Accepted"), requirement="G03.FR.02", advice="The EVSE is idle.")
        check.that(await told_state(csms, station, mark), connector_status, equals(state), advice=_TELL)


@test_case(
    "TC_STATION_Availability_003",
    covers=("G03.FR.05", "TC_G_11_CS"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.REMOTE_START,
    needs=("plug", "authorise", "unplug"),
    detects=("station-ignores-availability", "station-rubber-stamp"),
    lasts=50.0,
)
async def test_a_busy_evse_goes_out_of_service_when_it_is_free(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station lets a transaction end before it takes the EVSE out of service.

    Given   a transaction in which energy flows
    when    the CSMS makes the EVSE inoperative, and the transaction is stopped and the EV unplugged later
    then    the answer is Scheduled, the transaction goes on until then, and the connector becomes Unavailable
    """
    await station.ready()
    running = await station.charging()
    mark = len(station.seen)
    sent = await csms.change_availability(False, 1)
    check.that(sent.outcome, outcome, equals("Scheduled"), advice="A transaction is running on the EVSE.")
    seen = await station.watch(5.0)
    cut = [each for each in seen if event_type(each) == "Ended"]
    check.holds(not cut, expected="a transaction that goes on", actual="Ended", advice="Let transactions end first.")
    await csms.stop_transaction(running)
    await station.unplug()
    await station.watch(station.pixit.answer_time)
    states = [state for each in csms.trace.after(mark) if (state := connector_status(each)) is not None]
    check.holds(states[-1:] == ["Unavailable"], expected="Unavailable in the end", actual=str(states), advice=_TELL)
    await csms.change_availability(True, 1)
