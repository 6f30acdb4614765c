"""SDP: octets of both sides, the client's patience, and the server's silence."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.v2g.sdp import (
    REQUEST_LIMIT,
    DiagStatus,
    SdpClient,
    SdpFault,
    SdpRequest,
    SdpRequestWireless,
    SdpResponse,
    SdpResponseWireless,
    Security,
    TransportProtocol,
    answer,
    decode,
    encode,
)
from harness.v2g.v2gtp import frame

HERE = IPv6Address("fe80::1")
TLS_REQUEST = bytes.fromhex("01fe9000000000020000")
PLAIN_REQUEST = bytes.fromhex("01fe9000000000021000")
BOTH = {Security.TLS: 50000, Security.NONE: 50001}


def test_request_for_tls_over_tcp_is_ten_octets() -> None:
    assert encode(SdpRequest()) == TLS_REQUEST
    assert decode(TLS_REQUEST) == SdpRequest(Security.TLS, TransportProtocol.TCP)


def test_response_is_28_octets() -> None:
    octets = encode(SdpResponse(HERE, 50000, Security.NONE))
    assert octets.hex() == "01fe900100000014" + "fe800000000000000000000000000001" + "c350" + "1000"
    assert decode(octets) == SdpResponse(HERE, 50000, Security.NONE)


def test_wireless_request_has_62_octets_of_payload() -> None:
    request = SdpRequestWireless(Security.TLS, TransportProtocol.TCP, 0x0102, 3, "WMIV1234567890ABCDEX", "DE*ABC*E1")
    octets = encode(request)
    assert octets[:13].hex() == "01fe90020000003e" + "0000" + "0102" + "03"
    assert len(octets) == 8 + 62
    assert decode(octets) == request


def test_wireless_response_has_59_octets_of_payload() -> None:
    response = SdpResponseWireless(HERE, 50000, 0, 0, DiagStatus.FINISHED_WITH_EVSEID, 3, "DE*ABC*E1")
    octets = encode(response)
    assert len(octets) == 8 + 59
    assert decode(octets) == response


def test_identifier_longer_than_its_field_is_our_error() -> None:
    with pytest.raises(ValueError, match="20 octets"):
        encode(SdpRequestWireless(0, 0, 0, 0, "x" * 21))


MALFORMED = [
    pytest.param(b"", "no V2GTP frame", id="empty"),
    pytest.param(b"\x02\xfd" + TLS_REQUEST[2:], "expected 0x01 0xFE", id="version"),
    pytest.param(frame(0x9000, b"\0"), "1 octets of payload, expected 2", id="length 1"),
    pytest.param(frame(0x9000, b"\0\0\0"), "3 octets of payload, expected 2", id="length 3"),
    pytest.param(frame(0x9000, b"\x01\0"), "security 0x01 is reserved", id="reserved security"),
    pytest.param(frame(0x9000, b"\0\x20"), "transport 0x20 is reserved", id="reserved transport"),
    pytest.param(frame(0x8001, b"\0\0"), "is not SDP", id="message type"),
    pytest.param(frame(0xA000, b"\0\0"), "is not SDP", id="manufacturer type"),
    pytest.param(frame(0x9002, b"\0\0\0\0\0" + b"\xff" * 57), "not ASCII", id="id"),
]


@pytest.mark.parametrize(("octets", "said"), MALFORMED)
def test_malformed_datagram_is_a_fault_with_a_reason(octets: bytes, said: str) -> None:
    fault = decode(octets)
    assert isinstance(fault, SdpFault)
    assert said in fault.reason


@pytest.mark.parametrize(("octets", "said"), MALFORMED)
def test_server_ignores_a_malformed_datagram(octets: bytes, said: str) -> None:
    assert said and answer(octets, HERE, BOTH) is None


def test_server_ignores_udp_requests_wireless_requests_and_other_servers() -> None:
    for other in (
        SdpRequest(transport=TransportProtocol.UDP),
        SdpRequestWireless(0, 0, 0, 0, "EV"),
        SdpResponse(HERE, 50000),
    ):
        assert answer(encode(other), HERE, BOTH) is None


@pytest.mark.parametrize(
    ("request_octets", "ports", "expected"),
    [
        (TLS_REQUEST, BOTH, SdpResponse(HERE, 50000, Security.TLS)),
        (PLAIN_REQUEST, BOTH, SdpResponse(HERE, 50001, Security.NONE)),
        (PLAIN_REQUEST, {Security.TLS: 50000}, SdpResponse(HERE, 50000, Security.TLS)),
        (TLS_REQUEST, {Security.NONE: 50001}, SdpResponse(HERE, 50001, Security.NONE)),
    ],
)
def test_server_announces_a_listener_that_exists_with_its_true_security(
    request_octets: bytes, ports: dict[Security, int], expected: SdpResponse
) -> None:
    octets = answer(request_octets, HERE, ports)
    assert octets is not None
    assert decode(octets) == expected


def test_server_that_listens_nowhere_is_silent() -> None:
    assert answer(TLS_REQUEST, HERE, {}) is None


def test_client_asks_every_250_ms_and_gives_up_after_50_requests() -> None:
    client, now, times = SdpClient(), 10.0, []
    while not client.given_up(now):
        assert client.due(now) == TLS_REQUEST
        times.append(now)
        assert client.due(now + 0.249) is None
        assert client.deadline is not None
        now = client.deadline
    assert times == [10.0 + 0.25 * n for n in range(REQUEST_LIMIT)]
    assert client.due(now) is None


def test_client_takes_responses_and_names_what_is_wrong_with_malformed_ones() -> None:
    client = SdpClient()
    assert client.hear(encode(SdpResponse(HERE, 50000))) == SdpResponse(HERE, 50000)
    assert isinstance(client.hear(frame(0x9001, bytes(19))), SdpFault)


def test_client_does_not_take_the_request_of_another_ev_for_an_answer() -> None:
    assert SdpClient().hear(TLS_REQUEST) is None


@given(st.binary(max_size=90))
def test_no_datagram_makes_client_or_server_stumble(octets: bytes) -> None:
    for datagram in (octets, frame(0x9000, octets), frame(0x9001, octets), frame(0x9003, octets)):
        SdpClient().hear(datagram)
        answer(datagram, HERE, BOTH)
