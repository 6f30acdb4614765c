"""SDP as a probe: single datagrams to the SECC's discovery server, well-formed or not, and what comes back."""

from __future__ import annotations

import asyncio

from harness.actor.access import ask_all_nodes
from harness.errors import Inconclusive
from harness.link.capture import Capture
from harness.link.observation import Observation, RawOctets, Silence
from harness.link.tap import CapturedDatagrams
from harness.link.trace import Timeline
from harness.link.transport import Datagrams
from harness.v2g.sdp import REPEAT_AFTER, REQUEST_LIMIT, SdpFault, SdpRequest, SdpResponse, decode, encode


class SdpProbe:
    """One UDP socket, from which datagrams go to all nodes; answers are observed on the link ``sdp``."""

    def __init__(self, socket: Datagrams, timeline: Timeline, capture: Capture) -> None:
        self._socket = CapturedDatagrams(socket, capture, timeline.clock)
        self._timeline = timeline

    async def ask(self, request: SdpRequest, *, within: float) -> Observation:
        """Send a request and take the first answer (an `SdpResponse`, or the `SdpFault` in it); `Silence` after `within` s."""
        octets = encode(request)
        self._timeline.observe("sdp", "evcc", request, octets=octets)
        return await self._exchange(octets, within)

    async def find(self, request: SdpRequest) -> Observation:
        """Ask as an EV does, again and again, until somebody answers anything; inconclusive when nobody does."""
        for _ in range(REQUEST_LIMIT):
            seen = await self.ask(request, within=REPEAT_AFTER)
            if not isinstance(seen.message, Silence):
                return seen
        raise Inconclusive(f"nobody answered {REQUEST_LIMIT} SDP requests (frame {seen.number})")

    async def ask_octets(self, octets: bytes, note: str, *, within: float) -> Observation:
        """The same with octets that need be no SDP message."""
        self._timeline.observe("sdp", "evcc", RawOctets(note), octets=octets)
        return await self._exchange(octets, within)

    async def close(self) -> None:
        """Close the socket."""
        await self._socket.close()

    async def _exchange(self, octets: bytes, within: float) -> Observation:
        await ask_all_nodes(self._socket, octets)
        try:
            async with asyncio.timeout(within):
                while True:
                    heard, sender = await self._socket.receive()
                    seen = decode(heard)
                    if isinstance(seen, SdpResponse | SdpFault):
                        facts = {"from": str(sender)}
                        return self._timeline.observe("sdp", "secc", seen, octets=heard, facts=facts)
        except TimeoutError:
            return self._timeline.observe("sdp", "secc", Silence(within))
