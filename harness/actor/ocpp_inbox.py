"""What an OCPP party received, and waiting for the next request that a case is after."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from harness.link.observation import Observation
from harness.link.trace import Timeline, Trace
from harness.ocppj.frame import Call, Send

Where = Callable[[Mapping[str, Any]], bool]
_REMEMBERED = 10_000
"""Received frames that `expect` can look back at."""


class Inbox:
    """`expect` looks at what came after `cursor`: the last request of the case, or what it found last."""

    def __init__(self, timeline: Timeline) -> None:
        self.received: deque[Observation] = deque(maxlen=_REMEMBERED)
        self.cursor = 0
        self._timeline = timeline
        self._changed = asyncio.Event()

    @property
    def trace(self) -> Trace:
        """All that was seen on the OCPP link."""
        return self._timeline.trace.link("ocpp")

    def took(self, seen: Observation) -> None:
        """Something was received and dealt with."""
        self.received.append(seen)
        self.wake()

    def wake(self) -> None:
        """Something changed that somebody may wait for."""
        self._changed.set()
        self._changed = asyncio.Event()

    def mark(self) -> None:
        """What comes from now on is new."""
        self.cursor = len(self._timeline.observations)

    async def request(
        self, action: str, where: Where | None, within: float, after: int | None, fields: Mapping[str, Any]
    ) -> Observation | None:
        """The next request (or SEND) of that action for which all holds, None when none comes within `within` s.

        `fields` are values that members of the payload must have, wherever in it they stand.
        """

        def fits(seen: Observation) -> bool:
            message = seen.message
            if not isinstance(message, (Call, Send)) or message.action != action:
                return False
            held = all(value in values_of(message.payload, name) for name, value in fields.items())
            return held and (where is None or where(message.payload))

        return await self.next(fits, within, after)

    async def next(
        self, fits: Callable[[Observation], bool], within: float, after: int | None = None
    ) -> Observation | None:
        """The next thing that fits; None when none comes within `within` s."""
        begin = self.cursor if after is None else after
        found: list[Observation] = []

        def came() -> bool:
            found[:] = [seen for seen in self.received if seen.number > begin and fits(seen)][:1]
            return bool(found)

        if not await self.until(came, within):
            return None
        self.cursor = found[0].number
        return found[0]

    async def until(self, claim: Callable[[], bool], within: float) -> bool:
        """Wait until a claim holds; whether it did within `within` s."""
        until = self._timeline.clock.now() + within
        while not claim():
            changed = self._changed
            try:
                async with asyncio.timeout_at(until):
                    await changed.wait()
            except TimeoutError:
                return bool(claim())
        return True


def values_of(part: Any, name: str) -> list[Any]:
    """All values of members called `name`, at whatever depth."""
    if isinstance(part, dict):
        own = [part[name]] if name in part else []
        return own + [value for each in part.values() for value in values_of(each, name)]
    return [value for each in part for value in values_of(each, name)] if isinstance(part, list) else []
