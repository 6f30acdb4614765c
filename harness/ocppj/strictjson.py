"""JSON as OCPP-J needs it: nothing is lost or guessed, and no text of a peer can exhaust or crash its reader.

Beyond Python's reader this one notices names that appear twice, numbers beyond a double, escapes that are half a character,
deep nesting and sheer size. Whole numbers come out as `int`, others as the `float` nearest to what was written, which is
what every peer computes with. Nothing is rounded further: the shortest text of that float is the number as written, up to
15 significant digits (`exact` gives it as a Decimal), and it is what `write_json` writes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from math import isinf
from typing import Any

from harness.errors import CodecError

LARGEST = 4 * 2**20
"""Characters (or octets) of a message that are read: far above the largest report a station sends."""
DEEPEST = 64
"""Levels of nesting that are read; OCPP itself needs about ten."""
_LONGEST_INTEGER = 100
"""Digits of a whole number that are read; OCPP knows nothing beyond 32 bits."""


class JsonFault(Exception):
    """Text that is no acceptable JSON; raised and caught within this package only."""

    def __init__(self, reason: str, expected: str, path: str = "$") -> None:
        self.reason, self.expected, self.path = reason, expected, path
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Json:
    """What a text holds. `fault` is what is wrong with its content although it could be read to the end."""

    value: Any
    fault: JsonFault | None = None


def read_json(text: str | bytes) -> Json:
    """Read one JSON text; raises `JsonFault` when it cannot be read."""
    if len(text) > LARGEST:
        raise JsonFault(f"the message has {len(text)} octets", f"at most {LARGEST}")
    if isinstance(text, bytes):
        text = _decoded(text)
    _check_depth(text)
    return _Reader().read(text)


def write_json(value: Any) -> str:
    """Compact JSON text; raises `CodecError` for what JSON cannot hold.

    A `Decimal` is written as the number it is, if a double keeps it.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise CodecError(
            f"JSON cannot hold this: {error}", expected="objects, lists, strings, finite numbers"
        ) from error
    return text


def exact(number: int | float) -> Decimal:
    """The number as it was written: 21.4 is twenty-one and four tenths, not the nearest binary fraction."""
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def _plain(value: Any) -> float:
    if isinstance(value, Decimal) and exact(float(value)) == value:
        return float(value)
    raise TypeError(f"{value!r} is no JSON value, or no number that a double keeps")


class _Reader:
    """Reads one text and remembers the first thing that is wrong with its content."""

    def __init__(self) -> None:
        self.fault: JsonFault | None = None

    def read(self, text: str) -> Json:
        try:
            value = json.loads(
                text,
                object_pairs_hook=self._object,
                parse_float=self._float,
                parse_int=self._int,
                parse_constant=self._constant,
            )
        except json.JSONDecodeError as error:
            raise JsonFault(f"no JSON ({error.msg} at character {error.pos})", "one JSON list") from error
        if _HALF_CHARACTER.search(text):
            self._check_characters(value)
        return Json(value, self.fault)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            names = [name for name, _value in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            self._remember(f"an object has the name {twice[:60]!r} twice", "every name once")
        return members

    def _float(self, text: str) -> float:
        number = float(text)
        if isinf(number):
            self._remember(f"the number {_cut(text)} is beyond a double", "at most about 1.8e308")
            return 0.0
        return number

    def _int(self, text: str) -> int:
        if len(text) > _LONGEST_INTEGER:
            self._remember(f"a whole number has {len(text)} digits", "32 bits")
            return 0
        return int(text)

    def _constant(self, name: str) -> float:
        raise JsonFault(f"no JSON ({name} is no number of JSON)", "finite numbers")

    def _check_characters(self, value: Any) -> None:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise JsonFault("an escape stands for half a character", "both halves of a surrogate pair") from error

    def _remember(self, reason: str, expected: str) -> None:
        self.fault = self.fault or JsonFault(reason, expected)


_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


def _check_depth(text: str) -> None:
    """Before reading: the reader itself would go as deep as it is led."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST:
            raise JsonFault(f"more than {DEEPEST} levels of nesting", f"at most {DEEPEST} levels")


def _decoded(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        raise JsonFault(f"no UTF-8 ({error.reason} at octet {error.start})", "UTF-8") from error


def _cut(text: str, longest: int = 40) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."
