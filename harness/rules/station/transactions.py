"""Rules about transactions and registration: order, numbers, times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from harness.link.observation import Observation
from harness.link.trace import Trace
from harness.ocpp import readings as told
from harness.ocpp.times import moment
from harness.ocppj.frame import Call, CallResult, Send
from harness.rules.context import RuleContext
from harness.rules.ocpp_judged import judge_time
from harness.rules.ocpp_replay import answered
from harness.verdict.check import Check
from harness.verdict.declare import rule

_CLOCK_TOLERANCE = 60.0
"""Seconds: what queues and clocks of stations may add up to, before a time stamp counts as wrong."""
_ODD_CLOCK = 5.0
_BEFORE_ACCEPTED = frozenset({"BootNotification", "NotifyReport", "NotifyMonitoringReport"})
_PENDING_MAY_TRIGGER = "TriggerMessage"


def _events(trace: Trace) -> Iterator[tuple[Observation, str, Mapping[str, Any]]]:
    """Every TransactionEvent with its transaction and content, retries of the same event left out."""
    known: set[tuple[str, str]] = set()
    for seen in trace.link("ocpp").sent_by("station"):
        content = told.request(seen, "TransactionEvent")
        identifier = told.transaction_id(seen)
        if content is None or identifier is None:
            continue
        same = (identifier, repr({name: value for name, value in content.items() if name != "offline"}))
        if same not in known:
            known.add(same)
            yield seen, identifier, content


@rule(
    "RULE_OcppSequence_001",
    role="station",
    link="ocpp",
    covers="E01.FR.07",
    detects=("station-skips-sequence", "station-sequence-from-one"),
    exercised_by="TC_STATION_Transaction_001",
)
def events_are_numbered_without_gaps(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station numbers the events of a transaction 0, 1, 2 and so on; only those made offline may have been dropped."""
    last: dict[str, tuple[int, bool]] = {}
    for seen, identifier, content in _events(trace):
        number, offline = content.get("seqNo"), bool(content.get("offline", False))
        if not isinstance(number, int):
            continue  # the schema's business
        before = last.get(identifier)
        last[identifier] = number, offline
        if before is None and content.get("eventType") != "Started":
            continue  # it began before this case
        wanted = 0 if before is None else before[0] + 1
        thinned = before is not None and (offline or before[1]) and number > wanted
        check.holds(
            number == wanted or thinned,
            expected=f"seqNo {wanted} in transaction {identifier}",
            actual=str(number),
            seen=seen,
            advice="Count events per transaction from 0, when they are made; a retry keeps its number.",
        )


