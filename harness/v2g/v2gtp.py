"""V2GTP: the eight octets in front of every V2G message, and how to find frames again in a stream (ISO 15118-20, 7.8.3).

    0        1        2        4                8
    version  inverse  type     length           payload ...        all numbers big endian
    0x01     0xFE                               `length` octets

What a peer sends wrong is a value (`V2gtpFault`), never an exception. This module knows no message: the payload type
alone decides which schema reads the payload (`schema_of`), and an unknown type is not judged here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

VERSION = 0x01
INVERSE = 0xFE
HEADER_LENGTH = 8
PAYLOAD_LIMIT = 2**20
"""Octets of payload a reader takes by default: far above any legal message, far below what hurts."""

_HEADER = struct.Struct(">BBHI")


class PayloadType(IntEnum):
    """The payload types of ISO 15118-20 and its Amendment 1 (the two AC_DER ones). What is not here is reserved or free."""

    APP_PROTOCOL = 0x8001  # SupportedAppProtocol, and all traffic of DIN SPEC 70121 and ISO 15118-2
    COMMON_MESSAGES = 0x8002
    AC = 0x8003
    DC = 0x8004
    ACDP = 0x8005
    WPT = 0x8006
    AC_DER_IEC = 0x8010
    AC_DER_SAE = 0x8011
    SCHEDULE_RENEGOTIATION = 0x8101
    METERING_CONFIRMATION = 0x8102
    ACDP_SYSTEM_STATUS = 0x8103
    PARKING_STATUS = 0x8104
    SDP_REQUEST = 0x9000
    SDP_RESPONSE = 0x9001
    SDP_REQUEST_WIRELESS = 0x9002
    SDP_RESPONSE_WIRELESS = 0x9003


SIDE_STREAMS = frozenset(range(0x8101, 0x8105))
"""Types whose exchange runs beside the charge loop, on the same connection."""

MANUFACTURER_SPECIFIC = range(0xA000, 0x10000)
"""Types that a maker may use as it likes; nobody guarantees that they are unique."""

MAIN_STREAM = {
    "AppProtocol": PayloadType.APP_PROTOCOL,
    "CommonMessages": PayloadType.COMMON_MESSAGES,
    "AC": PayloadType.AC,
    "DC": PayloadType.DC,
    "ACDP": PayloadType.ACDP,
    "WPT": PayloadType.WPT,
    "AC_DER_IEC": PayloadType.AC_DER_IEC,
    "AC_DER_SAE": PayloadType.AC_DER_SAE,
}
"""EXI schema name to the type that carries its messages in the main stream."""

_SCHEMAS: dict[int, str] = {int(payload_type): name for name, payload_type in MAIN_STREAM.items()} | {
    PayloadType.SCHEDULE_RENEGOTIATION: "CommonMessages",
    PayloadType.METERING_CONFIRMATION: "CommonMessages",
    PayloadType.ACDP_SYSTEM_STATUS: "ACDP",
    PayloadType.PARKING_STATUS: "CommonMessages",
}


def schema_of(payload_type: int) -> str | None:
    """The name of the EXI schema that reads a payload of this type; None for SDP and for types that carry no message."""
    return _SCHEMAS.get(payload_type)


def name_of(payload_type: int) -> str:
    """The type in words, for reports: ``DC (0x8004)``, ``reserved (0x8007)``, ``manufacturer specific (0xA000)``."""
    if payload_type in MANUFACTURER_SPECIFIC:
        name = "manufacturer specific"
    else:
        name = PayloadType(payload_type).name if payload_type in set(PayloadType) else "reserved"
    return f"{name} (0x{payload_type:04X})"


@dataclass(frozen=True, slots=True)
class V2gtpFrame:
    """A complete frame with a sound header. `octets` are those of the wire, header included."""

    payload_type: int
    payload: bytes
    octets: bytes


@dataclass(frozen=True, slots=True)
class V2gtpFault:
    """A frame whose header breaks the rules; `reason` says how, with what was expected.

    `octets` are those of the wire: the whole frame, or the header alone when the announced length is above the limit.
    """

    reason: str
    octets: bytes

    def __str__(self) -> str:
        return self.reason


def header(payload_type: int, length: int, *, version: int = VERSION, inverse: int = INVERSE) -> bytes:
    """The eight octets of a header; any value that fits its field is taken, so that wrong headers can be made too."""
    return _HEADER.pack(version, inverse, payload_type, length)


def frame(payload_type: int, payload: bytes) -> bytes:
    """A payload with its header, ready for the wire."""
    return header(payload_type, len(payload)) + payload


def parse_datagram(octets: bytes) -> V2gtpFrame | V2gtpFault:
    """The one frame that fills a datagram exactly, as SDP sends it."""
    if len(octets) < HEADER_LENGTH:
        return V2gtpFault(f"{len(octets)} octets are no V2GTP frame, expected at least {HEADER_LENGTH}", octets)
    length = _HEADER.unpack_from(octets)[3]
    if reason := _version_fault(octets):
        return V2gtpFault(reason, octets)
    if length != len(octets) - HEADER_LENGTH:
        reason = f"the header announces {length} octets of payload, the datagram has {len(octets) - HEADER_LENGTH}"
        return V2gtpFault(reason, octets)
    return _frame_of(octets)


class Reassembler:
    """Finds the frames in a stream, however it is cut into segments.

    A frame with a wrong version comes out as a fault as soon as it is complete, for its length still tells where the
    next one begins. A frame announced longer than `limit` comes out as a fault at once; its payload is counted off
    without being kept. At most `limit` octets and a header are ever held.
    """

    def __init__(self, limit: int = PAYLOAD_LIMIT) -> None:
        self.limit = limit
        self._held = bytearray()
        self._to_skip = 0

    @property
    def rest(self) -> bytes:
        """The incomplete frame held back."""
        return bytes(self._held)

    def feed(self, octets: bytes) -> list[V2gtpFrame | V2gtpFault]:
        """Take octets as they came; returns the frames and faults that they complete, in order."""
        found: list[V2gtpFrame | V2gtpFault] = []
        view = memoryview(octets)
        while view or self._can_take_next():
            view = self._absorb(view)
            if (item := self._take_next()) is not None:
                found.append(item)
        return found

    def _absorb(self, view: memoryview) -> memoryview:
        """Take what the current frame still needs, and no more; returns what is left."""
        skipped = min(self._to_skip, len(view))
        self._to_skip -= skipped
        view = view[skipped:]
        wanted = max(self._wanted(), 0)
        self._held += view[:wanted]
        return view[wanted:]

    def _wanted(self) -> int:
        """Octets missing: to the end of the header first, then to the end of the frame (or 0 if that is too long)."""
        if len(self._held) < HEADER_LENGTH:
            return HEADER_LENGTH - len(self._held)
        length = self._length()
        return 0 if length > self.limit else HEADER_LENGTH + length - len(self._held)

    def _length(self) -> int:
        return int(_HEADER.unpack_from(self._held)[3])

    def _can_take_next(self) -> bool:
        return len(self._held) >= HEADER_LENGTH and self._wanted() == 0

    def _take_next(self) -> V2gtpFrame | V2gtpFault | None:
        if not self._can_take_next():
            return None
        octets = bytes(self._held)
        self._held.clear()
        length = _HEADER.unpack_from(octets)[3]
        too_long = length > self.limit
        self._to_skip = length if too_long else 0
        reasons = [_version_fault(octets)]
        if too_long:
            reasons.append(f"the header announces {length} octets of payload, more than the {self.limit} taken here")
        reason = "; ".join(filter(None, reasons))
        return V2gtpFault(reason, octets) if reason else _frame_of(octets)


def _version_fault(octets: bytes) -> str:
    version, inverse = octets[0], octets[1]
    if (version, inverse) == (VERSION, INVERSE):
        return ""
    return f"V2GTP version octets are 0x{version:02X} 0x{inverse:02X}, expected 0x{VERSION:02X} 0x{INVERSE:02X}"


def _frame_of(octets: bytes) -> V2gtpFrame:
    return V2gtpFrame(_HEADER.unpack_from(octets)[2], octets[HEADER_LENGTH:], octets)
