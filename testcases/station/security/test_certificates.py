"""What the station does with certificates that are none, and the security events that follow (OCPP 2.x A02, A04)."""

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, equals, satisfies, test_case

_NONE = "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"


@test_case(
    "TC_STATION_Security_001",
    covers=("A02.FR.07", "A02.FR.03", "A04.FR.01", "TC_A_14_CS"),
    pics=(STATION.OCPP_201 | STATION.OCPP_21) & STATION.CERTIFICATE_UPDATE,
    detects=("station-ignores-signed-certificates", "station-ignores-triggers", "station-rubber-stamp"),
    lasts=20.0,
)
async def test_a_bad_certificate_is_refused_and_reported(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a signed certificate that is none, and reports it as a security event.

    Given   a station that was triggered to ask for a certificate, and whose request was accepted
    when    the CSMS sends CertificateSigned with what is no certificate
    then    the answer is Rejected, and SecurityEventNotification tells InvalidChargingStationCertificate
    """
    await station.ready()
    csms.policy = csms.policy.replace(sign_requests=False).answering("SignCertificate", status="Accepted")
    await csms.trigger("SignChargingStationCertificate")
    asked = await csms.expect("SignCertificate", within=30.0)
    pem = satisfies("a CSR as PEM", lambda text: text.startswith("-----BEGIN"))
    check.that(asked, reading("csr"), pem, requirement="A02.FR.03", advice="Send SignCertificate when triggered.")
    number = reading("requestId")(asked)
    named = {} if number is None else {"requestId": number}
    payload = {"certificateChain": _NONE, "certificateType": "ChargingStationCertificate", **named}
    sent = await csms.call("CertificateSigned", payload)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Check the certificate before it is stored.")
    told = await csms.expect("SecurityEventNotification", within=station.pixit.answer_time)
    event = equals("InvalidChargingStationCertificate")
    check.that(told, reading("type"), event, requirement="A04.FR.01", advice="Report critical security events.")
