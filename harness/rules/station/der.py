"""Rules about what a station tells of its DER controls by itself: alarms, and controls that begin (OCPP 2.1 block R)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from harness.link.trace import Trace
from harness.ocpp import readings as told
from harness.ocpp.times import moment
from harness.rules.context import RuleContext
from harness.verdict.check import Check
from harness.verdict.declare import rule

_EARLY = timedelta(seconds=2)
"""By how much a notice may be ahead of startTime: clocks are not the same to the second."""


@rule(
    "RULE_OcppDerNotices_001",
    role="station",
    link="ocpp",
    covers=("R05.FR.01", "R05.FR.02"),
    detects="station-der-alarm-never-ends",
    exercised_by="TC_STATION_Der_021",
)
def an_alarm_that_stands_does_not_begin_again(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station tells an alarm of a DER control once when it begins, and not again before it has ended."""
    standing: tuple[Any, Any] | None = None
    before: Any = None
    for seen in trace.link("ocpp").sent_by("station"):
        said = told.request(seen, "NotifyDERAlarm")
        if told.request(seen, "BootNotification") is not None:
            standing = None  # it may not remember what it told
        if said is None or said == before:  # a retry of the same notice
            continue
        before, alarm = said, (said.get("controlType"), said.get("gridEventFault"))
        ends = bool(said.get("alarmEnded", False))
        check.holds(
            ends or alarm != standing,
            expected=f"the end of the alarm of {alarm[0]}, which stands, or another alarm",
            actual="it begins again",
            seen=seen,
            advice="Send alarmEnded true when the departure ends, and nothing while it goes on.",
        )
        standing = None if ends else alarm


@rule(
    "RULE_OcppDerNotices_002",
    role="station",
    link="ocpp",
    covers="R04.FR.20",
    detects="station-der-starts-at-once",
    exercised_by="TC_STATION_Der_028",
)
def a_control_begins_no_sooner_than_its_time(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station tells no scheduled DER control to have started before the startTime that the CSMS gave it."""
    starts: dict[str, datetime] = {}
    for seen in trace.link("ocpp"):
        asked, said = told.request(seen, "SetDERControl"), told.request(seen, "NotifyDERStartStop")
        if seen.sender == "csms" and asked is not None:
            body: Any = next((each for each in asked.values() if isinstance(each, dict)), {})
            start = moment(body.get("startTime"))
            if start is not None:
                starts[str(asked.get("controlId"))] = start
        elif seen.sender == "station" and said is not None and said.get("started"):
            start, at = starts.get(str(said.get("controlId"))), moment(said.get("timestamp"))
            if start is None or at is None:
                continue
            check.holds(
                at >= start - _EARLY,
                expected=f"started at {start:%H:%M:%S} UTC or later",
                actual=f"started at {at:%H:%M:%S}",
                seen=seen,
                advice="Wait for startTime; it is in UTC unless it has an offset.",
            )
