"""What many cases of a CSMS judge at their end: that nothing of what was done to it keeps it from serving its station."""

from __future__ import annotations

from harness.actor.tester_station import TesterStation
from harness.verdict.check import Check
from harness.verdict.limits import near

_CLOCK_TOLERANCE = 10.0


async def still_serves(station: TesterStation, check: Check, after: str) -> bool:
    """A heartbeat is answered with the time, after what `after` says in words."""
    beat = await station.call("Heartbeat")
    return check.that(
        beat.outcome,
        station.clock_error,
        near(0.0, "s", tolerance=_CLOCK_TOLERANCE),
        requirement="OCPP:every-call-is-answered",
        advice=f"After {after}: keep the connection, and serve the next request as ever.",
    )
