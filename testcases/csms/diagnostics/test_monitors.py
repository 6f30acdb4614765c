"""How a CSMS watches the variables of a station (OCPP 2.x, use cases N02 to N08)."""

from typing import Any

from harness.ocpp.readings import outcome, reading, request
from harness.vocabulary import CSMS, Check, CsmsUnderTest, Observation, TesterStation, equals, satisfies, test_case

ANY_2 = CSMS.OCPP_21 | CSMS.OCPP_201
PLACE: dict[str, Any] = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}


def monitors_asked(seen: Observation) -> list[tuple[Any, Any, Any]] | None:
    """Type, value and severity of every monitor in a SetVariableMonitoring."""
    content = request(seen, "SetVariableMonitoring")
    if content is None:
        return None
    return [(each.get("type"), each.get("value"), each.get("severity")) for each in content["setMonitoringData"]]


def event(station: TesterStation, number: int, trigger: str, value: str, **more: Any) -> dict[str, Any]:
    """A NotifyEvent about the power of EVSE 1."""
    said = {
        "eventId": number,
        "timestamp": station.time_stamp(),
        "trigger": trigger,
        "actualValue": value,
        "eventNotificationType": "CustomMonitor",
        **PLACE,
        **more,
    }
    return {"generatedAt": station.time_stamp(), "seqNo": 0, "eventData": [said]}


def monitor(station: TesterStation, number: int, part: int, kind: str) -> dict[str, Any]:
    """One part of a NotifyMonitoringReport, with one monitor."""
    known = {"id": part + 1, "transaction": False, "value": 9000.0, "type": kind, "severity": 3}
    made = {**known, "eventNotificationType": "CustomMonitor"} if station.version == "2.1" else known
    entry = {**PLACE, "variableMonitoring": [made]}
    return {"requestId": number, "seqNo": part, "generatedAt": station.time_stamp(), "monitor": [entry]}


@test_case(
    "TC_CSMS_Monitor_001",
    covers=("TC_N_08_CSMS", "TC_N_09_CSMS"),
    pics=CSMS.MONITORING & ANY_2,
    needs="send_request",
    detects=("csms-mild-monitors", "csms-stunned-by-refusals", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_monitors_are_set_as_they_were_meant(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS sets monitors with type, value and severity, and takes it that a station refuses one.

    Given   a booted station that rejects the second of two monitors
    when    the CSMS is made to set an upper threshold of 9 kW with severity 2, and a periodic one with severity 8
    then    SetVariableMonitoring carries both as they were meant, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    results = [
        {**PLACE, "type": "UpperThreshold", "severity": 2, "status": "Accepted", "id": 11},
        {**PLACE, "type": "Periodic", "severity": 8, "status": "Rejected"},
    ]
    station.answers["SetVariableMonitoring"] = {"setMonitoringResult": results}
    wanted = [
        {**PLACE, "type": "UpperThreshold", "value": 9000.0, "severity": 2},
        {**PLACE, "type": "Periodic", "value": 60.0, "severity": 8},
    ]
    sent = await csms.sends("SetVariableMonitoring", {"setMonitoringData": wanted})
    check.that(sent, monitors_asked, equals([("UpperThreshold", 9000.0, 2), ("Periodic", 60.0, 8)]))
    station.answers["SetMonitoringLevel"] = {"status": "Rejected"}
    await csms.sends("SetMonitoringLevel", {"severity": 4})
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Monitor_002",
    covers=("TC_N_01_CSMS", "TC_N_47_CSMS"),
    pics=CSMS.MONITORING & ANY_2,
    needs="send_request",
    detects=("csms-mute-monitor-reports", "csms-clears-other-monitors", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_monitors_are_listed_and_cleared(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes a report of monitors in all its parts, and clears the monitor that is meant.

    Given   a booted station with two monitors
    when    the CSMS is made to ask for monitors of thresholds, the station tells them in two parts, and the CSMS is made to
            clear the second
    then    both parts are answered, and ClearVariableMonitoring names the second
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["GetMonitoringReport"] = {"status": "Accepted"}
    asked = {"requestId": 66, "monitoringCriteria": ["ThresholdMonitoring"]}
    sent = await csms.sends("GetMonitoringReport", asked)
    check.that(sent, reading("monitoringCriteria"), equals(["ThresholdMonitoring"]))
    number = reading("requestId")(sent) or 66
    parts = [monitor(station, number, part, kind) for part, kind in enumerate(("UpperThreshold", "LowerThreshold"))]
    for told in await station.tell_parts("NotifyMonitoringReport", parts):
        check.that(told.outcome, outcome, equals("answered"))
    station.answers["ClearVariableMonitoring"] = {"clearMonitoringResult": [{"id": 2, "status": "Accepted"}]}
    cleared = await csms.sends("ClearVariableMonitoring", {"id": [2]})
    check.that(cleared, reading("id"), equals([2]), requirement="TC_N_18_CSMS")


@test_case(
    "TC_CSMS_Monitor_003",
    covers=("TC_N_24_CSMS", "TC_N_48_CSMS", "TC_N_49_CSMS", "TC_N_50_CSMS"),
    pics=CSMS.MONITORING & ANY_2,
    detects="csms-mute-component-events",
    lasts=15.0,
)
async def test_events_are_taken_whatever_brought_them_about(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS takes events of all triggers, of a variable without value, and the end of an alert.

    Given   a booted station with monitors
    when    it tells a periodic value, an alert of a variable that cannot be read, an alert, and that the alert is over
    then    every NotifyEvent is answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    told = (
        event(station, 1, "Periodic", "7000", variableMonitoringId=1),
        event(station, 2, "Alerting", ""),
        event(station, 3, "Alerting", "9500", variableMonitoringId=2, cleared=False),
        event(station, 4, "Alerting", "8500", variableMonitoringId=2, cleared=True, cause=3),
        event(station, 5, "Delta", "8400"),
    )
    for content in told:
        answer = await station.call("NotifyEvent", content)
        check.that(answer.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Monitor_004",
    covers=("TC_N_17_CSMS", "TC_N_44_CSMS", "OCPP:goes-on-after-refusals"),
    pics=CSMS.MONITORING & ANY_2,
    needs="send_request",
    detects=("csms-stunned-by-refusals", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_monitors_that_cannot_be_changed_do_no_harm(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS goes on where a station does not clear a monitor, and where it refuses a monitoring base and level.

    Given   a station that rejects to clear a monitor, and SetMonitoringBase and SetMonitoringLevel
    when    the CSMS is made to send those requests
    then    each request comes, and after it the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    refused = {"clearMonitoringResult": [{"id": 5, "status": "Rejected"}]}
    station.answers |= {"ClearVariableMonitoring": refused}
    station.answers |= {"SetMonitoringBase": {"status": "Rejected"}, "SetMonitoringLevel": {"status": "Rejected"}}
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("ClearVariableMonitoring", {"id": [5]}),
        ("SetMonitoringBase", {"monitoringBase": "FactoryDefault"}),
        ("SetMonitoringLevel", {"severity": 9}),
    )
    for action, content in asked:
        sent = await csms.sends(action, content)
        check.that(sent, request, satisfies(f"a {action}", bool))
        beat = await station.call("Heartbeat")
        check.that(beat.outcome, outcome, equals("answered"))
