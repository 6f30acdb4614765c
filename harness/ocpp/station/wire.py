"""What passes between the station and whoever carries its messages: requests to send, refusals, instants as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from harness.ocpp import times

Payload = Mapping[str, Any]


@dataclass(slots=True)
class Request:
    """A message that the station wants to send.

    `about` is what the station needs to understand the answer. `transaction` names the transaction it tells about. A
    `lasting` request waits for the connection and is tried again, as all about transactions are.
    """

    action: str
    payload: dict[str, Any]
    about: Any = None
    transaction: str = ""
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A CALLERROR in answer to a request of the CSMS."""

    code: str
    description: str = ""


@dataclass(slots=True)
class Agenda:
    """What the parts of the station want to say, in the order in which it came up."""

    waiting: list[Request] = field(default_factory=list)

    def put(
        self, action: str, payload: dict[str, Any], *, about: Any = None, transaction: str = "", lasting: bool = False
    ) -> None:
        """Append a request."""
        self.waiting.append(Request(action, payload, about, transaction, lasting or bool(transaction)))

    def take(self) -> list[Request]:
        """All that came up since the last call."""
        taken, self.waiting = self.waiting, []
        return taken


def stamp(at: float) -> str:
    """An instant (s since 1970) as the wire carries it."""
    return times.stamp(datetime.fromtimestamp(at, UTC))


def instant(text: str) -> float:
    """Seconds since 1970 of a date-time of the wire. Raises `ValueError` for what is none."""
    found = times.moment(text)
    if found is None:
        raise ValueError(f"{text!r} is no date-time")
    return found.timestamp()


def status(value: str, reason: str = "", info: str = "") -> dict[str, Any]:
    """A response that is a status, with statusInfo where there is a reason."""
    answer: dict[str, Any] = {"status": value}
    if reason:
        answer["statusInfo"] = {"reasonCode": reason} | ({"additionalInfo": info} if info else {})
    return answer
