"""A trace followed by the role-blind exchange of OCPP-J: what every rule about frames and answers reads.

The same exchange guides the reference devices; here it follows both parties over all connections of a station, offline.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from harness.actor.ocpp_codec import fault_of
from harness.link.observation import Closed, Flooded, Observation, RawOctets, Silence, Undecodable
from harness.link.trace import Trace
from harness.link.websocket import Upgraded
from harness.ocpp.exchange import Heard, RpcExchange
from harness.ocpp.violation import Kind, Violation
from harness.ocppj.actions import Party
from harness.ocppj.frame import Call, CallError, CallResult, CallResultError, Frame, FrameFault, Send, parse
from harness.ocppj.versions import Version, version_of

FRAMES = (Call, CallResult, CallError, CallResultError, Send)
_PARTIES: tuple[Party, ...] = ("station", "csms")
_PATIENCE = 3600.0
"""Seconds after which a request counts as unanswered here: how long an answer may take is for rules to judge."""


@dataclass(frozen=True, slots=True)
class Step:
    """One frame, what it means, and what is wrong with it."""

    seen: Observation
    heard: Heard
    version: Version


@dataclass(frozen=True, slots=True)
class Answered:
    """A request with what came of it: its answer, or the event that ended the waiting (silence, a close); None where the
    case ended first. `legal`: nothing was wrong with the request."""

    request: Observation
    outcome: Observation | None
    legal: bool
    version: Version

    @property
    def took(self) -> float | None:
        """Seconds from the request to the first octet of its answer; None without one."""
        if self.outcome is None or not isinstance(self.outcome.message, (CallResult, CallError)):
            return None
        first = self.outcome.at if self.outcome.first_at is None else self.outcome.first_at
        return first - self.request.at


_REPLAYS: WeakKeyDictionary[Trace, tuple[Step, ...]] = WeakKeyDictionary()


def steps(trace: Trace) -> tuple[Step, ...]:
    """Every OCPP frame of a trace, followed; computed once for each trace."""
    if trace not in _REPLAYS:
        _REPLAYS[trace] = tuple(_follow(trace))
    return _REPLAYS[trace]


def violations(trace: Trace, who: str, *kinds: Kind) -> Iterator[tuple[Observation, Violation]]:
    """What a party did wrong, of the given kinds; tolerated readings are left out."""
    for step in steps(trace):
        for violation in step.heard.violations:
            if violation.who == who and violation.kind in kinds and not violation.tolerated:
                yield step.seen, violation


def answered(trace: Trace, asker: str) -> Iterator[Answered]:
    """Every CALL of a party with what came of it."""
    followed = {step.seen.number: step for step in steps(trace)}
    waiting: dict[tuple[int, str], Step] = {}
    given_up: dict[tuple[int, str], Observation] = {}
    for seen in trace.link("ocpp"):
        step = followed.get(seen.number)
        if step is not None and isinstance(seen.message, Call) and seen.sender == asker:
            waiting[seen.connection, seen.message.message_id] = step
        elif (key := _answers(seen, asker)) in waiting:
            yield _paired(waiting.pop(key), seen)
        elif isinstance(seen.message, Silence) and seen.sender != asker:
            given_up |= {key: seen for key, asked in waiting.items() if _waited(asked, seen)}
        elif isinstance(seen.message, (Closed, Flooded)):
            for ended in [key for key in waiting if key[0] == seen.connection]:
                yield _paired(waiting.pop(ended), given_up.get(ended, seen))
    for key, left in waiting.items():
        yield _paired(left, given_up.get(key))


def _waited(step: Step, silence: Observation) -> bool:
    """Whether a silence is that after this request, and not one of something else that was awaited."""
    same = step.seen.connection == silence.connection
    return same and abs(silence.at - step.seen.at - silence.message.waited) < _WAKING


_WAKING = 0.05
"""Seconds by which a waiting ends later than it was to."""


def _paired(step: Step, outcome: Observation | None) -> Answered:
    return Answered(step.seen, outcome, not step.heard.violations and not step.seen.altered_by, step.version)


def _answers(seen: Observation, asker: str) -> tuple[int, str]:
    """The request that a frame of the other party answers, be it well-formed or not; an impossible key for what is no answer."""
    if seen.sender == asker:
        return -1, ""
    if isinstance(seen.message, (CallResult, CallError)):
        return seen.connection, seen.message.message_id
    if isinstance(seen.message, Undecodable) and seen.facts.get("number") in (CallResult.number, CallError.number):
        return seen.connection, str(seen.facts.get("message_id"))
    return -1, ""


def _follow(trace: Trace) -> Iterator[Step]:
    exchanges: dict[tuple[str, Version], RpcExchange] = {}
    lines: dict[int, tuple[str, Version]] = {}
    for seen in trace.link("ocpp"):
        message = seen.message
        if isinstance(message, Upgraded) and (chosen := version_of(message.chosen)) is not None:
            lines[seen.connection] = message.path, chosen
        line = lines.get(seen.connection)
        if line is None:
            continue
        exchange = exchanges.setdefault(line, RpcExchange(line[1], timeout=_PATIENCE))
        if isinstance(message, (Closed, Flooded)):
            exchange.disconnected()
        elif (frame := frame_of(seen, line[1])) is not None and seen.sender in _PARTIES:
            yield Step(seen, exchange.observe(frame, _party(seen.sender), seen.at), line[1])


def frame_of(seen: Observation, version: Version) -> Frame | FrameFault | None:
    """What an observation says to the exchange: a frame, what is wrong with something that is none, or nothing."""
    message: Any = seen.message
    if isinstance(message, FRAMES):
        return message
    if isinstance(message, RawOctets):
        return parse(seen.octets, version)
    if isinstance(message, Undecodable):
        return fault_of(seen, version)
    return None


def _party(sender: str) -> Party:
    return "station" if sender == "station" else "csms"
