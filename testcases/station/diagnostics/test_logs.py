"""Logs: brought where the CSMS says, and told to be (OCPP 2.x N01)."""

from harness.ocpp.readings import outcome, reading, request
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Moved,
    StationUnderTest,
    demand_http,
    equals,
    one_of,
    satisfies,
    test_case,
)

_PICS = (STATION.OCPP_201 | STATION.OCPP_21) & STATION.DIAGNOSTICS
_TOLD = "Send LogStatusNotification at each step, with the requestId of the question."
_FAILED = ("UploadFailure", "PermissionDenied", "BadMessage", "NotSupportedOperation")
_BROUGHT = "Bring the file to remoteLocation (PUT or POST) before Uploaded is told."


def told(csms: Csms, after: int) -> list[str]:
    """The states of uploads that the station told."""
    found = [request(one, "LogStatusNotification") for one in csms.trace.after(after).sent_by("station")]
    return [each["status"] for each in found if each is not None]


@test_case(
    "TC_STATION_Log_001",
    covers=("TC_N_25_CS",),
    pics=_PICS,
    detects=("station-ignores-log-requests", "station-pretends-uploads", "station-silent-logs", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_the_diagnostics_log_is_brought(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station uploads its diagnostics log, and tells that it has.

    Given   a file server that takes uploads
    when    the CSMS sends GetLog for the DiagnosticsLog
    then    it is accepted with a filename, Uploading and Uploaded are told, and a file with something in it was brought
    """
    await station.ready()
    await demand_http(csms)
    sent = await csms.get_log(csms.files.place("diagnostics"))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The station claims log upload.")
    named = satisfies("a filename", bool)
    check.that(sent.outcome, reading("filename"), named, advice="Name the file in the answer.")
    done = await csms.expect("LogStatusNotification", within=station.pixit.update_time, status="Uploaded")
    check.that(done, reading("status"), equals("Uploaded"), advice=_TOLD)
    said = told(csms, sent.outcome.number)
    check.holds(said[:1] == ["Uploading"], expected="Uploading first", actual=", ".join(said) or "none", advice=_TOLD)
    sizes = [len(each) for each in csms.files.uploads("diagnostics")]
    some = bool(sizes) and max(sizes) > 0
    check.holds(some, expected="a file that is not empty", actual=f"files of {sizes} octets", advice=_BROUGHT)


@test_case(
    "TC_STATION_Log_002",
    covers=("TC_N_35_CS", "A04.FR.04", "A01.FR.12"),
    pics=_PICS,
    detects=("station-ignores-log-requests", "station-pretends-uploads", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_the_security_log_is_brought(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station uploads its security log, in which no password stands.

    Given   a file server that takes uploads
    when    the CSMS sends GetLog for the SecurityLog
    then    it is accepted, Uploaded is told, a file with something in it was brought, and the password is not in it
    """
    await station.ready()
    await demand_http(csms)
    sent = await csms.get_log(csms.files.place("security"), "SecurityLog")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Every station keeps a security log.")
    done = await csms.expect("LogStatusNotification", within=station.pixit.update_time, status="Uploaded")
    check.that(done, reading("status"), equals("Uploaded"), advice=_TOLD)
    brought = csms.files.uploads("security")
    some = any(brought)
    check.holds(some, expected="a file that is not empty", actual=f"{len(brought)} files", advice=_BROUGHT)
    access = station.description.roles.station
    secret = (access.password or "" if access is not None else "").encode()
    hidden = not secret or all(secret not in each for each in brought)
    advice = "Log that a password changed, never the password."
    said = {"requirement": "A01.FR.12", "advice": advice}
    check.holds(hidden, expected="a log without the password", actual="the password in it", **said)


@test_case(
    "TC_STATION_Log_003",
    covers=("TC_N_26_CS",),
    pics=_PICS,
    detects=(
        "station-hides-failed-uploads",
        "station-never-retries-uploads",
        "station-ignores-log-requests",
        "station-rubber-stamp",
    ),
    lasts=60.0,
)
async def test_a_failed_upload_is_tried_again_and_told(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tries an upload again as often as it is told to, and says when it has failed.

    Given   a place where the file server takes nothing
    when    the CSMS sends GetLog with one retry after 5 s
    then    the file is brought twice, a failure is told, and never Uploaded
    """
    await station.ready()
    await demand_http(csms)
    sent = await csms.get_log(csms.files.url("closed"), retries=1, retryInterval=5)
    failed = await csms.expect(
        "LogStatusNotification", lambda each: each["status"] not in ("Uploading",), within=station.pixit.update_time
    )
    check.that(failed, reading("status"), one_of(_FAILED), advice="Tell that the file was not taken.")
    tries = [one for one in station.seen.after(sent.outcome.number).of(Moved) if one.message.method != "GET"]
    advice = "`retries` counts what follows the first try."
    check.holds(len(tries) == 2, expected="two tries", actual=f"{len(tries)}", seen=failed, advice=advice)


@test_case(
    "TC_STATION_Log_004",
    covers=("TC_N_36_CS",),
    pics=_PICS,
    detects=("station-ignores-log-requests", "station-silent-logs", "station-rubber-stamp"),
    lasts=150.0,
)
async def test_a_second_request_ends_the_first(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station gives up an upload when the CSMS asks for a log again.

    Given   an upload that takes 30 s
    when    the CSMS sends another GetLog meanwhile
    then    the answer is AcceptedCanceled, that is told of the first, and the second is uploaded
    """
    await station.ready()
    await demand_http(csms)
    csms.files.delay = 30.0
    await csms.get_log(csms.files.place("first"))
    await station.watch(2.0)
    csms.files.delay = 0.0
    second = await csms.get_log(csms.files.place("second"), "SecurityLog")
    check.that(second.outcome, outcome, equals("AcceptedCanceled"), advice="One upload is under way.")
    within = station.pixit.update_time
    given_up = await csms.expect("LogStatusNotification", within=within, status="AcceptedCanceled")
    check.that(given_up, reading("status"), equals("AcceptedCanceled"), advice="Tell it with the first requestId.")
    done = await csms.expect("LogStatusNotification", within=within, status="Uploaded", after=second.outcome.number)
    check.that(done, reading("status"), equals("Uploaded"), advice=_TOLD)
    some = any(csms.files.uploads("second"))
    check.holds(some, expected="the second file", actual="none", advice=_BROUGHT)
