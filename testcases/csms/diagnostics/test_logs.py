"""How a CSMS fetches the logs of a station (OCPP 2.x, use case N01)."""

from typing import Any

from harness.ocpp.readings import came, outcome, reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, differs, equals, test_case

ANY_2 = CSMS.OCPP_21 | CSMS.OCPP_201


def log(kind: str, number: int) -> dict[str, Any]:
    """A GetLog."""
    return {"logType": kind, "requestId": number, "log": {"remoteLocation": "https://logs.invalid/upload/"}}


@test_case(
    "TC_CSMS_Log_001",
    covers=("TC_N_25_CSMS", "TC_N_35_CSMS"),
    pics=CSMS.DIAGNOSTICS & ANY_2,
    needs="send_request",
    detects=("csms-confuses-logs", "csms-mute-logs", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_the_log_that_was_meant_is_fetched_and_followed(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS asks for the diagnostics log or the security log, and takes how the upload goes.

    Given   a booted station
    when    the CSMS is made to fetch the diagnostics log, and then the security log
    then    each GetLog names the type that was meant, and the statuses of the upload are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["GetLog"] = {"status": "Accepted", "filename": "log.txt"}
    for number, kind in enumerate(("DiagnosticsLog", "SecurityLog"), 61):
        sent = await csms.sends("GetLog", log(kind, number))
        check.that(sent, reading("logType"), equals(kind))
        asked = reading("requestId")(sent) or number
        for state in ("Uploading", "Uploaded"):
            told = await station.call("LogStatusNotification", {"status": state, "requestId": asked})
            check.that(told.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Log_002",
    covers=("TC_N_34_CSMS", "OCPP:goes-on-after-refusals"),
    pics=CSMS.DIAGNOSTICS & ANY_2,
    needs="send_request",
    detects=("csms-stunned-by-refusals", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_a_log_that_cannot_be_had_does_no_harm(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS goes on where a station has no log to give.

    Given   a station that answers GetLog with Rejected
    when    the CSMS is made to fetch the diagnostics log
    then    GetLog comes once within 5 s, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["GetLog"] = {"status": "Rejected"}
    sent = await csms.sends("GetLog", log("DiagnosticsLog", 63))
    check.that(sent, came, equals("GetLog"))
    again = await station.expect("GetLog", within=5.0)
    check.that(again, came, equals("Silence"))
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Log_003",
    covers="TC_N_36_CSMS",
    pics=CSMS.DIAGNOSTICS & ANY_2,
    needs="send_request",
    detects=("csms-one-request-id", "csms-mute-logs", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_a_second_log_request_replaces_the_first(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS tells a second log request from the first by its requestId, and takes the end of the first.

    Given   a station that is bringing a log
    when    the CSMS is made to fetch it again, and the station gives the first upload up
    then    the second GetLog has another requestId, and the statuses of both are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["GetLog"] = {"status": "Accepted"}
    first = await csms.sends("GetLog", log("DiagnosticsLog", 64))
    station.answers["GetLog"] = {"status": "AcceptedCanceled"}
    second = await csms.sends("GetLog", log("DiagnosticsLog", 65))
    check.that(second, reading("requestId"), differs(reading("requestId")(first)))
    ends = ((reading("requestId")(first) or 64, "AcceptedCanceled"), (reading("requestId")(second) or 65, "Uploaded"))
    for number, state in ends:
        told = await station.call("LogStatusNotification", {"status": state, "requestId": number})
        check.that(told.outcome, outcome, equals("answered"))
