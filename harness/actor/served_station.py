"""One station as the CSMS serves it, over all its connections: call it, wait for what it sends, speak to it in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from harness.actor.csms_conversation import Owner, StationConversation
from harness.actor.csms_words import CsmsWords, Where
from harness.actor.ocpp_call import CallOutcome
from harness.actor.ocpp_inbox import Inbox
from harness.errors import Inconclusive
from harness.link.clock import Clock
from harness.link.link import LinkFault
from harness.link.observation import Closed, Flooded, Observation, Silence
from harness.link.trace import Timeline, Trace
from harness.ocpp.csms.station import Station
from harness.ocpp.exchange import RpcExchange
from harness.ocppj.frame import Frame, encode
from harness.ocppj.versions import Version


class Host(Owner, Protocol):
    """What a served station needs of its CSMS."""

    timeline: Timeline
    clock: Clock
    answer_time: float

    @property
    def turned_away(self) -> str:
        """Why the last one that came was not let in, to be put behind a sentence; empty where nobody was refused."""
        ...


class ServedStation(CsmsWords):
    """A station by its identity; it may be connected or not. `policy` is that of the CSMS, for all stations.

    `expect` looks at what came after the last request of the case, or after what it found last.
    """

    def __init__(self, host: Host, identity: str, ids: Iterator[str]) -> None:
        self.host, self.identity, self.ids = host, identity, ids
        self.system, self.clock = host.system, host.clock
        self.conversation: StationConversation | None = None
        self.connections: list[int] = []
        self.inbox = Inbox(host.timeline)
        self.former = {}
        self._exchanges: dict[Version, RpcExchange] = {}

    @property
    def policy(self) -> Any:
        return self.host.policy

    @policy.setter
    def policy(self, policy: Any) -> None:
        self.host.policy = policy

    @property
    def record(self) -> Station:
        return self.system.station(self.identity)

    @property
    def trace(self) -> Trace:
        """All that was seen on this station's connections."""
        return self.host.timeline.trace.link("ocpp").where(lambda seen: seen.connection in self.connections)

    def exchange(self, version: Version) -> RpcExchange:
        """The exchange of all connections of that version: message ids outlive connections."""
        if version not in self._exchanges:
            self._exchanges[version] = RpcExchange(version, timeout=self.host.answer_time)
        return self._exchanges[version]

    # --- told by the CSMS ---

    def attach(self, conversation: StationConversation) -> None:
        """A connection of this station stands."""
        self.conversation = conversation
        self.connections.append(conversation.link.connection)
        self.inbox.wake()

    def detach(self, conversation: StationConversation) -> None:
        """It is gone; a newer one may have taken its place."""
        if self.conversation is conversation:
            self.conversation = None
        self.inbox.wake()

    def took(self, seen: Observation) -> None:
        """Something was received and dealt with."""
        self.inbox.took(seen)

    # --- connection ---

    @property
    def is_connected(self) -> bool:
        return self.conversation is not None and self.conversation.standing

    async def connected(self, within: float) -> None:
        if not await self.inbox.until(lambda: self.is_connected, within):
            raise Inconclusive(f"{self.identity} did not connect within {within:g} s{self.host.turned_away}")

    async def reconnected(self, within: float) -> bool:
        """Wait for a further connection; False when none comes."""
        known = len(self.connections)
        return await self.inbox.until(lambda: len(self.connections) > known and self.is_connected, within)

    async def gone(self, within: float) -> Observation:
        """The end of the connection, or `Silence` while it stands."""
        return await self._next(lambda seen: isinstance(seen.message, (Closed, Flooded)), within)

    async def close(self) -> None:
        """Close the connection from our side."""
        if self.conversation is not None:
            await self.conversation.leave()

    async def drop(self) -> None:
        """Tear the connection down without goodbye."""
        if self.conversation is not None:
            await self.conversation.leave(torn=True)

    # --- messages ---

    async def call(
        self,
        action: str,
        payload: Mapping[str, Any] | None = None,
        *,
        within: float | None = None,
        faults: Sequence[LinkFault] = (),
        message_id: str = "",
        at_once: bool = False,
    ) -> CallOutcome:
        """Send a request and await what comes of it within `within` s (default: the station's answer time)."""
        talk = self._standing()
        self.inbox.mark()
        return await talk.call(
            action, payload or {}, within=within, faults=faults, message_id=message_id, at_once=at_once
        )

    def begin(self, action: str, payload: Mapping[str, Any]) -> None:
        """Send a request beside whatever goes on; what comes of it is in the books and on the timeline."""
        self._standing().start(self._carry_out(action, payload))

    async def _carry_out(self, action: str, payload: Mapping[str, Any]) -> None:
        await self._standing().call(action, payload)

    async def send_frame(self, frame: Frame) -> Observation | None:
        """Send any frame, also one that does not belong here; nothing is awaited."""
        return await self._standing().link.send(frame)

    async def send_text(self, text: str, note: str) -> Observation:
        """Send a WebSocket message that need be no frame, and record why."""
        return await self._standing().link.send_octets(text.encode(), note)

    def encoded(self, frame: Frame) -> str:
        """The text of a frame, for cases that break it."""
        return encode(frame)

    async def expect(
        self,
        action: str,
        where: Where | None = None,
        *,
        within: float,
        after: int | None = None,
        **fields: Any,
    ) -> Observation:
        """The station's next request (or SEND) of that action for which all holds; `Silence` after `within` s.

        `fields` are values that members of the payload must have, wherever in it they stand. It looks at frames after
        number `after`; by default after the last request made, or the last that was expected and came.
        """
        found = await self.inbox.request(action, where, within, after, fields)
        return found or self._silence(within)

    async def _next(self, fits: Callable[[Observation], bool], within: float) -> Observation:
        return await self.inbox.next(fits, within) or self._silence(within)

    def _silence(self, within: float) -> Observation:
        last = self.connections[-1] if self.connections else 0
        return self.host.timeline.observe("ocpp", "station", Silence(within), connection=last)

    def _standing(self) -> StationConversation:
        if self.conversation is None:
            raise Inconclusive(f"{self.identity} is not connected")
        return self.conversation
