"""Boot, registration and heartbeat: what the station may say before it is accepted (OCPP 2.1 B01 to B03, G02)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.ocpp.station.model import DeviceModel
from harness.ocpp.station.wire import Agenda, Payload

RETRY = 30.0
"""Seconds before the next BootNotification where the CSMS names none, refuses the message or stays silent."""
_REPORTS = frozenset({"BootNotification", "NotifyReport"})


@dataclass(slots=True)
class Registration:
    """`state` is that of the last answer, "" before one. `boot` is what BootNotification says of the station."""

    variables: DeviceModel
    agenda: Agenda
    boot: dict[str, Any]
    state: str = ""
    reason: str = "PowerUp"
    next_boot: float | None = None
    next_heartbeat: float | None = None
    announced: bool = False
    _asked_for: set[str] = field(default_factory=set)

    @property
    def accepted(self) -> bool:
        """Everything may be said."""
        return self.state == "Accepted"

    @property
    def gate(self) -> frozenset[str] | None:
        """The actions that may leave; None for all (B01.FR.08, B02.FR.02)."""
        if self.accepted:
            return None
        return _REPORTS | self._asked_for if self.state == "Pending" else frozenset({"BootNotification"})

    def restart(self, reason: str) -> None:
        """The station starts anew: `reason` as BootReasonEnumType."""
        self.state, self.reason, self.announced = "", reason, False
        self.next_boot = self.next_heartbeat = None
        self._asked_for.clear()

    def connected(self, now: float) -> None:
        """A connection stands; the boot follows unless this start was announced already."""
        if not self.announced:
            self.announce(self.reason, now)
        elif self.accepted:
            self.spoke(now)

    def announce(self, reason: str, now: float) -> None:
        """Send BootNotification; the next one waits for the answer or its absence."""
        self.next_boot = now + 2 * RETRY + self.variables.number("OCPPCommCtrlr.MessageTimeout[Default]")
        self.agenda.put("BootNotification", {"reason": reason, "chargingStation": self.boot})

    def answered(self, answer: Payload, now: float) -> bool:
        """The CSMS's answer; True when it has just accepted the station."""
        interval = float(answer["interval"])
        before, self.state, self.announced = self.state, str(answer["status"]), True
        if not self.accepted:
            self.next_boot, self.next_heartbeat = now + (interval or RETRY), None
            return False
        self.next_boot = None
        if interval > 0:
            self.variables.put("OCPPCommCtrlr.HeartbeatInterval", str(answer["interval"]))
        self.spoke(now)
        return before != "Accepted"

    def failed(self, now: float) -> None:
        """No usable answer to the boot."""
        if not self.accepted:
            self.next_boot = now + RETRY

    def asked_for(self, action: str) -> None:
        """The CSMS triggered a message, which may then leave although the station is pending."""
        self._asked_for.add(action)

    def spoke(self, now: float) -> None:
        """Something was sent; the heartbeat begins to count anew (G02.FR.05)."""
        if self.accepted:
            self.next_heartbeat = now + self.variables.number("OCPPCommCtrlr.HeartbeatInterval", default=300.0)

    def tick(self, now: float) -> None:
        """Boot again, or beat."""
        if self.next_boot is not None and now >= self.next_boot:
            self.announce(self.reason, now)
        if self.next_heartbeat is not None and now >= self.next_heartbeat:
            self.spoke(now)
            self.agenda.put("Heartbeat", {})

    def next_due(self) -> Iterator[float]:
        """When something is to be sent."""
        yield from (at for at in (self.next_boot, self.next_heartbeat) if at is not None)
