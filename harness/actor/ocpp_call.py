"""One request over OCPP-J and what came of it, as values: the result, the refusal, silence, a closed connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.errors import Inconclusive
from harness.link.observation import Closed, Flooded, Observation, Silence, Undecodable
from harness.ocpp.violation import Violation
from harness.ocppj.frame import CallError, CallResult


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """A request as sent (None when no connection stood or a fault dropped it) and what the peer did with it.

    `outcome` is a CALLRESULT, a CALLERROR, or one of the events `Silence`, `Closed`, `Flooded`, `Undecodable`.
    `violations` are what is wrong with the answer.
    """

    request: Observation | None
    outcome: Observation
    violations: tuple[Violation, ...] = ()

    @property
    def response(self) -> Mapping[str, Any] | None:
        """The payload of the CALLRESULT; None when none came."""
        message = self.outcome.message
        return message.payload if isinstance(message, CallResult) else None

    @property
    def status(self) -> str:
        """The status in the CALLRESULT, empty without one."""
        found = (self.response or {}).get("status", "")
        return found if isinstance(found, str) else ""

    @property
    def reason(self) -> str:
        """The reasonCode of the status, empty without one."""
        info = (self.response or {}).get("statusInfo")
        return str(info.get("reasonCode", "")) if isinstance(info, dict) else ""

    @property
    def error(self) -> str:
        """The code of the CALLERROR, empty when none came."""
        return self.outcome.message.code if isinstance(self.outcome.message, CallError) else ""

    @property
    def accepted(self) -> bool:
        """A sound CALLRESULT came, and its status, if it has one, is Accepted."""
        return self.sound and self.status in ("Accepted", "")

    def needed(self) -> CallOutcome:
        """Itself, where it was accepted; `Inconclusive` where the peer may refuse it and the case cannot go on."""
        if not self.accepted:
            raise Inconclusive(f"the peer did not go along: {self} (frame {self.outcome.number})")
        return self

    @property
    def sound(self) -> bool:
        """A CALLRESULT came with which nothing is wrong beyond what is tolerated."""
        broken = any(not each.tolerated and each.confirmed for each in self.violations)
        return self.response is not None and not broken

    @property
    def silent(self) -> bool:
        """Nothing came in time."""
        return isinstance(self.outcome.message, Silence)

    @property
    def ended(self) -> bool:
        """The connection ended instead."""
        return isinstance(self.outcome.message, (Closed, Flooded))

    @property
    def undecodable(self) -> bool:
        """What came as an answer is no frame."""
        return isinstance(self.outcome.message, Undecodable)

    @property
    def at(self) -> float:
        """When the answer, or its absence, was seen (s)."""
        return self.outcome.at

    @property
    def turnaround(self) -> float | None:
        """Seconds from the request to its answer; None without both."""
        if self.request is None or not isinstance(self.outcome.message, (CallResult, CallError)):
            return None
        return self.outcome.at - self.request.at

    def __str__(self) -> str:
        said = self.status + (f" ({self.reason})" if self.reason else "")
        if self.response is not None:
            return said or "answered"
        return f"CALLERROR {self.error}" if self.error else str(self.outcome.message)
