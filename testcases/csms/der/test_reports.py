"""What a CSMS asks about DER controls and clears, and what a station tells of them (OCPP 2.1 block R, use cases R04 and R05)."""

from typing import Any

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, test_case

DROOP = {
    "priority": 1,
    "overFreq": 0.036,
    "underFreq": 0.036,
    "overDroop": 0.05,
    "underDroop": 0.05,
    "responseTime": 5.0,
}
CURVE = {"priority": 1, "yUnit": "PctMaxVar", "curveData": [{"x": 92, "y": 44}, {"x": 108, "y": -44}]}


def parts_of_a_report(number: int) -> list[dict[str, Any]]:
    """A ReportDERControl in two parts: a droop, and a curve that is superseded."""
    droop = {"id": "d-1", "isDefault": True, "isSuperseded": False, "freqDroop": DROOP}
    curve = {"id": "d-2", "isDefault": True, "isSuperseded": True, "curveType": "VoltVar", "curve": CURVE}
    return [{"requestId": number, "freqDroop": [droop]}, {"requestId": number, "curve": [curve]}]


@test_case(
    "TC_CSMS_DerReport_001",
    covers="OCPP:der-reports",
    pics=CSMS.DER_CONTROL,
    needs="send_request",
    detects=("csms-mute-der-reports", "csms-asks-der-of-class", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_controls_are_asked_for_and_their_reports_taken(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS asks for the class of controls that is meant, and takes the reports in all their parts.

    Given   a station with two default controls
    when    the CSMS is made to ask for all defaults, and the station reports them in two messages
    then    GetDERControl asks for defaults, and both parts are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["GetDERControl"] = {"status": "Accepted"}
    sent = await csms.sends("GetDERControl", {"requestId": 91, "isDefault": True})
    check.that(sent, reading("isDefault"), equals(True))
    number = reading("requestId")(sent) or 91
    for told in await station.tell_parts("ReportDERControl", parts_of_a_report(number)):
        check.that(told.outcome, outcome, equals("answered"), advice="ReportDERControl is a CALL of the station.")


@test_case(
    "TC_CSMS_DerReport_002",
    covers="OCPP:der-reports",
    pics=CSMS.DER_CONTROL,
    needs="send_request",
    detects=("csms-stunned-by-refusals", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_a_station_without_controls_is_served_on(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS takes it that a station finds no control that was asked for, and goes on.

    Given   a station that answers GetDERControl with NotFound
    when    the CSMS is made to ask for controls of type VoltVar
    then    the request names the type, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["GetDERControl"] = {"status": "NotFound"}
    sent = await csms.sends("GetDERControl", {"requestId": 92, "controlType": "VoltVar"})
    check.that(sent, reading("controlType"), equals("VoltVar"))
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_DerClear_001",
    covers="OCPP:der-clearing",
    pics=CSMS.DER_CONTROL,
    needs="send_request",
    detects=("csms-clears-scheduled-only", "csms-clears-every-control", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_the_control_that_is_meant_is_cleared(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS clears the control that is meant: of its class, by its id.

    Given   a station that has taken a default volt-var curve
    when    the CSMS is made to clear it
    then    ClearDERControl names the class of defaults and the id of the control
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers |= {"SetDERControl": {"status": "Accepted"}, "ClearDERControl": {"status": "Accepted"}}
    made = {"isDefault": True, "controlId": "c-1", "controlType": "VoltVar", "curve": CURVE}
    given = await csms.sends("SetDERControl", made)
    number = reading("controlId")(given) or "c-1"
    sent = await csms.sends("ClearDERControl", {"isDefault": True, "controlId": number})
    check.that(sent, reading("isDefault"), equals(True))
    advice = "Without id and type a request clears every control of its class."
    check.that(sent, reading("controlId"), equals(number), advice=advice)


@test_case(
    "TC_CSMS_DerAlarm_001",
    covers="OCPP:der-notices",
    pics=CSMS.DER_CONTROL,
    detects="csms-mute-der-alarms",
    lasts=10.0,
)
async def test_alarms_are_taken_from_their_begin_to_their_end(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS takes the begin and the end of an alarm, and an end that it knows no begin of.

    Given   a booted station with grid functions
    when    it tells that a trip curve for overfrequency acts, that it is over, and of the end of an alarm that never began
    then    all three are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    begun = {"controlType": "HFMustTrip", "gridEventFault": "OverFrequency"}
    stray = {"controlType": "VoltWatt", "gridEventFault": "OverVoltage"}
    for content in (begun, {**begun, "alarmEnded": True}, {**stray, "alarmEnded": True}):
        told = await station.call("NotifyDERAlarm", {**content, "timestamp": station.time_stamp()})
        check.that(told.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_DerStart_001",
    covers="OCPP:der-notices",
    pics=CSMS.DER_CONTROL,
    needs="send_request",
    detects="csms-mute-der-starts",
    lasts=15.0,
)
async def test_starts_and_stops_of_controls_are_taken(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS takes it that a scheduled control starts and stops, and that one does that it does not know.

    Given   a station that has taken a scheduled volt-var curve
    when    it tells that the control started, that it stopped, and that an unknown one started and ousted the first
    then    all of them are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["SetDERControl"] = {"status": "Accepted"}
    timed = {**CURVE, "startTime": station.time_stamp(), "duration": 60.0}
    made = {"isDefault": False, "controlId": "s-1", "controlType": "VoltVar", "curve": timed}
    given = await csms.sends("SetDERControl", made)
    number = reading("controlId")(given) or "s-1"
    unknown = {"controlId": "who-knows", "started": True, "supersededIds": [number]}
    for content in ({"controlId": number, "started": True}, {"controlId": number, "started": False}, unknown):
        told = await station.call("NotifyDERStartStop", {**content, "timestamp": station.time_stamp()})
        check.that(told.outcome, outcome, equals("answered"))
