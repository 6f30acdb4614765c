"""One clock for all links: the event loop's own, anchored once to wall time.

Waiting and stamping use the same clock, so a self-test in virtual time is the same code as a test in real time.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class Clock:
    """Seconds on the running event loop, and the wall time they stand for.

    The anchor is taken at construction; wall time is derived from it, so a step of the computer's clock during a run
    moves no observation.
    """

    def __init__(self, wall: datetime | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self.anchor_at = self._loop.time()
        self.anchor_wall = wall or datetime.now(UTC)

    def now(self) -> float:
        """Seconds, monotonic."""
        return self._loop.time()

    def wall(self, at: float | None = None) -> datetime:
        """The wall time (UTC) of an instant of this clock, by default of now."""
        return self.anchor_wall + timedelta(seconds=(self.now() if at is None else at) - self.anchor_at)

    def unix(self, at: float | None = None) -> int:
        """Whole seconds since 1970, as message headers carry them."""
        return int(self.wall(at).timestamp())
