"""What the station writes down about itself: its security log and its diagnostics log (OCPP 2.x A04.FR.04, N01)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.ocpp.station.wire import Payload, instant, stamp

_KEPT = 1000
"""Lines of each log; older ones are forgotten."""


@dataclass(slots=True)
class Logbook:
    """`lines` by logType: (time, text), the oldest first. Neither log ever holds a password (A01.FR.12)."""

    lines: Mapping[str, deque[tuple[float, str]]] = field(
        default_factory=lambda: {kind: deque(maxlen=_KEPT) for kind in ("SecurityLog", "DiagnosticsLog")}
    )

    def note(self, kind: str, text: str, now: float) -> None:
        """Write a line."""
        self.lines[kind].append((now, text))

    def text(self, kind: str, log: Payload) -> bytes:
        """A log as a file, of the time that LogParametersType names."""
        oldest = instant(log["oldestTimestamp"]) if "oldestTimestamp" in log else float("-inf")
        latest = instant(log["latestTimestamp"]) if "latestTimestamp" in log else float("inf")
        wanted = [f"{stamp(at)} {text}" for at, text in self.lines[kind] if oldest <= at <= latest]
        return "\n".join([f"# {kind}", *wanted, ""]).encode()
