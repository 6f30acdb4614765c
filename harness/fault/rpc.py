"""Faults of a party in its conversations: what it cannot take, when it stops to listen or to ask, what it counts twice.

As `harness.fault.ocpp` they know OCPP-J frames by `action`, `payload` and `message_id`, and no more about them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.fault.fault import Direction, Fault
from harness.fault.ocpp import Remembering, is_frame

_NOBODY_KNOWS = "ThisHasNoMeaning"
_ANSWERS = (3, 4)


def _number(message: Any) -> int:
    return int(getattr(message, "number", 0))


@dataclass(frozen=True)
class Chokes(Fault):
    """Takes requests for which `claim` holds for something unknown, and refuses them."""

    what: str
    claim: Callable[[Any], bool] = field(repr=False)

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "in" and is_frame(message, "request") and self.claim(message):
            return (replace(message, action=_NOBODY_KNOWS),)
        return (message,)


@dataclass(frozen=True)
class GoesDeaf(Remembering):
    """Hears nothing any more once something came for which `claim` holds."""

    what: str
    claim: Callable[[Any], bool] = field(repr=False)

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out":
            return (message,)
        if "deaf" in self.memory:
            return ()
        if self.claim(message):
            self.memory["deaf"] = True
        return (message,)


@dataclass(frozen=True)
class TiresOfWaiting(Remembering):
    """Hears nothing any more once nothing was said to it for that many s."""

    seconds: float

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out":
            return (message,)
        now = asyncio.get_running_loop().time()
        if now - self.memory.get("heard", now) > self.seconds:
            return ()
        self.memory["heard"] = now
        return (message,)


@dataclass(frozen=True)
class Sulks(Remembering):
    """Makes no request any more once one of its own was refused with a CALLERROR."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "in" and _number(message) == 4:
            self.memory["sulks"] = True
        return () if direction == "out" and is_frame(message, "request") and "sulks" in self.memory else (message,)


@dataclass(frozen=True)
class WaitsForEver(Remembering):
    """Makes no request any more while one of its own has no answer, however long that takes."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and is_frame(message, "request"):
            if self.memory:
                return ()
            self.memory[message.message_id] = True
        elif direction == "in" and _number(message) in _ANSWERS:
            self.memory.pop(message.message_id, None)
        return (message,)


@dataclass(frozen=True)
class OneSided(Remembering):
    """Answers nothing while a request of its own has no answer."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and is_frame(message, "request"):
            self.memory[message.message_id] = True
        elif direction == "in" and _number(message) in _ANSWERS:
            self.memory.pop(message.message_id, None)
        elif direction == "out" and _number(message) in _ANSWERS and self.memory:
            return ()
        return (message,)


@dataclass(frozen=True)
class AsksNothing(Fault):
    """Never sends requests of an action ("" for any), nor anything in their place."""

    action: str = ""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        return () if direction == "out" and is_frame(message, "request", self.action) else (message,)


@dataclass(frozen=True)
class AnswersSends(Remembering):
    """Answers what is not to be answered, as soon as it answers anything."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "in" and _number(message) == 6:
            self.memory["send"] = message.message_id
        if direction == "out" and is_frame(message, "response") and "send" in self.memory:
            return (message, replace(message, message_id=self.memory.pop("send")))
        return (message,)


@dataclass(frozen=True)
class FollowsOrder(Remembering):
    """Refuses requests of an action whose `seqNo` is not the next one, counted for each value of `whose`."""

    action: str
    whose: Callable[[Any], Any] = field(repr=False)

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" or not is_frame(message, "request", self.action):
            return (message,)
        key, number = str(self.whose(message.payload)), message.payload.get("seqNo")
        if number != self.memory.get(key, 0):
            return (replace(message, action=_NOBODY_KNOWS),)
        self.memory[key] = number + 1
        return (message,)


@dataclass(frozen=True)
class KnowsTransactions(Remembering):
    """Refuses what is told of transactions whose start it has not seen."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" or not is_frame(message, "request", "TransactionEvent"):
            return (message,)
        key = str(message.payload.get("transactionInfo", {}).get("transactionId"))
        if message.payload.get("eventType") == "Started":
            self.memory[key] = True
        return (message,) if key in self.memory else (replace(message, action=_NOBODY_KNOWS),)


@dataclass(frozen=True)
class ChargesRepeats(Remembering):
    """Charges the whole transaction once more for each event of it that came a second time."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "in" and is_frame(message, "request", "TransactionEvent"):
            key = (str(message.payload.get("transactionInfo")), message.payload.get("seqNo"))
            self.memory["again"] = self.memory.get("again", 0) + (str(key) in self.memory)
            self.memory[str(key)] = True
        if direction == "out" and is_frame(message, "response", "TransactionEvent"):
            cost = message.payload.get("totalCost")
            if cost and self.memory.get("again"):
                return (replace(message, payload={**message.payload, "totalCost": cost * (1 + self.memory["again"])}),)
        return (message,)


@dataclass(frozen=True)
class AcceptsOnce(Remembering):
    """Accepts the first boot of a station, and rejects those after it."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and is_frame(message, "response", "BootNotification"):
            if "accepted" in self.memory:
                return (replace(message, payload={**message.payload, "status": "Rejected"}),)
            self.memory["accepted"] = True
        return (message,)


@dataclass(frozen=True)
class TruncatesIds(Fault):
    """Answers under the beginning of a message id, where it is longer than `length`."""

    length: int

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out" and _number(message) in _ANSWERS and len(message.message_id) > self.length:
            return (replace(message, message_id=message.message_id[: self.length]),)
        return (message,)
