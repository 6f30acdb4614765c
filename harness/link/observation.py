"""What a link saw: messages, and the events that are no message (silence, a close, a refused handshake).

An observation is a fact with a time. It judges nothing and knows no protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing seen on one link.

    `number` counts from 1 over all links of a case and is the frame number that reports cite; `at` is in seconds on
    the case's clock, stamped where octets meet the transport: for what was received, `first_at` is the arrival of its
    first octet and `at` of its last. `sender` is the role that spoke (``evcc``, ``secc``, ``station``, ``csms``,
    ``meter``), `facts` are the codec's remarks on the frame (such as the V2GTP payload type), `altered_by` names the
    fault that the tester applied.
    """

    number: int
    at: float
    link: str
    sender: str
    message: Any
    octets: bytes = b""
    connection: int = 0
    altered_by: str = ""
    first_at: float | None = None
    facts: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)

    @property
    def name(self) -> str:
        """The name of what was seen: the message's own, or the event's."""
        return getattr(self.message, "frame_name", None) or type(self.message).__name__


@dataclass(frozen=True, slots=True)
class Event:
    """Something seen on a link that is not a message; every event below says it in one sentence."""

    def __str__(self) -> str:
        return type(self).__name__


@dataclass(frozen=True, slots=True)
class Connected(Event):
    """A connection stands. `security` is empty without TLS, else such as ``TLSv1.3``; `peer_chain` is DER."""

    endpoint: str
    security: str = ""
    cipher: str = ""
    peer_chain: tuple[bytes, ...] = ()

    def __str__(self) -> str:
        return f"connected to {self.endpoint}" + (f" with {self.security} {self.cipher}" if self.security else "")


@dataclass(frozen=True, slots=True)
class Refused(Event):
    """No connection came about: refused, unreachable, timed out, or the handshake failed. `stage` says where."""

    endpoint: str
    stage: str  # "tcp", "tls", "websocket", "sdp"
    reason: str

    def __str__(self) -> str:
        return f"{self.stage} to {self.endpoint} failed: {self.reason}"


@dataclass(frozen=True, slots=True)
class Silence(Event):
    """Nothing came for `waited` seconds although something was awaited."""

    waited: float

    def __str__(self) -> str:
        return f"nothing for {self.waited:.3f} s"


@dataclass(frozen=True, slots=True)
class Closed(Event):
    """The connection ended. `how`: ``closed`` (orderly), ``reset``, ``tls: ...``; `unread` octets of an incomplete frame."""

    how: str
    unread: bytes = b""

    def __str__(self) -> str:
        return f"connection {self.how}" + (
            f" with {len(self.unread)} octets of an incomplete frame" if self.unread else ""
        )


@dataclass(frozen=True, slots=True)
class Undecodable(Event):
    """Octets that are no message of the protocol; `reason` is the codec's own sentence."""

    reason: str
    path: str = ""
    bit: int | None = None

    def __str__(self) -> str:
        return f"undecodable: {self.reason}"


@dataclass(frozen=True, slots=True)
class Flooded(Event):
    """The peer sent more than a link takes (`limit` octets, or as many messages); reading stopped."""

    limit: int
    what: str = "octets at a stretch"

    def __str__(self) -> str:
        return f"more than {self.limit} {self.what}; reading stopped"


@dataclass(frozen=True, slots=True)
class RawOctets(Event):
    """Octets the tester sent on purpose that are no message; `note` says why."""

    note: str

    def __str__(self) -> str:
        return f"raw octets: {self.note}"


@dataclass(frozen=True, slots=True)
class BenchAction(Event):
    """Something the bench was made to do: plug in, authorise, set a power."""

    action: str
    values: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)

    def __str__(self) -> str:
        said = ", ".join(f"{name} {value}" for name, value in self.values.items())
        return f"bench: {self.action}" + (f" ({said})" if said else "")


@dataclass(frozen=True, slots=True)
class Sample(Event):
    """One reading of a measuring instrument at the EVSE's grid terminals or its DC outlet.

    Powers in W, energies in Wh; + = import / charge, - = export / discharge. `current` (A) and `voltage` (V) at the
    DC outlet, with the same sign for the current. `reactive` in var, + = absorbed from the grid, - = injected.
    """

    power: float
    voltage: float | None = None
    current: float | None = None
    energy_import: float | None = None
    energy_export: float | None = None
    reactive: float | None = None

    def __str__(self) -> str:
        return f"{self.power / 1000:+.3f} kW"
