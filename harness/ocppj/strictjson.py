"""JSON as OCPP-J needs it: nothing is lost or guessed, and no text of a peer can exhaust or crash its reader.

Beyond Python's reader this one notices names that appear twice, numbers beyond a double, escapes that are half a character,
deep nesting and sheer size. Whole numbers come out as `int`, others as the `float` nearest to what was written, which is
what every peer computes with. Nothing is rounded further: the shortest text of that float is the number as written, up to
15 significant digits (`exact` gives it as a Decimal), and it is what `write_json` writes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from itertools import chain
from math import isinf
from typing import Any, NamedTuple

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


class Json(NamedTuple):
    """What a text holds. `fault` is what is wrong with its content although it could be read to the end."""

    value: Any
    fault: JsonFault | None = None


def read_json(text: str | bytes) -> Json:
    """Read one JSON text; raises `JsonFault` when it cannot be read."""
    if len(text) > LARGEST:
        raise JsonFault(f"the message has {len(text)} octets", f"at most {LARGEST}")
    if isinstance(text, bytes):
        text = _decoded(text)
    try:
        few = text.count("{") + text.count("[") <= _FEW
        value = _CLOSE.decode(text) if few else _read_fast(text)
    except _ContentFault as found:
        return Json(_read_on(text), found)
    except json.JSONDecodeError as error:
        raise JsonFault(f"no JSON ({error.msg} at character {error.pos})", "one JSON list") from error
    except RecursionError as error:
        raise _too_deep() from error
    if "\\u" in text and _HALF_CHARACTER.search(text):
        _check_characters(value)
    return Json(value)


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


class _ContentFault(JsonFault):
    """Content that is wrong in a text that can be read on."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name, times in Counter(names).items() if times > 1)
        raise _ContentFault(f"an object has the name {twice[:60]!r} twice", "every name once")
    return members


def _float(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise _ContentFault(f"the number {_cut(text)} is beyond a double", "at most about 1.8e308")
    return number


def _int(text: str) -> int:
    if len(text) > _LONGEST_INTEGER:
        raise _ContentFault(f"a whole number has {len(text)} digits", "32 bits")
    return int(text)


def _constant(name: str) -> float:
    raise JsonFault(f"no JSON ({name} is no number of JSON)", "finite numbers")


_CLOSE = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_constant)
_PLAIN = json.JSONDecoder(parse_constant=_constant)
_LENIENT = json.JSONDecoder(parse_float=lambda _text: 0.0, parse_int=lambda text: int(text[:9]))
_FEW = 8
"""Objects and lists up to which close reading is the faster way, and depth no question."""
_INFINITE = float("inf")


def _read_fast(text: str) -> Any:
    """Read without a look at every object, and closely only if something about the whole is not as it should be.

    Names that appear twice show in that the text has more of them than its value. That count is too low only where
    something stands between a name and its colon, and too high where strings look like names.
    """
    try:
        value = _PLAIN.decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # a whole number with more digits than Python converts
        value = _CLOSE.decode(text)
    names = _names(value)
    gaps = " :" in text or "\n" in text or "\t" in text or "\r" in text
    return _CLOSE.decode(text) if gaps or names != text.count('":') else value


def _names(value: Any) -> int:
    """How many names its objects have, -1 if a number is infinite; raises `JsonFault` for a value that is too deep."""
    names = 0
    objects: list[dict[str, Any]] = []
    lists: list[list[Any]] = [[value]]
    for _level in range(DEEPEST + 1):
        names += sum(map(len, objects))
        inner = [*chain.from_iterable(map(dict.values, objects)), *chain.from_iterable(lists)]
        if _INFINITE in inner or -_INFINITE in inner:
            return -1
        objects = [each for each in inner if type(each) is dict]
        lists = [each for each in inner if type(each) is list]
        if not objects and not lists:
            return names
    raise _too_deep()


def _read_on(text: str) -> Any:
    """The value in spite of its content, so that message type and id are known."""
    return _LENIENT.decode(text)


_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")


def _check_characters(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise JsonFault("an escape stands for half a character", "both halves of a surrogate pair") from error


def _too_deep() -> JsonFault:
    return JsonFault(f"more than {DEEPEST} levels of nesting", f"at most {DEEPEST} levels")


def _decoded(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        raise JsonFault(f"no UTF-8 ({error.reason} at octet {error.start})", "UTF-8") from error


def _cut(text: str, longest: int = 40) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."
