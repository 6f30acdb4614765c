"""Secure firmware updates: fetched, verified, installed, refused, put off, told (OCPP 2.x L01)."""

from typing import Any

from harness.ocpp.readings import outcome, reading, request
from harness.vocabulary import (
    STATION,
    CallOutcome,
    Check,
    Csms,
    Moved,
    Observation,
    Stage,
    StationUnderTest,
    demand_http,
    equals,
    installable,
    one_of,
    test_case,
    vouched_for,
)

_PICS = (STATION.OCPP_201 | STATION.OCPP_21) & STATION.FIRMWARE
_IMAGE = "tester-firmware.bin"
_TOLD = "Send FirmwareStatusNotification at each step, with the requestId of the update."
_REFUSED = ("InvalidCertificate", "Rejected")


def steps(csms: Csms, after: int, number: int | None = None) -> list[str]:
    """The states of an update that the station told, of one requestId if it is given."""
    told = [request(one, "FirmwareStatusNotification") for one in csms.trace.after(after).sent_by("station")]
    return [each["status"] for each in told if each is not None and number in (None, each.get("requestId"))]


def fetched(station: StationUnderTest) -> list[Observation]:
    """When the image was asked for."""
    return [one for one in station.seen.of(Moved) if one.message.method == "GET"]


def number_of(sent: CallOutcome) -> int:
    """The requestId of an update."""
    return 0 if sent.request is None else int(sent.request.message.payload["requestId"])


async def until(csms: Csms, status: str, within: float) -> Observation:
    """The notification of a state."""
    return await csms.expect("FirmwareStatusNotification", within=within, status=status)


async def update(csms: Csms, firmware: Any, place: str, **more: Any) -> CallOutcome:
    """UpdateFirmware of a signed image."""
    signed = {"signingCertificate": firmware.certificate, "signature": firmware.signature}
    return await csms.update_firmware(place, **{**signed, **more})


