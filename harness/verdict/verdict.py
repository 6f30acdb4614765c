"""Verdicts and findings: what is concluded, and on what evidence.

Verdicts follow TTCN-3: the worst wins. *Not applicable* is a selection result, not a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum


class Verdict(IntEnum):
    """Ordered from best to worst; `max` of several is the verdict of the whole."""

    NONE = 0
    PASS = 1
    INCONC = 2
    FAIL = 3
    ERROR = 4

    def __str__(self) -> str:
        return self.name.lower()


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts; NONE of nothing."""
    return max(verdicts, default=Verdict.NONE)


class Axis(Enum):
    """Conformance: what the standard demands. Field: legal or tolerated, yet it will hurt."""

    CONFORMANCE = "conformance"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Finding:
    """One conclusion with its evidence.

    `source` is the id of the case or rule, `requirement` the id it rests on. `frame` is the number of the observation
    that shows it (None when its absence is the point) and `at` its time in s on the case's clock. `provisional`: the
    limit is not confirmed by its source, so a FAIL is no plain fail.
    """

    source: str
    verdict: Verdict
    requirement: str
    expected: str
    actual: str
    advice: str = ""
    frame: int | None = None
    at: float | None = None
    axis: Axis = Axis.CONFORMANCE
    provisional: bool = False

    @property
    def fails(self) -> bool:
        """A FAIL on the conformance axis that rests on confirmed ground."""
        return self.verdict is Verdict.FAIL and self.axis is Axis.CONFORMANCE and not self.provisional

    @property
    def weight(self) -> Verdict:
        """What this finding contributes to the verdict of its case or rule.

        A field finding weighs nothing by itself; a provisional failure is inconclusive, since nobody has confirmed
        the limit it rests on.
        """
        if self.axis is Axis.FIELD and self.verdict is Verdict.FAIL:
            return Verdict.NONE
        return Verdict.INCONC if self.provisional and self.verdict is Verdict.FAIL else self.verdict

    def __str__(self) -> str:
        where = f" (frame {self.frame})" if self.frame is not None else ""
        return f"{self.requirement}: expected {self.expected}, got {self.actual}{where}"
