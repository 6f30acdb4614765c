"""States and events that stations tell (OCPP 2.x blocks G and N)."""

from harness.ocpp.readings import outcome
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, still_serves, test_case

STATES = ("Available", "Occupied", "Reserved", "Unavailable", "Faulted", "Available")
STATES_16 = (
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEV",
    "SuspendedEVSE",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
    "Available",
)
_TWO = CSMS.OCPP_21 | CSMS.OCPP_201


@test_case(
    "TC_CSMS_Availability_001",
    covers=("OCPP:every-call-is-answered", "TC_B_01_CSMS"),
    pics=_TWO,
    detects=("csms-mute-states",),
    lasts=5.0,
)
async def test_every_state_is_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes every state of a connector, in whatever order, and one of the past.

    Given   a booted station
    when    it tells each state that a connector can have, and one with a time of an hour ago
    then    each is answered with an empty answer
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for state, ago in (*((each, 0.0) for each in STATES), ("Faulted", 3600.0)):
        payload = {"timestamp": station.stamp(ago), "connectorStatus": state, "evseId": 1, "connectorId": 1}
        told = await station.call("StatusNotification", payload)
        check.that(told.outcome, outcome, equals("answered"), advice="Every state may follow every other.")


@test_case(
    "TC_CSMS_Availability_002",
    covers=("G05.FR.03", "TC_G_20_CSMS"),
    pics=_TWO,
    detects=("csms-mute-notified-events",),
    lasts=5.0,
)
async def test_notified_events_are_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS answers NotifyEvent: a lock that failed, a state told as an event, and a variable it has never heard of.

    Given   a booted station
    when    it tells these three, the last with a seqNo that leaves a gap
    then    each is answered with an empty answer, and the next heartbeat too
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    place = {"evse": {"id": 1, "connectorId": 1}}
    told_of = (
        ({"name": "ConnectorPlugRetentionLock", **place}, "Problem", "true"),
        ({"name": "Connector", **place}, "AvailabilityState", "Occupied"),
        ({"name": "VendorThing"}, "Mood", "fine"),
    )
    for number, (component, variable, value) in enumerate(told_of):
        event = {
            "eventId": number + 1,
            "timestamp": station.stamp(),
            "trigger": "Alerting",
            "actualValue": value,
            "eventNotificationType": "HardWiredNotification",
            "component": component,
            "variable": {"name": variable},
        }
        payload = {"generatedAt": station.stamp(), "seqNo": 2 * number, "eventData": [event]}
        told = await station.call("NotifyEvent", payload)
        check.that(told.outcome, outcome, equals("answered"), advice="Take what is told, also of what you do not know.")
    await still_serves(station, check, "notified events")


@test_case(
    "TC_CSMS_Availability_003",
    covers="OCPP:every-call-is-answered",
    pics=CSMS.OCPP_16,
    detects=("csms-mute-states",),
    lasts=5.0,
)
async def test_every_state_of_1_6_is_taken(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes every state of a connector and of the charge point of OCPP 1.6, with and without a time.

    Given   a booted charge point
    when    it tells each state of connector 1, and Available of connector 0, without timestamp
    then    each is answered with an empty answer
    """
    await station.connect()
    await station.boot(within=csms.pixit.boot_time)
    for state in STATES_16:
        error = "GroundFailure" if state == "Faulted" else "NoError"
        payload = {"connectorId": 1, "errorCode": error, "status": state, "timestamp": station.stamp()}
        told = await station.call("StatusNotification", payload)
        check.that(told.outcome, outcome, equals("answered"), advice="Every state may follow every other.")
    whole = await station.call("StatusNotification", {"connectorId": 0, "errorCode": "NoError", "status": "Available"})
    check.that(whole.outcome, outcome, equals("answered"), advice="Connector 0 is the charge point itself.")
