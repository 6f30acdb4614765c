"""How a case comes to the CSMS and goes again as a station: knocking with other credentials, pings, being away and back."""

from __future__ import annotations

import asyncio
import math
import ssl
from dataclasses import replace
from typing import Any

from harness.actor.ocpp_inbox import Inbox
from harness.actor.ocpp_line import NAME, CsmsAccess, Line, outdated
from harness.actor.window import Window
from harness.errors import Inconclusive
from harness.link.capture import Capture
from harness.link.clock import Clock
from harness.link.observation import Closed, Flooded, Observation, Silence
from harness.link.tls import TlsProfile
from harness.link.trace import Timeline, Trace
from harness.link.websocket import Pong, Upgraded
from harness.ocppj.frame import Call

_STAY = 1.0
"""Seconds that a connection made by knocking is kept, to see whether the CSMS ends it by itself."""
_GLANCE = 0.05
"""Seconds between two looks for a pong, which no inbox takes."""


class TesterAccess:
    """The words for it; the station itself keeps the connection that cases talk over."""

    access: CsmsAccess
    inbox: Inbox
    timeline: Timeline
    capture: Capture
    clock: Clock
    _line: Line | None
    _connections: int
    _knocks: set[int]
    _window: Window | None = None

    async def knock(
        self, *, basic: bool = True, certificate: tuple[bytes, bytes] | None = None, **access: Any
    ) -> Observation:
        """Try to get in once more, besides, with other fields of the access (`password`, `identity`, `user`, `offered`,
        `versions`, `compression`, `tls`), and leave again.

        `basic` False: without an Authorization header. `certificate`: another chain and key (PEM); empty ones for none.

        `Upgraded` where the CSMS lets it in and keeps it; else `Refused`, or `Closed` where it was put out at once.
        """
        self._connections += 1
        number = self._connections
        self._knocks.add(number)
        chosen = replace(self.access, **access)
        profile = replace(chosen.profile, basic=chosen.profile.basic and basic)
        tls = chosen.tls if certificate is None else replace(chosen.tls, chain=certificate[0], key=certificate[1])
        opened = await replace(chosen, profile=profile, tls=tls).open(self.timeline, self.capture, number)
        if opened.line is None:
            return opened.seen
        (let_in,) = (seen for seen in self.timeline.trace.of(Upgraded) if seen.connection == number)
        until = self.clock.now() + _STAY
        while self.clock.now() < until:
            seen = await opened.line.link.receive(until)
            if isinstance(seen.message, (Closed, Flooded)):
                let_in = seen
                break
        await opened.line.link.close()
        return let_in

    async def ping(self, within: float) -> Observation:
        """The CSMS's pong to a ping, or `Silence`."""
        if self._line is None:
            raise Inconclusive("the station is not connected to the CSMS")
        begin, until = len(self.timeline.observations), self.clock.now() + within
        await self._line.socket.ping(b"tester")
        while self.clock.now() < until:
            pongs = self.timeline.trace.after(begin).sent_by("csms").of(Pong)
            if pongs:
                return pongs[0]
            await asyncio.sleep(_GLANCE)
        return self.timeline.observe(NAME, "csms", Silence(within), connection=self._connections)

    async def back(self, within: float) -> None:
        """Wait until the connection stands again; `Inconclusive` when it does not within `within` s."""
        if not await self.inbox.until(lambda: self._line is not None, within):
            raise Inconclusive(f"no connection to the CSMS came to stand again within {within:g} s")

    @property
    def tls_up_to_1_1(self) -> TlsProfile:
        """The TLS settings of the access with the old versions alone, which nobody should take any more."""
        return replace(outdated(self.access.tls), maximum=ssl.TLSVersion.TLSv1_1)

    async def unasked(self, quiet: float = 1.0, most: float = 10.0) -> None:
        """Wait until the CSMS has asked nothing for `quiet` s, as it may after a boot; `most` s at the longest."""
        for _ in range(math.ceil(most / quiet)):
            left = self._last_asked() + quiet - self.clock.now()
            if left <= 0:
                return
            await asyncio.sleep(left)

    def _last_asked(self) -> float:
        """When the CSMS asked last, or a connection came about."""
        asked = (seen for seen in reversed(self.inbox.trace) if isinstance(seen.message, (Call, Upgraded)))
        return next((seen.at for seen in asked if seen.sender == "csms" or isinstance(seen.message, Upgraded)), 0.0)

    async def watch(self, seconds: float) -> Trace:
        """Let time pass; what was seen on the line meanwhile, and what came right upon the last stimulus."""
        if self._window is None:
            seen, cursor = (lambda: self.timeline.trace), (lambda: self.inbox.cursor)
            self._window = Window(seen, self.clock, tester="station", sut="csms", cursor=cursor)
        return (await self._window.watch(seconds)).link(NAME)

    @property
    def tls_up_to_1_2(self) -> TlsProfile:
        """The TLS settings of the access, without TLS 1.3."""
        return replace(self.access.tls, maximum=ssl.TLSVersion.TLSv1_2)

    def stamp(self, ago: float = 0.0) -> str:
        """The time `ago` s before now, as the wire carries it."""
        return self.clock.wall(self.clock.now() - ago).isoformat(timespec="milliseconds").replace("+00:00", "Z")
