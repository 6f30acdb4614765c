"""Faults on the wires between a controller and its plant. Signals and units: see the wires of the device."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.fault.fault import Direction, Fault
from harness.fault.fields import plain, values_of


@dataclass(frozen=True)
class OnSignal(Fault):
    """Shape of all faults on one signal."""

    signal: str

    def on_signal(self, signal: str, value: float, now: float) -> float:
        return self.bent(value, now) if signal == self.signal else value

    def bent(self, value: float, now: float) -> float:  # noqa: ARG002
        """What arrives instead."""
        return value


@dataclass(frozen=True)
class RememberingSignal(OnSignal):
    """Shape of signal faults with a memory."""

    memory: dict[str, float] = field(default_factory=dict, kw_only=True, compare=False, repr=False)

    def armed(self) -> Fault:
        return replace(self, memory={})


@dataclass(frozen=True)
class Fixed(OnSignal):
    """Always the same value."""

    value: float

    def bent(self, value: float, now: float) -> float:  # noqa: ARG002
        return self.value


@dataclass(frozen=True)
class Stuck(RememberingSignal):
    """The first value for ever."""

    def bent(self, value: float, now: float) -> float:  # noqa: ARG002
        return self.memory.setdefault("first", value)


@dataclass(frozen=True)
class Latched(RememberingSignal):
    """The first value that is not 0 stays, whatever comes later; only 0 gets through."""

    def bent(self, value: float, now: float) -> float:  # noqa: ARG002
        return self.memory.setdefault("first", value) if value else 0.0


@dataclass(frozen=True)
class Scaled(OnSignal):
    """Every value times a factor; -1 reverses it."""

    factor: float

    def bent(self, value: float, now: float) -> float:  # noqa: ARG002
        return value * self.factor


def reversed_signal(signal: str) -> Scaled:
    """Every value with the other sign."""
    return Scaled(signal, -1.0)


@dataclass(frozen=True)
class Clamped(OnSignal):
    """No value outside bounds."""

    low: float = -math.inf
    high: float = math.inf

    def bent(self, value: float, now: float) -> float:  # noqa: ARG002
        return min(max(value, self.low), self.high)


@dataclass(frozen=True)
class Mistaken(OnSignal):
    """One certain value is taken for another."""

    value: float
    instead: float

    def bent(self, value: float, now: float) -> float:  # noqa: ARG002
        return self.instead if value == self.value else value


@dataclass(frozen=True)
class Missed(RememberingSignal):
    """One certain value does not arrive; the one before it stays."""

    value: float

    def bent(self, value: float, now: float) -> float:  # noqa: ARG002
        if value != self.value:
            self.memory["last"] = value
        return self.memory.get("last", value)


@dataclass(frozen=True)
class NeverRises(RememberingSignal):
    """Once below 0 it only falls: what was begun in that direction does not end."""

    def bent(self, value: float, now: float) -> float:  # noqa: ARG002
        lowest = min(value, self.memory.get("lowest", 0.0))
        self.memory["lowest"] = lowest
        return lowest if lowest < 0 else value


@dataclass(frozen=True)
class SlowRamp(RememberingSignal):
    """Follows at most `per_second` units a second."""

    per_second: float

    def bent(self, value: float, now: float) -> float:
        last, at = self.memory.get("last", 0.0), self.memory.get("at", now)
        most = self.per_second * (now - at)
        self.memory["last"] = last + math.copysign(min(abs(value - last), most), value - last)
        self.memory["at"] = now
        return self.memory["last"]


@dataclass(frozen=True)
class FollowsBlindly(Fault):
    """Discharges as asked although it was decided not to: an EV's negative `asked` field, or a negative `site` signal (W).

    Where the controller commands `signal` 0, the last such wish arrives instead. `volts` turns the site's power into a
    current.
    """

    signal: str
    asked: str
    site: str
    volts: float = 400.0
    memory: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    def armed(self) -> Fault:
        return replace(self, memory={})

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "in":
            for said in values_of(message, self.asked):
                self.memory["wish"] = min(0.0, plain(said))
        return (message,)

    def on_signal(self, signal: str, value: float, now: float) -> float:  # noqa: ARG002
        if signal == self.site:
            self.memory["wish"] = min(0.0, value / self.volts)
        if signal == self.signal and value == 0:
            return self.memory.get("wish", 0.0)
        return value
