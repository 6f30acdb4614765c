"""One request and what came of it, as the tester sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.link.observation import Closed, Event, Flooded, Observation, Silence, Undecodable
from harness.link.trace import Trace
from harness.v2g.sequence import is_request


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as sent (None when a fault dropped it) and the next thing the peer did.

    `outcome` is a response, or one of the events `Silence`, `Closed`, `Flooded`, `Undecodable`: what a peer does wrong
    is an observation for a check to judge.
    """

    request: Observation | None
    outcome: Observation

    @property
    def response(self) -> Any:
        """The response message; None when none came."""
        return None if isinstance(self.outcome.message, Event) else self.outcome.message

    @property
    def turnaround(self) -> float | None:
        """Seconds from the last octet of the request to the first of the response; None without both."""
        if self.request is None or self.response is None:
            return None
        arrived = self.outcome.at if self.outcome.first_at is None else self.outcome.first_at
        return arrived - self.request.at

    @property
    def silent(self) -> bool:
        """Nothing came in time."""
        return isinstance(self.outcome.message, Silence)

    @property
    def ended(self) -> bool:
        """The peer closed the connection or flooded it instead of answering."""
        return isinstance(self.outcome.message, (Closed, Flooded))

    @property
    def undecodable(self) -> bool:
        """Octets came that are no message."""
        return isinstance(self.outcome.message, Undecodable)


def words(outcome: Observation) -> str:
    """What a peer did, in a few words: a response with its code, or the event."""
    code = getattr(outcome.message, "ResponseCode", None)
    if code is not None:
        return f"{outcome.name} {code.value}"
    return str(outcome.message) if isinstance(outcome.message, Event) else outcome.name


def response_time_in(trace: Trace) -> Callable[[Observation], float | None]:
    """A reading: seconds from the last octet of a request to the first of the response at hand."""
    requests = trace.where(lambda seen: is_request(seen.message))

    def response_time(seen: Observation) -> float | None:
        asked = [each for each in requests if each.number < seen.number and each.connection == seen.connection]
        return Exchange(asked[-1], seen).turnaround if asked else None

    return response_time
