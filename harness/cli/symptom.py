"""What the doctor finds: one line each, with the remedy where something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """How it is. Only `BROKEN` keeps a run from working; a `NOTE` says what will not be shown, or is unusual."""

    FINE = "ok"
    NOTE = "note"
    BROKEN = "BROKEN"


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing looked at."""

    state: State
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        remedy = f"\n{'':8} -> {self.remedy}" if self.remedy else ""
        return f"{self.state.value:8} {self.what}{remedy}"


def fine(what: str) -> Symptom:
    """Nothing to do."""
    return Symptom(State.FINE, what)


def note(what: str, remedy: str = "") -> Symptom:
    """Worth knowing; runs work."""
    return Symptom(State.NOTE, what, remedy)


def broken(what: str, remedy: str) -> Symptom:
    """Runs will not work."""
    return Symptom(State.BROKEN, what, remedy)
