"""How a CSMS signs certificate requests of a station (OCPP 2.x, use cases A02 and A03)."""

from harness.ocpp.readings import came, outcome, reading, status
from harness.vocabulary import (
    CSMS,
    Check,
    CsmsUnderTest,
    Observation,
    TesterStation,
    at_least,
    broken_links,
    days_left,
    equals,
    test_case,
)

ANY_2 = CSMS.OCPP_21 | CSMS.OCPP_201


def answers_a_certificate(seen: Observation) -> bool:
    """Whether an answer of the station is one to CertificateSigned."""
    return getattr(seen.message, "action", "") == "CertificateSigned" and status(seen) is not None


@test_case(
    "TC_CSMS_Signing_001",
    covers=("A02.FR.11", "A03.FR.11", "TC_A_11_CSMS"),
    pics=CSMS.CERTIFICATE_UPDATE & ANY_2,
    detects=("csms-signs-nothing", "csms-promises-certificates", "csms-signs-another-key", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_request_is_signed_for_its_key_and_name(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS accepts a sound certificate request, and sends a chain for its key and its name.

    Given   a booted station with a fresh key pair
    when    it asks for its certificate with SignCertificate
    then    the answer is Accepted, and CertificateSigned brings a valid certificate for that key and serial number, whose
            chain holds together
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["CertificateSigned"] = {"status": "Accepted"}
    made = station.certificate_request()
    asked = {"csr": made.pem, "certificateType": "ChargingStationCertificate"}
    told = await station.call("SignCertificate", asked)
    check.that(told.outcome, status, equals("Accepted"))
    sent = await station.expect("CertificateSigned", within=csms.pixit.reaction_time)
    check.that(sent, made.key_of_the_leaf, equals("ours"), advice="The leaf comes first, with the key of the request.")
    check.that(
        sent, made.name_of_the_leaf, equals(made.serial), advice="The common name is the station's serial number."
    )
    check.that(sent, broken_links, equals(0), advice="Leaf first, then each certificate that issued the one before.")
    check.that(sent, days_left(station.clock.wall()), at_least(1.0, "days"))


@test_case(
    "TC_CSMS_Signing_002",
    covers=("A02.FR.14", "A03.FR.14", "TC_A_12_CSMS"),
    pics=CSMS.CERTIFICATE_UPDATE & CSMS.ISO_15118 & ANY_2,
    detects=("csms-loses-certificate-type", "csms-promises-certificates", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_v2g_certificate_comes_back_as_such(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS sends a certificate for ISO 15118 with the type that it was asked for with.

    Given   a booted station with ISO 15118
    when    it asks for its V2GCertificate
    then    CertificateSigned names that type, and its certificate is for the key of the request
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["CertificateSigned"] = {"status": "Accepted"}
    made = station.certificate_request()
    told = await station.call("SignCertificate", {"csr": made.pem, "certificateType": "V2GCertificate"})
    check.that(told.outcome, status, equals("Accepted"), requirement="A02.FR.11")
    sent = await station.expect("CertificateSigned", within=csms.pixit.reaction_time)
    advice = "Without the type a station takes the certificate for its own towards the CSMS."
    check.that(sent, reading("certificateType"), equals("V2GCertificate"), advice=advice)
    check.that(sent, made.key_of_the_leaf, equals("ours"), requirement="A02.FR.11")


@test_case(
    "TC_CSMS_Signing_003",
    covers=("A02.FR.25", "A03.FR.21"),
    pics=CSMS.CERTIFICATE_UPDATE & CSMS.OCPP_21,
    detects=("csms-loses-request-id", "csms-promises-certificates", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_certificate_names_the_request_that_it_answers(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS sends a signed certificate with the requestId of its request.

    Given   a booted station
    when    it asks for a certificate with requestId 4711
    then    CertificateSigned carries 4711
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["CertificateSigned"] = {"status": "Accepted"}
    made = station.certificate_request()
    asked = {"csr": made.pem, "certificateType": "ChargingStationCertificate", "requestId": 4711}
    await station.call("SignCertificate", asked)
    sent = await station.expect("CertificateSigned", within=csms.pixit.reaction_time)
    check.that(sent, reading("requestId"), equals(4711), advice="A station tells by it which of its keys is meant.")


@test_case(
    "TC_CSMS_Signing_004",
    covers=("A02.FR.12", "A03.FR.12"),
    pics=CSMS.CERTIFICATE_UPDATE & ANY_2,
    detects=("csms-accepts-broken-requests", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_a_request_with_a_false_signature_is_not_signed(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS rejects a certificate request whose signature does not fit its key, and one that cannot be read.

    Given   a booted station
    when    it asks for a certificate with a request of false signature, and then with a text that is no request
    then    both are answered with Rejected, and no certificate follows
    """
    await station.power_up(within=csms.pixit.boot_time)
    made = station.certificate_request()
    for csr in (made.broken_pem, "-----BEGIN CERTIFICATE REQUEST-----\nnone\n-----END CERTIFICATE REQUEST-----\n"):
        told = await station.call("SignCertificate", {"csr": csr, "certificateType": "ChargingStationCertificate"})
        advice = "The signature proves that the station holds the key."
        check.that(told.outcome, status, equals("Rejected"), advice=advice)
        sent = await station.expect("CertificateSigned", within=csms.pixit.reaction_time)
        check.that(sent, came, equals("Silence"))


@test_case(
    "TC_CSMS_Signing_005",
    covers=("TC_A_14_CSMS", "OCPP:goes-on-after-refusals"),
    pics=CSMS.CERTIFICATE_UPDATE & ANY_2,
    detects=("csms-stunned-by-refusals", "csms-promises-certificates", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_a_certificate_that_the_station_refuses_does_no_harm(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS goes on where a station rejects the certificate that it was sent.

    Given   a station that answers CertificateSigned with Rejected
    when    it has asked for a certificate and got one, and tells that it was invalid
    then    the security event is answered
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["CertificateSigned"] = {"status": "Rejected"}
    made = station.certificate_request()
    await station.call("SignCertificate", {"csr": made.pem, "certificateType": "ChargingStationCertificate"})
    sent = await station.expect("CertificateSigned", within=csms.pixit.reaction_time)
    check.that(sent, made.key_of_the_leaf, equals("ours"), requirement="A02.FR.11")
    event = {"type": "InvalidChargingStationCertificate", "timestamp": station.time_stamp()}
    told = await station.call("SecurityEventNotification", event)
    check.that(told.outcome, outcome, equals("answered"))


@test_case(
    "TC_CSMS_Signing_006",
    covers=("TC_A_11_CSMS", "A02.FR.11"),
    pics=CSMS.CERTIFICATE_UPDATE & ANY_2,
    needs="send_request",
    detects=("csms-signs-another-key", "csms-signs-nothing", "csms-promises-certificates", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_a_renewal_that_the_csms_asks_for_comes_to_its_end(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS brings a renewal that it asked for to an end that the station accepts.

    Given   a booted station that makes a key pair when it is asked to renew its certificate, and checks what it gets
    when    the CSMS is made to send TriggerMessage for SignChargingStationCertificate
    then    the station's request is accepted, and it accepts the certificate that comes
    """
    await station.power_up(within=csms.pixit.boot_time)
    sent = await csms.sends("TriggerMessage", {"requestedMessage": "SignChargingStationCertificate"})
    check.that(sent, reading("requestedMessage"), equals("SignChargingStationCertificate"))
    told = await station.answered("SignCertificate", within=csms.pixit.answer_time)
    check.that(told, status, equals("Accepted"))
    await station.expect("CertificateSigned", within=csms.pixit.reaction_time)
    answered = station.trace.after(sent.number).sent_by("station").where(answers_a_certificate)
    check.that(answered.last, status, equals("Accepted"), advice="A station rejects a chain that does not fit its key.")
