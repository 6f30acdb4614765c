"""The shape of a fault: a small frozen value with hooks that are idle by default.

On the tester faults provoke the SUT; on a reference device they make a mutant. A reference device holds no switch for
them: message and octet faults sit in its link, settings faults are a wrong configuration, signal faults sit on the
wires between its controller and its power stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Direction = Literal["in", "out"]


@dataclass(frozen=True)
class Fault:
    """Idle in every hook. `in`: what the faulty side receives, `out`: what it sends."""

    @property
    def name(self) -> str:
        """How a trace names the alteration."""
        return repr(self)

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:  # noqa: ARG002 - idle
        """The messages that travel instead: none drops it, two repeat it."""
        return (message,)

    def on_octets(self, octets: bytes, message: Any) -> Sequence[bytes]:  # noqa: ARG002 - idle
        """The chunks that are written instead of the octets that encode `message`."""
        return (octets,)

    def delay(self, message: Any, direction: Direction) -> float:  # noqa: ARG002 - idle
        """Seconds to hold a message back."""
        return 0.0

    def on_settings(self, settings: Any) -> Any:
        """The settings the device runs with instead of its own."""
        return settings

    def on_signal(self, signal: str, value: float, now: float) -> float:  # noqa: ARG002 - idle
        """What arrives of a signal between controller and plant; units as the plant documents them."""
        return value

    def armed(self) -> Fault:
        """The fault as put to work in one device: a fault with memory returns a fresh one, others themselves."""
        return self


@dataclass(frozen=True)
class Mutant:
    """A named faulty reference device. `what` says in one sentence what is wrong with it."""

    name: str
    role: str
    what: str
    faults: tuple[Fault, ...]

    def armed(self) -> tuple[Fault, ...]:
        """Its faults, ready for one device."""
        return tuple(fault.armed() for fault in self.faults)
