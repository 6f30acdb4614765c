"""Requests and answers of both parties, followed without knowing which of them we are (OCPP-J 4.1, 4.2).

The same exchange serves a station, a CSMS, and the judgement of a live SUT: feed it every frame of either side, also our own,
and it tells what each one means and what is wrong with it. Time is an argument (seconds on any monotonic clock). One
exchange lives as long as the identity of the station, over all its connections, since message ids do.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from harness.ocpp.violation import Kind, Violation
from harness.ocppj import codes
from harness.ocppj.actions import PARTIES, Party, actions, other
from harness.ocppj.frame import (
    UNREADABLE_ID,
    Answer,
    Call,
    CallError,
    CallResult,
    CallResultError,
    Frame,
    FrameFault,
    Send,
)
from harness.ocppj.payload import check_payload
from harness.ocppj.schemas import Direction
from harness.ocppj.versions import Version

HASTY = 1.0
"""Seconds within which nobody may count a request as timed out. A second request after that is tolerated, for the timeout is
each party's own choice."""
_REMEMBERED = 100_000


class Meaning(Enum):
    """What a frame is in its conversation."""

    REQUEST = "request"
    REPEATED = "request sent again"
    SEND = "message that is not answered"
    ANSWER = "answer"
    LATE = "answer after the timeout"
    DUPLICATE = "second answer"
    STRAY = "answer to nothing"
    COMPLAINT = "complaint about an answer"
    BROKEN = "no frame"


