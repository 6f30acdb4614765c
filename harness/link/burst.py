"""How much a peer sends at once, whether anybody takes it or not.

A reader that keeps up empties its inbox all the time, so what waits there does not tell a flood from a busy peer; the pace does.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """What a peer may send within one second."""

    messages: int
    octets: int


class Burst:
    """Counts in stretches of one second."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._since = float("-inf")
        self._messages = self._octets = 0

    def exceeded(self, now: float, octets: int) -> tuple[int, str] | None:
        """Count one message that came at `now` (s); the limit that it breaks, with its unit in words, or None."""
        if now - self._since >= 1.0:
            self._since, self._messages, self._octets = now, 0, 0
        self._messages += 1
        self._octets += octets
        if self._messages > self._pace.messages:
            return self._pace.messages, "messages within a second"
        if self._octets > self._pace.octets:
            return self._pace.octets, "octets within a second"
        return None
