"""What the SUT made of a request, as checks judge it: the response with its code, or that none came.

    check.that(exchange.outcome, answer, failure_of(PowerDeliveryReq, "FAILED_SequenceError"))

After a deliberate violation several endings are sound; each limit here is one set of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.link.observation import Closed, Event, Observation, Refused, Silence
from harness.v2g.sequence import failed, response_to
from harness.verdict.limits import Limit, satisfies


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing the SUT did after a request: a message, or an event such as silence."""

    seen: Observation

    @property
    def code(self) -> str:
        """The ResponseCode by name; empty where there is none."""
        found = getattr(self.seen.message, "ResponseCode", None)
        return "" if found is None else str(found.value)

    @property
    def fails(self) -> bool:
        """A response that ends the session."""
        return bool(self.code) and failed(self.seen.message)

    @property
    def closed(self) -> bool:
        """The SUT ended the connection."""
        return isinstance(self.seen.message, Closed)

    @property
    def absent(self) -> bool:
        """Silence, a closed connection, or none at all."""
        return isinstance(self.seen.message, (Silence, Closed, Refused))

    def __str__(self) -> str:
        if isinstance(self.seen.message, Event):
            return str(self.seen.message)
        return f"{self.seen.name} {self.code}".rstrip()


def answer(seen: Observation) -> Answer:
    """The answer to a request."""
    return Answer(seen)


def failure_of(request: type, *codes: str, when: str = "") -> Limit:
    """The response of that request with one of the FAILED codes; any of them where none is named."""
    named = " or ".join(codes) or "a FAILED code"
    expects = f"{response_to(request).__name__} with {named} {when}".rstrip()
    return satisfies(expects, lambda got: _is_response(got, request) and (got.code in codes if codes else got.fails))


def response_of(request: type, *codes: str, when: str = "") -> Limit:
    """The response of that request with one of the codes; with any OK code where none is named."""
    named = " or ".join(codes) or "an OK code"
    expects = f"{response_to(request).__name__} with {named} {when}".rstrip()
    return satisfies(
        expects, lambda got: _is_response(got, request) and (got.code in codes if codes else got.code.startswith("OK"))
    )


def no_service(when: str = "") -> Limit:
    """A FAILED response, silence, a closed connection, or a refused one; never a response that goes along."""
    return satisfies(f"no service (a FAILED response, silence or a close) {when}".rstrip(), _serves_not)


def no_answer(when: str = "") -> Limit:
    """Silence or a closed connection."""
    return satisfies(f"no response (silence or a close) {when}".rstrip(), lambda got: bool(got.absent))


def no_negotiation(when: str = "") -> Limit:
    """No connection, the end of it, nothing, or Failed_NoNegotiation: whatever is no go-ahead."""
    expects = f"no protocol negotiated (no connection, a close, or Failed_NoNegotiation) {when}".rstrip()
    return satisfies(expects, lambda got: not got.code.startswith("OK"))


def _serves_not(got: Answer) -> bool:
    return got.absent or got.fails


def _is_response(got: Any, request: type) -> bool:
    return type(got.seen.message) is response_to(request)
