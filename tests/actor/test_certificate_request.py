"""The tester's certificate requests, and what is read out of the certificates and OCSP responses that come of them."""

import asyncio
import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from harness.actor.certificate_request import (
    CertificateRequest,
    broken_links,
    chain_of,
    days_left,
    ocsp_answer,
    ocsp_question,
)
from harness.link.clock import Clock
from harness.link.observation import Observation
from harness.link.trace import Timeline
from harness.link.virtual import VirtualTimeLoop
from harness.ocppj.frame import Call, CallResult
from harness.pki.operator import BadRequest, OperatorCa, operator_ca

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def observed(message: Any) -> Observation:
    async def observe() -> Observation:
        return Timeline(Clock()).observe("ocpp", "csms", message)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(observe())


def signed(ca: OperatorCa, made: CertificateRequest) -> Observation:
    return observed(Call("1", "CertificateSigned", {"certificateChain": ca.sign(made.pem, NOW)}))


def test_a_chain_for_the_request_is_recognised() -> None:
    made = CertificateRequest("SN-1", "operator")
    seen = signed(operator_ca(NOW), made)
    assert (made.key_of_the_leaf(seen), made.name_of_the_leaf(seen)) == ("ours", "SN-1")
    assert broken_links(seen) == 0
    left = days_left(NOW)(seen)
    assert left is not None and left > 300


def test_a_chain_for_another_request_is_recognised_too() -> None:
    made, other = CertificateRequest("SN-1", "operator"), CertificateRequest("SN-2", "operator")
    seen = signed(operator_ca(NOW), other)
    assert (made.key_of_the_leaf(seen), made.name_of_the_leaf(seen)) == ("another", "SN-2")


def test_a_chain_in_the_wrong_order_has_broken_links() -> None:
    made, ca = CertificateRequest("SN-1", "operator"), operator_ca(NOW)
    leaf, issuer = ca.sign(made.pem, NOW).split("-----BEGIN CERTIFICATE-----")[1:]
    turned = "".join(f"-----BEGIN CERTIFICATE-----{each}" for each in (issuer, leaf))
    assert broken_links(observed(Call("1", "CertificateSigned", {"certificateChain": turned}))) == 1


def test_what_is_no_chain_says_nothing() -> None:
    made, seen = (
        CertificateRequest("SN-1", "operator"),
        observed(Call("1", "CertificateSigned", {"certificateChain": "x"})),
    )
    assert chain_of(seen) == []
    assert (made.key_of_the_leaf(seen), broken_links(seen), days_left(NOW)(seen)) == (None, None, None)


def test_a_broken_request_is_not_signed() -> None:
    with pytest.raises(BadRequest, match="certificate request"):
        operator_ca(NOW).sign(CertificateRequest("SN-1", "operator").broken_pem, NOW)


def test_an_ocsp_response_is_told_from_nonsense() -> None:
    made, ca = CertificateRequest("SN-1", "operator"), operator_ca(NOW)
    question = ocsp_question(chain_of(signed(ca, made)))
    response = ca.ocsp_response(question, NOW)
    assert response is not None

    def read(result: str | None) -> str | None:
        told = {"status": "Accepted"} | ({} if result is None else {"ocspResult": result})
        return ocsp_answer(observed(CallResult("1", told, "GetCertificateStatus")))

    assert read(base64.b64encode(response).decode()) == f"successful for {question['serialNumber']}"
    assert (read("bm9uZQ=="), read("!"), read(None)) == ("no OCSP response", "no OCSP response", None)
