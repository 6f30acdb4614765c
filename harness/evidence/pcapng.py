"""A capture as a pcapng file with its TLS secrets inside: Wireshark and tshark decrypt it without any other file.

Blocks are written here because scapy writes no Decryption Secrets Block, and takes over a millisecond for each packet.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

from harness.evidence.frames import EthernetFrame, frames
from harness.link.capture import Capture

_SECTION, _INTERFACE, _SECRETS, _PACKET = 0x0A0D0D0A, 1, 10, 6
_ETHERNET = 1
_TLS_KEY_LOG = 0x544C534B
_COMMENT, _APPLICATION, _RESOLUTION = 1, 4, 9
_NANOSECONDS = 9
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTE = (
    "Octets, times, addresses and ports are those the harness's sockets moved. Handshakes and ends of TCP connections, "
    "acknowledgements, segment boundaries and MAC addresses are made up, as no packets were sniffed."
)


def pcapng(capture: Capture, wall: datetime, at: float = 0.0, *, comment: str = "") -> bytes:
    """The file's octets. `wall` is the time (with zone) at instant `at` of the case's clock (s); `comment` describes it."""
    base = _nanoseconds(wall) - round(at * 1e9)
    blocks = [_section(comment), _interface()]
    if capture.secrets:
        blocks.append(_secrets(capture.secrets))
    blocks += [_packet(frame, base) for frame in frames(capture)]
    return b"".join(blocks)


def _nanoseconds(wall: datetime) -> int:
    """Since 1970, exact: a float would lose what lies below a quarter of a microsecond."""
    return (wall - _EPOCH) // timedelta(microseconds=1) * 1000


def _section(comment: str) -> bytes:
    texts = [(_COMMENT, _NOTE), (_COMMENT, comment), (_APPLICATION, "v2x-harness")]
    options = [_option(code, text.encode()) for code, text in texts if text]
    return _block(_SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1), options)


def _interface() -> bytes:
    unlimited = 0
    return _block(
        _INTERFACE, struct.pack("<HHI", _ETHERNET, 0, unlimited), [_option(_RESOLUTION, bytes([_NANOSECONDS]))]
    )


def _secrets(lines: list[str]) -> bytes:
    """Before all packets, since readers decrypt in passing."""
    log = "".join(f"{line}\n" for line in dict.fromkeys(lines)).encode("ascii")
    return _block(_SECRETS, struct.pack("<II", _TLS_KEY_LOG, len(log)) + _padded(log))


def _packet(frame: EthernetFrame, base: int) -> bytes:
    time = base + round(frame.at * 1e9)
    length = len(frame.octets)
    head = struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, length, length)
    options = [_option(_COMMENT, frame.comment.encode())] if frame.comment else []
    return _block(_PACKET, head + _padded(frame.octets), options)


def _block(kind: int, body: bytes, options: list[bytes] | None = None) -> bytes:
    body += b"".join([*options, _option(0, b"")]) if options else b""
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(octets: bytes) -> bytes:
    return octets + b"\0" * (-len(octets) % 4)
