"""An event loop whose clock jumps: an hour of charging takes as long as its computation.

When no callback is ready, time moves to the next timer instead of passing. Only for code whose peers live in the same
loop (memory transports); a real socket would never get its turn to be late.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import Any

from harness.errors import HarnessError


class _JumpingSelector(selectors.DefaultSelector):
    """Polls without waiting and reports to the loop how long it would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.loop: VirtualTimeLoop

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready:
            self.loop.jump(timeout)
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A selector event loop in virtual time, starting at 0 s.

    A wait that nothing can end (no timer, no ready callback) raises `HarnessError` instead of hanging.
    """

    def __init__(self) -> None:
        selector = _JumpingSelector()
        selector.loop = self
        self._virtual_now = 0.0
        super().__init__(selector)
        # a timer is due when its time is less than now plus this; after 97 days asyncio's own 1 ns would vanish in the sum
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self._virtual_now

    def jump(self, timeout: float | None) -> None:
        if timeout is None:
            raise HarnessError("deadlock in virtual time: every task waits and no timer is set")
        if timeout > 0:
            self._virtual_now += timeout