@test_case(
    "TC_STATION_Firmware_001",
    covers=("TC_L_01_CS",),
    pics=_PICS,
    needs=("firmware",),
    detects=("station-ignores-firmware-updates", "station-silent-firmware", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_sound_firmware_is_installed(csms: Csms, stage: Stage, station: StationUnderTest, check: Check) -> None:
    """Station fetches, verifies and installs firmware, and tells each step.

    Given   firmware that the station can run, on a file server
    when    the CSMS sends UpdateFirmware for now
    then    it is accepted, the image is fetched, and Downloading, Downloaded, SignatureVerified, Installing and Installed
            are told in that order
    """
    await station.ready()
    await demand_http(csms)
    firmware = await installable(stage, csms)
    sent = await update(csms, firmware, csms.files.offer(_IMAGE, firmware.image))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See the statusInfo.")
    mark = sent.outcome.number
    installed = await until(csms, "Installed", station.pixit.update_time)
    check.that(installed, reading("requestId"), equals(number_of(sent)), advice=_TOLD)
    got = fetched(station)
    check.holds(bool(got), expected="a GET of the image", actual="none", advice="Fetch the file from `location`.")
    wanted = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "Installed"]
    told = [each for each in steps(csms, mark) if each in wanted]
    check.holds(told == wanted, expected=", ".join(wanted), actual=", ".join(told) or "none", advice=_TOLD)


@test_case(
    "TC_STATION_Firmware_002",
    covers=("TC_L_06_CS", "A04.FR.01"),
    pics=_PICS,
    detects=(
        "station-verifies-everything",
        "station-silent-security",
        "station-ignores-firmware-updates",
        "station-rubber-stamp",
    ),
    lasts=60.0,
)
async def test_firmware_with_a_bad_signature_is_not_installed(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station does not install firmware whose signature does not hold, and reports it.

    Given   firmware with a signature of another image, by a signer whom the station trusts
    when    the CSMS sends UpdateFirmware
    then    InvalidSignature is told, and the security event InvalidFirmwareSignature; nothing is installed
    """
    await station.ready()
    await demand_http(csms)
    firmware = await vouched_for(stage, csms)
    sent = await update(csms, firmware, csms.files.offer(_IMAGE, firmware.image + b"altered"))
    mark = sent.outcome.number
    told = await until(csms, "InvalidSignature", station.pixit.update_time)
    advice = "Verify the signature over the whole file before anything is installed."
    check.that(told, reading("status"), equals("InvalidSignature"), advice=advice)
    event = await csms.expect("SecurityEventNotification", within=station.pixit.answer_time, after=mark)
    named = equals("InvalidFirmwareSignature")
    check.that(event, reading("type"), named, requirement="A04.FR.01", advice="Report critical security events.")
    gone_on = [each for each in steps(csms, mark) if each in ("SignatureVerified", "Installing", "Installed")]
    check.holds(not gone_on, expected="no step beyond", actual=", ".join(gone_on), advice=advice)


@test_case(
    "TC_STATION_Firmware_003",
    covers=("TC_L_05_CS", "A04.FR.01"),
    pics=_PICS,
    detects=("station-takes-any-firmware", "station-silent-security", "station-rubber-stamp"),
    lasts=30.0,
)
async def test_firmware_of_an_unknown_signer_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses firmware whose signing certificate is none that it trusts, and reports it.

    Given   firmware whose signing certificate is no certificate
    when    the CSMS sends UpdateFirmware
    then    the answer is InvalidCertificate, the security event InvalidFirmwareSigningCertificate follows, and nothing is
            fetched
    """
    await station.ready()
    await demand_http(csms)
    broken = "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"
    place = csms.files.offer(_IMAGE, b"image")
    sent = await csms.update_firmware(place, signingCertificate=broken, signature="bm90aGluZw==")
    advice = "Check the signing certificate when the request comes."
    check.that(sent.outcome, outcome, equals("InvalidCertificate"), advice=advice)
    event = await csms.expect("SecurityEventNotification", within=station.pixit.answer_time)
    named = equals("InvalidFirmwareSigningCertificate")
    check.that(event, reading("type"), named, requirement="A04.FR.01", advice="Report critical security events.")
    got = fetched(station)
    check.holds(not got, expected="no GET of the image", actual=f"{len(got)}", advice=advice)


@test_case(
    "TC_STATION_Firmware_004",
    covers=("TC_L_18_CS",),
    pics=_PICS,
    detects=("station-takes-any-firmware", "station-rubber-stamp"),
    lasts=15.0,
)
async def test_unsigned_firmware_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station that takes signed firmware refuses an update without certificate and signature.

    Given   a station that claims secure updates
    when    the CSMS sends UpdateFirmware with neither
    then    the answer is InvalidCertificate or Rejected, and nothing is fetched
    """
    await station.ready()
    await demand_http(csms)
    sent = await csms.update_firmware(csms.files.offer(_IMAGE, b"image"))
    check.that(sent.outcome, outcome, one_of(_REFUSED), advice="Take signed firmware alone.")
    await station.watch(5.0)
    got = fetched(station)
    check.holds(not got, expected="no GET of the image", actual=f"{len(got)}", advice="What is refused is not fetched.")


@test_case(
    "TC_STATION_Firmware_005",
    covers=("TC_L_07_CS",),
    pics=_PICS,
    detects=(
        "station-never-retries-downloads",
        "station-silent-firmware",
        "station-ignores-firmware-updates",
        "station-rubber-stamp",
    ),
    lasts=60.0,
)
async def test_a_failed_download_is_tried_again_and_told(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station tries a download again as often as it is told to, and says when it has failed.

    Given   firmware that is not where the request says
    when    the CSMS sends UpdateFirmware with one retry after 5 s
    then    the image is asked for twice, and DownloadFailed is told after that
    """
    await station.ready()
    await demand_http(csms)
    firmware = await vouched_for(stage, csms)
    sent = await update(csms, firmware, csms.files.url("gone.bin"), retries=1, retryInterval=5)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="That the file is missing shows later.")
    failed = await until(csms, "DownloadFailed", station.pixit.update_time)
    check.that(failed, reading("requestId"), equals(number_of(sent)), advice=_TOLD)
    tries = len(fetched(station))
    advice = "`retries` counts what follows the first try."
    check.holds(tries == 2, expected="two tries", actual=f"{tries}", seen=failed, advice=advice)


@test_case(
    "TC_STATION_Firmware_006",
    covers=("TC_L_03_CS",),
    pics=_PICS,
    detects=(
        "station-fetches-at-once",
        "station-silent-firmware",
        "station-ignores-firmware-updates",
        "station-rubber-stamp",
    ),
    lasts=60.0,
)
async def test_a_download_waits_for_its_time(csms: Csms, stage: Stage, station: StationUnderTest, check: Check) -> None:
    """Station fetches firmware at retrieveDateTime, and not before.

    Given   firmware on a file server
    when    the CSMS sends UpdateFirmware with a retrieveDateTime in 20 s
    then    DownloadScheduled is told at once, and the image is fetched after that time
    """
    await station.ready()
    await demand_http(csms)
    firmware = await vouched_for(stage, csms)
    sent = await update(csms, firmware, csms.files.offer(_IMAGE, b"not that image"), after=20.0)
    told = await until(csms, "DownloadScheduled", station.pixit.answer_time)
    check.that(told, reading("status"), equals("DownloadScheduled"), advice=_TOLD)
    await until(csms, "Downloaded", 20.0 + station.pixit.update_time)
    got = fetched(station)
    check.holds(bool(got), expected="a GET of the image", actual="none", advice="Fetch the file from `location`.")
    waits = [one.at - sent.outcome.at for one in got]
    late = all(wait >= 18.0 for wait in waits)
    check.holds(late, expected="no GET before 20 s", actual=f"{min(waits, default=0):.1f} s", advice="Wait for it.")


@test_case(
    "TC_STATION_Firmware_007",
    covers=("TC_L_02_CS",),
    pics=_PICS,
    needs=("firmware",),
    detects=(
        "station-installs-at-once",
        "station-silent-firmware",
        "station-ignores-firmware-updates",
        "station-rubber-stamp",
    ),
    lasts=180.0,
)
async def test_an_installation_waits_for_its_time(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station installs firmware at installDateTime, and not before.

    Given   firmware that the station can run
    when    the CSMS sends UpdateFirmware for now with an installDateTime in 40 s
    then    InstallScheduled is told once the image is verified, and Installing not before that time
    """
    await station.ready()
    await demand_http(csms)
    firmware = await installable(stage, csms)
    sent = await update(csms, firmware, csms.files.offer(_IMAGE, firmware.image), install_after=40.0)
    told = await until(csms, "InstallScheduled", station.pixit.update_time)
    check.that(told, reading("status"), equals("InstallScheduled"), advice=_TOLD)
    begun = await until(csms, "Installing", station.pixit.update_time)
    wait = begun.at - sent.outcome.at
    check.holds(wait >= 38.0, expected="at least 40 s", actual=f"{wait:.1f} s", seen=begun, advice="Wait for it.")
    await until(csms, "Installed", station.pixit.update_time)


@test_case(
    "TC_STATION_Firmware_008",
    covers=("TC_L_13_CS",),
    pics=_PICS & STATION.REMOTE_START,
    needs=("plug", "authorise", "firmware"),
    detects=("station-silent-firmware", "station-ignores-firmware-updates", "station-rubber-stamp"),
    lasts=180.0,
)
async def test_an_installation_waits_for_transactions(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station does not install firmware while a transaction runs, and does afterwards.

    Given   a transaction in which energy flows
    when    the CSMS sends UpdateFirmware for now, waits 20 s, and stops the transaction
    then    the transaction goes on until it is stopped, nothing is installed before, and Installed is told afterwards
    """
    await station.ready()
    await demand_http(csms)
    running = await station.charging()
    firmware = await installable(stage, csms)
    sent = await update(csms, firmware, csms.files.offer(_IMAGE, firmware.image))
    mark = sent.outcome.number
    await station.watch(20.0)
    early = [each for each in steps(csms, mark) if each in ("Installing", "Installed", "InstallRebooting")]
    advice = "Install when no transaction runs."
    check.holds(not early, expected="no installation yet", actual=", ".join(early), advice=advice)
    ended = [one for one in csms.trace.after(mark) if reading("eventType")(one) == "Ended"]
    check.holds(not ended, expected="a transaction that goes on", actual="Ended", advice=advice)
    await csms.stop_transaction(running)
    installed = await until(csms, "Installed", station.pixit.update_time)
    check.that(installed, reading("status"), equals("Installed"), advice="Go on once the transaction has ended.")


@test_case(
    "TC_STATION_Firmware_009",
    covers=("TC_L_10_CS",),
    pics=_PICS,
    detects=("station-ignores-firmware-updates", "station-silent-firmware", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_later_update_takes_the_place_of_one_that_waits(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station gives up an update that it has not begun when another one comes.

    Given   an update that is to be fetched in 60 s
    when    the CSMS sends another UpdateFirmware for now
    then    the answer is AcceptedCanceled, or Accepted, and Downloading is told with the second requestId alone
    """
    await station.ready()
    await demand_http(csms)
    firmware = await vouched_for(stage, csms)
    place = csms.files.offer(_IMAGE, b"not that image")
    first = await update(csms, firmware, place, after=60.0)
    second = await update(csms, firmware, place)
    taken = one_of(["AcceptedCanceled", "Accepted"])
    check.that(second.outcome, outcome, taken, advice="A later update takes the place of the one that waits.")
    begun = await until(csms, "Downloading", station.pixit.update_time)
    check.that(begun, reading("requestId"), equals(number_of(second)), advice=_TOLD)
    await station.watch(65.0)
    of_first = [each for each in steps(csms, second.outcome.number, number_of(first)) if each == "Downloading"]
    check.holds(not of_first, expected="no download of the first", actual="one", advice="Forget what was replaced.")
