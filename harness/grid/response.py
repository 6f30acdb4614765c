"""How an output follows what a grid function demands: with an open-loop response time, with a ramp, with a way back.

Pure: each value remembers its target and moves towards it in the time between two calls; `now` in s of any clock that does
not run backwards (a step back lets no time pass).
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(slots=True)
class Lag:
    """Has come 90 % of the way to a target after the open-loop response time (s), as a first-order filter does."""

    value: float = 0.0
    _target: float | None = None
    _time: float = 0.0
    _at: float = 0.0

    def follow(self, target: float, response_time: float, now: float) -> float:
        """The value at `now`, from when on it moves towards `target`; a response time of 0 is none."""
        if self._target is not None and self._time > 0:
            passed = max(0.0, now - self._at)
            self.value += (self._target - self.value) * (1.0 - 0.1 ** (passed / self._time))
        self._target, self._time, self._at = target, response_time, now
        if response_time <= 0:
            self.value = target
        return self.value


@dataclass(slots=True)
class Ramp:
    """Changes by no more than a rate (units a second)."""

    value: float = 0.0
    _target: float | None = None
    _rate: float = math.inf
    _at: float = 0.0

    def follow(self, target: float, rate: float, now: float) -> float:
        """The value at `now`, from when on it moves towards `target`; an infinite rate is none."""
        if self._target is not None and math.isfinite(self._rate):
            change, most = self._target - self.value, self._rate * max(0.0, now - self._at)
            self.value = self._target if abs(change) <= most else self.value + math.copysign(most, change)
        self._target, self._rate, self._at = target, rate, now
        if math.isinf(rate):
            self.value = target
        return self.value

    def rest_at(self, value: float, now: float) -> None:
        """Be at a value at once."""
        self.value, self._target, self._rate, self._at = value, value, math.inf, now


@dataclass(frozen=True, slots=True)
class WayBack:
    """What must be before a curve that has cut power lets it rise again: the mains between `low` and `high` for `delay` s,
    and then no faster than `gradient` percent a second (infinite: at once)."""

    low: float = -math.inf
    high: float = math.inf
    delay: float = 0.0
    gradient: float = math.inf


@dataclass(slots=True)
class Hysteresis:
    """A cap (percent, 100 cuts nothing) that falls with its curve at once, but rises only by the way back."""

    cap: float = 100.0
    _within_since: float | None = None
    _ramp: Ramp | None = None

    def follow(self, x: float, curve_cap: float, back: WayBack, now: float) -> float:
        """The cap at `now`, with the mains at `x`, where the curve says `curve_cap`."""
        if curve_cap <= self.cap:
            self.cap, self._ramp = curve_cap, None
        within = back.low <= x <= back.high
        since = self._within_since if self._within_since is not None else now
        self._within_since = since if within else None
        if curve_cap > self.cap and within and now >= since + back.delay:
            if self._ramp is None:
                self._ramp = Ramp(self.cap)
            self.cap = self._ramp.follow(curve_cap, back.gradient, now)
        elif curve_cap > self.cap:
            self._ramp = None
        return self.cap
