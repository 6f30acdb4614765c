"""A station's own certificate: asked for, signed, taken into use, refused, asked for again (OCPP 2.x A02)."""

from harness.ocpp.readings import outcome, reading, request
from harness.vocabulary import (
    STATION,
    CertificateRequest,
    Check,
    Connected,
    Csms,
    Inconclusive,
    NotTestable,
    Observation,
    Stage,
    StationUnderTest,
    differs,
    equals,
    requested_key,
    satisfies,
    shown_hash,
    shown_serial,
    signed_serial,
    test_case,
)

_PICS = (STATION.OCPP_201 | STATION.OCPP_21) & STATION.CERTIFICATE_UPDATE
_TRIGGER = "SignChargingStationCertificate"
_OWN = "ChargingStationCertificate"
_CHECKED = "Compare the key with the one that was made for the request, and look at the dates."


async def asked(csms: Csms, *, within: float = 30.0) -> Observation:
    """The station is triggered to ask for a certificate, and gets none yet."""
    csms.policy = csms.policy.replace(sign_requests=False).answering("SignCertificate", status="Accepted")
    await csms.trigger(_TRIGGER)
    return await csms.expect("SignCertificate", within=within)


def signed(chain: str, seen: Observation, **other: int) -> dict[str, object]:
    """CertificateSigned in answer to a request."""
    number = reading("requestId")(seen)
    named = {} if number is None else {"requestId": number}
    return {"certificateChain": chain, "certificateType": _OWN, **named, **other}


def csr(seen: Observation) -> str:
    """The request of a SignCertificate; inconclusive where none came."""
    found = (request(seen, "SignCertificate") or {}).get("csr")
    if not isinstance(found, str):
        raise Inconclusive("the station did not ask for a certificate")
    return found


@test_case(
    "TC_STATION_Security_002",
    covers=("A02.FR.02", "A02.FR.03", "A02.FR.08", "TC_A_11_CS"),
    pics=_PICS & STATION.SECURITY_3,
    detects=("station-ignores-signed-certificates",),
    lasts=120.0,
)
async def test_a_signed_certificate_is_used(csms: Csms, stage: Stage, station: StationUnderTest, check: Check) -> None:
    """Station takes a certificate that was signed for it into use, by a new connection.

    Given   a station that connects with a client certificate
    when    the CSMS triggers SignCertificate, and answers with a sound CertificateSigned
    then    it is accepted, and the station connects anew and shows that certificate
    """
    await station.ready()
    ca = stage.pki.ocpp.lasting_ca
    wanted = await asked(csms)
    chain = ca.sign(csr(wanted), csms.clock.wall())
    sent = await csms.call("CertificateSigned", signed(chain, wanted))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="The certificate is for the key of the request.")
    await csms.station().reconnected(station.pixit.reconnect_time)
    new = signed_serial(sent.request) if sent.request is not None else None
    shown = station.seen.after(sent.outcome.number).of(Connected).last
    advice = "End the connection once the certificate is accepted, and connect with it."
    check.that(shown, shown_serial, equals(new), requirement="A02.FR.08", advice=advice)


