"""Registration at the CSMS (OCPP 2.x block B; boot notification of 1.6)."""

from harness.ocpp.readings import connector_status, outcome, reading, request
from harness.vocabulary import STATION, Check, Csms, Observation, StationUnderTest, differs, equals, one_of, test_case


def action(seen: Observation) -> str | None:
    """The action of a request."""
    return seen.message.action if request(seen) is not None else None


def tells_a_state(seen: Observation) -> bool:
    """Whether a request tells the state of a connector."""
    return connector_status(seen) is not None


_STATES = ("Available", "Occupied", "Unavailable", "Reserved")


@test_case(
    "TC_STATION_Boot_001",
    covers=("B01.FR.05", "B01.FR.03", "TC_B_01_CS"),
    needs="power_cycle",
    detects=("station-silent-states", "station-ignores-triggers", "station-rubber-stamp"),
    lasts=30.0,
)
async def test_a_station_that_powers_up_tells_who_it_is_and_its_states(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station boots after a power cycle, tells the state of its connectors, and sends what it is asked for.

    Given   a station that is connected
    when    its supply is switched off and on again
    then    it connects and sends BootNotification, then the states of its connectors, and a heartbeat when triggered
    """
    await station.ready()
    cycled = await station.power_cycle()
    booted = await csms.expect("BootNotification", within=station.pixit.boot_time, after=cycled.number)
    check.that(booted, action, equals("BootNotification"), requirement="B01.FR.03")
    states = (await station.watch(5.0)).where(tells_a_state)
    check.that(states.last, connector_status, one_of(_STATES), advice="Tell every connector's state after each boot.")
    triggered = await csms.trigger("Heartbeat")
    check.that(triggered.outcome, outcome, equals("Accepted"))
    check.that(await csms.expect("Heartbeat", within=station.pixit.answer_time), action, equals("Heartbeat"))


@test_case(
    "TC_STATION_Boot_002",
    covers=("B02.FR.05", "B02.FR.08", "TC_B_02_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    needs="power_cycle",
    detects=("station-impatient", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_pending_station_starts_nothing_and_boots_again(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station that is pending refuses remote starts, and sends BootNotification again after the interval.

    Given   a station that is answered Pending with an interval of 10 s after a power cycle
    when    the CSMS asks it to start a transaction
    then    it refuses, and sends the next BootNotification when the 10 s are over
    """
    await station.ready()
    csms.policy = csms.policy.replace(boot_status="Pending", boot_interval=10)
    cycled = await station.power_cycle()
    booted = await csms.expect("BootNotification", within=station.pixit.boot_time, after=cycled.number)
    started = await csms.call(
        "RequestStartTransaction",
        {"remoteStartId": 1, "evseId": 1, "idToken": {"idToken": station.token.id_token, "type": station.token.type}},
    )
    check.that(started.outcome, outcome, equals("Rejected"))
    again = await csms.expect("BootNotification", within=20.0, after=booted.number)
    check.that(again, action, equals("BootNotification"), requirement="B02.FR.08")
    csms.policy = csms.policy.replace(boot_status="Accepted")


@test_case(
    "TC_STATION_Messages_001",
    covers=("OCPP:every-call-is-answered",),
    detects=("station-invents-error-codes", "station-sends-no-frames", "station-rubber-stamp"),
    lasts=2.0,
)
async def test_an_unknown_request_is_refused_as_such(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a request that it does not know, and lives on.

    Given   a station that is connected
    when    the CSMS sends a request with an action that no version has
    then    the answer is CALLERROR NotImplemented or NotSupported, and the next request is served
    """
    await station.ready()
    refused = await csms.call("MakeCoffee", {})
    check.that(refused.outcome, outcome, one_of(("CALLERROR NotImplemented", "CALLERROR NotSupported")))
    triggered = await csms.trigger("Heartbeat")
    check.that(triggered.outcome, outcome, equals("Accepted"), advice="An unknown request must not disturb the next.")
    check.that(triggered.outcome, reading("status"), differs("NotImplemented"))
