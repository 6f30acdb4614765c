"""What one party still has to send: one request at a time, in order, over outages (OCPP 2.1 part 4, 5; part 2, E04, E13).

A station's messages about transactions survive an outage and are tried again after an error or a timeout; others are lost
with the connection unless everything is queued. Time is an argument (seconds on any monotonic clock); nothing is sent here.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.ocppj.actions import actions
from harness.ocppj.frame import Answer, Call, CallError, Send
from harness.ocppj.versions import Version


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """How patiently to send. Times in seconds.

    `timeout`: MessageTimeout. `attempts` and `interval`: MessageAttempts and MessageAttemptInterval for TransactionEvent
    (TransactionMessageAttempts and ...RetryInterval in 1.6); attempt n is followed by a wait of n intervals. `queue_all`:
    QueueAllMessages. `reuse_ids`: a retry keeps its message id, which only 2.1 allows. `capacity`: messages kept at most.
    """

    timeout: float = 30.0
    attempts: int = 3
    interval: float = 60.0
    queue_all: bool = False
    reuse_ids: bool = False
    capacity: int = 10_000


@dataclass(frozen=True, slots=True)
class Item:
    """One message to send. `attempt` counts from 1 once it was sent; not before `not_before` it is sent (again)."""

    action: str
    payload: Mapping[str, Any]
    transactional: bool
    message_id: str
    queued_at: float
    attempt: int = 0
    not_before: float = 0.0


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a message: its answer, or None for a timeout or a lost connection. `again`: it will be tried again."""

    item: Item
    answer: Answer | None
    again: bool


def message_ids(prefix: str) -> Iterator[str]:
    """Message ids that never repeat as long as the prefix does not: at most 36 characters, of which it may take 24."""
    return (f"{prefix[:24]}-{number}" for number in itertools.count(1))


class Outbox:
    """The messages of one party. It starts offline; `gate` are the only actions that may leave (None: all)."""

    def __init__(self, version: Version, ids: Iterator[str], policy: QueuePolicy | None = None) -> None:
        self.policy = policy or QueuePolicy()
        self.gate: frozenset[str] | None = None
        self.online = False
        self._version, self._ids = version, ids
        self._waiting: deque[Item] = deque()
        self._in_flight: Item | None = None
        self._until = 0.0

    def __len__(self) -> int:
        return len(self._waiting) + (self._in_flight is not None)

    @property
    def in_flight(self) -> Item | None:
        """The request that waits for its answer."""
        return self._in_flight

    def put(self, action: str, payload: Mapping[str, Any], now: float, *, transactional: bool = False) -> Item | None:
        """Take a message; None when it cannot be kept: offline and not of the kind that is queued, or no room."""
        if not (self.online or transactional or self.policy.queue_all) or len(self) >= self.policy.capacity:
            return None
        item = Item(action, payload, transactional, next(self._ids), now)
        self._waiting.append(item)
        return item

    def next(self, now: float) -> Call | Send | None:
        """The frame to send now, if there is one; a request then counts as in flight."""
        item = self._choose(now) if self.online else None
        if item is None:
            return None
        self._waiting.remove(item)
        if self._is_send(item):
            return Send(item.message_id, item.action, item.payload)
        self._in_flight = replace(item, attempt=item.attempt + 1)
        self._until = now + self.policy.timeout
        return Call(item.message_id, item.action, item.payload)

    def settle(self, answer: Answer, now: float) -> Settled | None:
        """An answer came; None when it answers nothing that is in flight (late, twice, never asked): it is dropped."""
        item = self._in_flight
        if item is None or item.message_id != answer.message_id:
            return None
        self._in_flight = None
        again = isinstance(answer, CallError) and self._try_again(item, now)
        return Settled(item, answer, again)

    def expire(self, now: float) -> Settled | None:
        """What timed out by `now`, if something did."""
        item = self._in_flight
        if item is None or now < self._until:
            return None
        self._in_flight = None
        return Settled(item, None, self._try_again(item, now))

    @property
    def deadline(self) -> float | None:
        """When to call `expire` or `next` again although nothing came; None when nothing is to be waited for."""
        if self._in_flight is not None:
            return self._until
        if not self.online:
            return None
        return min((item.not_before for item in self._waiting if self._passes(item)), default=None)

    def connected(self) -> None:
        """A connection stands."""
        self.online = True

    def disconnected(self) -> tuple[Item, ...]:
        """The connection is gone. Returns what is lost with it; what was in flight and is kept goes first next time."""
        self.online = False
        if self._in_flight is not None:
            self._waiting.appendleft(self._renewed(replace(self._in_flight, attempt=self._in_flight.attempt - 1)))
            self._in_flight = None
        kept = [item for item in self._waiting if item.transactional or self.policy.queue_all]
        lost = tuple(item for item in self._waiting if not (item.transactional or self.policy.queue_all))
        self._waiting = deque(kept)
        return lost

    def _choose(self, now: float) -> Item | None:
        """The first that may leave. A message about a transaction never overtakes an earlier one."""
        held_back = False
        for item in self._waiting:
            waits = item.not_before > now or (item.transactional and held_back) or not self._passes(item)
            if not waits and (self._in_flight is None or self._is_send(item)):
                return item
            held_back = held_back or item.transactional
        return None

    def _passes(self, item: Item) -> bool:
        return self.gate is None or item.action in self.gate

    def _is_send(self, item: Item) -> bool:
        known = actions(self._version).get(item.action)
        return known is not None and not known.answered

    def _try_again(self, item: Item, now: float) -> bool:
        if not item.transactional or item.attempt >= self.policy.attempts:
            return False
        later = now + self.policy.interval * item.attempt
        self._waiting.appendleft(self._renewed(replace(item, not_before=later)))
        return True

    def _renewed(self, item: Item) -> Item:
        return item if self.policy.reuse_ids else replace(item, message_id=next(self._ids))
