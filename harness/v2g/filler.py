"""The least value that a declared type allows: what a failure response carries where it has nothing to say.

Every response must be complete by its schema even when it fails ([V2G20-736]).
"""

from __future__ import annotations

from typing import Any

from harness.declare import (
    BinaryKind,
    BooleanKind,
    EnumerationKind,
    Field,
    IntegerKind,
    Kind,
    StringKind,
    fields_of,
)


def minimal(cls: type, **given: Any) -> Any:
    """A value of `cls` with the `given` fields; all other mandatory ones get the least value of their type.

    Of a choice the first alternative is filled unless another is given; optional fields stay absent.
    """
    values = dict(given)
    for each in fields_of(cls):
        if each.name not in values and _mandatory(each, cls, values):
            filled = _least(each.kind)
            values[each.name] = (filled,) * each.minimum if each.repeated else filled
    return cls(**values)


def _mandatory(wanted: Field, cls: type, values: dict[str, Any]) -> bool:
    if wanted.choice is not None:
        group = [each.name for each in fields_of(cls) if each.choice == wanted.choice]
        return not wanted.choice.optional and not any(values.get(name) is not None for name in group)
    return wanted.minimum > 0


def _least(kind: Kind) -> Any:
    match kind:
        case BooleanKind():
            return False
        case EnumerationKind(members):
            return next(iter(members))
        case IntegerKind(minimum, _):
            return minimum if minimum is not None and minimum > 0 else 0
        case StringKind():
            return ""
        case BinaryKind(minimum, _, _):
            return bytes(minimum)
        case _:
            return minimal(kind)
