"""How a CSMS updates the firmware of a station, and hears how that goes (OCPP 2.x, use case L01)."""

from typing import Any

from harness.ocpp.readings import came, outcome, reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, near, satisfies, test_case

ANY_2 = CSMS.OCPP_21 | CSMS.OCPP_201
DAY = 86_400.0
INSTALLED = (
    "Downloading",
    "Downloaded",
    "SignatureVerified",
    "Installing",
    "InstallRebooting",
    "Installed",
)


def update(station: TesterStation, number: int, **firmware: Any) -> dict[str, Any]:
    """An UpdateFirmware with signature and certificate, to be fetched now."""
    content = {
        "location": "https://firmware.invalid/image.bin",
        "retrieveDateTime": station.time_stamp(),
        "signingCertificate": station.root_certificate(),
        "signature": "c2lnbmF0dXJl",
        **firmware,
    }
    return {"requestId": number, "retries": 1, "retryInterval": 60, "firmware": content}


async def tell_statuses(station: TesterStation, check: Check, number: int, *states: str) -> None:
    """Tell how the update goes, and judge that each message is answered."""
    for state in states:
        told = await station.call("FirmwareStatusNotification", {"status": state, "requestId": number})
        check.that(told.outcome, outcome, equals("answered"), advice=f"{state} ends or continues the update.")


