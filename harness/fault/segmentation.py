"""Faults in how messages are cut into writes; TCP leaves the cutting to whoever is on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.fault.fault import Fault


@dataclass(frozen=True)
class InPieces(Fault):
    """Write every message in pieces of `size` octets."""

    size: int = 1

    def on_octets(self, octets: bytes, message: Any) -> Sequence[bytes]:  # noqa: ARG002 - any message
        return [octets[start : start + self.size] for start in range(0, len(octets), self.size)]


@dataclass(frozen=True)
class Together(Fault):
    """Hold messages back and write them with the last of `count`, in one piece."""

    count: int = 2
    _held: list[bytes] = field(default_factory=list, repr=False, compare=False)

    def on_octets(self, octets: bytes, message: Any) -> Sequence[bytes]:  # noqa: ARG002 - any message
        self._held.append(octets)
        if len(self._held) < self.count:
            return ()
        whole = b"".join(self._held)
        self._held.clear()
        return (whole,)

    def armed(self) -> Together:
        return Together(self.count)
