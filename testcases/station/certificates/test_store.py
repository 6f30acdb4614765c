"""Root certificates of a station: installed, listed, refused, deleted (OCPP 2.x M03 to M05)."""

from collections.abc import Mapping
from typing import Any

from harness.ocpp.readings import outcome
from harness.vocabulary import (
    STATION,
    CallOutcome,
    Check,
    Csms,
    Inconclusive,
    NotTestable,
    OperatorCa,
    Stage,
    StationUnderTest,
    equals,
    one_of,
    test_case,
)

_PICS = (STATION.OCPP_201 | STATION.OCPP_21) & STATION.CERTIFICATE_UPDATE
_BROKEN = "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"
_ROOTS = ("ManufacturerRootCertificate", "V2GRootCertificate", "MORootCertificate")
_FIELDS = ("hashAlgorithm", "issuerNameHash", "issuerKeyHash", "serialNumber")
_STORE = (
    "Store the certificate under its type, and list it with the hash of its name, of its key, and its serial number."
)


async def install(csms: Csms, ca: OperatorCa, kind: str) -> CallOutcome:
    """InstallCertificate of a root."""
    return await csms.call("InstallCertificate", {"certificateType": kind, "certificate": ca.root_pem.decode()})


async def delete(csms: Csms, ca: OperatorCa) -> CallOutcome:
    """DeleteCertificate of a root."""
    return await csms.call("DeleteCertificate", {"certificateHashData": ca.root_hash})


async def listed(csms: Csms, *kinds: str) -> CallOutcome:
    """GetInstalledCertificateIds."""
    return await csms.call("GetInstalledCertificateIds", {"certificateType": list(kinds)} if kinds else {})


