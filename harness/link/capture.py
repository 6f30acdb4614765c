"""What went over the wire below the messages: segments and TLS secrets, enough to write a decryptable capture.

Transports hand over what they move; nobody sniffs, so no privileges are needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from harness.link.transport import Address


@dataclass(frozen=True, slots=True)
class Flow:
    """One connection or one datagram conversation. `number` counts connections of a case from 1."""

    number: int
    local: Address
    remote: Address
    kind: Literal["tcp", "udp"] = "tcp"


@dataclass(frozen=True, slots=True)
class Segment:
    """Octets that crossed the interface at `at` (s on the case's clock); `outbound`: sent by the tester."""

    at: float
    flow: Flow
    outbound: bool
    octets: bytes


@dataclass(slots=True)
class Capture:
    """The segments of one case, in order, with the TLS secrets (NSS key log lines) that decrypt them."""

    segments: list[Segment] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    _flows: int = 0

    def flow(self, local: Address, remote: Address, kind: Literal["tcp", "udp"] = "tcp") -> Flow:
        """Register a new connection."""
        self._flows += 1
        return Flow(self._flows, local, remote, kind)

    def add(self, at: float, flow: Flow, octets: bytes, *, outbound: bool) -> None:
        """Append what crossed the interface."""
        if octets:
            self.segments.append(Segment(at, flow, outbound, octets))
