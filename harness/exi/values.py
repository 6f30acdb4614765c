"""Values of simple types: each kind becomes a pair of functions, value to bits and bits to value (EXI 1.0, chapter 7).

Facets that the bits do not carry (lengths, ranges) are checked in both directions. This module knows no elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.declare import BinaryKind, BooleanKind, EnumerationKind, IntegerKind, SimpleKind, StringKind
from harness.exi.bits import BITS_OCTET, OCTET_BITS, Fault, code, code_width, listing, to_bits, truncated

LARGEST_TABLE = 4096  # integer types with at most so many values are n-bit codes
LONG_GROUPS = 10  # 7-bit groups of the largest unsignedLong; redundant zero groups may fill them up
INTEGER_GROUPS = 147  # groups granted to integers without bounds: 1029 bits, serial numbers need some 160
INTEGER_LIMIT = 2**1024
ONE_GROUP = {bits: octet for bits, octet in BITS_OCTET.items() if octet < 0x80}
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Encode = Callable[[Any], str]
Decode = Callable[[str, int], tuple[Any, int]]


@dataclass(frozen=True, slots=True)
class Values:
    """How the values of one simple type become bits and come back.

    `empty` is what an element without any content stands for, None where that is not a value of the type.
    """

    encode: Encode
    decode: Decode
    empty: Any = None


def values_of(kind: SimpleKind) -> Values:
    """The pair of functions for a kind."""
    match kind:
        case BooleanKind():
            return _table({False: "0", True: "1"}, bool, "true or false")
        case EnumerationKind(members):
            width = code_width(len(members))
            codes = {member: code(index, width) for index, member in enumerate(members)}
            return _table(codes, members, f"{members.__name__} ({listing(str(m.value) for m in members)})")
        case IntegerKind(minimum, maximum):
            return _integers(minimum, maximum)
        case StringKind(maximum):
            return _strings(maximum)
        case BinaryKind(minimum, longest, _):
            return _binaries(minimum, longest)


def wrong_type(value: object, expected: str) -> Fault:
    """The fault of a value of another Python type than declared."""
    return Fault(f"{type(value).__name__} {value!r:.80} is not of the declared type", expected=expected)


def _table(codes: dict[Any, str], python: type, expected: str) -> Values:
    """Few values, each with its code of fixed width."""
    back = {bits: value for value, bits in codes.items()}
    width = len(next(iter(back)))

    def encode(value: Any) -> str:
        if type(value) is not python or value not in codes:
            raise wrong_type(value, expected) if type(value) is not python else _outside(value, expected)
        return codes[value]

    def decode(bits: str, at: int) -> tuple[Any, int]:
        end = at + width
        piece = bits[at:end]
        value = back.get(piece)
        if value is None:
            if len(piece) < width:
                raise truncated(bits, at, expected)
            raise Fault(f"code {int(piece, 2)} stands for no value", expected=expected, bit=at)
        return value, end

    return Values(encode, decode)


def _outside(value: object, expected: str) -> Fault:
    return Fault(f"{value!r:.80} is out of range", expected=expected)


def _integers(minimum: int | None, maximum: int | None) -> Values:
    """An integer type; its bounds decide between n-bit code, Unsigned Integer and Integer."""
    if minimum is not None and maximum is not None and maximum - minimum < LARGEST_TABLE:
        width = code_width(maximum - minimum + 1)
        codes = {value: code(value - minimum, width) for value in range(minimum, maximum + 1)}
        return _table(codes, int, f"{minimum}..{maximum}")
    if minimum is not None and minimum >= 0:
        return _unsigned(minimum, maximum)
    return _signed(minimum, maximum)


def _unsigned(minimum: int, maximum: int | None) -> Values:
    highest = INTEGER_LIMIT - 1 if maximum is None else maximum
    groups = INTEGER_GROUPS if maximum is None else LONG_GROUPS
    expected = f"{minimum}..{highest}"

    def encode(value: Any) -> str:
        if type(value) is not int:
            raise wrong_type(value, expected)
        if not minimum <= value <= highest:
            raise _outside(value, expected)
        return write_unsigned(value)

    def decode(bits: str, at: int) -> tuple[int, int]:
        value, end = read_unsigned(bits, at, groups)
        if not minimum <= value <= highest:
            raise Fault(f"{value} is out of range", expected=expected, bit=at)
        return value, end

    return Values(encode, decode)


def _signed(minimum: int | None, maximum: int | None) -> Values:
    lowest = -INTEGER_LIMIT if minimum is None else minimum
    highest = INTEGER_LIMIT - 1 if maximum is None else maximum
    groups = INTEGER_GROUPS if minimum is None or maximum is None else LONG_GROUPS
    expected = f"{minimum}..{maximum}" if maximum is not None else "an integer of at most 1024 bits"

    def encode(value: Any) -> str:
        if type(value) is not int:
            raise wrong_type(value, expected)
        if not lowest <= value <= highest:
            raise _outside(value, expected)
        return "0" + write_unsigned(value) if value >= 0 else "1" + write_unsigned(-value - 1)

    def decode(bits: str, at: int) -> tuple[int, int]:
        end = at + 9
        magnitude = ONE_GROUP.get(bits[at + 1 : end])
        if magnitude is None:
            magnitude, end = read_unsigned(bits, at + 1, groups)
        value = magnitude if bits[at] == "0" else -magnitude - 1
        if not lowest <= value <= highest:
            raise Fault(f"{value} is out of range", expected=expected, bit=at)
        return value, end

    return Values(encode, decode)


def write_unsigned(value: int) -> str:
    """Unsigned Integer: groups of 7 bits, lowest first, a leading 1 on all but the last."""
    if value < 0x80:
        return OCTET_BITS[value]
    pieces = []
    while value >= 0x80:
        pieces.append(OCTET_BITS[value & 0x7F | 0x80])
        value >>= 7
    pieces.append(OCTET_BITS[value])
    return "".join(pieces)


def read_unsigned(bits: str, at: int, groups: int = LONG_GROUPS) -> tuple[int, int]:
    """Read an Unsigned Integer of at most `groups` groups."""
    start, value, shift = at, 0, 0
    while True:
        octet = BITS_OCTET.get(bits[at : at + 8])
        if octet is None:
            raise truncated(bits, start, "an unsigned integer")
        at += 8
        if octet < 0x80:
            return value | octet << shift, at
        value |= (octet & 0x7F) << shift
        shift += 7
        if shift >= 7 * groups:
            raise Fault("the integer does not end", expected=f"at most {groups} groups of 7 bits", bit=start)


def _strings(maximum: int | None) -> Values:
    expected = "a string" if maximum is None else f"a string of at most {maximum} characters"

    def encode(value: Any) -> str:
        if type(value) is not str:
            raise wrong_type(value, expected)
        if maximum is not None and len(value) > maximum:
            raise Fault(f"the string has {len(value)} characters", expected=expected)
        _check_characters(value, None)
        return write_unsigned(len(value) + 2) + write_characters(value)

    def decode(bits: str, at: int) -> tuple[str, int]:
        count, start = read_unsigned(bits, at)
        if count < 2:
            raise Fault("a hit in the string table", expected="a literal string (length + 2)", bit=at)
        if maximum is not None and count - 2 > maximum:
            raise Fault(f"the string has {count - 2} characters", expected=expected, bit=at)
        value, end = read_characters(bits, start, count - 2)
        _check_characters(value, start)
        return value, end

    return Values(encode, decode, empty="")


def _check_characters(value: str, bit: int | None) -> None:
    """XML knows no control characters except tab, line feed and carriage return, and no surrogates."""
    if value.isascii() and value.isprintable():
        return
    found = NOT_XML.search(value)
    if found:
        raise Fault(f"character U+{ord(found[0]):04X} does not exist in XML", expected="XML characters", bit=bit)


def write_characters(value: str) -> str:
    """The code points of a string, each an Unsigned Integer."""
    if value.isascii():
        return to_bits(value.encode("ascii"))
    return "".join([write_unsigned(ord(character)) for character in value])


def read_characters(bits: str, at: int, count: int) -> tuple[str, int]:
    """Read `count` code points."""
    end = at + 8 * count
    if end > len(bits):
        raise Fault(f"{count} characters do not fit into the rest of the stream", expected="a string", bit=at)
    octets = _octets(bits, at, count)
    if octets.isascii():
        return octets.decode("ascii"), end
    characters = []
    for _ in range(count):
        point, following = read_unsigned(bits, at)
        if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
            raise Fault(f"code point {point:X} is no character", expected="a Unicode character", bit=at)
        characters.append(chr(point))
        at = following
    return "".join(characters), at


def _octets(bits: str, at: int, count: int) -> bytes:
    """`count` octets at any bit position; the caller has checked that they are there."""
    return int(bits[at : at + 8 * count], 2).to_bytes(count, "big") if count else b""


def _binaries(minimum: int, maximum: int | None) -> Values:
    expected = "octets"
    if maximum is not None:
        expected = f"{maximum} octets" if minimum == maximum else f"{minimum}..{maximum} octets"

    def check(count: int, bit: int | None) -> None:
        if count < minimum or (maximum is not None and count > maximum):
            raise Fault(f"the value has {count} octets", expected=expected, bit=bit)

    def encode(value: Any) -> str:
        if type(value) is not bytes:
            raise wrong_type(value, expected)
        check(len(value), None)
        return write_unsigned(len(value)) + to_bits(value)

    def decode(bits: str, at: int) -> tuple[bytes, int]:
        count, start = read_unsigned(bits, at)
        check(count, at)
        end = start + 8 * count
        if end > len(bits):
            raise Fault(f"{count} octets do not fit into the rest of the stream", expected=expected, bit=at)
        return _octets(bits, start, count), end

    return Values(encode, decode, empty=b"" if minimum == 0 else None)
