"""How a CSMS has firmware published in a local network, and withdrawn (OCPP 2.x, use cases L03 and L04)."""

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, test_case

ANY_2 = CSMS.OCPP_21 | CSMS.OCPP_201
CHECKSUM = "0123456789abcdef0123456789abcdef"
WHERE = ["http://192.0.2.1/firmware.bin"]


@test_case(
    "TC_CSMS_Publication_001",
    covers="TC_L_17_CSMS",
    pics=CSMS.FIRMWARE_PUBLICATION & ANY_2,
    needs="send_request",
    detects=("csms-mute-publications", "csms-other-checksum", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_firmware_is_published_with_its_checksum(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS names firmware that is to be published with its checksum, and takes the statuses until it is.

    Given   a booted local controller
    when    the CSMS is made to have firmware published, and the controller fetches, checks and publishes it
    then    PublishFirmware carries the checksum, and every status is answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["PublishFirmware"] = {"status": "Accepted"}
    asked = {"requestId": 75, "location": "https://firmware.invalid/image.bin", "checksum": CHECKSUM}
    sent = await csms.sends("PublishFirmware", asked)
    check.that(sent, reading("checksum"), equals(CHECKSUM))
    number = reading("requestId")(sent) or 75
    for state in ("Downloading", "Downloaded", "ChecksumVerified", "Published"):
        place = {"location": WHERE} if state == "Published" else {}
        told = await station.call("PublishFirmwareStatusNotification", {"status": state, "requestId": number, **place})
        check.that(told.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Publication_002",
    covers=("TC_L_19_CSMS", "TC_L_20_CSMS", "TC_L_24_CSMS"),
    pics=CSMS.FIRMWARE_PUBLICATION & ANY_2,
    needs="send_request",
    detects="csms-mute-publications",
    lasts=15.0,
)
async def test_a_failed_publication_is_taken_as_such(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS takes it that a publication fails: by its download, by its checksum, or at the end.

    Given   a booted local controller
    when    the CSMS is made to have firmware published three times, and each time something else fails
    then    every status is answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["PublishFirmware"] = {"status": "Accepted"}
    for number, failure in enumerate(("DownloadFailed", "InvalidChecksum", "PublishFailed"), 76):
        asked = {"requestId": number, "location": "https://firmware.invalid/image.bin", "checksum": CHECKSUM}
        sent = await csms.sends("PublishFirmware", asked)
        known = reading("requestId")(sent) or number
        told = await station.call("PublishFirmwareStatusNotification", {"status": failure, "requestId": known})
        check.that(told.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Publication_003",
    covers=("TC_L_21_CSMS", "TC_L_22_CSMS", "TC_L_23_CSMS"),
    pics=CSMS.FIRMWARE_PUBLICATION & ANY_2,
    needs="send_request",
    detects=("csms-other-checksum", "csms-stunned-by-refusals", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_firmware_is_withdrawn_by_its_checksum(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS withdraws firmware by its checksum, and takes it that this cannot be done.

    Given   a local controller that has published firmware
    when    the CSMS is made to withdraw it; the answers are Unpublished, then NoFirmware, then DownloadOngoing
    then    each UnpublishFirmware names the checksum, and the CSMS still answers the controller
    """
    await station.power_up(within=csms.pixit.boot_time)
    for answer in ("Unpublished", "NoFirmware", "DownloadOngoing"):
        station.answers["UnpublishFirmware"] = {"status": answer}
        sent = await csms.sends("UnpublishFirmware", {"checksum": CHECKSUM})
        check.that(sent, reading("checksum"), equals(CHECKSUM), advice="Another checksum withdraws other firmware.")
        beat = await station.call("Heartbeat")
        check.that(beat.outcome, outcome, equals("answered"))
