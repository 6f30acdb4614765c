"""Taking EVSEs and stations out of service and back, in all versions (OCPP 2.x G03, G04; ChangeAvailability of 1.6)."""

from harness.ocpp.readings import event_type, outcome, plug_state
from harness.v2g.readings import metered_power
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, equals, one_of, test_case

_TELL = "Tell each change of a connector by NotifyEvent of its AvailabilityState, or by StatusNotification."


def states(csms: Csms, after: int) -> list[str]:
    """The states of connectors that were told after a frame."""
    return [state for seen in csms.trace.after(after) if (state := plug_state(seen)) is not None]


@test_case(
    "TC_STATION_Availability_004",
    covers=("G04.FR.01", "G04.FR.03", "G04.FR.05", "G04.FR.07", "G04.FR.08", "TC_G_05_CS", "TC_G_06_CS"),
    detects=("station-ignores-availability", "station-silent-states", "station-rubber-stamp"),
    lasts=20.0,
)
async def test_a_station_goes_out_of_service_and_back(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station takes all of its EVSEs out of service, and back, and tells so.

    Given   a station that is idle
    when    the CSMS makes the whole station inoperative, and operative again
    then    both are accepted, and its connectors are told as Unavailable, then as Available
    """
    await station.ready()
    for operative, state in ((False, "Unavailable"), (True, "Available")):
        mark = len(station.seen)
        sent = await csms.change_availability(operative)
        check.that(sent.outcome, outcome, equals("Accepted"), requirement="G04.FR.03", advice="The station is idle.")
        await station.watch(station.pixit.answer_time)
        told = states(csms, mark)
        check.holds(state in told, expected=state, actual=str(told), requirement="G04.FR.05", advice=_TELL)


@test_case(
    "TC_STATION_Availability_005",
    covers=("G03.FR.08", "B11.FR.02", "B01.FR.07", "TC_G_18_CS", "TC_B_23_CS"),
    detects=("station-availability-lost-at-boot", "station-ignores-availability", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_what_is_out_of_service_stays_so(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps an EVSE out of service over a reset.

    Given   an EVSE that the CSMS has made inoperative
    when    the station is reset
    then    its connector is told as Unavailable after the boot, and not as anything else
    """
    await station.ready()
    await csms.change_availability(False, 1)
    reset = await csms.reset()
    booted = await csms.expect("BootNotification", within=station.pixit.boot_time, after=reset.outcome.number)
    await station.watch(station.pixit.answer_time + 5.0)
    told = states(csms, booted.number)
    advice = "Keep what ChangeAvailability said in memory that survives a reboot."
    check.holds(told[-1:] == ["Unavailable"], expected="Unavailable", actual=str(told), advice=advice)
    await csms.change_availability(True, 1)


@test_case(
    "TC_STATION_Availability_006",
    covers=("G03.FR.06", "TC_G_03_CS"),
    pics=STATION.REMOTE_START,
    needs=("plug", "authorise", "unplug", "meter"),
    detects=("station-never-out-of-service", "station-ignores-availability", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_nobody_charges_out_of_service(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station begins nothing at an EVSE that is out of service, neither for a token nor for the CSMS.

    Given   an EVSE that the CSMS has made inoperative
    when    an EV is plugged in there, a token presented, and the CSMS starts a transaction remotely
    then    the remote start is Rejected, and no energy flows
    """
    await station.ready()
    await csms.change_availability(False, 1)
    await station.plug_in()
    await station.authorise()
    seen = await station.watch(station.pixit.start_time)
    advice = "Out of service means that nobody charges."
    check.every(seen, metered_power, station.expects.rest()[metered_power], advice=advice)
    started = await csms.start_remotely(station.token)
    check.that(started.outcome, outcome, equals("Rejected"), advice=advice)
    await station.unplug()
    await csms.change_availability(True, 1)


@test_case(
    "TC_STATION_Availability_007",
    covers=("G03.FR.03", "G04.FR.04", "TC_G_09_CS", "TC_G_12_CS"),
    detects=("station-refuses-availability",),
    lasts=5.0,
)
async def test_what_is_so_already_is_accepted(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station accepts a change of availability to what it is already.

    Given   a station that is in service
    when    the CSMS makes the station, and EVSE 1, operative
    then    both are accepted
    """
    await station.ready()
    for evse in (None, 1):
        sent = await csms.change_availability(True, evse)
        check.that(sent.outcome, outcome, equals("Accepted"), advice="It is so already: nothing stands against it.")


@test_case(
    "TC_STATION_Availability_008",
    covers=("G04.FR.06", "TC_G_14_CS"),
    pics=STATION.REMOTE_START,
    needs=("plug", "authorise", "unplug"),
    detects=("station-ignores-availability", "station-never-out-of-service", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_busy_station_goes_out_of_service_when_it_is_free(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station lets its transaction end before it goes out of service.

    Given   a transaction in which energy flows
    when    the CSMS makes the station inoperative, and the transaction is stopped and the EV unplugged later
    then    the answer is Scheduled, the transaction goes on until then, and the connectors become Unavailable
    """
    await station.ready()
    running = await station.charging()
    mark = len(station.seen)
    sent = await csms.change_availability(False)
    check.that(sent.outcome, outcome, equals("Scheduled"), advice="A transaction is running.")
    cut = [each for each in await station.watch(5.0) if event_type(each) == "Ended"]
    check.holds(not cut, expected="a transaction that goes on", actual="Ended", advice="Let transactions end first.")
    await csms.stop_transaction(running)
    await station.unplug()
    await station.watch(station.pixit.answer_time)
    told = states(csms, mark)
    check.holds(told[-1:] == ["Unavailable"], expected="Unavailable in the end", actual=str(told), advice=_TELL)
    await csms.change_availability(True)


@test_case(
    "TC_STATION_Availability_009",
    covers=("G03.FR.05", "G01.FR.04"),
    pics=STATION.REMOTE_START,
    needs=("plug", "authorise", "unplug"),
    detects=("station-never-back-in-service", "station-silent-states"),
    lasts=60.0,
)
async def test_a_scheduled_change_can_be_taken_back(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station forgets a scheduled change of availability when it is taken back.

    Given   a transaction in which energy flows, and an EVSE that is to go out of service after it
    when    the CSMS makes the EVSE operative again, and the transaction is stopped and the EV unplugged
    then    the connector becomes Available
    """
    await station.ready()
    running = await station.charging()
    await csms.change_availability(False, 1)
    back = await csms.change_availability(True, 1)
    check.that(back.outcome, outcome, one_of(("Accepted", "Scheduled")), advice="Nothing has changed yet.")
    mark = len(station.seen)
    await csms.stop_transaction(running)
    await station.unplug()
    await station.watch(station.pixit.answer_time)
    told = states(csms, mark)
    advice = "The last word of the CSMS counts."
    check.holds(told[-1:] == ["Available"], expected="Available in the end", actual=str(told), advice=advice)


@test_case(
    "TC_STATION_Availability_010",
    covers=("G03.FR.02",),
    detects=("station-ignores-availability", "station-rubber-stamp"),
    lasts=3.0,
)
async def test_an_unknown_evse_has_no_availability(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses to change the availability of an EVSE that it does not have.

    Given   a station that is connected
    when    the CSMS makes an EVSE inoperative whose number is too high
    then    it is not accepted
    """
    await station.ready()
    sent = await csms.change_availability(False, station.evses + 7)
    refused = one_of(("Rejected", "CALLERROR PropertyConstraintViolation"))
    check.that(sent.outcome, outcome, refused, advice="There is no such EVSE.")
