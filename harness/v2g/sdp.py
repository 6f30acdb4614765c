"""SDP: how an EV finds the address of the SECC on its cable (ISO 15118-20, 7.10.1).

The EV asks all nodes by multicast, every 250 ms, at most 50 times; the SECC answers to the sender. This module holds the
messages, the client (what to send when, which datagrams count) and the server's answer. It opens no socket, and time is
an argument. A malformed datagram is a value (`SdpFault`); a server ignores it silently, as the standard wants.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from ipaddress import IPv6Address

from harness.v2g.v2gtp import PayloadType, V2gtpFault, frame, name_of, parse_datagram

SERVER_PORT = 15118
ALL_NODES = "ff02::1"
REPEAT_AFTER = 0.25
"""Seconds an EV waits for an answer before it asks again."""
REQUEST_LIMIT = 50
"""Requests of one discovery; afterwards the EV gives up."""
DYNAMIC_PORTS = range(49152, 65536)
"""TCP ports an SECC may announce, and UDP ports an EV asks from."""

_EVID_LENGTH = 20
_EVSEID_LENGTH = 37


class Security(IntEnum):
    """What the listener speaks; every other value is reserved."""

    TLS = 0x00
    NONE = 0x10


class TransportProtocol(IntEnum):
    """TCP is the only one in use; UDP is reserved and every other value undefined."""

    TCP = 0x00
    UDP = 0x10


class DiagStatus(IntEnum):
    """State of the pairing that a wireless response reports."""

    ONGOING = 0x00
    FINISHED_WITH_EVSEID = 0x01
    FINISHED_WITHOUT_EVSEID = 0x02
    ERROR = 0x10


@dataclass(frozen=True, slots=True)
class SdpRequest:
    """Payload 0x9000, 2 octets. Reserved values can be written (to provoke), never read."""

    security: int = Security.TLS
    transport: int = TransportProtocol.TCP


@dataclass(frozen=True, slots=True)
class SdpResponse:
    """Payload 0x9001, 20 octets: where the SECC listens and what it speaks there."""

    address: IPv6Address
    port: int
    security: int = Security.TLS
    transport: int = TransportProtocol.TCP


@dataclass(frozen=True, slots=True)
class SdpRequestWireless:
    """Payload 0x9002, 62 octets. `positioning` is the P2PS/PPD bit field; ids are ASCII, padded with zero octets."""

    security: int
    transport: int
    positioning: int
    coupling_type: int
    evid: str
    evseid: str = ""


@dataclass(frozen=True, slots=True)
class SdpResponseWireless:
    """Payload 0x9003, 59 octets."""

    address: IPv6Address
    port: int
    security: int
    transport: int
    diag_status: int
    coupling_type: int
    evseid: str = ""


@dataclass(frozen=True, slots=True)
class SdpFault:
    """A datagram that is no SDP message; `reason` is a sentence with what was expected."""

    reason: str
    octets: bytes

    def __str__(self) -> str:
        return self.reason


SdpMessage = SdpRequest | SdpResponse | SdpRequestWireless | SdpResponseWireless

_REQUEST = struct.Struct(">BB")
_RESPONSE = struct.Struct(">16sHBB")
_REQUEST_WIRELESS = struct.Struct(f">BBHB{_EVID_LENGTH}s{_EVSEID_LENGTH}s")
_RESPONSE_WIRELESS = struct.Struct(f">16sHBBBB{_EVSEID_LENGTH}s")
_LAYOUTS = {
    PayloadType.SDP_REQUEST: _REQUEST,
    PayloadType.SDP_RESPONSE: _RESPONSE,
    PayloadType.SDP_REQUEST_WIRELESS: _REQUEST_WIRELESS,
    PayloadType.SDP_RESPONSE_WIRELESS: _RESPONSE_WIRELESS,
}


def encode(message: SdpMessage) -> bytes:
    """The datagram, V2GTP header included. Ids longer than their field raise `ValueError`."""
    match message:
        case SdpRequest(security, transport):
            return frame(PayloadType.SDP_REQUEST, _REQUEST.pack(security, transport))
        case SdpResponse(address, port, security, transport):
            return frame(PayloadType.SDP_RESPONSE, _RESPONSE.pack(address.packed, port, security, transport))
        case SdpRequestWireless(security, transport, positioning, coupling, evid, evseid):
            ids = _ascii(evid, _EVID_LENGTH), _ascii(evseid, _EVSEID_LENGTH)
            payload = _REQUEST_WIRELESS.pack(security, transport, positioning, coupling, *ids)
            return frame(PayloadType.SDP_REQUEST_WIRELESS, payload)
        case SdpResponseWireless(address, port, security, transport, status, coupling, evseid):
            fields = address.packed, port, security, transport, status, coupling, _ascii(evseid, _EVSEID_LENGTH)
            return frame(PayloadType.SDP_RESPONSE_WIRELESS, _RESPONSE_WIRELESS.pack(*fields))


def decode(octets: bytes) -> SdpMessage | SdpFault:
    """The message in a datagram, or what is wrong with it. Reserved values of security and transport are faults."""
    seen = parse_datagram(octets)
    if isinstance(seen, V2gtpFault):
        return SdpFault(seen.reason, octets)
    layout = _LAYOUTS.get(PayloadType(seen.payload_type)) if seen.payload_type in set(PayloadType) else None
    if layout is None:
        return SdpFault(f"payload type {name_of(seen.payload_type)} is not SDP", octets)
    if len(seen.payload) != layout.size:
        reason = f"{name_of(seen.payload_type)} with {len(seen.payload)} octets of payload, expected {layout.size}"
        return SdpFault(reason, octets)
    try:
        message = _message(PayloadType(seen.payload_type), layout.unpack(seen.payload))
    except UnicodeDecodeError:
        return SdpFault("an EVID or EVSEID is not ASCII", octets)
    reason = _reserved(message)
    return SdpFault(reason, octets) if reason else message


def _message(payload_type: PayloadType, fields: tuple[object, ...]) -> SdpMessage:
    match payload_type, fields:
        case PayloadType.SDP_REQUEST, (int(security), int(transport)):
            return SdpRequest(security, transport)
        case PayloadType.SDP_RESPONSE, (bytes(address), int(port), int(security), int(transport)):
            return SdpResponse(IPv6Address(address), port, security, transport)
        case PayloadType.SDP_REQUEST_WIRELESS, (int(s), int(t), int(positioning), int(c), bytes(evid), bytes(evseid)):
            return SdpRequestWireless(s, t, positioning, c, _text(evid), _text(evseid))
        case _, (bytes(address), int(port), int(s), int(t), int(status), int(c), bytes(evseid)):
            return SdpResponseWireless(IPv6Address(address), port, s, t, status, c, _text(evseid))
    raise AssertionError(f"no layout for {payload_type!r}")


def _reserved(message: SdpMessage) -> str:
    if message.security not in set(Security):
        return f"security 0x{message.security:02X} is reserved, expected 0x00 (TLS) or 0x10 (none)"
    if message.transport not in set(TransportProtocol):
        return f"transport 0x{message.transport:02X} is reserved, expected 0x00 (TCP)"
    return ""


def _ascii(text: str, length: int) -> bytes:
    octets = text.encode("ascii")
    if len(octets) > length:
        raise ValueError(f"{text!r} is longer than the {length} octets of its field")
    return octets.ljust(length, b"\0")


def _text(octets: bytes) -> str:
    return octets.rstrip(b"\0").decode("ascii")


@dataclass(slots=True)
class SdpClient:
    """One discovery by an EV. The shell sends what `due` gives, waits until `deadline`, and shows `hear` what came.

    An answer to an earlier request counts as well as one to the last: SDP has no transaction numbers.
    """

    request: SdpRequest = field(default_factory=SdpRequest)
    repeat_after: float = REPEAT_AFTER
    limit: int = REQUEST_LIMIT
    sent: int = 0
    deadline: float | None = None

    def due(self, now: float) -> bytes | None:
        """The request to send now, or None when it is not yet time or all requests are spent."""
        if self.sent >= self.limit or (self.deadline is not None and now < self.deadline):
            return None
        self.sent += 1
        self.deadline = now + self.repeat_after
        return encode(self.request)

    def given_up(self, now: float) -> bool:
        """All requests were sent and the last one had its time."""
        return self.sent >= self.limit and self.deadline is not None and now >= self.deadline

    def hear(self, octets: bytes) -> SdpResponse | SdpFault | None:
        """The answer in a datagram; a fault when a response is malformed; None for what others say to each other."""
        seen = decode(octets)
        if isinstance(seen, SdpResponse | SdpFault):
            return seen
        return None


def answer(octets: bytes, address: IPv6Address, ports: Mapping[Security, int]) -> bytes | None:
    """What an SECC that listens at `address` sends back to a datagram; None for silence.

    `ports` says on which port each kind of listener really is. The EV gets the security it asked for if there is such a
    listener, else the other one with its true security octet; the EV may then decline. Only well-formed wired requests
    for TCP are answered.
    """
    request = decode(octets)
    if not isinstance(request, SdpRequest) or request.transport != TransportProtocol.TCP or not ports:
        return None
    wanted = Security(request.security)
    offered = wanted if wanted in ports else next(iter(ports))
    return encode(SdpResponse(address, ports[offered], offered))
