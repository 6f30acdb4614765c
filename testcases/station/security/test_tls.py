"""TLS between station and CSMS: whom the station talks to, and what it shows of itself (OCPP 2.x A00)."""

from ssl import TLSVersion
from typing import Any

from harness.ocpp.readings import reading, request
from harness.vocabulary import (
    STATION,
    Check,
    Connected,
    Csms,
    Inconclusive,
    Refused,
    Stage,
    StationUnderTest,
    Trace,
    at_least,
    equals,
    one_of,
    satisfies,
    shown_name,
    shown_strength,
    test_case,
    tls_version,
)

_PICS = (STATION.OCPP_201 | STATION.OCPP_21) & (STATION.SECURITY_2 | STATION.SECURITY_3)
_BAD_CERTIFICATE = one_of(["InvalidCsmsCertificate", "InvalidCSMSCertificate"])
_QUEUED = "Keep the security event over the outage, and send it once a connection stands."


async def turned_away(csms: Csms, station: StationUnderTest, **entrance: Any) -> Trace:
    """The CSMS lets stations in otherwise, and tears the connection; what happens until the station has tried to come back."""
    begun = len(station.seen)
    csms.admit(**entrance)
    await csms.station().drop()
    until = csms.clock.now() + station.pixit.reconnect_time
    while csms.clock.now() < until:
        await station.watch(1.0)
        seen = station.seen.after(begun)
        if seen.of(Refused) or seen.of(Connected):
            return seen
    raise Inconclusive(f"the station did not try to connect within {station.pixit.reconnect_time:g} s")


async def back_again(csms: Csms, station: StationUnderTest, **entrance: Any) -> None:
    """The CSMS lets stations in as before, and the station comes."""
    csms.admit(**entrance)
    await csms.connected(2 * station.pixit.reconnect_time)


async def refuses(
    flaw: Any, csms: Csms, stage: Stage, station: StationUnderTest, check: Check, requirement: str
) -> None:
    """What every case about a flawed certificate of the CSMS does and judges."""
    await station.ready()
    sound, host = csms.settings.entrance, station.description.roles.station
    chain, key = stage.pki.ocpp.flawed_server(host.listen_on[0] if host else "", flaw)
    begun = len(station.seen)
    seen = await turned_away(csms, station, chain=chain, key=key)
    let_in = seen.of(Connected)
    said = {"requirement": requirement, "advice": "Check chain, dates and name of the CSMS's certificate, and hang up."}
    check.holds(not let_in, expected="no connection", actual="a connection", seen=let_in.last, **said)
    await back_again(csms, station, chain=sound.chain, key=sound.key)
    kinds = ("InvalidCsmsCertificate", "InvalidCSMSCertificate")
    event = await csms.expect(
        "SecurityEventNotification",
        lambda each: each["type"] in kinds,
        within=station.pixit.answer_time,
        after=begun,
    )
    check.that(event, reading("type"), _BAD_CERTIFICATE, requirement="A00.FR.310", advice=_QUEUED)


