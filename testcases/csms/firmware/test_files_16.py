"""How a CSMS updates the firmware of a charge point of OCPP 1.6, and fetches its diagnostics."""

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, near, test_case


@test_case(
    "TC_CSMS_Firmware16_001",
    covers="OCPP:files-of-1.6",
    pics=CSMS.FIRMWARE & CSMS.OCPP_16,
    needs="send_request",
    detects=("csms-mute-firmware", "csms-firmware-of-yesterday", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_firmware_of_1_6_is_followed_until_it_is_installed(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS says when firmware is to be fetched, and takes all statuses of 1.6.

    Given   a booted charge point
    when    the CSMS is made to update its firmware now, and the charge point installs it
    then    UpdateFirmware names the present time, and every status is answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["UpdateFirmware"] = {}
    asked = {"location": "https://firmware.invalid/image.bin", "retrieveDate": station.time_stamp()}
    sent = await csms.sends("UpdateFirmware", asked)
    now = near(0.0, "s", tolerance=60.0)
    check.that(sent, station.error_of("retrieveDate"), now, advice="retrieveDate is in UTC, or with its offset.")
    for state in ("Downloading", "Downloaded", "Installing", "Installed"):
        told = await station.call("FirmwareStatusNotification", {"status": state})
        check.that(told.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Diagnostics16_001",
    covers="OCPP:files-of-1.6",
    pics=CSMS.DIAGNOSTICS & CSMS.OCPP_16,
    needs="send_request",
    detects=("csms-mute-diagnostics", "csms-diagnostics-elsewhere", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_diagnostics_of_1_6_are_brought_where_they_were_asked_for(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS says where diagnostics are to be brought, and takes it that they were, that they failed, and that there are none.

    Given   a booted charge point
    when    the CSMS is made to fetch diagnostics twice; the first upload fails, and the second time there is no file
    then    each GetDiagnostics names the place, and every status is answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    for answer, states in (({"fileName": "log.txt"}, ("Uploading", "UploadFailed")), ({}, ("Idle", "Uploaded"))):
        station.answers["GetDiagnostics"] = answer
        sent = await csms.sends("GetDiagnostics", {"location": "ftp://logs.invalid/"})
        check.that(sent, reading("location"), equals("ftp://logs.invalid/"))
        for state in states:
            told = await station.call("DiagnosticsStatusNotification", {"status": state})
            check.that(told.outcome, outcome, equals("answered"))
