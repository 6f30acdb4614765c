"""OCPP-J frames on a WebSocket: each chunk that the transport hands over is one message.

Here, and only here, frames and links meet.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

from harness.errors import CodecError
from harness.link.burst import Pace
from harness.link.link import Frame
from harness.link.observation import Observation
from harness.link.transport import Chunk
from harness.link.upgrade import MESSAGE_LIMIT
from harness.ocppj import codes
from harness.ocppj import frame as ocppj
from harness.ocppj.versions import Version

FLOOD_LIMIT = 2 * MESSAGE_LIMIT
"""Octets an OCPP link takes while nobody takes a message or sends one: whoever serves it takes each at once, so this is one
message of the greatest length that a WebSocket lets through, and another behind it."""
PACE = Pace(messages=2000, octets=4 * MESSAGE_LIMIT)
"""What a peer may send within a second: it has to wait for the answer to each request, so the way there and back holds it
below this; a queue of two thousand that is emptied without any delay on the way is still let through."""
_REMEMBERED = 1000
"""Requests whose action is kept to name the answers to them."""


class OcppCodec:
    """Implements `harness.link.link.Codec` for one connection.

    Facts of a frame: `version`, `octets` (their number), `message_id`. What is no frame comes out as a `CodecError` in place
    of the message, with the further facts `error_code` (the one that answers it) and `number` (its message type), as far as
    they could be read. Answers know the action of their request.
    """

    rest = b""  # a WebSocket hands over whole messages

    def __init__(self, version: Version) -> None:
        self.version = version
        self._sent, self._received = _Requests(), _Requests()

    def encode(self, message: Any) -> bytes:
        octets = ocppj.encode(message).encode()
        self._sent.remember(message)
        return octets

    def facts(self, message: Any) -> Mapping[str, Any]:
        return {"version": self.version, "message_id": message.message_id}

    def feed(self, octets: bytes) -> Iterable[Frame]:
        facts: dict[str, Any] = {"version": self.version, "octets": len(octets)}
        if isinstance(octets, Chunk) and octets.binary:
            refused = CodecError("a binary message", path="$", expected="a text message")
            return [Frame(octets, refused, facts)]
        found = ocppj.parse(octets, self.version)
        if isinstance(found, ocppj.FrameFault):
            return [Frame(octets, CodecError(str(found), path=found.path), facts | _facts_of(found))]
        self._received.remember(found)
        requests = self._received if isinstance(found, ocppj.CallResultError) else self._sent
        named = ocppj.named(found, requests.action(found.message_id))
        return [Frame(octets, named, facts | {"message_id": found.message_id})]


class _Requests:
    """The actions of the latest requests of one side, by message id."""

    def __init__(self) -> None:
        self._actions: OrderedDict[str, str] = OrderedDict()

    def remember(self, message: Any) -> None:
        if isinstance(message, (ocppj.Call, ocppj.Send)):
            self._actions[message.message_id] = message.action
            if len(self._actions) > _REMEMBERED:
                self._actions.popitem(last=False)

    def action(self, message_id: str) -> str:
        return self._actions.get(message_id, "")


def _facts_of(fault: ocppj.FrameFault) -> dict[str, Any]:
    known = {"number": fault.number, "message_id": fault.message_id}
    return {"error_code": fault.code} | {name: value for name, value in known.items() if value is not None}


def fault_of(seen: Observation, version: Version) -> ocppj.FrameFault:
    """What is wrong with a message that is no frame, as an exchange wants to hear it, from what could be read of it."""
    facts = seen.facts
    code = facts.get("error_code", codes.spelt(codes.RPC_FRAMEWORK_ERROR, version))
    return ocppj.FrameFault(
        str(seen.message), "a frame", number=facts.get("number"), message_id=facts.get("message_id"), code=code
    )
