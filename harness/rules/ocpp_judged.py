"""What rules about a station and rules about a CSMS share: the same demand, made on whichever party is the SUT."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from harness.link.observation import Closed, Observation
from harness.link.trace import Trace
from harness.ocpp.violation import Kind
from harness.ocppj.frame import Call, CallError, CallResult
from harness.rules.ocpp_replay import FRAMES, Answered, answered, steps, violations
from harness.verdict.check import Check

_OTHER: Mapping[str, str] = {"station": "csms", "csms": "station"}


def judge_frames(
    trace: Trace, check: Check, who: str, *kinds: Kind, of: tuple[type, ...] = FRAMES, advice: str
) -> None:
    """One claim for each frame of a party (of the types `of`): nothing of these kinds is wrong with it."""
    wrong = list(violations(trace, who, *kinds))
    broken = {seen.number for seen, _ in wrong}
    for step in steps(trace):
        if step.seen.sender == who and isinstance(step.seen.message, of) and step.seen.number not in broken:
            check.holds(True, expected="", actual="")
    for seen, violation in wrong:
        check.holds(
            False,
            expected=f"{_what(seen)}{violation.expected}",
            actual=violation.actual,
            seen=seen,
            confirmed=violation.confirmed,
            advice=advice,
        )


def judge_turnaround(trace: Trace, check: Check, who: str, within: float) -> None:
    """Every answer of a party comes within what its maker says."""
    for pair in answered(trace, _OTHER[who]):
        if pair.legal and pair.took is not None:
            check.holds(
                pair.took <= within,
                expected=f"{_action(pair.request)} answered within {within:g} s (pixit.{who}.answer_time)",
                actual=f"{pair.took:.3f} s",
                seen=pair.outcome,
                advice="See what it waits for before it answers; what takes long is done after the answer, and reported then.",
            )


def judge_silence(trace: Trace, check: Check, who: str) -> None:
    """Every sound request is answered, or the connection ends."""
    for pair in answered(trace, _OTHER[who]):
        if pair.legal and (pair.took is not None or _unanswered(pair)):
            check.holds(
                pair.took is not None,
                expected=f"an answer to {_action(pair.request)}",
                actual="" if pair.outcome is None else str(pair.outcome.message),
                seen=pair.request,
                advice="Answer every request, if need be with CALLERROR NotImplemented, NotSupported or InternalError.",
            )


def judge_time(trace: Trace, check: Check, seen: Observation, off: timedelta, what: str, within: float) -> None:
    """A time that a party tells differs from the tester's by no more than `within` s."""
    check.holds(
        abs(off.total_seconds()) <= within,
        expected=f"{what} of this moment (± {within:g} s), with its offset from UTC",
        actual=f"{off.total_seconds():+.1f} s off",
        seen=seen,
        advice="Write times in UTC (2026-03-01T12:00:00Z) or with an offset; keep the clock by what the CSMS tells.",
    )


def _unanswered(pair: Answered) -> bool:
    """Whether the asker waited in vain; an end of the connection from its own side says nothing."""
    if pair.outcome is None or isinstance(pair.outcome.message, (CallResult, CallError)):
        return False
    return not (isinstance(pair.outcome.message, Closed) and pair.outcome.sender == pair.request.sender)


def _action(seen: Observation) -> str:
    return seen.message.action if isinstance(seen.message, Call) else seen.name


def _what(seen: Observation) -> str:
    return f"{seen.name}: " if isinstance(seen.message, FRAMES) else ""
