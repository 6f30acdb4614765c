"""Faults on octets: frames that are cut, bent or wrongly announced. A V2GTP header has eight octets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.fault.fault import Fault

_HEADER = 8


@dataclass(frozen=True)
class OnFrames(Fault):
    """Shape of all faults on the frames of certain message kinds."""

    kinds: tuple[type, ...]

    def on_octets(self, octets: bytes, message: Any) -> Sequence[bytes]:
        return self.bent(octets) if isinstance(message, self.kinds) else (octets,)

    def bent(self, octets: bytes) -> Sequence[bytes]:
        """The chunks that are written instead."""
        return (octets,)


@dataclass(frozen=True)
class Truncate(OnFrames):
    """Keeps the first `payload` octets after the header. With `honest` the header announces what is left."""

    payload: int
    honest: bool = True

    def bent(self, octets: bytes) -> Sequence[bytes]:
        kept = octets[_HEADER : _HEADER + self.payload]
        length = len(kept).to_bytes(4, "big") if self.honest else octets[4:_HEADER]
        return (octets[:4] + length + kept,)


@dataclass(frozen=True)
class Flip(OnFrames):
    """Inverts one bit of the payload, counted from its first; beyond the end nothing changes."""

    bit: int

    def bent(self, octets: bytes) -> Sequence[bytes]:
        place, mask = _HEADER + self.bit // 8, 0x80 >> self.bit % 8
        if place >= len(octets):
            return (octets,)
        return (octets[:place] + bytes([octets[place] ^ mask]) + octets[place + 1 :],)


@dataclass(frozen=True)
class Replace(OnFrames):
    """Sends something else altogether."""

    instead: bytes

    def bent(self, octets: bytes) -> Sequence[bytes]:  # noqa: ARG002
        return (self.instead,)


@dataclass(frozen=True)
class WrongVersion(OnFrames):
    """Writes other version octets."""

    version: int = 0x02
    inverse: int = 0xFD

    def bent(self, octets: bytes) -> Sequence[bytes]:
        return (bytes([self.version, self.inverse]) + octets[2:],)


@dataclass(frozen=True)
class WrongPayloadType(OnFrames):
    """Announces another payload type."""

    payload_type: int

    def bent(self, octets: bytes) -> Sequence[bytes]:
        return (octets[:2] + self.payload_type.to_bytes(2, "big") + octets[4:],)


@dataclass(frozen=True)
class WrongLength(OnFrames):
    """Announces a payload of another length than follows."""

    length: int

    def bent(self, octets: bytes) -> Sequence[bytes]:
        return (octets[:4] + self.length.to_bytes(4, "big") + octets[_HEADER:],)


@dataclass(frozen=True)
class Floods(OnFrames):
    """Sends an endless frame after the message: `octets` zeros in one go, announced with a length that holds them."""

    octets: int = 9 * 2**20

    def bent(self, octets: bytes) -> Sequence[bytes]:
        return (octets, octets[:4] + self.octets.to_bytes(4, "big") + bytes(self.octets))


@dataclass(frozen=True)
class Splits(OnFrames):
    """Writes the frame in pieces of `size` octets. Legal: receivers have to put them together."""

    size: int = 1

    def bent(self, octets: bytes) -> Sequence[bytes]:
        return [octets[place : place + self.size] for place in range(0, len(octets), self.size)]
