"""What a CSMS finds out about the state of certificates (OCPP 2.x, use cases M06 and M07)."""

from typing import Any

from harness.ocpp.readings import outcome, payload, status
from harness.vocabulary import (
    CSMS,
    CertificateRequest,
    Check,
    CsmsUnderTest,
    Inconclusive,
    Observation,
    TesterStation,
    chain_of,
    equals,
    ocsp_answer,
    ocsp_question,
    one_of,
    satisfies,
    test_case,
)


async def certificate_of_the_station(csms: CsmsUnderTest, station: TesterStation) -> dict[str, str]:
    """The question for the state of a certificate that the CSMS has just issued."""
    station.answers["CertificateSigned"] = {"status": "Accepted"}
    made: CertificateRequest = station.certificate_request()
    await station.call("SignCertificate", {"csr": made.pem, "certificateType": "V2GCertificate"})
    chain = chain_of(await station.expect("CertificateSigned", within=csms.pixit.reaction_time))
    if len(chain) < 2:
        raise Inconclusive("the CSMS sent no chain with the certificate that issued the station's")
    return ocsp_question(chain)


def states(seen: Observation) -> list[str] | None:
    """The status of every certificate in an answer to GetCertificateChainStatus."""
    found = (payload(seen) or {}).get("certificateStatus")
    return [each["status"] for each in found] if isinstance(found, list) else None


def hash_data(serial: str) -> dict[str, str]:
    """Of a certificate that nobody has issued."""
    return {"hashAlgorithm": "SHA256", "issuerNameHash": "11" * 32, "issuerKeyHash": "22" * 32, "serialNumber": serial}


def status_and_result(seen: Observation) -> tuple[str | None, str | None]:
    """The status of the answer, and what its ocspResult is."""
    return status(seen), ocsp_answer(seen)


def serials(seen: Observation) -> list[str] | None:
    """The serial numbers in an answer to GetCertificateChainStatus."""
    found = (payload(seen) or {}).get("certificateStatus")
    return sorted(each["certificateHashData"]["serialNumber"] for each in found) if isinstance(found, list) else None


@test_case(
    "TC_CSMS_Ocsp_001",
    covers=("M06.FR.01", "M06.FR.02", "M06.FR.03", "M06.FR.08", "M06.FR.09", "TC_M_24_CSMS"),
    pics=CSMS.CERTIFICATE_UPDATE & CSMS.ISO_15118 & (CSMS.OCPP_21 | CSMS.OCPP_201),
    detects=("csms-mute-ocsp", "csms-ocsp-nonsense", "csms-ocsp-without-result"),
    lasts=15.0,
)
async def test_the_state_of_an_issued_certificate_is_an_ocsp_response(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS answers for a certificate that it has issued with an OCSP response in DER, or says that it could get none.

    Given   a station with a V2G certificate from the CSMS
    when    it asks for the OCSP state of that certificate
    then    the answer is Failed without a result; or Accepted with an OCSP response about that very certificate
    """
    await station.power_up(within=csms.pixit.boot_time)
    question = await certificate_of_the_station(csms, station)
    told = await station.call("GetCertificateStatus", {"ocspRequestData": question})
    check.that(told.outcome, status, one_of(("Accepted", "Failed")))
    wanted = f"successful for {question['serialNumber']}"
    expected = satisfies(
        f"Accepted with a response {wanted}, or Failed with none",
        lambda said: said in (("Accepted", wanted), ("Failed", None)),
    )
    advice = "ocspResult is the OCSPResponse of RFC 6960 in DER, written in base64."
    check.that(told.outcome, status_and_result, expected, requirement="M06.FR.03", advice=advice)


@test_case(
    "TC_CSMS_Ocsp_002",
    covers="M06.FR.04",
    pics=CSMS.ISO_15118 & (CSMS.OCPP_21 | CSMS.OCPP_201),
    detects=("csms-ocsp-nonsense", "csms-mute-ocsp", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_the_state_of_an_unknown_certificate_cannot_be_told(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS says that it could get no OCSP response where there is no responder.

    Given   a booted station
    when    it asks for the state of a certificate that nobody issued, at a responder that is nowhere
    then    the answer is Failed
    """
    await station.power_up(within=csms.pixit.boot_time)
    question = {**hash_data("0a"), "responderURL": "http://ocsp.invalid/"}
    told = await station.call("GetCertificateStatus", {"ocspRequestData": question})
    check.that(told.outcome, outcome, equals("Failed"))


@test_case(
    "TC_CSMS_ChainStatus_001",
    covers=("M07.FR.02", "M07.FR.05", "M07.FR.08"),
    pics=CSMS.ISO_15118 & CSMS.OCPP_21,
    detects=("csms-good-certificates", "csms-forgets-a-certificate", "csms-mute-chain-status", "csms-rubber-stamp"),
    lasts=15.0,
)
async def test_certificates_that_nobody_vouches_for_are_not_good(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS does not call certificates good that it cannot ask anybody about, and answers for each of them.

    Given   a booted station with the chain of an EV
    when    it asks for the state of two certificates that nobody issued, one by OCSP and one by CRL, at places that do not
            exist
    then    the answer has both certificates, neither of them Good
    """
    await station.power_up(within=csms.pixit.boot_time)
    asked: list[dict[str, Any]] = [
        {"source": "OCSP", "urls": ["http://ocsp.invalid/"], "certificateHashData": hash_data("0b")},
        {"source": "CRL", "urls": ["http://crl.invalid/list.crl"], "certificateHashData": hash_data("0c")},
    ]
    told = await station.call("GetCertificateChainStatus", {"certificateStatusRequests": asked})
    check.that(told.outcome, serials, equals(["0b", "0c"]), requirement="M07.FR.08")
    doubtful = satisfies("Failed or Unknown for each", lambda found: set(found) <= {"Failed", "Unknown"})
    check.that(told.outcome, states, doubtful, advice="What could not be asked for is Failed.")


@test_case(
    "TC_CSMS_ChainStatus_002",
    covers=("M07.FR.01", "M07.FR.03"),
    pics=CSMS.CERTIFICATE_UPDATE & CSMS.ISO_15118 & CSMS.OCPP_21,
    detects=("csms-revokes-everything", "csms-mute-chain-status"),
    lasts=15.0,
)
async def test_a_certificate_that_was_just_issued_is_not_revoked(
    csms: CsmsUnderTest, station: TesterStation, check: Check
) -> None:
    """CSMS does not call a certificate revoked that it has just issued.

    Given   a station with a V2G certificate from the CSMS
    when    it asks for the state of that certificate by OCSP
    then    it is Good, or could not be found out
    """
    await station.power_up(within=csms.pixit.boot_time)
    question = await certificate_of_the_station(csms, station)
    url = question.pop("responderURL")
    asked = {"source": "OCSP", "urls": [url], "certificateHashData": question}
    told = await station.call("GetCertificateChainStatus", {"certificateStatusRequests": [asked]})
    check.that(told.outcome, states, satisfies("Good, Unknown or Failed", lambda found: found != ["Revoked"]))
