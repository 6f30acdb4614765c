"""What the station is between its connections: outlet, transaction, profiles, and the messages that wait for a connection."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from interop.station.plant import LEAST, MOST, Outlet
from interop.station.schedule import Aim, Profile, aim

_STEP = 0.1


def stamp() -> str:
    """Now, as the wire writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@dataclass(slots=True)
class Waiting:
    """A request that is to be sent. One that is `kept` waits for a connection; `then` gets the answer, None for a refusal."""

    payload: Any
    kept: bool = False
    then: Callable[[Any], None] = lambda _answer: None


@dataclass(slots=True)
class Session:
    """A transaction. `id` is a text in 2.x, the CSMS's number in 1.6 (None: not known yet). One that is `denied` goes on without
    energy."""

    token: dict[str, str]
    id: Any = field(default_factory=lambda: str(uuid.uuid4()))
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    events: int = 0
    state: str = ""
    mode: str = ""
    remote: int | None = None
    group: Any = None
    denied: bool = False
    kept: list[Any] = field(default_factory=list)

    def number(self) -> int:
        """Of the next event."""
        self.events += 1
        return self.events - 1


class Body:
    """One EVSE with one connector. `accepted` by a CSMS, `connected` to it."""

    def __init__(self) -> None:
        self.outlet = Outlet()
        self.session: Session | None = None
        self.token: dict[str, str] | None = None
        self.group: Any = None
        self.profiles: list[dict[str, Any]] = []
        self.inoperative: set[str] = set()
        self._changes: dict[str, object] = {}
        self.accepted = self.connected = self.rejected = False
        self.reason: str | None = "PowerUp"
        self.queue: deque[Waiting] = deque()
        self.changed = asyncio.Event()
        self._ended = asyncio.Event()
        self.outlet_was = ""

    def end(self) -> None:
        """The transaction is over, and what was allowed with it."""
        self.session, self.token, self.group = None, None, None
        self._ended.set()

    async def idle(self) -> None:
        """Wait until there is no transaction."""
        while self.session is not None:
            self._ended.clear()
            await self._ended.wait()

    @property
    def operative(self) -> bool:
        """Neither the station nor its outlet was put out of service."""
        return not self.inoperative

    async def set_operative(self, place: str, operative: bool) -> bool:
        """Put the station, its EVSE or its connector into service, or out of it as soon as it is idle; each is remembered by
        itself, and the last word counts. Whether anything has changed."""
        change = self._changes[place] = object()
        if not operative:
            await self.idle()
        if self._changes[place] is not change:
            return False
        self.inoperative.discard(place)
        if not operative:
            self.inoperative.add(place)
        return True

    # --- messages ---

    def say(self, payload: Any, then: Callable[[Any], None] = lambda _answer: None) -> None:
        """To be sent now or never."""
        if self.connected:
            self._put(Waiting(payload, then=then))

    def keep(self, payload: Any, then: Callable[[Any], None] = lambda _answer: None) -> None:
        """To be sent as soon as that is possible."""
        self._put(Waiting(payload, kept=True, then=then))

    def _put(self, waiting: Waiting) -> None:
        self.queue.append(waiting)
        self.changed.set()

    # --- power ---

    @property
    def aim(self) -> Aim:
        """What holds now."""
        most, least = self.outlet.range if self.outlet.ev else (MOST, LEAST)
        return aim(self.held(), datetime.now(UTC), self.session and self.session.begun, most, least)

    def held(self) -> list[Profile]:
        """Profiles that concern what goes on."""
        running = self.session.id if self.session else None
        return [
            each
            for each in self.profiles
            if each["charging_profile_purpose"] != "TxProfile" or each.get("transaction_id", running) == running
        ]

    def install(self, place: int, profile: dict[str, Any]) -> None:
        """Keep a profile, in the place of what it replaces."""

        def replaced(known: dict[str, Any]) -> bool:
            same = ("charging_profile_purpose", "stack_level")
            return known["id"] == profile["id"] or (
                known["place"] == place and all(known[name] == profile[name] for name in same)
            )

        self.profiles = [each for each in self.profiles if not replaced(each)]
        self.profiles.append({**profile, "place": place})

    async def live(self, watch: Callable[[], None]) -> None:
        """Let power follow; `watch` is called after every step."""
        loop = asyncio.get_running_loop()
        at = loop.time()
        while True:
            await asyncio.sleep(_STEP)
            now, held = loop.time(), self.aim
            wanted = held.charge if held.setpoint is None else float(held.setpoint)
            self.outlet.closed = self.session is not None and not self.session.denied and bool(self.outlet.ev)
            self.outlet.wanted = max(held.discharge, min(held.charge, wanted)) if self.outlet.closed else 0.0
            self.outlet.step(now - at)
            at = now
            watch()