@test_case(
    "TC_STATION_Tls_001",
    covers=("A00.FR.308", "A00.FR.310", "A00.FR.311", "A04.FR.02", "TC_A_05_CS"),
    pics=_PICS,
    detects=("station-trusts-anybody", "station-silent-security"),
    lasts=180.0,
)
async def test_a_csms_of_an_unknown_ca_is_refused(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station does not connect to a CSMS whose certificate comes from a CA that it does not know, and reports it.

    Given   a station that is connected over TLS
    when    the connection is torn, and the CSMS shows a certificate of another CA
    then    no connection comes to stand; once the sound certificate is shown again InvalidCsmsCertificate is told
    """
    await refuses("unknown_root", csms, stage, station, check, "A00.FR.308")


@test_case(
    "TC_STATION_Tls_002",
    covers=("A00.FR.308", "A00.FR.310", "A00.FR.311", "TC_A_05_CS"),
    pics=_PICS,
    detects=("station-trusts-anybody", "station-silent-security"),
    lasts=180.0,
)
async def test_a_csms_whose_certificate_is_over_is_refused(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station does not connect to a CSMS whose certificate has expired, and reports it.

    Given   a station that is connected over TLS
    when    the connection is torn, and the CSMS shows a certificate that expired a month ago
    then    no connection comes to stand; once the sound certificate is shown again InvalidCsmsCertificate is told
    """
    await refuses("expired", csms, stage, station, check, "A00.FR.308")


@test_case(
    "TC_STATION_Tls_003",
    covers=("A00.FR.309", "A00.FR.310", "A00.FR.311", "TC_A_05_CS"),
    pics=_PICS,
    detects=("station-ignores-names", "station-trusts-anybody"),
    lasts=180.0,
)
async def test_a_csms_of_another_name_is_refused(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station does not connect to a CSMS whose certificate is for another host, and reports it.

    Given   a station that is connected over TLS
    when    the connection is torn, and the CSMS shows a certificate of the right CA for another name
    then    no connection comes to stand; once the sound certificate is shown again InvalidCsmsCertificate is told
    """
    await refuses("wrong_name", csms, stage, station, check, "A00.FR.309")


@test_case(
    "TC_STATION_Tls_004",
    covers=("A00.FR.313", "A00.FR.314", "A00.FR.316", "TC_A_06_CS"),
    pics=_PICS,
    detects=("station-old-tls", "station-silent-security"),
    lasts=180.0,
)
async def test_tls_before_1_2_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station does not connect by TLS older than 1.2, and reports it.

    Given   a station that is connected over TLS 1.2 or newer
    when    the connection is torn, and the CSMS offers TLS 1.1 at most
    then    no connection comes to stand; once newer versions are offered again InvalidTLSVersion is told
    """
    await station.ready()
    begun = len(station.seen)
    first = tls_version(station.seen.of(Connected)[0])
    modern = first in ("TLSv1.2", "TLSv1.3")
    check.holds(modern, expected="TLSv1.2 or TLSv1.3", actual=str(first), advice="Offer TLS 1.2 or newer alone.")
    old = {"minimum_tls": TLSVersion.TLSv1, "maximum_tls": TLSVersion.TLSv1_1}
    seen = await turned_away(csms, station, **old)
    let_in = seen.of(Connected)
    advice = "Set the lowest version of TLS to 1.2."
    check.holds(not let_in, expected="no connection", actual="TLS 1.1", seen=let_in.last, advice=advice)
    await back_again(csms, station, minimum_tls=TLSVersion.TLSv1_2, maximum_tls=TLSVersion.TLSv1_3)
    event = await csms.expect(
        "SecurityEventNotification",
        lambda each: each["type"] == "InvalidTLSVersion",
        within=station.pixit.answer_time,
        after=begun,
    )
    check.that(event, reading("type"), equals("InvalidTLSVersion"), requirement="A00.FR.316", advice=_QUEUED)


@test_case(
    "TC_STATION_Tls_005",
    covers=("A00.FR.401", "A00.FR.402", "A00.FR.511", "A00.FR.501", "TC_A_07_CS"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.SECURITY_3,
    detects=("station-other-serial",),
    lasts=60.0,
)
async def test_the_station_shows_a_certificate_of_its_own(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station shows a certificate in its serial number, with a key that is strong enough.

    Given   a station that connects with a client certificate
    when    it boots, or is asked to say who it is
    then    the common name of the certificate is the serial number in BootNotification, and the key has 112 bits or more
    """
    await station.ready()
    shown = station.seen.of(Connected).last
    booted = await csms.booted(station.pixit.reconnect_time)
    serial = ((request(booted, "BootNotification") or {}).get("chargingStation") or {}).get("serialNumber")
    advice = "The common name of the certificate is the serial number that BootNotification gives."
    named = satisfies(f"a name with {serial}", lambda name: bool(serial) and str(serial) in name)
    check.that(shown, shown_name, named, requirement="A00.FR.511", advice=advice)
    strong = at_least(112, "bit")
    check.that(shown, shown_strength, strong, requirement="A00.FR.501", advice="RSA from 2048, curves from 224 bits.")
