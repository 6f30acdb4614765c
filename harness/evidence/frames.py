"""Ethernet frames around what sockets moved, so that tools which know only packets can read a capture.

The harness sees octets, times and addresses, not packets. Everything else here is made up, and only that: MAC addresses,
handshake and end of each TCP connection, acknowledgements, segment boundaries. Who speaks first counts as the TCP client,
as in every protocol the harness knows.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address

from harness.link.capture import Capture, Flow, Segment
from harness.link.transport import Address

IpAddress = IPv4Address | IPv6Address

_FIN, _SYN, _PSH, _ACK = 0x01, 0x02, 0x08, 0x10
_TCP, _UDP = 6, 17
_HOPS = 64
_WINDOW = 0xFFFF
_WINDOW_SCALE = 7
_ACKNOWLEDGE_AFTER = 2**15  # octets: well inside the window, so that no reader suspects a full one
_MTU = 1500
_MADE_UP = "made up: the harness saw octets, not packets"


@dataclass(frozen=True, slots=True)
class EthernetFrame:
    """One frame at `at` (s on the case's clock); `comment` marks what was made up as a whole."""

    at: float
    octets: bytes
    comment: str = ""


def frames(capture: Capture) -> Iterator[EthernetFrame]:
    """All segments of a capture as frames, in order; each TCP connection ends after its last segment."""
    last = {segment.flow: number for number, segment in enumerate(capture.segments)}
    conversations: dict[Flow, _TcpConversation] = {}
    for number, segment in enumerate(capture.segments):
        flow, at = segment.flow, segment.at
        if flow.kind == "udp":
            yield EthernetFrame(at, _datagram(segment))
            continue
        if flow not in conversations:
            conversations[flow] = _TcpConversation(flow)
            yield from _made_up(at, conversations[flow].open(segment.outbound))
        yield from (EthernetFrame(at, octets) for octets in conversations[flow].carry(segment))
        if number == last[flow]:
            yield from _made_up(at, conversations.pop(flow).end())


def _made_up(at: float, packets: Iterator[bytes]) -> Iterator[EthernetFrame]:
    return (EthernetFrame(at, octets, _MADE_UP) for octets in packets)


@dataclass(slots=True)
class _End:
    """One end of a conversation as frames name it, and what it has sent and seen acknowledged."""

    mac: bytes
    ip: IpAddress
    port: int
    sequence: int = 0
    unacknowledged: int = 0


def _ends(flow: Flow) -> tuple[_End, _End]:
    """Tester and peer. Their first sequence numbers differ by flow, so that no connection looks like another's rest."""
    ips = _same_family(_ip(flow.local), _ip(flow.remote))
    first = flow.number * 0x01000000
    tester = _End(b"\x02\0\0\0\0\x01", ips[0], flow.local.port, first % 2**32)
    peer = _End(_mac_of_peer(ips[1]), ips[1], flow.remote.port, (first + 0x800000) % 2**32)
    return tester, peer


def _mac_of_peer(ip: IpAddress) -> bytes:
    return b"\x33\x33" + ip.packed[-4:] if ip.is_multicast else b"\x02\0\0\0\0\x02"


def _ip(address: Address) -> IpAddress:
    """The address itself; for a host name one of the addresses kept for documentation, the same for the same name."""
    host = address.host.partition("%")[0]
    try:
        return ip_address(host)
    except ValueError:
        return IPv6Address(bytes.fromhex("20010db8") + hashlib.sha256(host.encode()).digest()[:12])


def _same_family(one: IpAddress, other: IpAddress) -> tuple[IpAddress, IpAddress]:
    if one.version == other.version:
        return one, other
    return _as_ipv6(one), _as_ipv6(other)


def _as_ipv6(ip: IpAddress) -> IPv6Address:
    return ip if isinstance(ip, IPv6Address) else IPv6Address(b"\0" * 10 + b"\xff\xff" + ip.packed)


@dataclass(slots=True)
class _TcpConversation:
    flow: Flow
    tester: _End = field(init=False)
    peer: _End = field(init=False)
    largest: int = field(init=False)

    def __post_init__(self) -> None:
        self.tester, self.peer = _ends(self.flow)
        self.largest = _MTU - 20 - (40 if self.tester.ip.version == 6 else 20)

    def open(self, tester_is_client: bool) -> Iterator[bytes]:
        client, server = self._directed(tester_is_client)
        options = struct.pack(">BBHBBBB", 2, 4, self.largest, 1, 3, 3, _WINDOW_SCALE)
        yield self._packet(client, server, _SYN, options=options)
        client.sequence = _after(client.sequence, 1)
        yield self._packet(server, client, _SYN | _ACK, options=options)
        server.sequence = _after(server.sequence, 1)
        yield self._packet(client, server, _ACK)

    def carry(self, segment: Segment) -> Iterator[bytes]:
        source, target = self._directed(segment.outbound)
        octets = segment.octets
        for start in range(0, len(octets), self.largest):
            part = octets[start : start + self.largest]
            flags = _ACK | (_PSH if start + self.largest >= len(octets) else 0)
            yield self._packet(source, target, flags, part)
            source.sequence = _after(source.sequence, len(part))
            source.unacknowledged += len(part)
            target.unacknowledged = 0
            if source.unacknowledged >= _ACKNOWLEDGE_AFTER:
                source.unacknowledged = 0
                yield self._packet(target, source, _ACK)

    def end(self) -> Iterator[bytes]:
        for source, target in ((self.tester, self.peer), (self.peer, self.tester)):
            yield self._packet(source, target, _FIN | _ACK)
            source.sequence = _after(source.sequence, 1)
        yield self._packet(self.tester, self.peer, _ACK)

    def _directed(self, outbound: bool) -> tuple[_End, _End]:
        return (self.tester, self.peer) if outbound else (self.peer, self.tester)

    def _packet(self, source: _End, target: _End, flags: int, payload: bytes = b"", options: bytes = b"") -> bytes:
        acknowledged = target.sequence if flags & _ACK else 0
        offset = (20 + len(options)) << 2
        window = _WINDOW
        ports = source.port, target.port
        head = struct.pack(">HHIIBBHHH", *ports, source.sequence, acknowledged, offset, flags, window, 0, 0)
        segment = head + options + payload
        checksum = _transport_checksum(source.ip, target.ip, _TCP, segment)
        return _ethernet(source, target, _TCP, segment[:16] + checksum.to_bytes(2, "big") + segment[18:])


def _after(sequence: int, octets: int) -> int:
    return (sequence + octets) % 2**32


def _datagram(segment: Segment) -> bytes:
    tester, peer = _ends(segment.flow)
    source, target = (tester, peer) if segment.outbound else (peer, tester)
    length = 8 + len(segment.octets)
    head = struct.pack(">HHH", source.port, target.port, length)
    checksum = _transport_checksum(source.ip, target.ip, _UDP, head + b"\0\0" + segment.octets) or 0xFFFF
    return _ethernet(source, target, _UDP, head + checksum.to_bytes(2, "big") + segment.octets)


def _ethernet(source: _End, target: _End, protocol: int, payload: bytes) -> bytes:
    if source.ip.version == 6:
        head = struct.pack(">IHBB", 6 << 28, len(payload), protocol, _HOPS) + source.ip.packed + target.ip.packed
        return target.mac + source.mac + b"\x86\xdd" + head + payload
    dont_fragment = 0x4000
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, dont_fragment, _HOPS, protocol, 0)
    head += source.ip.packed + target.ip.packed
    head = head[:10] + _checksum(head).to_bytes(2, "big") + head[12:]
    return target.mac + source.mac + b"\x08\x00" + head + payload


def _transport_checksum(source: IpAddress, target: IpAddress, protocol: int, octets: bytes) -> int:
    """Over the pseudo header of RFC 8200 8.1; that of IPv4 has other field widths and the same sum."""
    return _checksum(source.packed + target.packed + struct.pack(">II", len(octets), protocol) + octets)


def _checksum(octets: bytes) -> int:
    """The Internet checksum. The sum with end-around carry is the remainder by 65535, which Python takes at once."""
    total = int.from_bytes(octets + b"\0" * (len(octets) % 2), "big") % 0xFFFF or 0xFFFF
    return ~total & 0xFFFF
