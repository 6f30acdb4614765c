"""A trace followed by the role-blind session: what every rule about order and content reads.

The same session guides the reference devices; here it follows both sides of each connection, offline.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from harness.link.observation import Event, Observation, RawOctets
from harness.link.trace import Trace
from harness.v2g.sequence import State, failed, is_request, is_response
from harness.v2g.session import Session
from harness.v2g.timers import TRANSMISSION_MARGIN
from harness.v2g.violation import Kind, Violation


@dataclass(frozen=True, slots=True)
class Step:
    """One message with what the session found wrong with it, and the state it was in before the message."""

    seen: Observation
    violations: tuple[Violation, ...]
    before: State
    session: Session


@dataclass(frozen=True, slots=True)
class Answered:
    """A request with what came of it: its response, or None when none came before the next request or the end.

    `legal`: nothing was wrong with the request, so a sound SECC goes along with it. `due`: in sequence, in its session,
    and as it was meant, so that a sound SECC answers it, be it with FAILED. `session` is a copy of the session as it stood
    when the request came.
    """

    request: Observation
    response: Observation | None
    legal: bool
    due: bool
    session: Session


_REPLAYS: WeakKeyDictionary[Trace, dict[float, tuple[Step, ...]]] = WeakKeyDictionary()


def steps(trace: Trace, margin: float = TRANSMISSION_MARGIN) -> tuple[Step, ...]:
    """Every V2G message of a trace, followed; computed once for each trace. `margin` (s) is added to every deadline."""
    replays = _REPLAYS.setdefault(trace, {})
    if margin not in replays:
        replays[margin] = tuple(_follow(trace, margin))
    return replays[margin]


def secc_violations(
    trace: Trace, *kinds: Kind, margin: float = TRANSMISSION_MARGIN
) -> Iterator[tuple[Observation, Violation]]:
    """What the SECC did wrong, of the given kinds; tolerated readings are left out."""
    for step in steps(trace, margin):
        for violation in step.violations:
            if violation.who == "secc" and violation.kind in kinds and not violation.tolerated:
                yield step.seen, violation


def answered(trace: Trace) -> Iterator[Answered]:
    """Every request with its response, connection by connection, in the order of requests."""
    waiting: dict[int, Step] = {}
    for step in steps(trace):
        connection = step.seen.connection
        if is_request(step.seen.message) and step.seen.sender == "secc":
            continue
        if is_request(step.seen.message):
            if connection in waiting:
                yield _paired(waiting.pop(connection), None)
            waiting[connection] = step
        elif connection in waiting:
            yield _paired(waiting.pop(connection), step.seen)
    for step in waiting.values():
        yield _paired(step, None)


def _speaks_as_an_ev(seen: Observation) -> Violation:
    return Violation(
        Kind.RESPONSE_TYPE, "secc", "V2G20:response-matches-request", "a response", f"{seen.name}, a request"
    )


def _paired(request: Step, response: Observation | None) -> Answered:
    plain = not request.seen.altered_by and not _unheeding(request) and not _tardy(request)
    due = plain and all(each.kind not in (Kind.SEQUENCE, Kind.SESSION_ID, Kind.TIMING) for each in request.violations)
    return Answered(request.seen, response, plain and not request.violations, due, request.session)


def _unheeding(request: Step) -> bool:
    """Whether the EV let a notification's delay pass, after which the SECC may end the session at any moment."""
    notice = request.session.notification
    return notice is not None and request.seen.at >= notice.deadline


def _tardy(request: Step) -> bool:
    """Whether the EV, a busy tester say, let the SECC's sequence timer run out, after which the session is over."""
    deadline = request.session.deadline
    return deadline is not None and request.seen.at > deadline - request.session.margin


def _follow(trace: Trace, margin: float) -> Iterator[Step]:
    sessions: dict[int, Session] = {}
    paused: dict[bytes, Session] = {}
    provoked: Counter[int] = Counter()
    for seen in trace.link("v2g"):
        if isinstance(seen.message, Event):
            provoked[seen.connection] += isinstance(seen.message, RawOctets)
            continue
        session = sessions.setdefault(seen.connection, Session(margin=margin))
        if is_response(seen.message) and session.pending is None and provoked[seen.connection]:
            provoked[seen.connection] -= 1  # an answer to octets that are no message: for the case that sent them
            continue
        if seen.sender == "secc" and is_request(seen.message):
            yield Step(seen, (_speaks_as_an_ev(seen),), session.state, copy.copy(session))
            continue
        if session.paused is None and session.state is State.SESSION_SETUP and is_request(seen.message):
            header = getattr(seen.message, "Header", None)
            session.paused = paused.get(header.SessionID) if header else None
        before = session.state
        snapshot = copy.copy(session)
        violations = session.observe(seen.message, seen.at)
        if session.state is State.PAUSED and not failed(seen.message):
            paused[session.session_id] = copy.copy(session)
        yield Step(seen, violations, before, snapshot)
