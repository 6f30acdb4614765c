"""The certificates that a CSMS puts into a station, lists and deletes (OCPP 2.x, use cases M03 to M05)."""

from typing import Any

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, equals, satisfies, test_case

ANY_2 = CSMS.OCPP_21 | CSMS.OCPP_201
ROOTS = ("CSMSRootCertificate", "ManufacturerRootCertificate", "V2GRootCertificate", "MORootCertificate")


def installed(algorithm: str, serial: str) -> dict[str, Any]:
    """The answer of a station that holds one V2G root."""
    hashed = {
        "hashAlgorithm": algorithm,
        "issuerNameHash": "33" * 48,
        "issuerKeyHash": "44" * 48,
        "serialNumber": serial,
    }
    chain = {"certificateType": "V2GRootCertificate", "certificateHashData": hashed}
    return {"status": "Accepted", "certificateHashDataChain": [chain]}


@test_case(
    "TC_CSMS_Install_001",
    covers=("TC_M_01_CSMS", "TC_M_02_CSMS", "TC_M_03_CSMS", "TC_M_04_CSMS"),
    pics=CSMS.CERTIFICATE_UPDATE & ANY_2,
    needs="send_request",
    detects=("csms-installs-as-other-type", "csms-cuts-certificates", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_roots_are_installed_for_the_use_that_was_meant(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS installs a root under the use that it is for, as one whole certificate.

    Given   a booted station
    when    the CSMS is made to install a root of its own, of the manufacturer, for V2G, and of a mobility operator
    then    each InstallCertificate names the use and carries the certificate in PEM
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["InstallCertificate"] = {"status": "Accepted"}
    root = station.root_certificate()
    for use in ROOTS:
        sent = await csms.sends("InstallCertificate", {"certificateType": use, "certificate": root})
        check.that(sent, reading("certificateType"), equals(use))
        whole = satisfies("the certificate in PEM", lambda pem: pem.split() == root.split())
        check.that(sent, reading("certificate"), whole, advice="From BEGIN to END, nothing before and after it.")


@test_case(
    "TC_CSMS_Install_002",
    covers=("TC_M_05_CSMS", "OCPP:goes-on-after-refusals"),
    pics=CSMS.CERTIFICATE_UPDATE & ANY_2,
    needs="send_request",
    detects=("csms-stunned-by-refusals", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_root_that_the_station_refuses_does_no_harm(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS goes on where a station cannot install a root.

    Given   a station that answers InstallCertificate with Failed
    when    the CSMS is made to install a V2G root
    then    the request comes, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["InstallCertificate"] = {"status": "Failed"}
    root = {"certificateType": "V2GRootCertificate", "certificate": station.root_certificate()}
    sent = await csms.sends("InstallCertificate", root)
    check.that(sent, reading("certificateType"), equals("V2GRootCertificate"))
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Delete_001",
    covers=("M04.FR.07", "TC_M_14_CSMS", "TC_M_20_CSMS"),
    pics=CSMS.CERTIFICATE_UPDATE & ANY_2,
    needs="send_request",
    detects=("csms-deletes-by-other-hash", "csms-lists-every-use", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_a_certificate_is_deleted_by_the_hash_that_the_station_told(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS deletes a certificate by the hash data that the station reported, with its algorithm.

    Given   a station that lists one V2G root, with hashes by SHA384
    when    the CSMS is made to list the V2G roots, and to delete that one
    then    it asks for V2G roots alone, and deletes with SHA384 and the serial number that was told
    """
    await station.power_up(within=csms.pixit.boot_time)
    listed = installed("SHA384", "1f2e3d")
    station.answers |= {"GetInstalledCertificateIds": listed, "DeleteCertificate": {"status": "Accepted"}}
    asked = await csms.sends("GetInstalledCertificateIds", {"certificateType": ["V2GRootCertificate"]})
    check.that(asked, reading("certificateType"), equals(["V2GRootCertificate"]), requirement="TC_M_14_CSMS")
    known = listed["certificateHashDataChain"][0]["certificateHashData"]
    sent = await csms.sends("DeleteCertificate", {"certificateHashData": known})
    advice = "Take the algorithm from the station's list; it need not know another one."
    check.that(sent, reading("certificateHashData.hashAlgorithm"), equals("SHA384"), advice=advice)
    check.that(sent, reading("certificateHashData.serialNumber"), equals("1f2e3d"))


@test_case(
    "TC_CSMS_Delete_002",
    covers=("TC_M_19_CSMS", "TC_M_21_CSMS", "OCPP:goes-on-after-refusals"),
    pics=CSMS.CERTIFICATE_UPDATE & ANY_2,
    needs="send_request",
    detects=("csms-stunned-by-refusals", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_an_empty_list_and_a_refused_deletion_do_no_harm(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS goes on where a station has no certificates, and where it does not delete one.

    Given   a station that answers GetInstalledCertificateIds with NotFound, and DeleteCertificate with Failed
    when    the CSMS is made to list all certificates, and to delete one
    then    both requests come, and the CSMS still answers the station
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers |= {"GetInstalledCertificateIds": {"status": "NotFound"}, "DeleteCertificate": {"status": "Failed"}}
    await csms.sends("GetInstalledCertificateIds", {})
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))
    known = installed("SHA256", "01")["certificateHashDataChain"][0]["certificateHashData"]
    sent = await csms.sends("DeleteCertificate", {"certificateHashData": known})
    check.that(sent, reading("certificateHashData.serialNumber"), equals("01"))
    beat = await station.call("Heartbeat")
    check.that(beat.outcome, outcome, equals("answered"))