@rule(
    "RULE_OcppTransaction_001",
    role="station",
    link="ocpp",
    covers=("OCPP:transaction-order", "E01.FR.08"),
    detects=("station-no-started-event", "station-goes-on-after-the-end"),
    exercised_by="TC_STATION_Transaction_001",
)
def events_come_in_order(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station begins a transaction with Started, ends it with Ended, and says nothing of it afterwards."""
    known: dict[str, str] = {}
    for seen, identifier, content in _events(trace):
        kind, before = str(content.get("eventType")), known.get(identifier)
        known[identifier] = kind
        first = content.get("seqNo") == 0
        check.holds(
            kind in _after(before, first=first),
            expected=f"{' or '.join(_after(before, first=first)) or 'nothing more'} of transaction {identifier}"
            f" after {before or 'nothing'}",
            actual=kind,
            seen=seen,
            advice="Send Started once, with seqNo 0; a new transaction gets a new transactionId.",
        )


def _after(before: str | None, *, first: bool) -> tuple[str, ...]:
    if before == "Ended":
        return ()
    if before is None:
        return ("Started",) if first else ("Started", "Updated", "Ended")  # it may have begun before this case
    return ("Updated", "Ended")


@rule(
    "RULE_OcppTime_001",
    role="station",
    link="ocpp",
    covers=("OCPP:time-stamps", "B01.FR.06"),
    detects=("station-local-time-stamps", "station-stamps-the-queue-anew"),
    exercised_by=("TC_STATION_Transaction_001", "TC_STATION_Offline_008"),
)
def station_time_stamps_are_of_the_moment(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station stamps what it tells with the time of the moment; what it tells after an outage, with a time of the outage."""
    if _clock_is_odd(trace, context):
        return
    lost, repeated = _losses(trace), _repeated(trace)
    for seen in trace.link("ocpp").sent_by("station"):
        stamp, now = told.told_at(seen), context.wall(seen.at)
        if stamp is None or seen.number in repeated:
            continue
        if seen.connection in lost:
            off = _outside(stamp, context.wall(lost[seen.connection]), now)
            judge_time(trace, check, seen, off, "a time stamp of the outage before, or", _CLOCK_TOLERANCE)
        elif not told.offline(seen):  # what waited since before this case may be of any time
            judge_time(trace, check, seen, stamp - now, "a time stamp", _CLOCK_TOLERANCE)


def _outside(stamp: datetime, earliest: datetime, latest: datetime) -> timedelta:
    """By how much a time lies outside a span; 0 within."""
    return stamp - min(max(stamp, earliest), latest)


def _clock_is_odd(trace: Trace, context: RuleContext) -> bool:
    """Whether the tester told another time than it has, so that stations which follow it are right."""
    for seen in trace.link("ocpp").sent_by("csms").of(CallResult):
        stamp = moment(told.value_at(seen.message.payload, "currentTime"))
        if stamp is not None and abs((stamp - context.wall(seen.at)).total_seconds()) > _ODD_CLOCK:
            return True
    return False


def _losses(trace: Trace) -> dict[int, float]:
    """When (s) the first connection of the case was last heard of, for each later one: messages can have waited since then."""
    frames = trace.link("ocpp").sent_by("station").of(Call, CallResult, Send)
    first = min((seen.connection for seen in frames), default=0)
    lost = max((seen.at for seen in frames if seen.connection == first), default=0.0)
    return {seen.connection: lost for seen in frames if seen.connection != first}


def _repeated(trace: Trace) -> frozenset[int]:
    """Frames that say again what was not answered."""
    seen_before: set[str] = set()
    found: set[int] = set()
    for seen in trace.link("ocpp").sent_by("station").of(Call, Send):
        said = {name: value for name, value in seen.message.payload.items() if name != "offline"}
        same = repr((seen.message.action, said))
        if same in seen_before:
            found.add(seen.number)
        seen_before.add(same)
    return frozenset(found)


@rule(
    "RULE_OcppBoot_001",
    role="station",
    link="ocpp",
    covers=("B01.FR.08", "B02.FR.02"),
    detects="station-impatient",
    exercised_by="TC_STATION_Boot_002",
)
def nothing_is_said_before_acceptance(trace: Trace, check: Check, context: RuleContext) -> None:
    """Station that has booted sends nothing but BootNotification before it is accepted, unless it is asked to."""
    waiting, asked = False, set(_BEFORE_ACCEPTED)
    outcomes = {pair.outcome.number: pair for pair in answered(trace, "station") if pair.outcome is not None}
    for seen in trace.link("ocpp"):
        pair = outcomes.get(seen.number)
        if pair is not None and told.request(pair.request, "BootNotification") is not None:
            waiting = told.status(seen) != "Accepted"
        elif (content := told.request(seen, _PENDING_MAY_TRIGGER)) is not None and seen.sender == "csms":
            asked.add(str(content.get("requestedMessage")))
        elif isinstance(seen.message, (Call, Send)) and seen.sender == "station":
            if waiting:
                check.holds(
                    seen.message.action in asked,
                    expected="BootNotification, or what the CSMS asked for, before the station is accepted",
                    actual=seen.message.action,
                    seen=seen,
                    advice="Hold everything else back until BootNotification was answered with Accepted.",
                )
            waiting = waiting or seen.message.action == "BootNotification"
