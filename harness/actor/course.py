"""The course of values until they settle: what charge loop and bench meter wait for."""

from __future__ import annotations

import math

from harness.link.trace import Timeline
from harness.verdict.check import Expected, Reading

HOLD = 1.0
"""Seconds for which a value has to keep its limit before it counts as settled."""


class Course:
    """Follows the observations of a timeline from now on, and tells when every expected value has come to rest.

    A slow instrument is waited for; one that has shown nothing in the case so far is not.
    """

    def __init__(self, timeline: Timeline, expected: Expected, within: float) -> None:
        self._timeline, self._expected = timeline, expected
        self._next = len(timeline.observations)
        self._broken_at = timeline.clock.now()
        self._deadline = self._broken_at + within
        shown = [reading for reading in expected if any(reading(seen) is not None for seen in timeline.observations)]
        self._awaited, self._kept, self._late = set(shown), set[Reading](), set[Reading]()

    @property
    def kept_since(self) -> float:
        """The first instant after a value last broke its limit."""
        return math.nextafter(self._broken_at, math.inf)

    def settled(self) -> float | None:
        """Take what was observed meanwhile; the instant from which on the values may be judged, None until there is one:
        when they came to rest and stayed there for `HOLD` s, at latest when they had to."""
        self._follow()
        now = self._timeline.clock.now()
        if now - self._broken_at >= HOLD and self._awaited <= self._kept:
            return self.kept_since
        overdue = now - self._deadline
        return self._deadline if overdue >= (HOLD if self._awaited <= self._late else 3 * HOLD) else None

    def _follow(self) -> None:
        for seen in self._timeline.observations[self._next :]:
            for reading, limit in self._expected.items():
                value = reading(seen)
                if value is not None and seen.at >= self._deadline:
                    self._late.add(reading)
                if value is not None and not limit.holds(value):
                    self._broken_at, self._kept = seen.at, set()
                elif value is not None:
                    self._kept.add(reading)
        self._next = len(self._timeline.observations)
