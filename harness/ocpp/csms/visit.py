"""What the answering side of a central system works with: the visit of one message, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.csms.station import Station
from harness.ocppj.versions import Version

if TYPE_CHECKING:
    from harness.ocpp.csms.central import CentralSystem

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """A request that the CSMS makes of its own accord, `delay` s after its cause."""

    action: str
    payload: Payload = field(default_factory=dict)
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A CALLRESULT, and the orders that follow it."""

    payload: Payload = field(default_factory=dict)
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A CALLERROR, and whether the connection is to be closed after it."""

    code: str
    description: str = ""
    close: bool = False


Answer = Reply | Refusal


@dataclass(frozen=True, slots=True)
class Visit:
    """One message of one station, at one instant (wall time, UTC)."""

    system: CentralSystem
    station: Station
    policy: CsmsPolicy
    now: datetime

    @property
    def version(self) -> Version:
        """The version that the connection speaks."""
        return self.station.version
