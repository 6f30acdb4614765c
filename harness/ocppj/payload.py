"""Is this payload what the standard says? By the official schemas, and by what JSON Schema cannot say.

    for fault in check_payload("2.1", "SetChargingProfile", "request", payload): print(fault)

Payloads are plain dictionaries with the wire's own names, as `harness.ocppj.frame` reads them. `customData` may hold
anything beside its vendorId. Texts whose values OCPP leaves open (idToken types, chargingLimitSource) take any value.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from jsonschema_rs import ValidationError

from harness.ocppj.actions import Action, Party, actions, other
from harness.ocppj.beyond import Check, closer_check
from harness.ocppj.payload_fault import FaultKind, Found, PayloadFault, path_text, place_of
from harness.ocppj.schemas import Direction, validator
from harness.ocppj.strictjson import write_json
from harness.ocppj.versions import Version
from harness.suggest import nearest

_LARGE = 20_000
"""Values of a payload beyond which only its first fault is looked for: each of them could be one."""


def check_payload(version: Version, action: str, direction: Direction, payload: Any) -> tuple[PayloadFault, ...]:
    """All that is wrong with a payload, in the order of its members; empty when it is sound."""
    known = actions(version).get(action)
    if known is None:
        return (_unknown(version, action),)
    if direction == "response" and not known.answered:
        return (PayloadFault(FaultKind.UNKNOWN_ACTION, "$", f"no answer to {action}", "an answer"),)
    schema, closer = _checks(version, known, direction)
    found = Found()
    if not schema.is_valid(payload):
        large = _is_large(payload)
        for error in _first_error(schema, payload) if large else schema.iter_errors(payload):
            for fault in _faults(error, version):
                found.add(fault)
            if found.full:
                break
        if found.full or large:
            return tuple(found.faults)
    closer(payload, None, found)
    return tuple(found.faults)


@cache
def _checks(version: Version, action: Action, direction: Direction) -> tuple[Any, Check]:
    """What JSON Schema says about a payload, and what it cannot say."""
    closer = closer_check(version, action.name, direction, _receiver(action, direction))
    return validator(version, action.name, direction), closer


def _first_error(schema: Any, payload: Any) -> list[Any]:
    try:
        schema.validate(payload)
    except ValidationError as first:
        return [first]
    return []


def _is_large(payload: Any) -> bool:
    """Whether it holds more values than are worth telling faults of."""
    waiting, seen = [payload], 0
    while waiting:
        value = waiting.pop()
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        seen += len(inner) + 1
        if seen > _LARGE:
            return True
        waiting.extend(inner)
    return False


def _receiver(action: Action, direction: Direction) -> Party:
    """Who gets it; for what both may send, the one about whom less is demanded."""
    if len(action.starters) > 1:
        return "csms"
    (starter,) = action.starters
    return other(starter) if direction == "request" else starter


def _unknown(version: Version, action: str) -> PayloadFault:
    close = nearest(action[:60], actions(version))
    expected = f"a message of OCPP {version}" + (f", such as {close}" if close else "")
    return PayloadFault(FaultKind.UNKNOWN_ACTION, "$", expected, _shown(action))


def _faults(error: Any, version: Version) -> Iterator[PayloadFault]:
    """One finding of the validator, in our words."""
    said, place = error.kind.as_dict(), place_of(error.instance_path)
    path = path_text(place)
    match type(error.kind).__name__:
        case "Required":
            yield PayloadFault(FaultKind.MISSING, path_text((place, said["property"])), "a value", "nothing")
        case "AdditionalProperties":
            for name in said["unexpected"]:
                yield PayloadFault(FaultKind.UNEXPECTED, path_text((place, name)), "no such member", "one")
        case "Type":
            yield PayloadFault(FaultKind.TYPE, path, f"type {' or '.join(said['types'])}", _shown(error.instance))
        case "Enum":
            yield PayloadFault(FaultKind.VALUE, path, f"one of {', '.join(said['options'])}", _shown(error.instance))
        case "Minimum":
            yield PayloadFault(FaultKind.VALUE, path, f"at least {said['limit']:g}", _shown(error.instance))
        case "Maximum":
            yield PayloadFault(FaultKind.VALUE, path, f"at most {said['limit']:g}", _shown(error.instance))
        case "MultipleOf":
            yield PayloadFault(FaultKind.VALUE, path, "at most one decimal", _shown(error.instance))
        case "MaxLength":
            actual = f"{len(error.instance)} characters"
            yield PayloadFault(FaultKind.LENGTH, path, f"at most {said['limit']} characters", actual)
        case "MinItems" | "MaxItems" as bound:
            expected = f"at {'least' if bound == 'MinItems' else 'most'} {said['limit']} elements"
            yield PayloadFault(FaultKind.COUNT, path, expected, f"{len(error.instance)}")
        case "Format":
            yield _wrong_format(path, said["format"], error.instance, version)
        case _:
            yield PayloadFault(FaultKind.VALUE, path, "what the schema allows", str(error.message)[:200])


def _wrong_format(path: str, wanted: str, value: str, version: Version) -> PayloadFault:
    if wanted != "date-time":
        return PayloadFault(FaultKind.FORMAT, path, f"a {wanted}", _shown(value))
    expected = "a date-time with its offset (RFC 3339), such as 2026-03-01T12:00:00Z"
    return PayloadFault(
        FaultKind.FORMAT, path, expected, _shown(value), tolerated=version == "1.6" and _is_local_time(value)
    )


def _is_local_time(value: str) -> bool:
    """A date-time without offset, which ISO 8601 allows and 1.6 therefore does not clearly forbid."""
    try:
        return "T" in value and datetime.fromisoformat(value).tzinfo is None
    except ValueError:
        return False


def _shown(value: Any, longest: int = 80) -> str:
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    text = write_json(value)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