@test_case(
    "TC_STATION_Security_003",
    covers=("A02.FR.06", "A02.FR.07", "A04.FR.01", "TC_A_14_CS"),
    pics=_PICS,
    detects=(
        "station-signed-for-anybody",
        "station-silent-security",
        "station-ignores-signed-certificates",
        "station-rubber-stamp",
    ),
    lasts=30.0,
)
async def test_a_certificate_for_another_key_is_refused(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station refuses a certificate for a key that is not its own, and reports it.

    Given   a station that was triggered to ask for a certificate
    when    the CSMS sends CertificateSigned with a certificate of the right CA for another key
    then    the answer is Rejected, and SecurityEventNotification tells InvalidChargingStationCertificate
    """
    await station.ready()
    wanted = await asked(csms)
    foreign = CertificateRequest(station.description.device.serial, "v2x-harness")
    chain = stage.pki.ocpp.ca.sign(foreign.pem, csms.clock.wall())
    sent = await csms.call("CertificateSigned", signed(chain, wanted))
    check.that(sent.outcome, outcome, equals("Rejected"), advice=_CHECKED)
    event = await csms.expect("SecurityEventNotification", within=station.pixit.answer_time)
    named = equals("InvalidChargingStationCertificate")
    check.that(event, reading("type"), named, requirement="A04.FR.01", advice="Report critical security events.")


@test_case(
    "TC_STATION_Security_004",
    covers=("A02.FR.06", "A02.FR.07"),
    pics=_PICS,
    detects=("station-signed-for-anybody", "station-ignores-signed-certificates"),
    lasts=30.0,
)
async def test_a_certificate_that_is_over_is_refused(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station refuses a certificate for its key that has expired.

    Given   a station that was triggered to ask for a certificate
    when    the CSMS sends CertificateSigned with a certificate for that key whose time was over a month ago
    then    the answer is Rejected
    """
    await station.ready()
    wanted = await asked(csms)
    chain = stage.pki.ocpp.outdated(csr(wanted))
    sent = await csms.call("CertificateSigned", signed(chain, wanted))
    check.that(sent.outcome, outcome, equals("Rejected"), advice=_CHECKED)


@test_case(
    "TC_STATION_Security_005",
    covers=("A02.FR.26", "A02.FR.24"),
    pics=STATION.OCPP_21 & STATION.CERTIFICATE_UPDATE,
    detects=("station-signed-for-anybody", "station-ignores-signed-certificates"),
    lasts=30.0,
)
async def test_a_certificate_that_nobody_asked_for_is_refused(
    csms: Csms, stage: Stage, station: StationUnderTest, check: Check
) -> None:
    """Station refuses a certificate under a requestId that it did not give.

    Given   a station that asked for a certificate under a requestId
    when    the CSMS sends CertificateSigned with a sound certificate under another requestId
    then    the answer is Rejected
    """
    await station.ready()
    wanted = await asked(csms)
    number = reading("requestId")(wanted)
    if not isinstance(number, int):
        raise NotTestable("the station puts no requestId into SignCertificate, which is advised and not demanded")
    chain = stage.pki.ocpp.ca.sign(csr(wanted), csms.clock.wall())
    sent = await csms.call("CertificateSigned", signed(chain, wanted, requestId=number + 1000))
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Look the requestId up.")


@test_case(
    "TC_STATION_Security_006",
    covers=("A02.FR.17", "A02.FR.18", "A02.FR.19", "TC_A_23_CS"),
    pics=_PICS,
    detects=("station-ignores-variables", "station-ignores-triggers", "station-rubber-stamp"),
    lasts=150.0,
)
async def test_a_certificate_is_asked_for_again(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station asks again for a certificate that does not come, each time after twice the wait, and then no more.

    Given   CertSigningWaitMinimum of 10 s and CertSigningRepeatTimes of 2
    when    the CSMS accepts SignCertificate and never sends CertificateSigned
    then    the station asks again 10 s and 30 s after the first request, and not a fourth time within 100 s
    """
    await station.ready()
    await csms.prepare("SecurityCtrlr", "CertSigningWaitMinimum", 10)
    await csms.prepare("SecurityCtrlr", "CertSigningRepeatTimes", 2)
    first = await asked(csms)
    await station.watch(100.0)
    times = [one.at - first.at for one in csms.trace if request(one, "SignCertificate") is not None]
    slack = station.pixit.reaction_time + 2.0
    wanted = (0.0, 10.0, 30.0)
    kept = len(times) == len(wanted) and all(abs(time - due) <= slack for time, due in zip(times, wanted, strict=True))
    said = ", ".join(f"{time:.0f} s" for time in times)
    advice = "Wait CertSigningWaitMinimum, double it each time, and stop after CertSigningRepeatTimes."
    check.holds(kept, expected=f"requests after 0, 10 and 30 s (± {slack:g} s)", actual=said or "none", advice=advice)


@test_case(
    "TC_STATION_Security_007",
    covers=("A02.FR.02", "A02.FR.03"),
    pics=_PICS,
    detects=("station-reuses-keys", "station-ignores-triggers", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_every_request_has_a_key_of_its_own(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station makes a new key pair for every certificate that it is triggered to ask for.

    Given   a station whose first request for a certificate the CSMS refused
    when    the CSMS triggers SignCertificate again
    then    both requests can be read, their signatures hold, and their keys differ
    """
    await station.ready()
    csms.policy = csms.policy.replace(sign_requests=False)
    await csms.trigger(_TRIGGER)
    first = await csms.expect("SignCertificate", within=30.0)
    readable = differs(None)
    check.that(first, requested_key, readable, requirement="A02.FR.03", advice="The CSR is PEM, signed by its key.")
    await csms.trigger(_TRIGGER)
    second = await csms.expect("SignCertificate", within=30.0)
    fresh = differs(requested_key(first))
    check.that(second, requested_key, fresh, advice="Make a new key pair each time.")


@test_case(
    "TC_STATION_Security_008",
    covers=("M04.FR.06", "TC_M_23_CS"),
    pics=_PICS & STATION.SECURITY_3,
    detects=("station-ignores-deleted-certificates", "station-deletes-blindly", "station-rubber-stamp"),
    lasts=10.0,
)
async def test_the_own_certificate_is_not_deleted(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station does not delete the certificate by which it connects.

    Given   a station that showed a client certificate
    when    the CSMS deletes it by its hashes
    then    the answer is Failed
    """
    await station.ready()
    shown = station.seen.of(Connected).last
    named = None if shown is None else shown_hash(shown)
    if named is None:
        raise Inconclusive(
            "the station showed its certificate without the one of its issuer, so its hashes are not known"
        )
    sent = await csms.call("DeleteCertificate", {"certificateHashData": named})
    check.that(sent.outcome, outcome, equals("Failed"), advice="A station without its certificate never comes back.")


@test_case(
    "TC_STATION_Security_009",
    covers=("A02.FR.13", "A02.FR.22", "M03.FR.05", "TC_A_12_CS", "TC_M_15_CS"),
    pics=_PICS & (STATION.ISO_15118_2 | STATION.ISO_15118_20),
    detects=("station-ignores-signed-certificates", "station-ignores-triggers", "station-rubber-stamp"),
    lasts=30.0,
)
async def test_a_v2g_certificate_is_renewed(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station asks for a V2G certificate when it is triggered to, stores it, and lists it with its chain.

    Given   a station that talks to EVs over ISO 15118
    when    the CSMS triggers SignV2GCertificate, and answers with a sound CertificateSigned
    then    the request is for a V2GCertificate, the chain is accepted, and it is listed with its sub-CA as child
    """
    await station.ready()
    await csms.trigger("SignV2GCertificate")
    wanted = await csms.expect("SignCertificate", within=30.0)
    kind = reading("certificateType")
    check.that(
        wanted, kind, equals("V2GCertificate"), requirement="A02.FR.13", advice="Name the type that was asked for."
    )
    await station.watch(station.pixit.answer_time)
    listed = await csms.call("GetInstalledCertificateIds", {"certificateType": ["V2GCertificateChain"]})
    check.that(listed.outcome, outcome, equals("Accepted"), requirement="M03.FR.05", advice="Store the chain.")
    chains = (listed.response or {}).get("certificateHashDataChain", ())
    children = [len(each.get("childCertificateHashData", ())) for each in chains]
    whole = bool(children) and max(children) > 0
    said = f"chains with {children} children"
    wanted_chain = "a chain with childCertificateHashData"
    check.holds(whole, expected=wanted_chain, actual=said, requirement="M03.FR.05", advice="List the sub-CAs, too.")


@test_case(
    "TC_STATION_Security_010",
    covers=("A04.FR.01",),
    pics=STATION.OCPP_201 | STATION.OCPP_21,
    detects=("station-silent-security", "station-ignores-resets", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_start_is_a_security_event(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells a restart as a security event.

    Given   a station that is connected
    when    the CSMS resets it
    then    after the boot SecurityEventNotification tells ResetOrReboot or StartupOfTheDevice
    """
    await station.ready()
    sent = await csms.reset("Immediate")
    kinds = ("ResetOrReboot", "StartupOfTheDevice")
    told = await csms.expect(
        "SecurityEventNotification",
        lambda each: each["type"] in kinds,
        within=station.pixit.boot_time + station.pixit.answer_time,
        after=sent.outcome.number,
    )
    check.that(told, reading("type"), differs(None), advice="Both are critical events, which are always told.")


@test_case(
    "TC_STATION_Security_011",
    covers=("M06.FR.06", "M06.FR.07", "TC_M_24_CS"),
    pics=_PICS & (STATION.ISO_15118_2 | STATION.ISO_15118_20),
    detects=(
        "station-never-asks-for-ocsp",
        "station-ignores-signed-certificates",
        "station-ignores-triggers",
        "station-rubber-stamp",
    ),
    lasts=90.0,
)
async def test_the_revocation_of_a_new_v2g_certificate_is_asked_for(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station asks the CSMS for the OCSP status of its V2G certificate once it has a new one.

    Given   a station that talks to EVs over ISO 15118
    when    the CSMS triggers SignV2GCertificate, and answers with a chain that names an OCSP responder
    then    GetCertificateStatus follows, with the serial number of the new certificate and that responder
    """
    await station.ready()
    mark = len(station.seen)
    await csms.trigger("SignV2GCertificate")
    asked_for = await csms.expect("GetCertificateStatus", within=60.0)
    given = csms.trace.after(mark).where(lambda one: signed_serial(one) is not None).last
    serial = None if given is None else signed_serial(given)
    told = reading("ocspRequestData.serialNumber")
    advice = "Ask about the leaf and its sub-CAs when they are new, and each week."
    same = satisfies(f"serial number {serial}", lambda value: str(value).lower().lstrip("0") == str(serial).lstrip("0"))
    check.that(asked_for, told, same, advice=advice)
    place = satisfies("the responder in the certificate", lambda url: str(url).startswith("http://ocsp."))
    check.that(asked_for, reading("ocspRequestData.responderURL"), place, requirement="M06.FR.06", advice=advice)