@test_case(
    "TC_CSMS_Firmware_001",
    covers="TC_L_01_CSMS",
    pics=CSMS.FIRMWARE & ANY_2,
    needs="send_request",
    detects=("csms-unsigned-firmware", "csms-mute-firmware", "csms-rubber-stamp"),
    lasts=20.0,
)
async def test_firmware_is_sent_signed_and_followed_until_it_is_installed(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends firmware with its signature and certificate, and takes all statuses until it is installed.

    Given   a booted station
    when    the CSMS is made to update its firmware, and the station fetches, verifies and installs it
    then    UpdateFirmware carries location, signature and certificate, and every status is answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["UpdateFirmware"] = {"status": "Accepted"}
    sent = await csms.sends("UpdateFirmware", update(station, 51))
    signed = satisfies("a text", bool)
    check.that(sent, reading("firmware.signature"), signed, advice="Secure firmware goes with its signature.")
    check.that(sent, reading("firmware.signingCertificate"), signed, advice="It goes with the signature.")
    number = reading("requestId")(sent) or 51
    await tell_statuses(station, check, number, *INSTALLED)


@test_case(
    "TC_CSMS_Firmware_002",
    covers=("TC_L_02_CSMS", "TC_L_03_CSMS"),
    pics=CSMS.FIRMWARE & ANY_2,
    needs="send_request",
    detects=("csms-installs-at-once", "csms-mute-firmware", "csms-rubber-stamp"),
    lasts=20.0,
)
async def test_firmware_can_be_fetched_and_installed_later(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS says when firmware is to be installed, and takes it that the station waits until then.

    Given   a booted station
    when    the CSMS is made to update its firmware, to be installed at a later time
    then    UpdateFirmware names that time, and the statuses of a station that waits are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["UpdateFirmware"] = {"status": "Accepted"}
    later = station.time_stamp(in_seconds=DAY)
    sent = await csms.sends("UpdateFirmware", update(station, 52, installDateTime=later))
    check.that(sent, station.error_of("firmware.installDateTime"), near(DAY, "s", tolerance=60.0))
    number = reading("requestId")(sent) or 52
    await tell_statuses(station, check, number, "DownloadScheduled", "Downloading", "Downloaded", "InstallScheduled")


@test_case(
    "TC_CSMS_Firmware_003",
    covers=("TC_L_07_CSMS", "TC_L_08_CSMS", "TC_L_09_CSMS", "TC_L_06_CSMS"),
    pics=CSMS.FIRMWARE & ANY_2,
    needs="send_request",
    detects=("csms-mute-firmware", "csms-firmware-twice", "csms-rubber-stamp"),
    lasts=30.0,
)
async def test_a_failed_update_is_taken_as_such(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes it that an update fails, however it does, and does not start it anew by itself.

    Given   a booted station
    when    updates are started one after the other, and end with a failed download, signature and installation
    then    each end is answered, and no update follows that the CSMS was not made to send
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["UpdateFirmware"] = {"status": "Accepted"}
    for number, failure in enumerate(("DownloadFailed", "InvalidSignature", "InstallationFailed"), 53):
        sent = await csms.sends("UpdateFirmware", update(station, number))
        check.that(sent, came, equals("UpdateFirmware"))
        await tell_statuses(station, check, reading("requestId")(sent) or number, failure)
        again = await station.expect("UpdateFirmware", within=2.0, after=sent.number)
        check.that(again, came, equals("Silence"), advice="The station retries by itself, as `retries` says.")


@test_case(
    "TC_CSMS_Firmware_004",
    covers=("TC_L_04_CSMS", "TC_L_05_CSMS", "OCPP:goes-on-after-refusals"),
    pics=CSMS.FIRMWARE & ANY_2,
    needs="send_request",
    detects=("csms-stunned-by-refusals", "csms-firmware-twice", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_firmware_with_a_bad_certificate_is_given_up(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS takes it that a station refuses firmware for its signing certificate.

    Given   a station that answers UpdateFirmware with InvalidCertificate
    when    the CSMS is made to update its firmware, and the station tells the security event
    then    the update is not sent again within 5 s, and the event is answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["UpdateFirmware"] = {"status": "InvalidCertificate"}
    sent = await csms.sends("UpdateFirmware", update(station, 57))
    check.that(sent, came, equals("UpdateFirmware"))
    again = await station.expect("UpdateFirmware", within=5.0)
    check.that(again, came, equals("Silence"))
    event = {"type": "InvalidFirmwareSigningCertificate", "timestamp": station.time_stamp()}
    told = await station.call("SecurityEventNotification", event)
    check.that(told.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Firmware_005",
    covers=("TC_L_10_CSMS", "TC_L_11_CSMS"),
    pics=CSMS.FIRMWARE & ANY_2,
    needs="send_request",
    detects=("csms-one-request-id", "csms-mute-firmware", "csms-rubber-stamp"),
    lasts=20.0,
)
async def test_an_update_that_replaces_another_has_its_own_request_id(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS tells a second update from the first by its requestId, and takes the statuses of both.

    Given   a station that is fetching firmware
    when    the CSMS is made to send other firmware, which replaces the first (AcceptedCanceled)
    then    the second UpdateFirmware has another requestId, and the statuses of it are answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["UpdateFirmware"] = {"status": "Accepted"}
    first = await csms.sends("UpdateFirmware", update(station, 58))
    await tell_statuses(station, check, reading("requestId")(first) or 58, "Downloading")
    station.answers["UpdateFirmware"] = {"status": "AcceptedCanceled"}
    second = await csms.sends("UpdateFirmware", update(station, 59))
    known = reading("requestId")(first)
    another = satisfies(f"another than {known}", lambda number: number != known)
    check.that(second, reading("requestId"), another, advice="A station tells by it which update a status is about.")
    await tell_statuses(station, check, reading("requestId")(second) or 59, "Downloading", "Downloaded")


@test_case(
    "TC_CSMS_Firmware_006",
    covers="OCPP:unknown-jobs",
    pics=CSMS.FIRMWARE & CSMS.DIAGNOSTICS & ANY_2,
    detects=("csms-mute-firmware", "csms-mute-logs"),
    lasts=10.0,
)
async def test_statuses_of_jobs_that_nobody_asked_for_do_no_harm(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS answers statuses of firmware updates and log uploads that it does not know.

    Given   a booted station
    when    it tells that it is idle, and how an update and an upload go that the CSMS never asked for
    then    each message is answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    for action in ("FirmwareStatusNotification", "LogStatusNotification"):
        failed = "InstallationFailed" if action.startswith("Firmware") else "UploadFailure"
        for content in ({"status": "Idle"}, {"status": failed, "requestId": 987_654}):
            told = await station.call(action, content)
            check.that(told.outcome, outcome, equals("answered"))
