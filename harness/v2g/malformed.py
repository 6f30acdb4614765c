"""Frames that no sound EVCC sends: wrong headers around good messages, and good headers around broken EXI.

Everything starts from the octets of a sound frame, so that the one thing which is wrong is known and can be named.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from harness.v2g.v2gtp import HEADER_LENGTH, PayloadType, frame, header

_EXI_HEADER = 0x80
_CODE_BITS = 8
"""No document of the common messages has a wider first event code than these bits hold."""


class Malformed(NamedTuple):
    """Octets and, in words, what is wrong with them."""

    note: str
    octets: bytes


def bad_headers(sound: bytes) -> Iterator[Malformed]:
    """A sound payload behind headers that must not be followed; the length is right."""
    kind, body = _type_of(sound), sound[HEADER_LENGTH:]
    size = len(body)
    yield Malformed("V2GTP version 0x02", header(kind, size, version=0x02, inverse=0xFD) + body)
    yield Malformed("V2GTP inverse version 0x01", header(kind, size, inverse=0x01) + body)
    yield Malformed("reserved V2GTP payload type 0x8007", frame(0x8007, body))
    yield Malformed("V2GTP payload type of SDP in a session", frame(PayloadType.SDP_REQUEST, body))
    yield Malformed("manufacturer specific V2GTP payload type 0xA000", frame(0xA000, body))


def bad_lengths(sound: bytes) -> Iterator[Malformed]:
    """A sound payload behind a length that is not its own."""
    kind, body = _type_of(sound), sound[HEADER_LENGTH:]
    yield Malformed("V2GTP length 0 without payload", header(kind, 0))
    yield Malformed("V2GTP length 2^32-1", header(kind, 2**32 - 1) + body)
    yield Malformed("V2GTP length one octet above the payload, then silence", header(kind, len(body) + 1) + body)
    yield Malformed("V2GTP length one octet below the payload", header(kind, len(body) - 1) + body)


def broken_exi(sound: bytes) -> Iterator[Malformed]:
    """A sound header around EXI that cannot be decoded."""
    kind, body = _type_of(sound), sound[HEADER_LENGTH:]
    yield Malformed("EXI cut in the middle", frame(kind, body[: len(body) // 2]))
    yield Malformed("EXI header alone", frame(kind, body[:1]))
    yield Malformed("EXI header with other distinguishing bits", frame(kind, bytes([0x00]) + body[1:]))
    yield Malformed("escape code in place of the message", frame(kind, bytes([_EXI_HEADER, 0xFF]) + body[2:]))
    yield Malformed("unsigned integer that never ends", frame(kind, body[:3] + b"\xff" * len(body)))


def beyond_enumeration(low: bytes, high: bytes, note: str) -> Malformed:
    """From frames that differ in one enumeration alone: every bit in which they differ is set.

    Two members whose codes are complementary within their width give the code of all ones, which no enumeration with
    fewer members than its width can hold has.
    """
    return Malformed(note, bytes(a | b for a, b in zip(low, high, strict=True)))


def string_table_hit(sound: bytes, text: str) -> Malformed:
    """`text`, which the message carries, announced as a hit in a string table that holds nothing yet."""
    bits = "".join(f"{octet:08b}" for octet in sound)
    announced = f"{len(text) + 2:0{_CODE_BITS}b}"
    spelled = "".join(f"{ord(each):08b}" for each in text)
    at = bits.index(announced + spelled)
    hit = bits[:at] + "0" * _CODE_BITS + bits[at + _CODE_BITS :]
    octets = bytes(int(hit[start : start + 8], 2) for start in range(0, len(hit), 8))
    return Malformed("string as a hit in the empty local string table", octets)


def random_bodies(source: random.Random, kind: int, count: int) -> Iterator[Malformed]:
    """Sound headers around random octets that begin like EXI."""
    for number in range(1, count + 1):
        body = bytes([_EXI_HEADER]) + source.randbytes(source.randint(1, 400))
        yield Malformed(f"random EXI no. {number} ({len(body)} octets)", frame(kind, body))


def _type_of(sound: bytes) -> int:
    return int.from_bytes(sound[2:4], "big")