@dataclass(frozen=True, slots=True)
class Request:
    """A CALL that `sender` made at `at`; it counts as timed out at `until` (s)."""

    call: Call
    sender: Party
    at: float
    until: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What a frame means; `request` is the one it makes, answers or complains about, where there is one."""

    meaning: Meaning
    request: Request | None = None
    violations: tuple[Violation, ...] = ()


class _State(Enum):
    OPEN = 1
    ANSWERED = 2
    EXPIRED = 3
    UNANSWERABLE = 4  # a SEND
    BROKEN = 5  # a request that was no frame


@dataclass(slots=True)
class _Asked:
    state: _State
    request: Request | None = None
    content: Call | Send | None = None


class RpcExchange:
    """Follows all frames of both parties. `timeout` (s) is after which a request counts as unanswered."""

    def __init__(self, version: Version, *, timeout: float = 30.0, hasty: float = HASTY) -> None:
        self.version, self.timeout, self.hasty = version, timeout, hasty
        self._asked: dict[Party, OrderedDict[str, _Asked]] = {party: OrderedDict() for party in PARTIES}
        self._open: dict[Party, dict[str, Request]] = {party: {} for party in PARTIES}

    def observe(self, frame: Frame | FrameFault, sender: Party, now: float) -> Heard:
        """Follow one frame; everything wrong with it is in the violations, nothing raises."""
        self.expire(now)
        if isinstance(frame, FrameFault):
            return self._broken(frame, sender)
        if isinstance(frame, Call):
            return self._call(frame, sender, now)
        if isinstance(frame, Send):
            return self._send(frame, sender)
        if isinstance(frame, CallResultError):
            return self._complaint(frame, sender)
        return self._answer(frame, sender)

    def outstanding(self, sender: Party) -> Request | None:
        """The request of this party that waits for its answer; while there is one it may send no other."""
        return next(iter(self._open[sender].values()), None)

    @property
    def deadline(self) -> float | None:
        """When the next request times out; None when none is open."""
        return min((request.until for each in self._open.values() for request in each.values()), default=None)

    def expire(self, now: float) -> tuple[Request, ...]:
        """Count as timed out what is; returns those requests."""
        late = [request for each in self._open.values() for request in each.values() if request.until <= now]
        return self._give_up(late)

    def disconnected(self) -> tuple[Request, ...]:
        """The connection is gone, and with it the answers to all open requests; returns those."""
        return self._give_up([request for each in self._open.values() for request in each.values()])

    # --- requests ---

    def _call(self, call: Call, sender: Party, now: float) -> Heard:
        repeated, violations = self._check_id(call, sender)
        violations += self._check_one_call(call, sender, now)
        violations += self._check_request(call, sender)
        request = Request(call, sender, now, now + self.timeout)
        self._remember(sender, call.message_id, _Asked(_State.OPEN, request, call))
        self._open[sender][call.message_id] = request
        return Heard(Meaning.REPEATED if repeated else Meaning.REQUEST, request, tuple(violations))

    def _send(self, send: Send, sender: Party) -> Heard:
        _repeated, violations = self._check_id(send, sender)
        violations += self._check_request(send, sender)
        self._remember(sender, send.message_id, _Asked(_State.UNANSWERABLE, None, send))
        return Heard(Meaning.SEND, None, tuple(violations))

    def _check_id(self, frame: Call | Send, sender: Party) -> tuple[bool, list[Violation]]:
        """Whether it repeats an earlier request, and what is wrong with its id."""
        before = self._asked[sender].get(frame.message_id)
        if before is None:
            return False, []
        repeated = _same(before.content, frame)
        if repeated and self.version == "2.1":
            return True, []
        what = "the same message again under its old id" if repeated else f"{frame.message_id!r} a second time"
        expected = "a new message id for every message"
        return repeated, [self._violation(Kind.MESSAGE_ID, sender, "message ids", expected, what, repeated)]

    def _check_one_call(self, call: Call, sender: Party, now: float) -> list[Violation]:
        pending = self.outstanding(sender)
        if pending is None:
            return []
        waited = now - pending.at
        if waited >= self.hasty:
            self._give_up(list(self._open[sender].values()))  # by its own timeout, it seems
        return [
            self._violation(
                Kind.ONE_CALL,
                sender,
                "synchronicity",
                f"no {call.action} before the answer to {pending.call.action} {pending.call.message_id!r}",
                f"{call.action} {waited:.3f} s after it",
                tolerated=waited >= self.hasty,
            )
        ]

    def _check_request(self, frame: Call | Send, sender: Party) -> Iterator[Violation]:
        known = actions(self.version).get(frame.action)
        if known is not None:
            if sender not in known.starters:
                expected = f"{frame.action} from the {other(sender)} only"
                yield self._violation(
                    Kind.ACTION,
                    sender,
                    "messages",
                    expected,
                    f"one from the {sender}",
                    known.disputed,
                    codes.NOT_SUPPORTED,
                )
            if known.answered == isinstance(frame, Send):
                expected = f"{frame.action} as a {'CALL' if known.answered else 'SEND'}"
                yield self._violation(
                    Kind.ACTION,
                    sender,
                    "messages",
                    expected,
                    f"a {type(frame).__name__.upper()}",
                    code=codes.PROTOCOL_ERROR,
                )
        yield from self._check_payload(frame, sender, frame.action, "request")

    def _check_payload(
        self, frame: Call | Send | CallResult, sender: Party, action: str, direction: Direction
    ) -> Iterator[Violation]:
        for fault in check_payload(self.version, action, direction, frame.payload):
            yield Violation(
                Kind.PAYLOAD,
                sender,
                f"OCPP {self.version} part 3, {action} {direction}",
                f"{fault.path}: {fault.expected}",
                fault.actual,
                fault.tolerated,
                fault.confirmed,
                fault.code(self.version) if direction == "request" else "",
            )

    # --- answers ---

    def _answer(self, answer: Answer, sender: Party) -> Heard:
        asker = other(sender)
        asked = self._asked[asker].get(answer.message_id)
        if asked is None:
            return self._unasked(answer, sender)
        if asked.state is _State.UNANSWERABLE:
            return self._stray(answer, sender, "no answer to a SEND")
        if asked.state is _State.BROKEN:
            return self._answer_to_broken(answer, sender)
        if asked.state is _State.ANSWERED:
            said = self._violation(
                Kind.ANSWER, sender, "synchronicity", f"one answer to {answer.message_id!r}", "a further one"
            )
            return Heard(Meaning.DUPLICATE, asked.request, (said,))
        late, asked.state = asked.state is _State.EXPIRED, _State.ANSWERED
        self._open[asker].pop(answer.message_id, None)
        action = asked.request.call.action if asked.request else ""
        return Heard(
            Meaning.LATE if late else Meaning.ANSWER, asked.request, tuple(self._check_answer(answer, sender, action))
        )

    def _check_answer(self, answer: Answer, sender: Party, action: str) -> Iterator[Violation]:
        if isinstance(answer, CallError):
            yield from self._check_code(answer, sender)
        elif action in actions(self.version):  # else the request was wrong, and has been told so
            yield from self._check_payload(answer, sender, action, "response")

    def _check_code(self, error: CallError | CallResultError, sender: Party) -> Iterator[Violation]:
        if error.code not in codes.CODES[self.version]:
            known = ", ".join(sorted(codes.CODES[self.version]))
            tolerated = codes.tolerated(error.code, self.version)
            actual = repr(error.code[:60])
            yield self._violation(Kind.ERROR_CODE, sender, "error codes", f"one of {known}", actual, tolerated)

    def _unasked(self, answer: Answer, sender: Party) -> Heard:
        if isinstance(answer, CallError) and answer.message_id == UNREADABLE_ID:
            return Heard(Meaning.ANSWER, None, tuple(self._check_code(answer, sender)))
        own = self._asked[sender].get(answer.message_id)
        if isinstance(answer, CallError) and own is not None and own.state is _State.ANSWERED:
            instead = "CALLRESULTERROR" if self.version == "2.1" else "nothing"
            said = self._violation(
                Kind.ANSWER, sender, "CALLERROR", f"{instead} in answer to a bad CALLRESULT", "CALLERROR"
            )
            return Heard(Meaning.COMPLAINT, own.request, (said,))
        return self._stray(answer, sender, f"an answer to a request of the {other(sender)}")

    def _stray(self, answer: Answer, sender: Party, expected: str) -> Heard:
        actual = f"{type(answer).__name__.upper()} {answer.message_id!r}"
        return Heard(Meaning.STRAY, None, (self._violation(Kind.ANSWER, sender, "message ids", expected, actual),))

    def _answer_to_broken(self, answer: Answer, sender: Party) -> Heard:
        """To a request that is no frame silence or a refusal is right; an acceptance is at least a surprise."""
        if isinstance(answer, CallError):
            return Heard(Meaning.ANSWER, None, tuple(self._check_code(answer, sender)))
        said = self._violation(
            Kind.ANSWER, sender, "CALLERROR", "CALLERROR or silence for what is no frame", "CALLRESULT", True
        )
        return Heard(Meaning.ANSWER, None, (said,))

    def _complaint(self, error: CallResultError, sender: Party) -> Heard:
        own = self._asked[sender].get(error.message_id)
        violations = tuple(self._check_code(error, sender))
        if own is not None and own.state is _State.ANSWERED:
            return Heard(Meaning.COMPLAINT, own.request, violations)
        expected = "CALLRESULTERROR about an answer that this party received"
        said = self._violation(Kind.ANSWER, sender, "CALLRESULTERROR", expected, f"one about {error.message_id!r}")
        return Heard(Meaning.STRAY, None, (*violations, said))

    # --- what is no frame ---

    def _broken(self, fault: FrameFault, sender: Party) -> Heard:
        said = replace(
            self._violation(
                Kind.FRAME, sender, "message structures", fault.expected, f"{fault.reason} at {fault.path}"
            ),
            code="" if fault.number in (CallResult.number, CallError.number, CallResultError.number) else fault.code,
        )
        request = None
        if fault.message_id is not None:
            if fault.number in (CallResult.number, CallError.number):
                request = self._open[other(sender)].pop(fault.message_id, None)
                if request is not None:
                    self._asked[other(sender)][fault.message_id].state = _State.ANSWERED
            elif fault.message_id not in self._asked[sender]:
                self._remember(sender, fault.message_id, _Asked(_State.BROKEN))
        return Heard(Meaning.BROKEN, request, (said,))

    def _give_up(self, requests: list[Request]) -> tuple[Request, ...]:
        for request in requests:
            del self._open[request.sender][request.call.message_id]
            self._asked[request.sender][request.call.message_id].state = _State.EXPIRED
        return tuple(requests)

    def _remember(self, sender: Party, message_id: str, asked: _Asked) -> None:
        known = self._asked[sender]
        known[message_id] = asked
        if len(known) > _REMEMBERED:
            oldest, _ = known.popitem(last=False)
            self._open[sender].pop(oldest, None)

    def _violation(
        self,
        kind: Kind,
        who: Party,
        topic: str,
        expected: str,
        actual: str,
        tolerated: bool = False,
        code: str = "",
    ) -> Violation:
        requirement = f"OCPP-J {self.version}, {topic}"
        return Violation(kind, who, requirement, expected, actual, tolerated, code=codes.spelt(code, self.version))


def _same(one: Call | Send | None, other: Call | Send) -> bool:
    """Whether a message is the same again; an event under way when the connection went is ``offline`` since (E11.FR.07)."""
    if one is None or (type(one), one.action) != (type(other), other.action):
        return False
    return _lasting(one) == _lasting(other)


def _lasting(frame: Call | Send) -> dict[str, Any]:
    return {name: value for name, value in frame.payload.items() if name != "offline"}