def same(told: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    """Whether two hash data name one certificate; hexadecimal is written in either case, and numbers with zeros."""
    return all(str(told.get(name)).lower().lstrip("0") == wanted[name].lower().lstrip("0") for name in _FIELDS)


def chains(sent: CallOutcome) -> list[Mapping[str, Any]]:
    """The entries of an answer."""
    found = (sent.response or {}).get("certificateHashDataChain", ())
    return [each for each in found if isinstance(each, Mapping)]


def hash_of(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The hash data of an entry."""
    found = entry.get("certificateHashData")
    return found if isinstance(found, Mapping) else {}


def held(sent: CallOutcome, ca: OperatorCa, kind: str) -> bool:
    """Whether an answer lists a root under a type."""
    return any(each.get("certificateType") == kind and same(hash_of(each), ca.root_hash) for each in chains(sent))


@test_case(
    "TC_STATION_CertificateStore_001",
    covers=("M05.FR.01", "M05.FR.02", "M03.FR.03", "M03.FR.04", "TC_M_02_CS", "TC_M_03_CS", "TC_M_04_CS", "TC_M_13_CS"),
    pics=_PICS,
    detects=("station-ignores-certificates", "station-rubber-stamp"),
    lasts=15.0,
)
async def test_installed_roots_are_listed(csms: Csms, stage: Stage, station: StationUnderTest, check: Check) -> None:
    """Station installs root certificates, and lists them with their hashes.

    Given   roots that the station does not have
    when    the CSMS installs one as manufacturer, one as V2G and one as MO root, and asks for the certificates of each type
    then    each is accepted, and listed under its type
    """
    await station.ready()
    for kind in _ROOTS:
        ca = stage.pki.ocpp.another_ca(f"Tester {kind}")
        sent = await install(csms, ca, kind)
        check.that(
            sent.outcome, outcome, equals("Accepted"), advice=f"A {kind} is a self-signed CA; see the statusInfo."
        )
        found = await listed(csms, kind)
        check.that(found.outcome, outcome, equals("Accepted"), requirement="M03.FR.03", advice=_STORE)
        there = held(found, ca, kind)
        said = f"{len(chains(found))} others"
        wanted = f"the {kind} that was installed"
        check.holds(there, expected=wanted, actual=said, seen=found.outcome, requirement="M03.FR.04", advice=_STORE)
        await delete(csms, ca)


@test_case(
    "TC_STATION_CertificateStore_002",
    covers=("M04.FR.01", "M04.FR.02", "TC_M_20_CS"),
    pics=_PICS,
    detects=("station-ignores-deleted-certificates",),
    lasts=10.0,
)
async def test_a_deleted_root_is_gone(csms: Csms, stage: Stage, station: StationUnderTest, check: Check) -> None:
    """Station deletes a root certificate by its hashes.

    Given   a manufacturer root that the CSMS installed
    when    the CSMS deletes it, and asks for certificates of that type
    then    deleting is accepted, and the certificate is no longer listed
    """
    await station.ready()
    ca, kind = stage.pki.ocpp.another_ca("Tester Root"), "ManufacturerRootCertificate"
    await install(csms, ca, kind)
    if not held(await listed(csms, kind), ca, kind):
        raise Inconclusive("the station does not list what was installed")
    sent = await delete(csms, ca)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The hashes are those of the list.")
    found = await listed(csms, kind)
    gone = not held(found, ca, kind)
    check.holds(gone, expected="a list without it", actual="it", seen=found.outcome, advice="Delete what is named.")


@test_case(
    "TC_STATION_CertificateStore_003",
    covers=("M04.FR.04", "TC_M_22_CS"),
    pics=_PICS,
    detects=("station-ignores-deleted-certificates", "station-deletes-blindly", "station-rubber-stamp"),
    lasts=4.0,
)
async def test_an_unknown_root_is_not_deleted(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station says that it has no certificate of the hashes that it is to delete.

    Given   a root that was never installed
    when    the CSMS deletes it by its hashes
    then    the answer is NotFound
    """
    await station.ready()
    sent = await delete(csms, stage.pki.ocpp.another_ca("Unknown Root"))
    check.that(sent.outcome, outcome, equals("NotFound"), advice="Compare all four members of certificateHashData.")


@test_case(
    "TC_STATION_CertificateStore_004",
    covers=("M05.FR.07", "M05.FR.01", "TC_M_07_CS"),
    pics=_PICS,
    detects=("station-ignores-certificates", "station-rubber-stamp"),
    lasts=6.0,
)
async def test_a_bad_root_is_refused(csms: Csms, stage: Stage, station: StationUnderTest, check: Check) -> None:
    """Station refuses what is no certificate, and a root whose time is over.

    Given   a station that is connected
    when    the CSMS installs a text that is no certificate, and then a root that expired yesterday
    then    both are Rejected or Failed
    """
    await station.ready()
    refused = one_of(["Rejected", "Failed"])
    payload = {"certificateType": "ManufacturerRootCertificate", "certificate": _BROKEN}
    sent = await csms.call("InstallCertificate", payload)
    check.that(sent.outcome, outcome, refused, advice="Read the certificate before it is stored.")
    ca = stage.pki.ocpp.another_ca("Expired Root", expired=True)
    late = await install(csms, ca, "ManufacturerRootCertificate")
    check.that(late.outcome, outcome, refused, advice="Look at notAfter before it is stored.")
    await delete(csms, ca)


@test_case(
    "TC_STATION_CertificateStore_005",
    covers=("M03.FR.03", "M03.FR.01", "TC_M_17_CS"),
    pics=_PICS,
    detects=("station-lists-all-certificates", "station-ignores-certificates", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_certificates_are_listed_by_type(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station lists certificates of the types that are asked for, and no others.

    Given   a manufacturer root, a V2G root and an MO root
    when    the CSMS asks for manufacturer and MO roots
    then    the list has both, and nothing of another type
    """
    await station.ready()
    roots = {kind: stage.pki.ocpp.another_ca(f"Tester {kind}") for kind in _ROOTS}
    for kind, ca in roots.items():
        await install(csms, ca, kind)
    wanted = {"ManufacturerRootCertificate", "MORootCertificate"}
    found = await listed(csms, *sorted(wanted))
    kinds = {str(each.get("certificateType")) for each in chains(found)}
    advice = "Look at certificateType, which is a list."
    check.holds(kinds == wanted, expected=" and ".join(sorted(wanted)), actual=str(sorted(kinds)), advice=advice)
    for ca in roots.values():
        await delete(csms, ca)


@test_case(
    "TC_STATION_CertificateStore_006",
    covers=("M03.FR.02", "TC_M_19_CS"),
    pics=_PICS,
    detects=("station-ignores-deleted-certificates", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_no_certificate_of_a_type_is_an_answer(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station answers NotFound where it has no certificate of a type.

    Given   a station with an MO root and a manufacturer root, of which the MO root was deleted and was the only one
    when    the CSMS asks for MO roots
    then    the answer is NotFound, without a list
    """
    await station.ready()
    kept, gone = stage.pki.ocpp.another_ca("Tester Kept"), stage.pki.ocpp.another_ca("Tester Gone")
    await install(csms, kept, "ManufacturerRootCertificate")
    await install(csms, gone, "MORootCertificate")
    others = [
        each for each in chains(await listed(csms, "MORootCertificate")) if not same(hash_of(each), gone.root_hash)
    ]
    if others:
        raise NotTestable("the station has other MO roots, which are not ours to delete")
    await delete(csms, gone)
    found = await listed(csms, "MORootCertificate")
    check.that(found.outcome, outcome, equals("NotFound"), advice="An empty list is told by the status.")
    await delete(csms, kept)


@test_case(
    "TC_STATION_CertificateStore_007",
    covers=("M05.FR.17",),
    pics=_PICS,
    detects=("station-ignores-certificates", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_a_root_installed_twice_is_one(csms: Csms, stage: Stage, station: StationUnderTest, check: Check) -> None:
    """Station keeps a root once that is installed two times.

    Given   a manufacturer root that the CSMS installed
    when    the CSMS installs it again
    then    it is accepted, and listed once
    """
    await station.ready()
    ca, kind = stage.pki.ocpp.another_ca("Tester Root"), "ManufacturerRootCertificate"
    await install(csms, ca, kind)
    again = await install(csms, ca, kind)
    check.that(again.outcome, outcome, equals("Accepted"), advice="It takes the place of itself.")
    found = await listed(csms, kind)
    count = sum(same(hash_of(each), ca.root_hash) for each in chains(found))
    check.holds(count == 1, expected="one entry", actual=f"{count}", seen=found.outcome, advice="Replace it.")
    await delete(csms, ca)


@test_case(
    "TC_STATION_CertificateStore_008",
    covers=("M05.FR.02", "TC_M_01_CS", "TC_M_12_CS"),
    pics=_PICS,
    detects=("station-ignores-certificates", "station-ignores-deleted-certificates"),
    lasts=10.0,
)
async def test_a_csms_root_is_installed(csms: Csms, stage: Stage, station: StationUnderTest, check: Check) -> None:
    """Station installs a further CSMS root where it does not demand that the old one signs it.

    Given   a station whose SecurityCtrlr.AdditionalRootCertificateCheck is not true
    when    the CSMS installs two CSMS roots, and deletes the second again
    then    both are accepted and listed; after deleting the first is still there
    """
    await station.ready()
    if await csms.get_variable("SecurityCtrlr", "AdditionalRootCertificateCheck") == "true":
        raise NotTestable("the station takes only CSMS roots that its present one has signed")
    first, second = (stage.pki.ocpp.another_ca(f"Tester CSMS Root {number}") for number in (1, 2))
    for ca in (first, second):
        sent = await install(csms, ca, "CSMSRootCertificate")
        check.that(sent.outcome, outcome, equals("Accepted"), advice="A self-signed CA; see the statusInfo.")
    found = await listed(csms, "CSMSRootCertificate")
    both = held(found, first, "CSMSRootCertificate") and held(found, second, "CSMSRootCertificate")
    check.holds(both, expected="both roots", actual=f"{len(chains(found))}", seen=found.outcome, advice=_STORE)
    await delete(csms, second)
    left = await listed(csms, "CSMSRootCertificate")
    right = held(left, first, "CSMSRootCertificate") and not held(left, second, "CSMSRootCertificate")
    advice = "Delete what the hashes name, and nothing else."
    check.holds(right, expected="the first alone of the two", actual=f"{len(chains(left))} entries", advice=advice)
    await delete(csms, first)


@test_case(
    "TC_STATION_CertificateStore_009",
    covers=("M03.FR.03", "M03.FR.04", "TC_M_18_CS"),
    pics=_PICS,
    detects=("station-ignores-certificates", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_all_certificates_are_listed(csms: Csms, stage: Stage, station: StationUnderTest, check: Check) -> None:
    """Station lists its certificates of every type where none is named.

    Given   a manufacturer root, a V2G root and an MO root that the CSMS installed
    when    the CSMS asks for certificates without naming types
    then    all three are listed, each under its type
    """
    await station.ready()
    roots = {kind: stage.pki.ocpp.another_ca(f"Tester {kind}") for kind in _ROOTS}
    for kind, ca in roots.items():
        await install(csms, ca, kind)
    found = await listed(csms)
    missing = [kind for kind, ca in roots.items() if not held(found, ca, kind)]
    lacking = f"no {', '.join(missing)}"
    check.holds(not missing, expected="all three roots", actual=lacking, seen=found.outcome, advice=_STORE)
    for ca in roots.values():
        await delete(csms, ca)
