"""Faults on messages: what is said or heard differs from what was meant.

Each names the `kinds` of messages it concerns; whether such a message is sent or received follows from who is faulty. A
fault that remembers something gets a memory of its own with each `armed`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from harness.errors import CodecError
from harness.fault.fault import Direction, Fault
from harness.fault.fields import Change, plain, scaled, with_field

Kinds = tuple[type, ...]


def kinds_of(*kinds: type | Kinds) -> Kinds:
    """One flat tuple of message types."""
    return tuple(each for group in kinds for each in (group if isinstance(group, tuple) else (group,)))


def _always(value: Any) -> Change:
    return lambda _: value


def _instead(value: Any) -> Change:
    return lambda said: None if said is None else value


@dataclass(frozen=True)
class Altering(Fault):
    """Shape of all faults that turn one message of certain kinds into another one."""

    kinds: Kinds

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        return (self.altered(message, direction),) if isinstance(message, self.kinds) else (message,)

    def altered(self, message: Any, direction: Direction) -> Any:  # noqa: ARG002 - by subclasses
        """The message that travels instead."""
        return message


@dataclass(frozen=True)
class Remembering(Altering):
    """Shape of altering faults with a memory."""

    memory: dict[str, Any] = field(default_factory=dict, kw_only=True, compare=False, repr=False)

    def armed(self) -> Fault:
        return replace(self, memory={})


@dataclass(frozen=True, init=False)
class Answers(Altering):
    """Says other values in the named fields, wherever in the message they stand."""

    values: tuple[tuple[str, Any], ...]

    def __init__(self, kinds: type | Kinds, **values: Any) -> None:
        object.__setattr__(self, "kinds", kinds_of(kinds))
        object.__setattr__(self, "values", tuple(values.items()))

    def altered(self, message: Any, direction: Direction) -> Any:  # noqa: ARG002
        for name, value in self.values:
            message = with_field(message, name, _always(value))
        return message


class Hears(Answers):
    """Hears other values than were said, in fields that are given; absent ones stay absent."""

    def altered(self, message: Any, direction: Direction) -> Any:  # noqa: ARG002
        for name, value in self.values:
            message = with_field(message, name, _instead(value))
        return message


@dataclass(frozen=True)
class Recodes(Altering):
    """Says `to` where the response code is one of `codes`; other fields may change with it."""

    codes: tuple[Any, ...]
    to: Any
    also: tuple[tuple[str, Any], ...] = ()

    def altered(self, message: Any, direction: Direction) -> Any:  # noqa: ARG002
        if getattr(message, "ResponseCode", None) not in self.codes:
            return message
        return replace(message, ResponseCode=self.to, **dict(self.also))


@dataclass(frozen=True)
class Ignores(Remembering):
    """Hears in a field for ever what it heard there first."""

    name_of_field: str

    def altered(self, message: Any, direction: Direction) -> Any:  # noqa: ARG002
        return with_field(message, self.name_of_field, lambda said: self.memory.setdefault("first", said))


@dataclass(frozen=True)
class Latches(Remembering):
    """Hears in the fields the lowest value that it ever heard there."""

    names: tuple[str, ...]

    def altered(self, message: Any, direction: Direction) -> Any:  # noqa: ARG002
        for name in self.names:
            message = with_field(message, name, partial(self._lowest, name))
        return message

    def _lowest(self, name: str, said: Any) -> Any:
        known = self.memory.get(name)
        if said is not None and (known is None or plain(said) < plain(known)):
            self.memory[name] = said
        return said if said is None else self.memory[name]


@dataclass(frozen=True)
class Scales(Altering):
    """Says quantities multiplied by a factor."""

    names: tuple[str, ...]
    factor: float

    def altered(self, message: Any, direction: Direction) -> Any:  # noqa: ARG002
        for name in self.names:
            message = with_field(message, name, lambda said: scaled(said, self.factor))
        return message


def reverses(kinds: type | Kinds, *names: str) -> Scales:
    """Says quantities with the other sign."""
    return Scales(kinds_of(kinds), names, -1.0)


@dataclass(frozen=True)
class Omits(Altering):
    """Leaves optional fields out."""

    names: tuple[str, ...]

    def altered(self, message: Any, direction: Direction) -> Any:  # noqa: ARG002
        for name in self.names:
            message = with_field(message, name, lambda _: None)
        return message


@dataclass(frozen=True)
class Rewrites(Altering):
    """Turns a message into what `change` makes of it."""

    change: Callable[[Any], Any]

    def altered(self, message: Any, direction: Direction) -> Any:  # noqa: ARG002
        return self.change(message)

    @property
    def name(self) -> str:
        return f"Rewrites({self.change.__name__.strip('_')})"


@dataclass(frozen=True)
class Replies(Remembering):
    """Turns what it sends into what `change(received, sent)` makes of it; `received` is the last message it got."""

    change: Callable[[Any, Any], Any]

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "in":
            self.memory["received"] = message
            return (message,)
        if not isinstance(message, self.kinds) or "received" not in self.memory:
            return (message,)
        return (self.change(self.memory["received"], message),)

    @property
    def name(self) -> str:
        return f"Replies({self.change.__name__.strip('_')})"


@dataclass(frozen=True)
class Evolves(Remembering):
    """Turns each message into what `change(memory, message)` makes of it; the memory lasts as long as the device."""

    change: Callable[[dict[str, Any], Any], Any]

    def altered(self, message: Any, direction: Direction) -> Any:  # noqa: ARG002
        return self.change(self.memory, message)

    @property
    def name(self) -> str:
        return f"Evolves({self.change.__name__.strip('_')})"


@dataclass(frozen=True)
class Repeats(Altering):
    """Says everything of these kinds several times."""

    times: int = 2

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:  # noqa: ARG002
        return (message,) * (self.times if isinstance(message, self.kinds) else 1)


@dataclass(frozen=True)
class Drops(Remembering):
    """Lets `after` messages of these kinds pass, and loses the later ones."""

    after: int = 0

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:  # noqa: ARG002
        if not isinstance(message, self.kinds):
            return (message,)
        self.memory["passed"] = self.memory.get("passed", 0) + 1
        return (message,) if self.memory["passed"] <= self.after else ()


@dataclass(frozen=True)
class Misses(Altering):
    """Loses the messages of these kinds for which `claim` holds."""

    claim: Callable[[Any], bool]

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:  # noqa: ARG002
        return () if isinstance(message, self.kinds) and self.claim(message) else (message,)

    @property
    def name(self) -> str:
        return f"Misses({self.claim.__name__.strip('_')})"


@dataclass(frozen=True)
class AnswersGarbage(Fault):
    """Takes what it cannot decode, and responses, for the request that `guess` makes of the last header it sent.

    Before the first message with a header `guess` gets None.
    """

    guess: Callable[[Any], Any]
    memory: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def armed(self) -> Fault:
        return replace(self, memory={})

    @property
    def name(self) -> str:
        return f"AnswersGarbage({self.guess.__name__.strip('_')})"

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction == "out":
            self.memory["header"] = getattr(message, "Header", None)
            return (message,)
        garbage = isinstance(message, CodecError) or type(message).__name__.endswith("Res")
        return (self.guess(self.memory.get("header")) if garbage else message,)


@dataclass(frozen=True)
class Presumes(Remembering):
    """Hears `first` before a message of these kinds, as long as nobody said it."""

    first: Any

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:  # noqa: ARG002
        missing = isinstance(message, self.kinds) and not self.memory.get("said")
        if missing or isinstance(message, type(self.first)):
            self.memory["said"] = True
        return (self.first, message) if missing else (message,)


@dataclass(frozen=True)
class DropsPipelined(Fault):
    """Loses a message that comes before the last one is answered."""

    memory: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def armed(self) -> Fault:
        return replace(self, memory={})

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        busy = self.memory.get("busy", False)
        self.memory["busy"] = direction == "in"
        return () if busy and direction == "in" else (message,)


@dataclass(frozen=True)
class RewritesSessionId(Fault):
    """Goes by other session ids than it thinks: `alias(number)` gives that of its n-th session, counted from 1.

    Both directions are translated, so the session itself works.
    """

    alias: Callable[[int], bytes]
    memory: dict[bytes, bytes] = field(default_factory=dict, compare=False, repr=False)

    def armed(self) -> Fault:
        return replace(self, memory={})

    @property
    def name(self) -> str:
        return f"RewritesSessionId({self.alias.__name__.strip('_')})"

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        header = getattr(message, "Header", None)
        if header is None:
            return (message,)
        if direction == "in":
            real = next((real for real, alias in reversed(self.memory.items()) if alias == header.SessionID), None)
            opening = type(message).__name__ == "SessionSetupReq" and not any(header.SessionID)
            return (_with_id(message, header.SessionID if real is None or opening else real),)
        if any(header.SessionID) and header.SessionID not in self.memory:
            self.memory[header.SessionID] = self.alias(len(self.memory) + 1)
        return (_with_id(message, self.memory.get(header.SessionID, header.SessionID)),)


@dataclass(frozen=True)
class HearsOwnSessionId(Fault):
    """Takes every session id in a header for its own, from the second message of a session on."""

    memory: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    def armed(self) -> Fault:
        return replace(self, memory={})

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        header = getattr(message, "Header", None)
        if header is None:
            return (message,)
        if direction == "out":
            self.memory["own"] = header.SessionID
        elif "own" in self.memory and type(message).__name__ != "SessionSetupReq":
            return (_with_id(message, self.memory["own"]),)
        return (message,)


def _with_id(message: Any, session_id: bytes) -> Any:
    if message.Header.SessionID == session_id:
        return message
    return replace(message, Header=replace(message.Header, SessionID=session_id))
