"""What is wrong with a payload: where, what was expected there, and which error code answers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from harness.ocppj import codes
from harness.ocppj.versions import Version


class FaultKind(Enum):
    """Kinds of faults; each has its error code."""

    MISSING = "required member missing"
    UNEXPECTED = "member that the message does not have"
    TYPE = "wrong JSON type"
    VALUE = "value not allowed"
    LENGTH = "text too long"
    COUNT = "too few or too many elements"
    FORMAT = "wrong notation"
    EMPTY = "empty object in place of an absent member"
    DUPLICATE = "the same element twice"
    UNKNOWN_ACTION = "no such message"


_CODES: Mapping[FaultKind, str] = {
    FaultKind.MISSING: codes.OCCURRENCE_CONSTRAINT,
    FaultKind.UNEXPECTED: codes.FORMAT_VIOLATION,
    FaultKind.TYPE: codes.TYPE_CONSTRAINT,
    FaultKind.VALUE: codes.PROPERTY_CONSTRAINT,
    FaultKind.LENGTH: codes.PROPERTY_CONSTRAINT,
    FaultKind.COUNT: codes.OCCURRENCE_CONSTRAINT,
    FaultKind.FORMAT: codes.PROPERTY_CONSTRAINT,
    FaultKind.EMPTY: codes.OCCURRENCE_CONSTRAINT,
    FaultKind.DUPLICATE: codes.PROPERTY_CONSTRAINT,
    FaultKind.UNKNOWN_ACTION: codes.NOT_IMPLEMENTED,
}


@dataclass(frozen=True, slots=True)
class PayloadFault:
    """One thing wrong with a payload.

    `path` is a JSON path (``$.chargingProfile.chargingSchedule[0].id``). `confirmed` is False where the rule itself is not
    certain; `tolerated` where every known reader copes with it, so that it is worth a remark and no blame.
    """

    kind: FaultKind
    path: str
    expected: str
    actual: str
    confirmed: bool = True
    tolerated: bool = False

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, got {self.actual}"

    def code(self, version: Version) -> str:
        """The error code with which a request is refused for this, as the version spells it."""
        return codes.spelt(_CODES[self.kind], version)


MOST_FAULTS = 50
"""Faults of one payload that are told; a hostile one could have millions."""


class Found:
    """The faults found so far, `MOST_FAULTS` at most."""

    def __init__(self) -> None:
        self.faults: list[PayloadFault] = []

    @property
    def full(self) -> bool:
        return len(self.faults) >= MOST_FAULTS

    def add(self, fault: PayloadFault) -> None:
        if not self.full:
            self.faults.append(fault)


Place = tuple[Any, str | int] | None
"""A place in a JSON value: the place above it, and the step from there; None for the value itself."""


def path_text(place: Place) -> str:
    """A place as a JSON path."""
    steps = []
    while place is not None:
        place, step = place
        steps.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return "$" + "".join(reversed(steps))


def place_of(steps: Iterable[str | int]) -> Place:
    """The place that steps from the outermost value lead to."""
    place: Place = None
    for step in steps:
        place = (place, step)
    return place
