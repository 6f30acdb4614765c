"""Problems of a description, all of them at once: where, what, and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import DescriptionError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `place` reads like ``acme.yaml:12 roles.secc.prot``."""

    place: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" + (f" ({self.remedy})" if self.remedy else "")


class DescriptionProblems(DescriptionError):
    """Everything that is wrong with one description file, in the order of its lines.

    `message`, `place` and `remedy` are those of the first problem; the text lists all.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(first.message, place=first.place, remedy=first.remedy)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return str(self.problems[0])
        return f"{len(self.problems)} problems:\n" + "\n".join(f"  {each}" for each in self.problems)
