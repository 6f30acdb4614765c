"""What a station tells and does when it is asked to, and its heartbeat (OCPP 2.x B08, F05, F06, G02)."""

from harness.ocpp.readings import outcome, reading, request
from harness.vocabulary import STATION, Check, Csms, Observation, StationUnderTest, differs, equals, one_of, test_case

HEARTBEAT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
UNKNOWN = {"component": {"name": "TesterCtrlr"}, "variable": {"name": "TesterInterval"}}


def reported(seen: Observation) -> list[tuple[str, str]] | None:
    """The components and variables in a NotifyReport."""
    found = reading("reportData")(seen)
    if not isinstance(found, list):
        return None
    return [(one["component"]["name"], one["variable"]["name"]) for one in found]


@test_case(
    "TC_STATION_Reports_001",
    covers=("B08.FR.01", "B08.FR.04", "B08.FR.11", "B08.FR.15", "TC_B_17_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-questions-for-variables", "station-wrong-request-id", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_report_has_what_was_asked_for(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports the variable that is asked for, and no other.

    Given   a station that is connected
    when    the CSMS asks for a report of one variable, and for one of a variable that does not exist
    then    the report has that variable alone under the id of the question, and the other answer is EmptyResultSet
    """
    await station.ready()
    asked = await csms.call("GetReport", {"requestId": 4711, "componentVariable": [HEARTBEAT]})
    check.that(asked.outcome, outcome, equals("Accepted"), advice="The variable exists in every station.")
    told = await csms.expect("NotifyReport", within=station.pixit.answer_time)
    check.that(told, reading("requestId"), equals(4711), requirement="B08.FR.04", advice="Copy the requestId.")
    wanted = equals([("OCPPCommCtrlr", "HeartbeatInterval")])
    check.that(told, reported, wanted, requirement="B08.FR.11", advice="Apply component and variable as filters.")
    none = await csms.call("GetReport", {"requestId": 4712, "componentVariable": [UNKNOWN]})
    check.that(none.outcome, outcome, equals("EmptyResultSet"), requirement="B08.FR.15", advice="Nothing matches.")


@test_case(
    "TC_STATION_Heartbeat_001",
    covers=("G02.FR.01", "G02.FR.02", "B01.FR.04"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-no-heartbeat", "station-ignores-resets", "station-rubber-stamp"),
    lasts=200.0,
)
async def test_heartbeats_keep_the_interval_of_the_csms(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station sends heartbeats in the interval that it is given at boot.

    Given   a station that is reset, and given an interval in the answer to BootNotification
    when    nothing else happens
    then    a heartbeat comes, and another about an interval later
    """
    interval = station.pixit.heartbeat_interval
    await station.ready()
    await csms.reset("Immediate")
    booted = await csms.expect("BootNotification", within=station.pixit.boot_time)
    check.that(booted, request, differs(None), requirement="B11.FR.04", advice="See what keeps it from rebooting.")
    for _beat in range(2):
        beat = await csms.expect("Heartbeat", within=1.5 * interval + station.pixit.answer_time)
        check.that(beat, request, equals({}), advice=f"Send one each {interval:g} s while nothing else is said.")


@test_case(
    "TC_STATION_Triggers_001",
    covers=("TC_F_11_CS", "TC_F_18_CS", "TC_F_20_CS"),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-ignores-triggers", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_messages_are_sent_when_triggered(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station sends the messages that a TriggerMessage asks for, after its answer.

    Given   a station that is idle
    when    the CSMS triggers MeterValues of EVSE 1, FirmwareStatusNotification and Heartbeat
    then    each is accepted, and comes; the first two may be NotImplemented, the heartbeat may not
    """
    await station.ready()
    for message, evse in (("MeterValues", 1), ("FirmwareStatusNotification", None), ("Heartbeat", None)):
        sent = await csms.trigger(message, evse)
        answers = ("Accepted",) if message == "Heartbeat" else ("Accepted", "NotImplemented")
        check.that(sent.outcome, outcome, one_of(answers), advice=f"{message} can be sent at any time.")
        if sent.accepted:
            told = await csms.expect(message, within=station.pixit.answer_time)
            check.that(told, request, differs(None), advice=f"Send {message} after the answer to the trigger.")


@test_case(
    "TC_STATION_Unlock_001",
    covers=("TC_F_05_CS", "TC_F_06_CS", "TC_F_10_CS"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.UNLOCK,
    needs=("plug", "authorise"),
    detects=("station-ignores-unlocking", "station-rubber-stamp"),
    lasts=30.0,
)
async def test_a_connector_in_use_is_not_unlocked(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station unlocks an idle connector, does not know one that is not there, and keeps one in use locked.

    Given   a station that is idle
    when    the CSMS unlocks connector 1, connector 99, and connector 1 again during a transaction
    then    the answers are Unlocked, UnknownConnector and OngoingAuthorizedTransaction
    """
    await station.ready()
    idle = await csms.unlock(1, 1)
    check.that(idle.outcome, outcome, equals("Unlocked"), requirement="TC_F_06_CS", advice="Nothing is plugged in.")
    other = await csms.unlock(1, 99)
    check.that(other.outcome, outcome, equals("UnknownConnector"), requirement="TC_F_10_CS", advice="It is not there.")
    await station.charging()
    busy = await csms.unlock(1, 1)
    in_use = equals("OngoingAuthorizedTransaction")
    check.that(busy.outcome, outcome, in_use, requirement="TC_F_05_CS", advice="Do not unlock under load.")
