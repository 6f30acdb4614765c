"""What JSON Schema cannot say about a payload, compiled from the same schemas.

A schema becomes a tree of checks that visits only the members which have something to check. Rules of OCPP 2.x: an absent
optional member is left out, not sent as an empty object; dates carry at most three decimals of a second; numbers sent to a
station have at most six decimals; whole numbers fit 32 bits and are written without a fraction (OCPP 2.1 part 2, primitive
data types; part 4, 4.2). Of these only the first is confirmed from its source; the others are provisional.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from harness.ocppj.actions import Party
from harness.ocppj.payload_fault import FaultKind, Found, PayloadFault, Place, path_text
from harness.ocppj.schemas import Direction, schema
from harness.ocppj.strictjson import exact
from harness.ocppj.versions import Version

Check = Callable[[Any, Place, Found], None]

MOST_DECIMALS = 6
MOST_SECOND_DECIMALS = 3
_LARGEST_INTEGER = 2**31 - 1

_ELEMENT_KEYS: Mapping[str, tuple[str, ...]] = {
    "chargingSchedule": ("id",),
    "localAuthorizationList": ("idToken", "idTag"),
    "supersededIds": (),
}
"""Lists whose elements name things, with the members that make up the name (none: the element itself)."""


def closer_check(version: Version, action: str, direction: Direction, receiver: Party) -> Check:
    """The check of one payload that goes to `receiver`."""
    return _Compiler(schema(version, action, direction), version, receiver).check()


class _Compiler:
    def __init__(self, root: Mapping[str, Any], version: Version, receiver: Party) -> None:
        self._root, self._version, self._receiver = root, version, receiver
        self._known: dict[str, Check | None] = {}

    def check(self) -> Check:
        return self._compile(self._root) or _nothing

    def _compile(self, node: Mapping[str, Any]) -> Check | None:
        if "$ref" in node:
            name = node["$ref"]
            if name not in self._known:
                self._known[name] = self._compile(self._resolved(node))
            return self._known[name]
        kind = node.get("type")
        if kind == "object":
            return self._object(node)
        if kind == "array":
            return _list_check(self._compile(node["items"]))
        return None if self._version == "1.6" else self._scalar(kind, node)

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
            node = self._root["definitions"][node["$ref"].rpartition("/")[2]]
        return node

    def _object(self, node: Mapping[str, Any]) -> Check | None:
        members = {name: self._member(name, inner) for name, inner in node.get("properties", {}).items()}
        checks = {name: check for name, check in members.items() if check is not None}
        for name in () if self._version == "1.6" else self._may_be_hollow(node):
            checks[name] = _filled_check(checks.get(name, _nothing))
        return _object_check(checks) if checks else None

    def _member(self, name: str, node: Mapping[str, Any]) -> Check | None:
        inner = self._compile(node)
        if name not in _ELEMENT_KEYS or self._resolved(node).get("type") != "array":
            return inner
        return _all_of(inner or _nothing, _distinct_check(_ELEMENT_KEYS[name]))

    def _may_be_hollow(self, node: Mapping[str, Any]) -> frozenset[str]:
        """Optional members that the schema would let pass as ``{}``."""
        required = node.get("required", ())
        optional = {
            name: self._resolved(inner) for name, inner in node.get("properties", {}).items() if name not in required
        }
        return frozenset(
            name for name, inner in optional.items() if inner.get("type") == "object" and not inner.get("required")
        )

    def _scalar(self, kind: str | None, node: Mapping[str, Any]) -> Check | None:
        if kind == "string" and node.get("format") == "date-time":
            return _check_date_time
        if kind == "integer":
            return _check_integer
        return _check_decimals if kind == "number" and self._receiver == "station" else None


def _object_check(checks: Mapping[str, Check]) -> Check:
    def check(value: Any, at: Place, found: Found) -> None:
        if not isinstance(value, dict):
            return
        for name, content in value.items():
            if (inner := checks.get(name)) is not None:
                inner(content, (at, name), found)

    return check


def _filled_check(inner: Check) -> Check:
    def check(value: Any, at: Place, found: Found) -> None:
        if value == {}:
            found.add(PayloadFault(FaultKind.EMPTY, path_text(at), "no such member, or a filled one", "{}"))
        else:
            inner(value, at, found)

    return check


def _list_check(inner: Check | None) -> Check | None:
    if inner is None:
        return None

    def check(value: Any, at: Place, found: Found) -> None:
        if isinstance(value, list):
            for place, item in enumerate(value):
                inner(item, (at, place), found)

    return check


def _all_of(*checks: Check) -> Check:
    def check(value: Any, at: Place, found: Found) -> None:
        for each in checks:
            each(value, at, found)

    return check


def _distinct_check(keys: tuple[str, ...]) -> Check:
    def check(value: Any, at: Place, found: Found) -> None:
        seen: dict[str, int] = {}
        for place, item in enumerate(value if isinstance(value, list) else ()):
            name = _element_name(item, keys)
            if name and seen.setdefault(name, place) != place:
                where, first = path_text((at, place)), path_text((at, seen[name]))
                found.add(
                    PayloadFault(FaultKind.DUPLICATE, where, "every element once", f"the same as {first}", False, True)
                )

    return check


def _element_name(item: Any, keys: tuple[str, ...]) -> str:
    """What an element is known by; empty when it has no name."""
    if not keys:
        return repr(item)
    parts = [item[key] for key in keys if key in item] if isinstance(item, dict) else []
    return repr(parts) if parts else ""


_SECOND_DECIMALS = re.compile(r"\.(\d+)")


def _check_date_time(value: Any, at: Place, found: Found) -> None:
    decimals = _SECOND_DECIMALS.search(value) if isinstance(value, str) and "." in value else None
    if decimals and len(decimals[1]) > MOST_SECOND_DECIMALS:
        expected = f"at most {MOST_SECOND_DECIMALS} decimals of a second"
        found.add(PayloadFault(FaultKind.FORMAT, path_text(at), expected, value[:60], False))


def _check_integer(value: Any, at: Place, found: Found) -> None:
    if isinstance(value, float):
        found.add(
            PayloadFault(FaultKind.FORMAT, path_text(at), "a whole number without fraction", f"{value!r}", False, True)
        )
    elif isinstance(value, int) and not -_LARGEST_INTEGER - 1 <= value <= _LARGEST_INTEGER:
        found.add(PayloadFault(FaultKind.VALUE, path_text(at), "a whole number of 32 bits", f"{value}", False))


def _check_decimals(value: Any, at: Place, found: Found) -> None:
    if not isinstance(value, float) or round(value, MOST_DECIMALS) == value:
        return
    exponent = exact(value).normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > MOST_DECIMALS:
        expected = f"at most {MOST_DECIMALS} decimals towards a station"
        found.add(PayloadFault(FaultKind.FORMAT, path_text(at), expected, f"{value!r}", False))


def _nothing(_value: Any, _at: Place, _found: Found) -> None:
    """Nothing to check."""
