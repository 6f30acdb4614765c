"""Records and messages as JSON text, and records back again.

A record survives the round trip unchanged; a message is written one way only, with the standard's own field names, for
people and for the reports to read. Output is sorted and stable, so that two files can be compared as text.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from harness.errors import UsageError
from harness.evidence.record import RECORD_VERSION, CaseRecord, RunRecord

_Record = TypeVar("_Record")

_DEEPEST = 60
"""Levels of a message that are shown: no standard nests half as deep, and a hostile peer may nest as it likes."""

# --- records ----------------------------------------------------------------------------------------------------------


def record_text(record: RunRecord | CaseRecord) -> str:
    """A record as JSON: indented, keys sorted, enumerations by name, one newline at the end."""
    return json.dumps(_plain_record(record), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def read_run(path: Path) -> RunRecord:
    """The run record in a ``run.json``; raises `UsageError` naming file, place and remedy when it cannot be read."""
    data = _parse(path)
    version = data.get("version") if isinstance(data, dict) else None
    if version != RECORD_VERSION:
        said = "no version" if version is None else f"version {version!r}"
        raise UsageError(
            f"{path} has {said}, and this harness reads version {RECORD_VERSION}; "
            "use the harness release that wrote it (its own version is in the field `harness`)"
        )
    return _restore(RunRecord, data, path)


def read_case(path: Path) -> CaseRecord:
    """The case record in a ``case.json``; raises `UsageError` as `read_run` does."""
    return _restore(CaseRecord, _parse(path), path)


def _parse(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # a JSON error as well as octets that are no UTF-8
        raise UsageError(f"{path} is damaged: {error}; take it from a copy of the bundle") from error
    except RecursionError as error:
        raise UsageError(f"{path} is damaged: nested too deeply") from error


def _restore(record: type[_Record], data: Any, path: Path) -> _Record:
    try:
        return typing.cast(_Record, _typed(record, data, "$"))
    except _Misfit as error:
        raise UsageError(f"{path} is damaged: {error}; take it from a copy of the bundle") from error


class _Misfit(Exception):
    """A value that does not fit the record; says where and what."""


def _plain_record(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain_record(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Mapping):
        return {str(key): _plain_record(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_record(each) for each in value]
    return _scalar(value)


def _typed(wanted: Any, value: Any, place: str) -> Any:
    origin = typing.get_origin(wanted)
    if wanted is Any:
        return value
    if origin in (types.UnionType, typing.Union):
        return _typed_optional(wanted, value, place)
    if origin is tuple:
        return _typed_tuple(typing.get_args(wanted), value, place)
    if origin is dict:
        inner = typing.get_args(wanted)[1]
        return {key: _typed(inner, each, f"{place}.{key}") for key, each in _expect(dict, value, place).items()}
    if dataclasses.is_dataclass(wanted):
        return _typed_dataclass(typing.cast(type, wanted), value, place)
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return _member(wanted, value, place)
    if wanted is float:
        return float(_expect((int, float), value, place))
    return _expect(wanted, value, place)


def _typed_optional(wanted: Any, value: Any, place: str) -> Any:
    """Records know unions only as ``X | None``."""
    if value is None:
        return None
    (inner,) = [each for each in typing.get_args(wanted) if each is not type(None)]
    return _typed(inner, value, place)


def _typed_tuple(inner: tuple[Any, ...], value: Any, place: str) -> tuple[Any, ...]:
    items = _expect(list, value, place)
    kinds = [inner[0]] * len(items) if inner[-1] is Ellipsis else list(inner)
    if len(kinds) != len(items):
        raise _Misfit(f"{place} has {len(items)} items, expected {len(kinds)}")
    return tuple(_typed(kind, each, f"{place}[{n}]") for n, (kind, each) in enumerate(zip(kinds, items, strict=True)))


def _typed_dataclass(wanted: type, value: Any, place: str) -> Any:
    data = _expect(dict, value, place)
    hints = _hints(wanted)
    if unknown := sorted(set(data) - set(hints)):
        raise _Misfit(f"{place} has the unknown field {unknown[0]}")
    needed = {
        each.name
        for each in dataclasses.fields(wanted)
        if each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
    }
    if missing := sorted(needed - set(data)):
        raise _Misfit(f"{place}.{missing[0]} is missing")
    return wanted(**{name: _typed(hints[name], each, f"{place}.{name}") for name, each in data.items()})


def _member(wanted: type[Enum], value: Any, place: str) -> Enum:
    try:
        return wanted[value]
    except KeyError:
        names = ", ".join(wanted.__members__)
        raise _Misfit(f"{place} is {value!r}, expected one of {names}") from None


def _expect(kind: Any, value: Any, place: str) -> Any:
    misread = isinstance(value, bool) and kind is not bool  # JSON's true is no number
    if misread or not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        raise _Misfit(f"{place} is {type(value).__name__}, expected {' or '.join(each.__name__ for each in kinds)}")
    return value


@cache
def _hints(record: type) -> dict[str, Any]:
    return typing.get_type_hints(record)


# --- messages ---------------------------------------------------------------------------------------------------------


def message_json(value: Any, depth: int = _DEEPEST) -> Any:
    """A message (or any part of it) as JSON values; never raises on what a message may hold.

    Absent optional fields are left out, octets are hexadecimal, an enumeration stands as its value. A field that holds
    one of several global elements (a substitution group) appears under that element's name, as it does on the wire. A
    rational number keeps the pair it was sent as, and gets the number it stands for as ``value``.
    """
    if depth == 0:
        return "(nested too deeply to show)"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _message_fields(value, depth - 1)
    if isinstance(value, Enum):
        return message_json(value.value, depth)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, Mapping):
        return {_text(key): message_json(each, depth - 1) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [message_json(each, depth - 1) for each in _ordered(value)]
    return _scalar(value)


def line_json(value: Any) -> str:
    """JSON values as one line of a JSON-lines file, without the newline."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _message_fields(value: Any, depth: int) -> dict[str, Any]:
    fields = {}
    for name in _field_names(value.__class__):
        content = getattr(value, name)
        if content is not None:
            fields[_element_name(name, content)] = message_json(content, depth)
    if fields.keys() == {"Exponent", "Value"}:
        fields["value"] = _number(fields["Value"], fields["Exponent"])
    return fields


def _element_name(name: str, content: Any) -> str:
    """A class whose name does not end in ``Type`` is a global element; it stands under its own name."""
    kind = type(content)
    if not dataclasses.is_dataclass(kind) or kind.__name__.endswith("Type"):
        return name
    return kind.__name__


def _number(value: Any, exponent: Any) -> Any:
    try:
        exact = Decimal(value).scaleb(exponent)
        return int(exact) if exact == exact.to_integral_value() else float(exact)
    except (InvalidOperation, ArithmeticError, TypeError, ValueError):
        return None


def _ordered(value: Iterable[Any]) -> Iterable[Any]:
    return sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value


def _scalar(value: Any) -> Any:
    """What JSON can hold as it is; anything else in words, for a description may hold dates and a message anything."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return _text(value)


def _text(value: Any) -> str:
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")  # a lone surrogate cannot be written


@cache
def _field_names(message: type) -> tuple[str, ...]:
    return tuple(each.name for each in dataclasses.fields(message))
