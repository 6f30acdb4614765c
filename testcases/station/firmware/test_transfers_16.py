"""Firmware and diagnostics as OCPP 1.6 moves them, without signatures and requestIds."""

from harness.ocpp.readings import outcome, reading, request
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, equals, satisfies, test_case

_STEPS = "Tell each step by its notification, in the words of 1.6."


def steps(csms: Csms, action: str, after: int) -> list[str]:
    """The states that the station told after a frame."""
    told = [request(each, action) for each in csms.trace.after(after).sent_by("station")]
    return [each["status"] for each in told if each is not None]


@test_case(
    "TC_STATION_Firmware16_001",
    covers="OCPP16:firmware",
    pics=STATION.OCPP_16 & STATION.FIRMWARE,
    detects=("station-ignores-firmware-updates", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_an_update_that_is_not_there_fails_and_says_so(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station tells that it tries to fetch firmware, and that it failed, and goes on as before.

    Given   a file server that does not have the file
    when    the CSMS sends UpdateFirmware for now
    then    it is answered, Downloading and DownloadFailed are told, and the station serves requests
    """
    await station.ready()
    sent = await csms.update_firmware(csms.files.place("no-such-firmware.bin"))
    check.that(sent.outcome, outcome, equals("answered"), advice="The answer to UpdateFirmware is empty.")
    failed = await csms.expect("FirmwareStatusNotification", within=station.pixit.update_time, status="DownloadFailed")
    check.that(failed, reading("status"), equals("DownloadFailed"), advice=_STEPS)
    told = steps(csms, "FirmwareStatusNotification", sent.outcome.number)
    check.holds("Downloading" in told, expected="Downloading first", actual=str(told), advice=_STEPS)
    beat = await csms.trigger("Heartbeat")
    check.that(beat.outcome, outcome, equals("Accepted"), advice="A failed update changes nothing.")


@test_case(
    "TC_STATION_Diagnostics16_001",
    covers="OCPP16:diagnostics",
    pics=STATION.OCPP_16 & STATION.DIAGNOSTICS,
    detects=("station-16-ignores-diagnostics", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_diagnostics_are_brought(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station uploads its diagnostics under the name that it tells, and tells when that is done.

    Given   a file server that takes uploads
    when    the CSMS sends GetDiagnostics
    then    the answer has a fileName, Uploading and Uploaded are told, and a file with something in it was brought
    """
    await station.ready()
    sent = await csms.call("GetDiagnostics", {"location": csms.files.place("diagnostics-16")})
    named = satisfies("a file name", bool)
    check.that(sent.outcome, reading("fileName"), named, advice="Name the file in the answer.")
    done = await csms.expect("DiagnosticsStatusNotification", within=station.pixit.update_time, status="Uploaded")
    check.that(done, reading("status"), equals("Uploaded"), advice=_STEPS)
    told = steps(csms, "DiagnosticsStatusNotification", sent.outcome.number)
    check.holds(told[:1] == ["Uploading"], expected="Uploading first", actual=str(told), advice=_STEPS)
    sizes = [len(each) for each in csms.files.uploads("diagnostics-16")]
    some = bool(sizes) and max(sizes) > 0
    check.holds(
        some, expected="a file that is not empty", actual=f"files of {sizes} octets", advice="Bring it to location."
    )
