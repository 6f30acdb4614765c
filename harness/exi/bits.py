"""Bits as text: a stream is a string of 0 and 1, a position an index into it.

Slices of a string and look-ups in tables of short strings are the fastest bit operations plain Python has, every code
of a grammar becomes a dictionary key, and nothing is shifted through a growing integer. This module knows bits only.
"""

from __future__ import annotations

from collections.abc import Iterable

OCTET_BITS = tuple(f"{octet:08b}" for octet in range(256))
BITS_OCTET = {bits: octet for octet, bits in enumerate(OCTET_BITS)}


class Fault(Exception):
    """A deviation found deep inside a stream or a value; each level on the way out adds its name to the path.

    It never leaves this package: the codec turns it into a `CodecError`.
    """

    def __init__(self, message: str, *, expected: str = "", bit: int | None = None) -> None:
        super().__init__(message)
        self.message, self.expected, self.bit = message, expected, bit
        self.path: list[str] = []

    def inside(self, label: str) -> Fault:
        """The same fault, seen from one level further out."""
        self.path.insert(0, label)
        return self


def to_bits(octets: bytes) -> str:
    """The bits of octets, most significant first."""
    return bin(int.from_bytes(b"\x01" + octets, "big"))[3:]


def to_octets(bits: str) -> bytes:
    """Octets from bits, the last one filled with zeros."""
    padded = bits + "0" * (-len(bits) % 8)
    return int(padded, 2).to_bytes(len(padded) // 8, "big") if padded else b""


def code_width(count: int) -> int:
    """Bits needed to number `count` things: the smallest w with 2^w >= count."""
    return (count - 1).bit_length()


def code(value: int, width: int) -> str:
    """`value` in exactly `width` bits; nothing for a width of 0."""
    return f"{value:0{width}b}" if width else ""


def truncated(bits: str, at: int, expected: str) -> Fault:
    """The fault of a stream that ends inside an item."""
    start = min(at, len(bits))
    return Fault(f"the stream ends {len(bits) - start} bits into an item", expected=expected, bit=start)


def listing(names: Iterable[str], limit: int = 8) -> str:
    """Names for an error message, shortened when there are many."""
    all_names = list(names)
    shown = ", ".join(all_names[:limit])
    return shown if len(all_names) <= limit else f"{shown} and {len(all_names) - limit} more"
