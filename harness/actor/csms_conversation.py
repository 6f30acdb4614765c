"""One connection of a station with the CSMS: every frame is followed, noted in the books, and answered as the policy says.

A request of our own waits its turn: one at a time, as OCPP-J wants it. What the station does wrong is answered with the code
that the version has for it, or not at all; it never ends the conversation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from harness.actor.ocpp_call import CallOutcome
from harness.actor.ocpp_codec import fault_of
from harness.link.clock import Clock
from harness.link.link import Link, LinkFault
from harness.link.observation import Closed, Flooded, Observation, Silence, Undecodable
from harness.ocpp.csms.central import CentralSystem, Given
from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.csms.visit import Order, Refusal
from harness.ocpp.exchange import Meaning, RpcExchange
from harness.ocpp.violation import Violation
from harness.ocppj import codes
from harness.ocppj.frame import (
    DESCRIPTION_LENGTH,
    UNREADABLE_ID,
    Call,
    CallError,
    CallResult,
    CallResultError,
    Send,
)
from harness.ocppj.payload import check_payload
from harness.ocppj.versions import Version

_TRIES = 3
"""How often an order is repeated that the station had no time for."""


class Owner(Protocol):
    """The CSMS behind all conversations."""

    system: CentralSystem
    policy: CsmsPolicy

    def taken(self, identity: str, seen: Observation) -> None:
        """Something was received from a station, and dealt with."""
        ...


@dataclass(frozen=True, slots=True)
class Attached:
    """Who is at the other end, and what outlives the connection: the exchange and the message ids."""

    identity: str
    version: Version
    exchange: RpcExchange
    ids: Iterator[str]


@dataclass(frozen=True, slots=True)
class _Open:
    """A request of ours that waits for its answer. `sound`: it follows its schema, so that the books take note of it."""

    call: Call
    sound: bool
    outcome: asyncio.Future[CallOutcome]


class StationConversation:
    """`run` it until it ends; `call` meanwhile from other tasks. `answer_time` (s) is what a station has for an answer."""

    def __init__(self, owner: Owner, link: Link, attached: Attached, clock: Clock, answer_time: float) -> None:
        self.owner, self.link, self.attached, self.clock = owner, link, attached, clock
        self.answer_time = answer_time
        self._turn = asyncio.Lock()
        self._pending: dict[str, _Open] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def identity(self) -> str:
        return self.attached.identity

    @property
    def standing(self) -> bool:
        """Whether the connection still stands."""
        return self.link.closed is None

    async def run(self) -> None:
        """Serve the station until its connection ends, from whichever side."""
        try:
            while True:
                seen = await self.link.receive(None)
                await self._take(seen)
                self.owner.taken(self.identity, seen)
                if isinstance(seen.message, (Closed, Flooded)):
                    return
        finally:
            self._end()

    async def leave(self, *, torn: bool = False) -> None:
        """End the connection from our side, in order or `torn`; `run` then ends too."""
        await (self.link.drop() if torn else self.link.close())

    def _end(self) -> None:
        self.attached.exchange.disconnected()
        for task in self._tasks:
            task.cancel()
        last = self.link.closed
        for waiting in self._pending.values():
            if not waiting.outcome.done():
                if last is None:
                    waiting.outcome.cancel()
                else:
                    waiting.outcome.set_result(CallOutcome(None, last))

    # --- our requests ---

    async def call(
        self,
        action: str,
        payload: Mapping[str, Any],
        *,
        within: float | None = None,
        faults: Sequence[LinkFault] = (),
        message_id: str = "",
        at_once: bool = False,
    ) -> CallOutcome:
        """Send a request and await what comes of it; `at_once` does not wait for the answer to an earlier one."""
        call = Call(message_id or next(self.attached.ids), action, payload)
        patience = self.answer_time if within is None else within
        if at_once:
            return await self._ask(call, patience, faults)
        async with self._turn:
            return await self._ask(call, patience, faults)

    async def _ask(self, call: Call, patience: float, faults: Sequence[LinkFault]) -> CallOutcome:
        if self.link.closed is not None:
            return CallOutcome(None, self.link.closed)
        sound = not check_payload(self.attached.version, call.action, "request", call.payload)
        if sound:  # a case may send what no schema allows; the books take no note of that
            self._note_asked(call)
        future: asyncio.Future[CallOutcome] = asyncio.get_running_loop().create_future()
        self._pending[call.message_id] = _Open(call, sound, future)
        # followed before it is sent: the answer may be here before `send` returns
        self.attached.exchange.observe(call, "csms", self.clock.now())
        sent = await self.link.send(call, faults=faults)
        try:
            async with asyncio.timeout(patience):
                outcome = await future
        except TimeoutError:
            silence = self.link.timeline.observe(
                self.link.name, self.link.peer_role, Silence(patience), connection=self.link.connection
            )
            outcome = CallOutcome(sent, silence)
        finally:
            self._pending.pop(call.message_id, None)
        return replace(outcome, request=sent)

    def _note_asked(self, call: Call) -> None:
        wall = self.clock.wall()
        self.owner.system.asked(self.identity, call.action, call.payload, self.owner.policy, wall)

    def _note_settled(self, call: Call, response: Mapping[str, Any]) -> None:
        wall = self.clock.wall()
        self.owner.system.settled(self.identity, call.action, call.payload, response, self.owner.policy, wall)

    async def carry_out(self, order: Order) -> None:
        """Do what the CSMS ordered itself to do; again later where the station says that it was too fast (K01.FR.59)."""
        await asyncio.sleep(order.delay)
        for _attempt in range(_TRIES):
            outcome = await self.call(order.action, order.payload)
            if outcome.reason != "RateLimitExceeded":
                return
            after = self.owner.system.station(self.identity).standing.retry_after
            wall = self.clock.wall()
            await asyncio.sleep(max(1.0, (after - wall).total_seconds()) if after else self.answer_time)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something go on beside the reading, until the connection ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- what the station sends ---

    async def _take(self, seen: Observation) -> None:
        message = seen.message
        if isinstance(message, Call):
            await self._serve(message)
        elif isinstance(message, Send):
            self._hear(message)
        elif isinstance(message, (CallResult, CallError)):
            await self._settle(message, seen)
        elif isinstance(message, CallResultError):
            self.attached.exchange.observe(message, "station", self.clock.now())
        elif isinstance(message, Undecodable):
            await self._reject(seen)

    async def _serve(self, call: Call) -> None:
        heard = self.attached.exchange.observe(call, "station", self.clock.now())
        wrong = _first_refused(heard.violations)
        policy, wall = self.owner.policy, self.clock.wall()
        if wrong is not None:
            given = Given(Refusal(wrong.code, f"{wrong.expected}; got {wrong.actual}"))
        else:
            given = self.owner.system.answer(self.identity, call.action, call.payload, policy, wall)
        if given.delay > 0:
            self.start(self._deliver(call, given))
        else:
            await self._deliver(call, given)

    async def _deliver(self, call: Call, given: Given) -> None:
        await asyncio.sleep(given.delay)
        answer = given.answer
        if isinstance(answer, Refusal):
            said = answer.description[:DESCRIPTION_LENGTH]
            frame: CallResult | CallError = CallError(call.message_id, answer.code, said, action=call.action)
        else:
            frame = CallResult(call.message_id, answer.payload, action=call.action)
        for _time in range(given.times):
            self.attached.exchange.observe(frame, "csms", self.clock.now())
            await self.link.send(frame)
        if isinstance(answer, Refusal):
            if answer.close:
                await self.leave()
            return
        for order in answer.orders:
            self.start(self.carry_out(order))

    def _hear(self, send: Send) -> None:
        """A SEND is never answered, whatever is wrong with it."""
        heard = self.attached.exchange.observe(send, "station", self.clock.now())
        if _first_refused(heard.violations) is None:
            self.owner.system.answer(self.identity, send.action, send.payload, self.owner.policy, self.clock.wall())

    async def _settle(self, answer: CallResult | CallError, seen: Observation) -> None:
        heard = self.attached.exchange.observe(answer, "station", self.clock.now())
        if heard.meaning is Meaning.ANSWER and isinstance(answer, CallResult):
            await self._complain(answer, heard.violations)
        self._resolve(answer.message_id, CallOutcome(None, seen, heard.violations))

    async def _complain(self, answer: CallResult, violations: Sequence[Violation]) -> None:
        """A bad CALLRESULT is told to its sender where the version has a frame for that."""
        broken = next((each for each in violations if not each.tolerated and each.confirmed), None)
        if broken is None or self.attached.version != "2.1":
            return
        said = f"{broken.expected}; got {broken.actual}"[:DESCRIPTION_LENGTH]
        complaint = CallResultError(answer.message_id, codes.FORMAT_VIOLATION, said, action=answer.action)
        self.attached.exchange.observe(complaint, "csms", self.clock.now())
        await self.link.send(complaint)

    def _resolve(self, message_id: str, outcome: CallOutcome) -> None:
        """Noted at once, before the next message is read: the station may go on from its answer in that one."""
        waiting = self._pending.get(message_id)
        if waiting is None or waiting.outcome.done():
            return
        if waiting.sound and outcome.sound and outcome.response is not None:  # a broken answer is no acceptance either
            self._note_settled(waiting.call, outcome.response)
        waiting.outcome.set_result(outcome)

    async def _reject(self, seen: Observation) -> None:
        """What is no frame: a request is refused by its id, what has no readable id by "-1", which 1.6 does not have."""
        fault = fault_of(seen, self.attached.version)
        said, number, message_id, code = fault.reason, fault.number, fault.message_id, fault.code
        self.attached.exchange.observe(fault, "station", self.clock.now())
        if number in (CallResult.number, CallError.number):
            if message_id is not None:
                self._resolve(message_id, CallOutcome(None, seen))
            return
        unanswerable = number in (CallResultError.number, Send.number) or code == codes.MESSAGE_TYPE_NOT_SUPPORTED
        if (unanswerable and self.attached.version == "2.1") or (message_id is None and self.attached.version == "1.6"):
            return
        refused = CallError(message_id or UNREADABLE_ID, code, said[:DESCRIPTION_LENGTH])
        self.attached.exchange.observe(refused, "csms", self.clock.now())
        await self.link.send(refused)


def _first_refused(violations: Sequence[Violation]) -> Violation | None:
    """The first violation for which a request is refused: one that is certain, not tolerated, and has a code."""
    return next((each for each in violations if each.code and each.confirmed and not each.tolerated), None)
