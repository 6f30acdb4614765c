"""Faults in time: what comes, comes late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.fault.fault import Direction, Fault


@dataclass(frozen=True)
class Delays(Fault):
    """Holds messages of these kinds back for some s; with `field` only those in which it has one of `values`."""

    kinds: tuple[type, ...]
    seconds: float
    field: str = ""
    values: tuple[Any, ...] = ()

    def delay(self, message: Any, direction: Direction) -> float:  # noqa: ARG002
        concerned = isinstance(message, self.kinds) and (
            not self.field or getattr(message, self.field, None) in self.values
        )
        return self.seconds if concerned else 0.0
