"""What a case sees when it looks on: all that happens from now, and what came so close upon its stimulus that it had no time to.

An answer and the report after it can lie a millisecond apart, and the case that asked goes on only after both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from harness.link.clock import Clock
from harness.link.observation import BenchAction, Observation
from harness.link.trace import Trace
from harness.ocppj.frame import Call, CallError, CallResult, Send

_LAG = 0.25
"""Seconds by which a case may come late to look."""


@dataclass
class Window:
    """`trace` gives what was seen so far; `tester` and `sut` are the roles of the two. No window reaches back before the last
    stimulus, before what was handed to the case already (`cursor` gives the number of that observation), or into the window
    before."""

    trace: Callable[[], Trace]
    clock: Clock
    tester: str
    sut: str
    cursor: Callable[[], int]
    _looked_to: int = 0

    async def watch(self, seconds: float) -> Trace:
        """Let time pass; what was seen meanwhile, and just before."""
        begun, seen = self.clock.now(), self.trace()
        stimulus = next((each.number for each in reversed(seen) if self._stimulates(each)), 0)
        from_here = max(stimulus, self.cursor(), self._looked_to)
        await asyncio.sleep(seconds)
        found = self.trace().after(from_here).since(begun - _LAG)
        self._looked_to = found[-1].number if found else from_here
        return found

    def _stimulates(self, seen: Observation) -> bool:
        """What the bench or the tester does, and the answer to it, which is where a reaction begins."""
        if isinstance(seen.message, BenchAction):
            return True
        asked = seen.sender == self.tester and isinstance(seen.message, (Call, Send))
        return asked or (seen.sender == self.sut and isinstance(seen.message, (CallResult, CallError)))
