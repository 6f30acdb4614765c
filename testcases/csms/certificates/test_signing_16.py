"""How a CSMS signs certificate requests of a charge point of OCPP 1.6, with its security extension."""

from harness.ocpp.readings import status
from harness.vocabulary import CSMS, Check, CsmsUnderTest, TesterStation, broken_links, equals, test_case


@test_case(
    "TC_CSMS_Signing16_001",
    covers="OCPP:signing-of-1.6",
    pics=CSMS.CERTIFICATE_UPDATE & CSMS.OCPP_16,
    detects=("csms-signs-nothing", "csms-promises-certificates", "csms-signs-another-key", "csms-rubber-stamp"),
    lasts=10.0,
)
async def test_a_request_of_1_6_is_signed(csms: CsmsUnderTest, station: TesterStation, check: Check) -> None:
    """CSMS accepts a sound certificate request of 1.6, and sends a chain for its key and its name.

    Given   a booted charge point with a fresh key pair
    when    it asks for its certificate with SignCertificate
    then    the answer is Accepted, and CertificateSigned brings a certificate for that key and serial number, whose chain
            holds together
    """
    await station.power_up(within=csms.pixit.boot_time)
    station.answers["CertificateSigned"] = {"status": "Accepted"}
    made = station.certificate_request()
    told = await station.call("SignCertificate", {"csr": made.pem})
    check.that(told.outcome, status, equals("Accepted"))
    sent = await station.expect("CertificateSigned", within=csms.pixit.reaction_time)
    check.that(sent, made.key_of_the_leaf, equals("ours"), advice="The leaf comes first, with the key of the request.")
    check.that(sent, made.name_of_the_leaf, equals(made.serial))
    check.that(sent, broken_links, equals(0))
